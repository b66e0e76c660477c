"""Spans for what is committed: messages in PostgreSQL, facts in Redis; each until it is known that it was."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.trace import Tracer

from chat.model import KeptMessage, NewMessage
from presence.facts import AnyFact
from presence.store import Outcome
from storage.postgres.chat import PostgresChatStore
from storage.redis.presence import RedisPresenceStore
from wire.identity import DomainId


class TracedChatStore(PostgresChatStore):
    def __init__(self, tracer: Tracer, *parts: Any) -> None:
        super().__init__(*parts)
        self._tracer = tracer

    async def append(self, message: NewMessage) -> KeptMessage:
        with self._tracer.start_as_current_span("commit message") as span:
            kept = await super().append(message)
            span.set_attribute("presence.conversation", kept.message.conversation)
            span.set_attribute("presence.seq", kept.message.seq)
            span.set_attribute("presence.duplicate", kept.duplicate)
            return kept


class TracedPresenceStore(RedisPresenceStore):
    def __init__(self, tracer: Tracer, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self._tracer = tracer

    async def report(self, domain: DomainId, facts: Sequence[AnyFact]) -> Outcome:
        with self._tracer.start_as_current_span("report facts") as span:
            span.set_attribute("presence.domain", domain)
            span.set_attribute("presence.facts", len(facts))
            return await super().report(domain, facts)
