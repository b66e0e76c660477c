"""The structs of keys."""

from datetime import datetime
from typing import NewType

from msgspec import Struct

from accounts.api_keys.scopes import KeyScope
from wire.identity import DomainId, Extension, Scope, SessionId, UserId

KeyId = NewType("KeyId", str)
"""Random, safe to show."""


class NewKey(Struct, frozen=True, kw_only=True):
    """`user`: as whom it acts. `created_by` None: made at the command line."""

    key: KeyId
    domain: DomainId
    token_hash: bytes
    user: UserId
    name: str
    scopes: tuple[KeyScope, ...]
    created_by: UserId | None
    created_at: datetime
    expires_at: datetime | None


class KeyLine(Struct, frozen=True, kw_only=True):
    """As it is listed."""

    key: KeyId
    name: str
    user: UserId
    extension: Extension
    scopes: tuple[KeyScope, ...]
    created_by: UserId | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class UsedKey(Struct, frozen=True, kw_only=True):
    """One that was not revoked, with its user as of now. `is_good` tells whether it lets in."""

    key: KeyId
    name: str
    domain: DomainId
    user: UserId
    extension: Extension
    scope: Scope
    site: str | None
    disabled: bool
    scopes: tuple[KeyScope, ...]
    expires_at: datetime | None
    last_used_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        is_allowed = self.scope is not Scope.NO_PORTAL and not self.disabled
        return is_allowed and (self.expires_at is None or now < self.expires_at)


_SESSION = "key:"


def session_of(key: KeyId) -> SessionId:
    """What connections opened with a key hang on, as others hang on a login."""
    return SessionId(_SESSION + key)


def key_of(session: SessionId) -> KeyId | None:
    """None: it is a login."""
    return KeyId(session.removeprefix(_SESSION)) if session.startswith(_SESSION) else None
