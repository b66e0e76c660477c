"""What accounts need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from accounts.model import Account, AuditLine, Credentials, EndedSession, NewSession, Session
from wire.identity import DomainId, SessionId, UserId


class AccountStore(Protocol):
    """Users, their sessions and the audit. Deleted users do not exist here."""

    async def credentials(self, domain: DomainId, login_name: str) -> Credentials | None: ...

    async def replace_password_hash(self, domain: DomainId, user: UserId, old: str, new: str) -> None:
        """Does nothing if the hash is not `old` any more: somebody has set another password meanwhile."""

    async def account(self, domain: DomainId, user: UserId) -> Account | None: ...

    async def start_session(self, session: NewSession, password_hash: str | None = None) -> bool:
        """Also forgets those of the user's sessions that ran out.

        False, and none is started, if the user's password is not (any more) the one of `password_hash`: who was let in
        by a password that was changed meanwhile would outlive the end of all sessions.
        """

    async def session_by_token(self, domain: DomainId, token_hash: bytes) -> Session | None: ...

    async def session_by_id(self, domain: DomainId, session: SessionId) -> Session | None: ...

    async def prolong_session(
        self, domain: DomainId, session: SessionId, used_at: datetime, expires_at: datetime
    ) -> None: ...

    async def end_session(self, domain: DomainId, session: SessionId) -> Sequence[EndedSession]:
        """With the masks that were put on in it; a mask with the login that it was put on in."""

    async def end_sessions(self, domain: DomainId, user: UserId, audit: AuditLine) -> Sequence[EndedSession]:
        """All of the user's, also those in which the user masks somebody else."""


class TicketStore(Protocol):
    """Tickets that open one WebSocket each."""

    async def keep(self, domain: DomainId, ticket_hash: bytes, session: SessionId, seconds: int) -> None: ...

    async def take(self, domain: DomainId, ticket_hash: bytes) -> SessionId | None:
        """Gives it out once: of several that ask at the same time, one gets it."""


class LoginThrottle(Protocol):
    """Counts wrong passwords by account and by address, and forgets them in a while: nobody is locked out for good."""

    async def attempt(self, domain: DomainId, login_name: str, address: str) -> float:
        """Seconds to wait before the password may be looked at; 0: go ahead, and the attempt is counted.

        Counted beforehand, so that a thousand guesses at the same moment do not all come before the first failure.
        """

    async def failed(self, address: str) -> None: ...

    async def succeeded(self, domain: DomainId, login_name: str, address: str) -> None:
        """Forgets the attempts on the account, from this address and altogether."""


class BeginThrottle(Protocol):
    """Counts what anybody may begin and we have to remember: sign-ons, questions for passkeys."""

    async def begin(self, address: str) -> float:
        """Seconds to wait before something may be begun; 0: go ahead, and it is counted."""
