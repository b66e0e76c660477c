"""Reading the audit and taking it along; the latter is itself written down."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import msgspec

from accounts.audit.errors import AuditNotYours
from accounts.audit.model import AuditWanted
from accounts.audit.showing import csv_of, page_of, shown, wanted_of
from accounts.audit.store import AuditStore
from accounts.auditing import line_of
from accounts.service import now_utc
from wire.audit import AuditExportQuery, AuditPage, AuditQuery
from wire.identity import Caller

_AT_ONCE = 1_000
_MARK = "\ufeff".encode()
"""Without it, spreadsheets read UTF-8 as the code page of their country."""


class AuditService:
    def __init__(self, store: AuditStore, clock: Callable[[], datetime] = now_utc) -> None:
        self._store = store
        self._clock = clock

    async def page(self, caller: Caller, query: AuditQuery) -> AuditPage:
        """Raises `AuditNotYours` and `WrongCursor`."""
        wanted = wanted_of(caller, query, query.limit)
        if wanted is None:
            raise AuditNotYours
        return page_of(caller, await self._store.lines(caller.domain, wanted), wanted.limit)

    async def export(self, caller: Caller, query: AuditExportQuery) -> AsyncIterator[bytes]:
        """The file in pieces, read as it is taken. Raises `AuditNotYours` before there is any."""
        wanted = wanted_of(caller, query, _AT_ONCE)
        if wanted is None:
            raise AuditNotYours
        given = msgspec.to_builtins(query)
        after = {name: value for name, value in given.items() if value not in (None, "")}
        audit = line_of(caller, self._clock(), "audit.exported", f"domain:{caller.domain}", None, after)
        await self._store.note(caller.domain, audit)
        return self._csv(caller, wanted) if query.format == "csv" else self._json(caller, wanted)

    async def _csv(self, caller: Caller, wanted: AuditWanted) -> AsyncIterator[bytes]:
        yield _MARK + csv_of([], header=True)
        async for page in self._pages(caller, wanted):
            yield csv_of(page.items, header=False)

    async def _json(self, caller: Caller, wanted: AuditWanted) -> AsyncIterator[bytes]:
        between = b"[\n"
        async for page in self._pages(caller, wanted):
            for entry in page.items:
                yield between + msgspec.json.encode(entry)
                between = b",\n"
        yield b"[]\n" if between == b"[\n" else b"\n]\n"

    async def _pages(self, caller: Caller, wanted: AuditWanted) -> AsyncIterator[AuditPage]:
        while True:
            records = await self._store.lines(caller.domain, wanted)
            more = len(records) > wanted.limit
            items = [shown(caller, record) for record in records[: wanted.limit]]
            yield AuditPage(items=items)
            if not more:
                return
            wanted = msgspec.structs.replace(wanted, before=items[-1].id)
