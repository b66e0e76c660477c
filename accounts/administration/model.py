"""The structs of administration keys."""

from datetime import datetime

from msgspec import Struct

from accounts.administration.scopes import AdministrationScope
from wire.identity import DomainId


class NewAdministrationKey(Struct, frozen=True, kw_only=True):
    """`domains` None: all, also those that are yet to come."""

    key: str
    token_hash: bytes
    name: str
    scopes: tuple[AdministrationScope, ...]
    domains: tuple[DomainId, ...] | None
    created_at: datetime
    expires_at: datetime | None


class AdministrationKey(Struct, frozen=True, kw_only=True):
    """One that was not revoked."""

    key: str
    name: str
    scopes: tuple[AdministrationScope, ...]
    domains: tuple[DomainId, ...] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at

    def is_for(self, domain: DomainId) -> bool:
        return self.domains is None or domain in self.domains
