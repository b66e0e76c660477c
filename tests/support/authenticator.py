"""An authenticator and its browser in Python: makes passkeys and uses them, rightly or as wrongly as a test wants."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey. `origin`: of the page; `host`: to what the passkey is bound."""

    host: str = "chat.example"
    origin: str = "https://chat.example"
    flags: int = PRESENT | VERIFIED
    uses: int = 0
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: str) -> str:
        """The answer to `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        told = self._told(ATTESTED) + bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told + cbor2.dumps(cose)})
        client = self._client("webauthn.create", options)
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def use(self, options: str) -> str:
        """The answer to `navigator.credentials.get`."""
        self.uses += 1
        told, client = self._told(), self._client("webauthn.get", options)
        signature = self.key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=told, signature=signature)

    def _told(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([self.flags | more]) + self.uses.to_bytes(4, "big")

    def _client(self, kind: str, options: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, **response: bytes) -> str:
        name = _text(self.credential)
        told = {each: _text(value) for each, value in response.items()}
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": told, "clientExtensionResults": {}}
        )


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
