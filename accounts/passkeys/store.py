"""What passkeys need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from accounts.model import AuditLine
from accounts.passkeys.model import Passkey, PasskeyId, PendingPasskey
from wire.identity import DomainId, UserId


class PasskeyStore(Protocol):
    async def passkeys(self, domain: DomainId, user: UserId) -> Sequence[Passkey]:
        """In the order in which they were added."""

    async def passkey(self, domain: DomainId, credential: bytes) -> Passkey | None: ...

    async def add(self, passkey: Passkey, most: int, audit: AuditLine) -> None:
        """Raises `PasskeyKnown`, and `TooManyPasskeys` if the user has `most` already."""

    async def remove(self, domain: DomainId, user: UserId, passkey: PasskeyId, audit: AuditLine) -> bool: ...

    async def mark_used(self, passkey: Passkey, uses: int, at: datetime) -> bool:
        """False if its count is not the one of `passkey` any more: somebody has used it meanwhile."""


class PendingPasskeyStore(Protocol):
    async def keep(self, domain: DomainId, token_hash: bytes, pending: PendingPasskey, seconds: int) -> None: ...

    async def take(self, domain: DomainId, token_hash: bytes) -> PendingPasskey | None:
        """Gives it out once."""
