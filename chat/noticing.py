"""Hears of every message after it was told: for what follows from one, like push and text messages.

Stands before the bus, so that nobody who sends has to know of those who listen.
"""

from collections.abc import Callable, Sequence

from wire.announce import Announcer
from wire.events import AnyEvent, EndReason, MessageAdded
from wire.identity import ConversationId, DomainId, SessionId, UserId

Listener = Callable[[DomainId, MessageAdded], None]
"""Must not take time: whoever sends waits for it."""


class NoticingAnnouncer:
    """See `wire.announce.Announcer`."""

    def __init__(self, announcer: Announcer, *listeners: Listener) -> None:
        self._announcer = announcer
        self._listeners = listeners

    async def announce(
        self,
        domain: DomainId,
        event: AnyEvent,
        to: Sequence[UserId] | None = None,
        *,
        shown_in: ConversationId | None = None,
    ) -> None:
        await self._announcer.announce(domain, event, to, shown_in=shown_in)
        if isinstance(event, MessageAdded):
            for listener in self._listeners:
                listener(domain, event)

    async def end_sessions(
        self, domain: DomainId, user: UserId | None, reason: EndReason, sessions: Sequence[SessionId] | None = None
    ) -> None:
        await self._announcer.end_sessions(domain, user, reason, sessions)
