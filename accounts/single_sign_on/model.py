"""The structs of single sign-on and hand-overs."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from wire.identity import DomainId, UserId


class Provider(Struct, frozen=True, kw_only=True):
    """A domain's identity provider. `secret`: sealed; None: a public client, PKCE alone.

    `email_domains`: only addresses of these count; empty: all. `trusts_emails`: its addresses count although it does
    not say that it has verified them.
    """

    domain: DomainId
    issuer: str
    client_id: str
    secret: bytes | None
    email_domains: tuple[str, ...]
    trusts_emails: bool


class PendingSignOn(Struct, frozen=True, kw_only=True):
    """What was begun, kept by the hash of its state. `browser`: hash of what that browser holds in a cookie."""

    issuer: str
    nonce: str
    verifier: str
    browser: bytes


class Vouched(Struct, frozen=True, kw_only=True):
    """What a provider says of somebody, checked to be its word. `email` "": none, or not verified."""

    issuer: str
    subject: str
    email: str
    email_verified: bool


class Binding(Struct, frozen=True, kw_only=True):
    """Somebody's account at a provider is this user, from now on whatever becomes of the address."""

    domain: DomainId
    issuer: str
    subject: str
    user: UserId
    email: str
    at: datetime


class Names(StrEnum):
    """What the subject of a hand-over token is."""

    LOGIN = "login"
    EXTENSION = "extension"
    EMAIL = "email"


class HandOverIssuer(Struct, frozen=True, kw_only=True):
    """A portal that hands its users over. `keys`: a JWK set as JSON, public keys only.

    `keys_url`: where they are read; "": they were given once. `keys_read_at`: when they came from there last.
    """

    domain: DomainId
    issuer: str
    keys: bytes
    names: Names
    keys_url: str = ""
    keys_read_at: datetime | None = None
