"""How a service tells clients on any gateway that something changed. Implemented by storage/redis/bus.py.

Only `*/service.py` calls this, and only after the change is committed (tests/test_architecture.py holds the first half).
"""

from collections.abc import Sequence
from typing import Protocol

from wire.events import AnyEvent, EndReason
from wire.identity import DomainId, SessionId, UserId


class Announcer(Protocol):
    """Telling is at most once and never fails the caller: a lost announcement is healed by positions, not retried here."""

    async def announce(self, domain: DomainId, event: AnyEvent, to: Sequence[UserId] | None = None) -> None:
        """To all open connections of the users `to`, or of everybody in the domain. Encoded once."""

    async def end_sessions(
        self, domain: DomainId, user: UserId, reason: EndReason, sessions: Sequence[SessionId] | None = None
    ) -> None:
        """Closes the connections that hang on the user's `sessions` (all of them if None) on every gateway."""
