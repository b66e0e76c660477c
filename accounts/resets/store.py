"""What a reset needs of a store. Raises `wire.errors.Unavailable` if it does not answer."""

from collections.abc import Collection, Sequence
from typing import Protocol

from accounts.model import Account, AuditLine, EndedSession
from wire.accounts import ResetPart
from wire.identity import DomainId, UserId


class ResetStore(Protocol):
    async def account(self, domain: DomainId, user: UserId) -> Account | None: ...

    async def reset(
        self, domain: DomainId, user: UserId, parts: Collection[ResetPart], audit: AuditLine
    ) -> Sequence[EndedSession]:
        """Deletes these parts for good, ends all of the user's sessions and writes the audit line; all or nothing."""
