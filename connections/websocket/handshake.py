"""The opening handshake, server side (RFC 6455, section 4.2), without I/O."""

import binascii
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from websockets.utils import accept_key

Header = tuple[bytes, bytes]
"""Name in lower case, and value."""

VERSION = b"13"


class HandshakeRefused(Exception):
    """The request is not an opening handshake that we can answer with 101."""

    def __init__(self, status: HTTPStatus, text: str, *headers: Header) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


def answer_to(method: str, headers: Iterable[Header]) -> str:
    """The value of Sec-WebSocket-Accept. Raises `HandshakeRefused`.

    That the request asks for an upgrade to `websocket` was found out by whoever calls.
    """
    if method != "GET":
        raise HandshakeRefused(HTTPStatus.METHOD_NOT_ALLOWED, "a handshake is a GET request", (b"allow", b"GET"))
    keys, versions = [], []
    for name, value in headers:
        if name == b"sec-websocket-key":
            keys.append(value.strip())
        elif name == b"sec-websocket-version":
            versions.append(value.strip())
    if versions != [VERSION]:
        raise HandshakeRefused(
            HTTPStatus.UPGRADE_REQUIRED,
            "Sec-WebSocket-Version must be there once, and 13",
            (b"sec-websocket-version", VERSION),
        )
    if len(keys) != 1 or not _is_key(keys[0]):
        raise HandshakeRefused(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key must be there once: 16 bytes in base64")
    return accept_key(keys[0].decode("ascii"))


def _is_key(value: bytes) -> bool:
    try:
        return len(binascii.a2b_base64(value, strict_mode=True)) == 16
    except ValueError:
        return False


def subprotocols_in(headers: Iterable[Header]) -> list[str]:
    """What the client offers, in its order of preference."""
    offered = [value.decode("latin-1") for name, value in headers if name == b"sec-websocket-protocol"]
    return [name for value in offered for each in value.split(",") if (name := each.strip())]


def accepted(answer: str, subprotocol: str | None, headers: Iterable[Header] = ()) -> bytes:
    """The response that turns the connection into a WebSocket."""
    chosen = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol is not None else ""
    fixed = (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {answer}\r\n{chosen}"
    )
    return b"".join([fixed.encode("latin-1"), *(b"%b: %b\r\n" % header for header in headers), b"\r\n"])


def refused(status: int, headers: Sequence[Header], body: bytes) -> bytes:
    """Any other response, after which the connection ends."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {status} {phrase}\r\n".encode("ascii")]
    lines += [b"%b: %b\r\n" % header for header in headers if header[0].lower() not in _OURS]
    lines += [b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body), body]
    return b"".join(lines)


_OURS = (b"content-length", b"connection", b"transfer-encoding")
