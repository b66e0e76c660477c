"""What administration keys need kept. Every method raises `wire.errors.Unavailable` if its store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from accounts.administration.model import AdministrationKey, NewAdministrationKey
from wire.identity import DomainId


class AdministrationKeyStore(Protocol):
    async def add(self, key: NewAdministrationKey) -> bool:
        """False if there is one of the name."""

    async def list_all(self) -> Sequence[AdministrationKey]:
        """By name."""

    async def revoke(self, name: str) -> bool:
        """False: there is none of the name."""

    async def by_token(self, token_hash: bytes) -> AdministrationKey | None: ...

    async def mark_used(self, key: str, at: datetime) -> None: ...

    async def is_open(self, domain: DomainId) -> bool:
        """Whether there is such a domain, which is not being deleted."""
