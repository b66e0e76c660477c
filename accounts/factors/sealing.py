"""Secrets that we have to read again, sealed with a key that is not in the database (AES-256-GCM). Pure.

sealed = 0x01, four bytes that name the key, twelve random bytes, ciphertext
plain  = 0x00, the secret: what is written where no key is configured
"""

import hashlib
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PLAIN, _SEALED = b"\x00", b"\x01"
_NAME, _NONCE = 4, 12


class CannotOpen(Exception):
    """A fault of ours or of whoever runs us: the key is not among those configured, or the row was moved or damaged."""


class Seal:
    """`keys`: 32 bytes each. The first one seals, each of them opens; none: what is written is not sealed."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._keys = {_name_of(key): AESGCM(key) for key in keys}
        self._newest = next(iter(self._keys), None)

    @property
    def has_keys(self) -> bool:
        return self._newest is not None

    def close(self, secret: bytes, about: str) -> bytes:
        """`about`: whose it is. It opens for nobody else, so that no row can be copied to another user."""
        if self._newest is None:
            return _PLAIN + secret
        nonce = secrets.token_bytes(_NONCE)
        return _SEALED + self._newest + nonce + self._keys[self._newest].encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Raises `CannotOpen`."""
        if sealed[:1] == _PLAIN:
            return sealed[1:]
        name, nonce, text = sealed[1 : 1 + _NAME], sealed[1 + _NAME : 1 + _NAME + _NONCE], sealed[1 + _NAME + _NONCE :]
        key = self._keys.get(name)
        if key is None:
            raise CannotOpen(f"the sealing key {name.hex()} of {about} is not configured")
        try:
            return key.decrypt(nonce, text, about.encode())
        except InvalidTag:
            raise CannotOpen(f"what was sealed is damaged, or was not of {about}") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether it would be written in the same way today."""
        return sealed[:1] == _PLAIN if self._newest is None else sealed[: 1 + _NAME] == _SEALED + self._newest


def _name_of(key: bytes) -> bytes:
    return hashlib.sha256(b"presence sealing key" + key).digest()[:_NAME]
