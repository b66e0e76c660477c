"""What keys need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from accounts.api_keys.model import KeyId, KeyLine, NewKey, UsedKey
from accounts.model import AuditLine
from wire.identity import DomainId, Extension, UserId


class KeyStore(Protocol):
    async def add(self, key: NewKey, most: int, audit: AuditLine) -> None:
        """Raises `NameTaken`, and `TooManyKeys` if the domain has `most` already."""

    async def list_all(self, domain: DomainId) -> Sequence[KeyLine]:
        """Ordered by name."""

    async def revoke(self, domain: DomainId, key: KeyId, audit: AuditLine) -> UserId | None:
        """As whom it acted; None: there is no such key."""

    async def user_with(self, domain: DomainId, extension: Extension) -> UserId | None:
        """Who has it."""

    async def by_token(self, domain: DomainId, token_hash: bytes) -> UsedKey | None: ...

    async def by_id(self, domain: DomainId, key: KeyId) -> UsedKey | None: ...

    async def mark_used(self, domain: DomainId, key: KeyId, at: datetime) -> None: ...
