"""Codes of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, as every app can. Pure, given the time."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp
import segno

SECONDS = 30
_LEEWAY = 1
"""Steps before and after: clocks of phones are not exact, and typing takes a while."""
_SECRET_BYTES = 20


def make_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def as_text(secret: bytes) -> str:
    """As one types it into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def code_at(secret: bytes, step: int) -> str:
    return pyotp.TOTP(as_text(secret)).generate_otp(step)


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS


def step_of(code: str, secret: bytes, now: datetime) -> int | None:
    """For which step a code is right; None: for none that counts now."""
    present = step_at(now)
    steps = range(present - _LEEWAY, present + _LEEWAY + 1)
    # All are compared, in the same time whichever fits.
    right = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return max(right, default=None)


def address_of(secret: bytes, *, login: str, issuer: str) -> str:
    """`otpauth://...`, as apps take it from a QR code."""
    return pyotp.TOTP(as_text(secret)).provisioning_uri(name=login, issuer_name=issuer)


def drawn(text: str) -> list[str]:
    """A QR code, row by row: `1` is dark. Without the quiet margin of four that has to be around it."""
    return ["".join("1" if cell else "0" for cell in row) for row in segno.make(text, error="m", micro=False).matrix]
