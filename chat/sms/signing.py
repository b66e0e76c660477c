"""What goes between us and a provider is signed with a secret of both: `t=<Unix seconds>,v1=<hex HMAC-SHA256>`.

Signed are the time, a full stop, and the body as it is. Pure.
"""

import hmac
import re
from hashlib import sha256

HEADER = "X-Presence-Signature"
TOLERANCE = 300
"""Seconds: a request that somebody has recorded is of no use later."""

_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, body: bytes, now: float) -> str:
    return f"t={int(now)},v1={_digest(secret, str(int(now)), body)}"


def is_signed(secret: str, body: bytes, header: str, now: float) -> bool:
    match = _SIGNATURE.fullmatch(header.strip())
    if not secret or match is None or abs(now - int(match[1])) > TOLERANCE:
        return False
    return hmac.compare_digest(match[2], _digest(secret, match[1], body))


def _digest(secret: str, at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, sha256).hexdigest()
