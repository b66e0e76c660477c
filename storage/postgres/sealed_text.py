"""Secrets that we show to others, as text in a column: sealed where a key is configured, and as they are where none is.

sealed:...     base64 of what `accounts.factors.sealing` makes
anything else  the secret itself, as it was kept before there was a key
"""

import base64

import structlog

from accounts.factors.sealing import CannotOpen, Seal

log = structlog.get_logger(__name__)

_SEALED = "sealed:"


class SealedText:
    """Of one column. `seal` without keys leaves what is written as it is."""

    def __init__(self, seal: Seal | None = None) -> None:
        self._seal = seal or Seal()
        self._told: set[str] = set()

    def close(self, secret: str, about: str) -> str:
        """`about`: whose it is; opens for nobody else. Nothing stays nothing."""
        if not secret or not (self._seal.has_keys or secret.startswith(_SEALED)):
            return secret
        return _SEALED + base64.b64encode(self._seal.close(secret.encode(), about)).decode()

    def open(self, kept: str, about: str) -> str:
        """Raises `CannotOpen`."""
        if not kept.startswith(_SEALED):
            return kept
        try:
            sealed = base64.b64decode(kept.removeprefix(_SEALED), validate=True)
        except ValueError:
            raise CannotOpen(f"what is kept of {about} is damaged") from None
        return self._seal.open(sealed, about).decode()

    def open_or_tell(self, kept: str, about: str) -> str | None:
        """None if it cannot be opened, which is logged once: others must not wait for it."""
        try:
            return self.open(kept, about)
        except CannotOpen as error:
            if about not in self._told:
                self._told.add(about)
                log.error("secret_cannot_be_opened", about=about, reason=str(error))
            return None
