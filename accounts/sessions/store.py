"""What the list of logins needs kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from accounts.model import AuditLine, EndedSession
from accounts.sessions.model import OpenLogin
from wire.identity import DomainId, SessionId, UserId


class SessionStore(Protocol):
    async def open_logins(self, domain: DomainId, user: UserId, now: datetime) -> Sequence[OpenLogin]:
        """Those of the user, without those in which somebody acts as the user; whichever was used last comes first."""

    async def end_own(
        self, domain: DomainId, user: UserId, session: SessionId, audit: AuditLine
    ) -> Sequence[EndedSession]:
        """With the masks that were put on in it. None, and nothing is written down, if the user has no such login."""

    async def end_others(
        self, domain: DomainId, user: UserId, kept: SessionId, audit: AuditLine
    ) -> Sequence[EndedSession]:
        """All of the user's but one; also those in which the user acts as somebody else."""
