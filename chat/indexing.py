"""Makes messages be found: some time after they were told, in batches, at a pace that leaves the database to senders.

What was noted is forgotten when the gateway ends. Nothing depends on it: a search indexes first what it finds missing.
"""

import asyncio
import time
from collections.abc import Sequence

import structlog

from chat.model import SearchScope
from chat.store import SearchStore
from wire.errors import Refused
from wire.identity import ConversationId, DomainId

log = structlog.get_logger(__name__)

BATCH = 500
"""Messages that are indexed together."""
CONVERSATIONS = 16
"""Of which they are, at most: senders to all of these wait while they are indexed, some milliseconds."""
EVERY = 1.0
"""Seconds between rounds: messages that come together are indexed together."""
SHARE = 0.05
"""Of the time, at most; while many send, indexing falls behind, and catches up when they are quiet."""
NOTED_AT_MOST = 50_000
"""Conversations; those beyond are made to be found when somebody searches."""
AT_ONCE = 2.0
"""Seconds that a search may spend on what it finds missing."""

Conversation = tuple[DomainId, ConversationId]


class Indexer:
    """One a gateway; several do no harm to each other."""

    def __init__(self, store: SearchStore) -> None:
        self._store = store
        self._noted: dict[Conversation, None] = {}

    def note(self, domain: DomainId, conversation: ConversationId) -> None:
        """There is something new in it."""
        if len(self._noted) < NOTED_AT_MOST:
            self._noted[domain, conversation] = None

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            noted, self._noted = list(self._noted), {}
            while noted:
                some, noted = noted[:CONVERSATIONS], noted[CONVERSATIONS:]
                try:
                    await self._index(some)
                except Refused:
                    self._noted |= dict.fromkeys(some)
                    await asyncio.sleep(EVERY)

    async def _index(self, conversations: Sequence[Conversation]) -> None:
        while conversations:
            started = time.monotonic()
            conversations = await self._index_batch(conversations)
            await asyncio.sleep((time.monotonic() - started) * (1 / SHARE - 1))

    async def _index_batch(self, conversations: Sequence[Conversation]) -> list[Conversation]:
        """Those of them in which there is more, or in which somebody was faster than we."""
        unindexed = await self._store.unindexed(conversations, max(1, BATCH // len(conversations)))
        indexed = await self._store.index(unindexed) if unindexed else set()
        return [each.name for each in unindexed if each.reached < each.last_seq or each.name not in indexed]

    async def catch_up(self, domain: DomainId, scopes: Sequence[SearchScope]) -> bool:
        """Indexes at once what is missing; whether that was all of it."""
        end = time.monotonic() + AT_ONCE
        missing = [(domain, scope.conversation) for scope in scopes if scope.indexed_seq < scope.last_seq]
        while missing:
            some, rest = missing[:CONVERSATIONS], missing[CONVERSATIONS:]
            missing = [*await self._index_batch(some), *rest]
            if missing and time.monotonic() > end:
                self._noted |= dict.fromkeys(missing)
                return False
        return True
