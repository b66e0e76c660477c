"""The event socket as a stream of bytes: headers, an empty line, and a body if `Content-Length` says so. Pure."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from pbx.adapter.errors import LineLost

MAX_HEADERS = 65_536
MAX_BODY = 64 * 1_048_576
"""A list of 100,000 registrations has some 40 MB."""


class EslFrame(Struct, frozen=True):
    """`headers` by their names in lower case."""

    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "")


class EslParser:
    """Bytes in, frames out, however they are cut. Raises `LineLost` for what cannot be ESL, before it is much."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._headers: dict[str, str] | None = None
        self._missing = 0

    def feed(self, chunk: bytes) -> Iterator[EslFrame]:
        """All frames that are complete with it. Must be read to the end before the next chunk."""
        self._rest += chunk
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> EslFrame | None:
        if self._headers is None and not self._read_headers():
            return None
        assert self._headers is not None
        if len(self._rest) < self._missing:
            return None
        frame = EslFrame(self._headers, bytes(self._rest[: self._missing]))
        del self._rest[: self._missing]
        self._headers, self._missing = None, 0
        return frame

    def _read_headers(self) -> bool:
        while self._rest[:1] == b"\n":
            del self._rest[:1]
        end = self._rest.find(b"\n\n")
        if end < 0:
            if len(self._rest) > MAX_HEADERS:
                raise LineLost("this is not an event socket: headers have no end")
            return False
        if end > MAX_HEADERS:
            raise LineLost("this is not an event socket: headers are too long")
        self._headers = _headers_in(self._rest[:end].decode(errors="replace"))
        del self._rest[: end + 2]
        self._missing = _length_in(self._headers)
        return True


def _headers_in(text: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    if "content-type" not in headers:
        raise LineLost(f"this is not an event socket: it sends {text[:40]!r}")
    return headers


def _length_in(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 12 or int(text) > MAX_BODY:
        raise LineLost(f"this is not an event socket: a body of length {text[:20]!r}")
    return int(text)


def command(line: str, headers: Mapping[str, str] | None = None) -> bytes:
    """One request. Raises `ValueError` for what would be two lines: it may come from elsewhere."""
    lines = [line, *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if any(character in each for each in lines for character in "\r\n\0"):
        raise ValueError("a command has to be one line")
    return "\n".join(lines).encode() + b"\n\n"
