"""Retention, as a job that runs on any one gateway; and export, for whoever is in a conversation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from chat.admission import refuse_masked
from chat.keeping.exporting import beginning, ending, file_name, names_of, part
from chat.keeping.model import About, Cut, Format
from chat.keeping.store import KeepingStore, Lease
from wire.announce import Announcer
from wire.errors import Refused, TooMany
from wire.events import MessagesExpired, ReadMarked
from wire.identity import Caller, ConversationId, DomainId, UserId

log = structlog.get_logger(__name__)

EVERY = 3_600.0
"""Seconds between two runs, on whichever gateway is first."""
_LOOK_EVERY = 300.0
_PAUSE = 0.05
"""Seconds between two steps: others want the database too."""
_PAGE = 500
EXPORTS_AT_ONCE = 4
"""On one gateway."""


def utc_now() -> datetime:
    return datetime.now(UTC)


async def _always() -> bool:
    return True


class RetentionService:
    """`may_believe()`: whether the clock can be believed; by one that is put ahead nothing may be deleted."""

    def __init__(
        self,
        store: KeepingStore,
        announcer: Announcer,
        lease: Lease,
        clock: Callable[[], datetime] = utc_now,
        may_believe: Callable[[], Awaitable[bool]] = _always,
    ) -> None:
        self._may_believe = may_believe
        self._store = store
        self._announcer = announcer
        self._lease = lease
        self._clock = clock

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                if await self._may_believe() and await self._lease.take("retention", EVERY):
                    await self.sweep()
            except Refused as refused:
                log.warning("retention_put_off", reason=refused.message)

    async def sweep(self) -> None:
        """Deletes everything of all domains that is too old, and tells those who are connected.

        What is not finished now is another time.
        """
        for each in await self._store.retentions():
            before = self._clock() - timedelta(days=each.days)
            messages = 0
            while (step := await self._store.expire(each.domain, before)).cuts:
                messages += step.messages
                await self._tell(each.domain, step.cuts)
                await asyncio.sleep(_PAUSE)
            if messages:
                log.info("messages_expired", domain=each.domain, messages=messages, days=each.days)

    async def _tell(self, domain: DomainId, cuts: Sequence[Cut]) -> None:
        for cut in cuts:
            where, upto = cut.conversation, cut.upto
            await self._announcer.announce(domain, MessagesExpired(conversation=where, upto=upto), cut.members)
            for user, unread in cut.unread.items():
                event = ReadMarked(conversation=where, user=user, seq=upto, unread=unread)
                await self._announcer.announce(domain, event, [user])


class ExportService:
    def __init__(self, store: KeepingStore, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._running = 0

    async def export(
        self, caller: Caller, conversation: ConversationId, form: Format
    ) -> tuple[str, AsyncIterator[bytes]]:
        """A name for the file, and its parts. Raises `ConversationNotFound`, `TooMany`."""
        refuse_masked(caller)
        about = await self._store.about(caller.domain, conversation, caller.user)
        if self._running >= EXPORTS_AT_ONCE:
            raise TooMany("Others are exporting at the moment; try again", retry_after=5.0)
        return file_name(about, form), self._counted(self.parts(caller.domain, about, caller.user, form))

    async def _counted(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self._running += 1
        try:
            async for each in parts:
                yield each
        finally:
            self._running -= 1

    async def parts(self, domain: DomainId, about: About, reader: UserId | None, form: Format) -> AsyncIterator[bytes]:
        """`reader` None: everything, for an operator at the command line."""
        yield beginning(form, domain, about, self._clock())
        names = names_of(about)
        after = 0
        while page := await self._store.messages(domain, about.conversation, reader, after, _PAGE):
            yield part(form, page, names, is_first=after == 0)
            after = page[-1].seq
        yield ending(form)
