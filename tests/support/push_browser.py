"""A browser that has subscribed to web push, and the service of its maker, on loopback."""

import os
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chat.push.encryption import base64url, from_base64url, point_of
from tests.support.arrivals import Arrivals


class PushBrowser:
    """Its keys, and what it reads of what it is sent (written from the RFCs, and not with our own functions)."""

    def __init__(self, private: int | None = None, secret: bytes | None = None) -> None:
        curve = ec.SECP256R1()
        self.key = ec.derive_private_key(private, curve) if private else ec.generate_private_key(curve)
        self.secret = secret or os.urandom(16)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": base64url(point_of(self.key)), "auth": base64url(self.secret)}

    def read(self, content: bytes) -> bytes:
        salt, length = content[:16], content[20]
        theirs, sealed = content[21 : 21 + length], content[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        info = b"WebPush: info\0" + point_of(self.key) + theirs
        mixed = HKDF(hashes.SHA256(), 32, self.secret, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(mixed)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(mixed)
        return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0").removesuffix(b"\x02")


class PushServiceOfAMaker:
    """Takes what is signed as it should be. `received`: (path, headers, body); `status`: what it answers instead."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 201
        self.arrivals = Arrivals()
        self.application = Starlette(routes=[Route("/push/{name}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        claims = signed_claims(request.headers["authorization"])
        assert claims["aud"] == f"http://{request.headers['host']}"
        self.received.append((request.url.path, dict(request.headers), await request.body()))
        self.arrivals.note()
        return Response(status_code=self.status)


def signed_claims(authorization: str) -> dict[str, Any]:
    """Raises InvalidSignature unless the key that stands beside the token has signed it."""
    token, _, key = authorization.removeprefix("vapid t=").partition(", k=")
    signed, _, signature = token.rpartition(".")
    raw = from_base64url(signature)
    halves = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(key))
    public.verify(halves, signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims: dict[str, Any] = msgspec.json.decode(from_base64url(signed.partition(".")[2]))
    return claims
