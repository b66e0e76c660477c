"""Signs messages as the Standard Webhooks specification 1.0.0 says, so that receivers need no code of ours. Pure.

HMAC-SHA256 over `id.timestamp.body`: whoever has recorded a message cannot send it later, since the receiver refuses
old times, nor change the time, since it is signed.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with is none
_SECRET_BYTES = 32


def make_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes to sign with. Raises ValueError for what is no secret of ours."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("not a secret")
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)


def headers_of(message_id: str, timestamp: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """`timestamp` in Unix seconds. One signature a key: receivers may change theirs in their own time."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    signatures = (base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
