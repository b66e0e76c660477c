"""The structs of confirmations."""

from datetime import datetime

from msgspec import Struct

from wire.identity import DomainId, UserId


class NewConfirmation(Struct, frozen=True, kw_only=True):
    """A link in a mail to `email`."""

    domain: DomainId
    token_hash: bytes
    user: UserId
    email: str
    created_at: datetime
    expires_at: datetime


class Confirmation(Struct, frozen=True):
    """One that was neither used nor too old at the moment it was asked for, and whose address is still the user's."""

    user: UserId
    email: str
