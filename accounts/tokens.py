"""Opaque tokens: `<43 random characters>.<domain>`. Only SHA-256 of a token is stored.

A fast hash is right here, unlike for passwords: 256 random bits cannot be guessed however fast one tries. The domain
stands in the token so that every query can be made within one domain, also before anybody knows who is asking.
"""

import hashlib
import re
import secrets

from msgspec import Struct

from wire.identity import DomainId, SessionId

_KEY = "key_"
"""What keys of programs begin with: one sees what they are, and scanners for leaked secrets find them."""
_ADMINISTRATION = "adm_"
"""What keys of administrators begin with."""
_ADMINISTRATION_KEY = re.compile(r"adm_[A-Za-z0-9_-]{43}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\.(?P<domain>[a-z0-9._-]{1,253})")


class ParsedToken(Struct, frozen=True):
    domain: DomainId
    hash: bytes


def make_token(domain: DomainId) -> str:
    return f"{secrets.token_urlsafe(32)}.{domain}"


def parse_token(token: str) -> ParsedToken | None:
    """None for what cannot be one of ours."""
    match = _TOKEN.fullmatch(token)
    return ParsedToken(DomainId(match["domain"]), hash_token(token)) if match else None


def make_key(domain: DomainId) -> str:
    """The token of a program's key."""
    return _KEY + make_token(domain)


def is_key(token: str) -> bool:
    return token.startswith(_KEY)


def parse_key(token: str) -> ParsedToken | None:
    """None for what cannot be one of ours."""
    match = _TOKEN.fullmatch(token.removeprefix(_KEY)) if is_key(token) else None
    return ParsedToken(DomainId(match["domain"]), hash_token(token)) if match else None


def make_administration_key() -> str:
    """Of no domain."""
    return _ADMINISTRATION + secrets.token_urlsafe(32)


def is_administration_key(token: str) -> bool:
    return _ADMINISTRATION_KEY.fullmatch(token) is not None


def hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def make_session_id() -> SessionId:
    return SessionId(secrets.token_urlsafe(12))
