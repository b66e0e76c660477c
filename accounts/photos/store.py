"""What photos need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from typing import Protocol

from accounts.model import Account, AuditLine
from wire.identity import DomainId, UserId


class PhotoStore(Protocol):
    async def account(self, domain: DomainId, user: UserId) -> Account | None: ...

    async def picture(self, domain: DomainId, user: UserId) -> bytes | None: ...

    async def change(self, domain: DomainId, user: UserId, picture: bytes | None, audit: AuditLine) -> Account | None:
        """Keeps or takes away the picture, and moves profile and directory on by one revision; all or nothing.

        Returns the account as it is then; None if the user was deleted meanwhile.
        """
