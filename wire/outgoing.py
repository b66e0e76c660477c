"""How we ask other machines over HTTP: what is sent, and what is heard of it. Implemented in web/outgoing.py."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from msgspec import Struct


class Answered(Struct, frozen=True):
    """The other end's status, and how many seconds it wants us to wait (0: it did not say). The rest is not read."""

    status: int
    retry_after: float = 0.0

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


class Unreachable(Exception):
    """There was no answer. The text says why, in words for an operator, without secrets."""


class Outgoing(Protocol):
    async def send(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> Answered:
        """One request, without following redirects. `content` is JSON. Raises `Unreachable`."""


def is_address(url: str) -> bool:
    """Whether this can be asked at all: http or https, a host, and nobody's password in it."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
