"""Imports: upload, preview, apply, undo; and exports. What they tell: imports to their user, changes to who sees them.

The reading of a file goes on in the background of the gateway that took it (the parsing itself in a process of its
own). If that gateway dies, the import stands still, and whoever looks at it after a while has it read again.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog

from contacts.imports.errors import ImportNotFound, TooManyImports, WrongMoment
from contacts.imports.model import Applied, KeptImport, Progress
from contacts.imports.planning import Planned, Planner, contact_of_uid
from contacts.imports.reading import read_in_process
from contacts.imports.store import ImportStore
from contacts.imports.worker import Order, Recognised, Rows, Turned
from contacts.model import BookId, Changed, Doing
from contacts.rights import ContactRights
from contacts.service import most_in, now_utc
from contacts.store import ContactStore
from wire.announce import Announcer
from wire.ending import end
from wire.errors import Invalid, Refused
from wire.events import ImportChanged
from wire.identity import Caller, DomainId
from wire.imports import (
    Import,
    ImportCorrection,
    ImportCounts,
    ImportRowsPage,
    ImportRowsQuery,
    ImportStatus,
    NewImport,
    RowOutcome,
)
from wire.limits import LIMITS

PART = 262_144
"""Bytes of a file in one row of the store."""
TELL_EVERY = 0.25
"""Seconds between two reports of progress."""
STALE = timedelta(seconds=60)
"""After this long without a sign of life, whoever worked on an import has died."""
KEPT_UNAPPLIED = timedelta(days=1)
KEPT_APPLIED = timedelta(days=30)

log = structlog.get_logger(__name__)


class Teller(Protocol):
    """contacts/service.py."""

    async def tell(self, domain: DomainId, book: BookId, changed: Changed) -> None: ...


class ImportService:
    def __init__(
        self,
        store: ImportStore,
        contacts: ContactStore,
        announcer: Announcer,
        rights: ContactRights,
        teller: Teller,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._announcer = announcer
        self._rights = rights
        self._teller = teller
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Ends what goes on in the background; it stands still until somebody takes it up elsewhere."""
        await end(*self._tasks)

    async def settled(self) -> None:
        """Waits for everything that goes on in the background."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------ upload and preview

    async def upload(self, caller: Caller, new: NewImport, stream: AsyncIterator[bytes]) -> Import:
        """Keeps the file as it comes, and begins to read it. Raises `NotYoursToManage`, `TooManyImports`, `Invalid`."""
        book = self._rights.managed_book(caller, shared=new.shared)
        if await self._store.open_imports(caller.domain, caller.user) >= LIMITS.open_imports:
            raise TooManyImports(LIMITS.open_imports)
        doing = Doing.by(caller, book, self._clock())
        shown = Import(
            id=secrets.token_urlsafe(12),
            name=new.name,
            shared=new.shared,
            status=ImportStatus.READING,
            created_at=doing.at,
        )
        await self._store.begin(caller.domain, doing, shown)
        try:
            size = await self._keep(caller.domain, shown.id, stream)
        except BaseException:
            await asyncio.shield(self._store.remove(caller.domain, shown.id))
            raise
        shown = msgspec.structs.replace(shown, size=size)
        return await self._read(caller, book, shown, ImportCorrection())

    async def correct(self, caller: Caller, import_id: str, correction: ImportCorrection) -> Import:
        """Reads the file again, as this and not as that. Raises `WrongMoment` once the import was applied."""
        kept = await self._kept(caller, import_id)
        if kept.shown.status not in (ImportStatus.READING, ImportStatus.READY, ImportStatus.FAILED):
            raise WrongMoment("The import was applied already")
        return await self._read(caller, kept.book, kept.shown, correction)

    async def find(self, caller: Caller, import_id: str) -> Import:
        """As it is now; if the gateway that read it has died, it is read again."""
        kept = await self._kept(caller, import_id)
        if kept.shown.status is ImportStatus.READING and self._is_stale(kept):
            return await self._read(caller, kept.book, kept.shown, ImportCorrection())
        return kept.shown

    async def rows_page(self, caller: Caller, import_id: str, query: ImportRowsQuery) -> ImportRowsPage:
        kept = await self._kept(caller, import_id)
        if query.after is not None and not (query.after.isascii() and query.after.isdigit() and len(query.after) < 10):
            raise Invalid("This is not the `next` of an earlier page", field="after")
        outcome = RowOutcome(query.outcome) if query.outcome else None
        after = int(query.after or 0)
        rows = await self._store.rows(caller.domain, kept.shown.id, outcome, after, query.limit + 1)
        page = list(rows[: query.limit])
        return ImportRowsPage(items=page, next=str(page[-1].row) if len(rows) > query.limit else None)

    # ------------------------------------------------------------ apply, undo, discard

    async def apply(self, caller: Caller, import_id: str) -> Import:
        """Begins; `import_changed` tells of the end. Raises `WrongMoment` if it is not ready."""
        kept = await self._kept(caller, import_id)
        if not self._may_go_on(kept, ImportStatus.READY, ImportStatus.APPLYING):
            raise WrongMoment("Only an import that was read and not yet applied can be applied")
        most = most_in(kept.book)
        return await self._carry_out(
            caller,
            kept,
            ImportStatus.APPLYING,
            lambda doing, told: self._store.apply(caller.domain, import_id, doing, most, told),
        )

    async def undo(self, caller: Caller, import_id: str) -> Import:
        """Takes all of it back, but for what somebody has changed since. Raises `WrongMoment` if it is not applied."""
        kept = await self._kept(caller, import_id)
        if not self._may_go_on(kept, ImportStatus.APPLIED, ImportStatus.UNDOING):
            raise WrongMoment("Only an import that was applied can be undone")
        return await self._carry_out(
            caller,
            kept,
            ImportStatus.UNDOING,
            lambda doing, told: self._store.undo(caller.domain, import_id, doing, told),
        )

    async def discard(self, caller: Caller, import_id: str) -> None:
        """Forgets an import. What was imported stays, and can no longer be taken back as a whole."""
        kept = await self._kept(caller, import_id)
        if kept.shown.status in (ImportStatus.APPLYING, ImportStatus.UNDOING):
            raise WrongMoment("It is just being carried out")
        await self._store.remove(caller.domain, import_id)

    async def forget_old(self) -> int:
        now = self._clock()
        return await self._store.forget(now - KEPT_UNAPPLIED, now - KEPT_APPLIED)

    # ------------------------------------------------------------ inside: reading

    async def _keep(self, domain: DomainId, import_id: str, stream: AsyncIterator[bytes]) -> int:
        waiting = bytearray()
        size = part = 0
        async for chunk in stream:
            waiting += chunk
            size += len(chunk)
            while len(waiting) >= PART:
                await self._store.add_part(domain, import_id, part, bytes(waiting[:PART]))
                del waiting[:PART]
                part += 1
        if waiting:
            await self._store.add_part(domain, import_id, part, bytes(waiting))
        if not size:
            raise Invalid("The file is empty", field="file")
        return size

    async def _read(self, caller: Caller, book: BookId, shown: Import, correction: ImportCorrection) -> Import:
        reading_it = Import(
            id=shown.id,
            name=shown.name,
            shared=shown.shared,
            status=ImportStatus.READING,
            format=correction.format or "",
            encoding=correction.encoding or "",
            delimiter=correction.delimiter or "",
            size=shown.size,
            created_at=shown.created_at,
        )
        country = await self._contacts.country(caller.domain)
        reading = await self._store.start_reading(caller.domain, shown.id, reading_it, self._clock())
        order = Order(country, shown.shared, correction.format, correction.encoding, correction.delimiter)
        run = _Reading(self, caller, book, reading_it, reading, order)
        self._start(run.run())
        return reading_it

    async def keep_rows(self, domain: DomainId, shown: Import, reading: int, rows: Sequence[Planned]) -> bool:
        return await self._store.add_rows(domain, shown.id, reading, rows)

    async def report(self, caller: Caller, shown: Import, reading: int) -> bool:
        """Keeps and tells where a reading is. False: somebody else goes on with it."""
        if not await self._store.note(caller.domain, shown.id, shown, reading, self._clock()):
            return False
        await self._announcer.announce(caller.domain, ImportChanged(change=shown), [caller.user])
        return True

    @property
    def store(self) -> ImportStore:
        return self._store

    # ------------------------------------------------------------ inside: carrying out

    async def _carry_out(
        self,
        caller: Caller,
        kept: KeptImport,
        status: ImportStatus,
        work: Callable[[Doing, Progress], Awaitable[Applied | None]],
    ) -> Import:
        shown = msgspec.structs.replace(kept.shown, status=status, progress=0)
        await self.report(caller, shown, kept.reading)

        async def run() -> None:
            doing = Doing.by(caller, kept.book, self._clock())
            try:
                applied = await work(doing, self._progress(caller, shown))
            except Refused as refused:
                # Nothing was done: it is where it was before.
                back = msgspec.structs.replace(kept.shown, problem=refused.message)
                await self.report(caller, back, kept.reading)
                return
            if applied is not None:
                await self._teller.tell(caller.domain, kept.book, applied.changed)
                await self._announcer.announce(caller.domain, ImportChanged(change=applied.shown), [caller.user])

        self._start(run())
        return shown

    def _progress(self, caller: Caller, shown: Import) -> Progress:
        """Tells how many of the rows are done; not kept, since nothing of it is before all of it is."""
        total = max(1, shown.counts.create + shown.counts.update)
        told_at = 0.0

        async def told(rows: int) -> None:
            nonlocal told_at
            now = asyncio.get_running_loop().time()
            if now - told_at < TELL_EVERY:
                return
            told_at = now
            change = msgspec.structs.replace(shown, progress=min(rows / total, 0.99))
            await self._announcer.announce(caller.domain, ImportChanged(change=change), [caller.user])

        return told

    def _may_go_on(self, kept: KeptImport, first: ImportStatus, going_on: ImportStatus) -> bool:
        return kept.shown.status is first or (kept.shown.status is going_on and self._is_stale(kept))

    def _is_stale(self, kept: KeptImport) -> bool:
        """Nothing was heard of whoever is at it. What lies ahead was noted by a clock that has been put right since."""
        return abs(self._clock() - kept.changed_at) > STALE

    async def _kept(self, caller: Caller, import_id: str) -> KeptImport:
        kept = await self._store.find(caller.domain, import_id)
        if kept is None or kept.user != caller.user:
            raise ImportNotFound
        self._rights.managed_book(caller, shared=kept.shown.shared)
        return kept

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("import_failed", exc_info=fault)


class _Reading:
    """One reading of a file, from the worker's frames to planned rows in the store."""

    def __init__(
        self,
        service: ImportService,
        caller: Caller,
        book: BookId,
        shown: Import,
        reading: int,
        order: Order,
    ) -> None:
        self._service = service
        self._caller = caller
        self._book = book
        self._shown = shown
        self._reading = reading
        self._order = order
        self._planner = Planner(caller.domain)
        self._counts = dict.fromkeys(RowOutcome, 0)
        self._told_at = 0.0

    async def run(self) -> None:
        try:
            await self._run()
        except Refused as refused:
            await self._report(status=ImportStatus.FAILED, problem=refused.message)
        except Exception:
            # A fault of ours: logged by whoever started this, and not waited for by whoever looks at the import.
            problem = "Something went wrong on our side; it has been noted"
            await self._report(status=ImportStatus.FAILED, problem=problem)
            raise

    async def _run(self) -> None:
        parts = self._service.store.parts(self._caller.domain, self._shown.id)
        frames = read_in_process(self._order, parts)
        try:
            async for frame in frames:
                match frame:
                    case Turned(message=message):
                        await self._report(status=ImportStatus.FAILED, problem=message)
                        return
                    case Recognised():
                        self._recognised(frame)
                    case Rows() if not await self._take(frame):
                        return
        finally:
            await frames.aclose()  # type: ignore[attr-defined]
        if sum(self._counts.values()) == self._counts[RowOutcome.REFUSED]:
            problem = "There is no contact in this file that could be taken over"
            await self._report(status=ImportStatus.READY, progress=1, problem=problem)
        else:
            await self._report(status=ImportStatus.READY, progress=1)

    def _recognised(self, frame: Recognised) -> None:
        self._shown = msgspec.structs.replace(
            self._shown,
            format=frame.format,
            encoding=frame.encoding,
            encoding_is_sure=frame.encoding_is_sure,
            delimiter=frame.delimiter,
        )

    async def _take(self, frame: Rows) -> bool:
        """False: another reading has begun, or the import is gone."""
        names = {row.name for row in frame.rows if row.name}
        ids = {contact_of_uid(row.uid, self._caller.domain) for row in frame.rows} - {0}
        existing = await self._service.store.candidates(self._caller.domain, self._book, names, ids)
        planned = self._planner.plan(frame.rows, existing)
        if not await self._service.keep_rows(self._caller.domain, self._shown, self._reading, planned):
            return False
        for each in planned:
            self._counts[each.row.outcome] += 1
        now = asyncio.get_running_loop().time()
        if now - self._told_at < TELL_EVERY:
            return True
        self._told_at = now
        return await self._report(progress=min(frame.fraction, 0.99))

    async def _report(self, **changes: object) -> bool:
        counts = ImportCounts(**{outcome.value: count for outcome, count in self._counts.items()})
        self._shown = msgspec.structs.replace(self._shown, counts=counts, **changes)
        return await self._service.report(self._caller, self._shown, self._reading)
