"""The structs of passkeys."""

from datetime import datetime
from typing import NewType

from msgspec import Struct

from wire.identity import DomainId, UserId

PasskeyId = NewType("PasskeyId", str)
"""Of ours: random, short, safe to show."""


class Place(Struct, frozen=True):
    """To what passkeys are bound: a host name, and the origin of our pages."""

    host: str
    origin: str


class Passkey(Struct, frozen=True, kw_only=True):
    """`credential`, `public_key`: as the authenticator made them. `uses`: its own count, 0 if it does not count."""

    passkey: PasskeyId
    domain: DomainId
    user: UserId
    credential: bytes
    public_key: bytes
    uses: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


class PendingPasskey(Struct, frozen=True, kw_only=True):
    """A challenge that waits for its answer. `user`: who adds one; None: somebody wants to get in."""

    user: UserId | None
    challenge: bytes
