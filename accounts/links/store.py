"""What links need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from accounts.links.model import Link, NewLink, NewSecrets
from accounts.model import AuditLine, EndedSession
from wire.identity import DomainId, UserId


class LinkStore(Protocol):
    async def keep(self, link: NewLink, audit: AuditLine) -> None:
        """Also forgets the user's links that ran out. Earlier ones stay good: mails may overtake each other."""

    async def link(self, domain: DomainId, token_hash: bytes, now: datetime) -> Link | None: ...

    async def use(
        self, domain: DomainId, token_hash: bytes, user: UserId, secrets: NewSecrets, audit: AuditLine
    ) -> Sequence[EndedSession] | None:
        """Sets the password (and PIN), ends all sessions and links of the user, writes the audit line; all or nothing.

        None, and nothing is changed, if the link is not good at `audit.at`: of two that use it at once, one gets it.
        """

    async def clear_password(
        self, domain: DomainId, user: UserId, link: NewLink | None, audit: AuditLine
    ) -> Sequence[EndedSession]:
        """Takes the password away, ends all sessions and links of the user, and keeps `link`; all or nothing."""


class LinkThrottle(Protocol):
    """Counts what is asked for, whether there is such a login or not."""

    async def ask(self, domain: DomainId, login_name: str, address: str) -> float:
        """Seconds to wait before another link can be asked for; 0: go ahead, and it is counted."""
