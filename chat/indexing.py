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
EVERY = 1.0
"""Seconds between rounds: messages that come together are indexed together."""
SHARE = 0.1
"""Of the time, at most; while many send, indexing falls behind, and catches up when they are quiet."""
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
        self._noted[domain, conversation] = None

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            noted, self._noted = self._noted, {}
            for domain, conversation in noted:
                try:
                    await self._index(domain, conversation)
                except Refused:
                    self.note(domain, conversation)
                    await asyncio.sleep(EVERY)

    async def _index(self, domain: DomainId, conversation: ConversationId) -> None:
        is_over = False
        while not is_over:
            started = time.monotonic()
            is_over = await self._index_batch(domain, conversation)
            await asyncio.sleep((time.monotonic() - started) * (1 / SHARE - 1))

    async def _index_batch(self, domain: DomainId, conversation: ConversationId) -> bool:
        """Whether that was all."""
        unindexed = await self._store.unindexed(domain, conversation, BATCH)
        if unindexed is None:
            return True
        await self._store.index(domain, conversation, unindexed)
        return len(unindexed.messages) < BATCH

    async def catch_up(self, domain: DomainId, scopes: Sequence[SearchScope]) -> bool:
        """Indexes at once what is missing; whether that was all of it."""
        end = time.monotonic() + AT_ONCE
        for scope in scopes:
            while scope.indexed_seq < scope.last_seq and not await self._index_batch(domain, scope.conversation):
                if time.monotonic() > end:
                    self.note(domain, scope.conversation)
                    return False
        return True
