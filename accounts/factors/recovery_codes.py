"""Recovery codes: eighty random bits each, so that a fast hash keeps them (see `accounts.tokens`). Pure."""

import base64
import hashlib
import re
import secrets

COUNT = 10
_BYTES = 10
_GROUP = 4
_CODE = re.compile(r"[a-z2-7]{16}")


def make_codes() -> list[str]:
    """As they are shown, once: `abcd-efgh-ijkl-mnop`."""
    return [_grouped(base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()) for _ in range(COUNT)]


def hash_of(code: str) -> bytes | None:
    """Of a code as somebody types it; None: it cannot be one."""
    plain = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(plain.encode()).digest() if _CODE.fullmatch(plain) else None


def hashes_of(codes: list[str]) -> list[bytes]:
    return [hashed for code in codes if (hashed := hash_of(code))]


def _grouped(code: str) -> str:
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))
