"""What confirmations need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from datetime import datetime
from typing import Protocol

from accounts.emails.model import Confirmation, NewConfirmation
from accounts.model import Account, AuditLine
from wire.identity import DomainId, UserId


class EmailStore(Protocol):
    async def account(self, domain: DomainId, user: UserId) -> Account | None: ...

    async def keep(self, new: NewConfirmation) -> None:
        """Also forgets the user's links that ran out. Earlier ones stay good: mails may overtake each other."""

    async def find(self, domain: DomainId, token_hash: bytes, now: datetime) -> Confirmation | None: ...

    async def confirm(self, domain: DomainId, token_hash: bytes, confirmed: Confirmation, audit: AuditLine) -> bool:
        """Marks the address as confirmed, and forgets all links to it. False: it was too late."""
