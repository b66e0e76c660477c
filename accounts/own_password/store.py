"""What the change of a password needs kept. Raises `wire.errors.Unavailable` if the store does not answer."""

from collections.abc import Sequence
from typing import Protocol

from accounts.model import AuditLine, EndedSession
from wire.identity import DomainId, SessionId, UserId


class OwnPasswordStore(Protocol):
    async def change(
        self, domain: DomainId, user: UserId, old: str, new: str, kept: SessionId, audit: AuditLine
    ) -> Sequence[EndedSession] | None:
        """Hashes `old` and `new`. Deletes links that set one, and all logins of the user but one; all or nothing.

        None, and nothing is changed, if the hash is not `old` any more.
        """
