"""The structs of links."""

from datetime import datetime

from msgspec import Struct

from wire.identity import DomainId, UserId
from wire.operations import Client


class Asked(Struct, frozen=True):
    """Somebody has forgotten this login's password, or says so. `client`: from where it was asked."""

    domain: DomainId
    login_name: str
    client: Client


class NewLink(Struct, frozen=True, kw_only=True):
    """`sets_pin`: the voicemail PIN along with the password, as of a welcome mail. `email`: where it was sent, which
    whoever uses it confirms.
    """

    domain: DomainId
    token_hash: bytes
    user: UserId
    sets_pin: bool
    email: str
    created_at: datetime
    expires_at: datetime


class Link(Struct, frozen=True):
    """One that was neither used nor too old at the moment it was asked for."""

    user: UserId
    sets_pin: bool
    expires_at: datetime


class NewSecrets(Struct, frozen=True):
    """As hashes. `pin` None: it stays as it is."""

    password: str
    pin: str | None
