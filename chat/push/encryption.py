"""Messages that one browser alone can read (RFC 8291, RFC 8188), from a sender that its push service knows (RFC 8292).

Pure but for randomness, which may be given.
"""

import base64
import json
import os
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

POINT_BYTES = 65
SECRET_BYTES = 16
MOST_BYTES = 3_000
"""Of a message; services take at least 4,096 bytes when it is encrypted."""
TOKEN_SECONDS = 12 * 3_600

_RECORD_BYTES = 4_096
_CURVE = ec.SECP256R1()


def encrypt(
    content: bytes,
    public_key: bytes,
    secret: bytes,
    *,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """`aes128gcm`, in one record. Raises ValueError for a key that is no point of the curve."""
    salt = salt or os.urandom(16)
    own = own or ec.generate_private_key(_CURVE)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key)
    own_point = point_of(own)
    shared = own.exchange(ec.ECDH(), theirs)
    pseudorandom = _derive(shared, salt=secret, info=b"WebPush: info\0" + public_key + own_point, length=32)
    key = _derive(pseudorandom, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _derive(pseudorandom, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    sealed = AESGCM(key).encrypt(nonce, content + b"\x02", None)
    return salt + _RECORD_BYTES.to_bytes(4, "big") + bytes([len(own_point)]) + own_point + sealed


def authorization(key: ec.EllipticCurvePrivateKey, endpoint: str, subject: str, now: float) -> str:
    """The header that says who we are, for half a day and for one service. `subject`: a mailto: or https: address."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(now) + TOKEN_SECONDS, "sub": subject}
    signed = f"{_json64({'typ': 'JWT', 'alg': 'ES256'})}.{_json64(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    token = f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"vapid t={token}, k={base64url(point_of(key))}"


def make_key() -> bytes:
    """A new signing key, to be kept."""
    key = ec.generate_private_key(_CURVE)
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_key(kept: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(kept, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def is_point(public_key: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key)
    except ValueError:
        return False
    return len(public_key) == POINT_BYTES


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _derive(key: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(key)


def _json64(value: dict[str, object]) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())
