"""A WebSocket connection on a transport, made for tens of thousands that mostly wait.

While the application says who may come in, it speaks ASGI with it (asgi.py); then the connection is detached: no task,
no queue, no scope, only this object, its reader's half and what the session keeps. It is its own `Outlet`.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any, cast

from connections.frames import Delivery, frame
from connections.outlet import CLOSE_TIMEOUT, NOBODY, Follower, Receiver
from connections.websocket.reader import CLOSE, PONG, FrameReader, Violation
from wire.codec import Subprotocol
from wire.limits import LIMITS

KERNEL_SEND_BUFFER = 32_768
"""Bytes (the kernel doubles it). Without a bound the kernel takes megabytes for a client that never reads, and no limit
of ours would ever be met."""

SERVICE_RESTART = 1012
ABNORMAL = 1006

_FINAL = 0x80
_MOST_REASON = 123


class GatewayProtocol(FrameReader, asyncio.Protocol):
    """Made when the HTTP side has read a handshake (upgrade.py), which gives it the transport by `connection_made`.

    `connections`: the server's set of what has to be shut down with it. `hand_over` makes somebody else the receiver,
    with all that came before. Until `receiver` is set, nothing may be fed.
    """

    __slots__ = (
        "_close_timer",
        "_connections",
        "_hand_over",
        "_is_closing",
        "_pong_due",
        "fd",
        "follower",
        "is_clear",
        "is_open",
        "receiver",
        "transport",
    )

    receiver: Receiver

    def __init__(self, connections: set[Any], hand_over: Callable[[Receiver], None]) -> None:
        super().__init__(most=LIMITS.frame_bytes_before_login)
        self._connections = connections
        self._hand_over: Callable[[Receiver], None] | None = hand_over
        self._is_closing = False
        self._close_timer: asyncio.TimerHandle | None = None
        self._pong_due: bytes | None = None
        self.fd = -1
        self.is_open = False
        """Whether the handshake was accepted; before that it is still HTTP."""
        self.is_clear = True
        self.follower: Follower = NOBODY
        self.transport: asyncio.Transport | None = None

    # ------------------------------------------------------------ told by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        prepare(self.transport)
        self.fd = plain_fd(self.transport)

    def data_received(self, data: bytes) -> None:
        try:
            self.feed(data)
        except Violation as violation:
            self.close(violation.code, violation.reason)

    def eof_received(self) -> None:
        return None  # the transport closes itself

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._connections.discard(self)
        if self._close_timer is not None:
            self._close_timer.cancel()
            self._close_timer = None
        self.is_over = True
        self._block_for_good()
        receiver = self._let_go()
        # Session and connection know each other; without this only the garbage collector could free the two.
        self.follower, self.transport = NOBODY, None
        receiver.disconnected(ABNORMAL)

    def pause_writing(self) -> None:
        if self.is_clear:
            self.is_clear = False
            self.follower.outlet_blocked()

    def resume_writing(self) -> None:
        if self._is_closing or self.transport is None:
            return
        self.is_clear = True
        if self._pong_due is not None:
            pong, self._pong_due = self._pong_due, None
            self.ping_read(pong)
        if self.is_clear:
            self.follower.outlet_cleared()

    # ------------------------------------------------------------ told by the reader

    def message_read(self, payload: str | bytes) -> None:
        if not self._is_closing:
            self.receiver.received(payload)

    def ping_read(self, payload: bytes) -> None:
        """Of several pings only the last needs an answer (section 5.5.3), so a slow reader cannot pile pongs up."""
        if self._is_closing or self.transport is None:
            return
        if self.is_clear:
            self.transport.write(frame(payload, _FINAL | PONG))
        else:
            self._pong_due = payload

    def close_read(self, code: int, reason: str, payload: bytes) -> None:  # noqa: ARG002
        if self.transport is None:
            return
        if not self._is_closing:
            self._block_for_good()
            self.transport.write(frame(payload, _FINAL | CLOSE))
        self._let_go().disconnected(code)
        self.transport.close()
        self._cut_off_later()  # closing waits for the buffer, which somebody who does not read never empties

    # ------------------------------------------------------------ the outlet

    def write(self, delivery: Delivery, subprotocol: Subprotocol) -> None:
        self.write_frame(delivery.frame_for(subprotocol))

    def write_frame(self, whole: bytes) -> None:
        if self.transport is None or self._is_closing:
            return
        if self.is_clear and self.fd >= 0:
            # As sections do: the transport would make the same system call, after a microsecond of its own.
            whole = write_now(self.fd, whole)
        if whole:
            self.transport.write(whole)

    def write_rest(self, rest: bytes) -> None:
        # Even if we are closing: half a frame must be finished before the close frame, or nothing.
        if self.transport is not None:
            self.transport.write(rest)

    def close(self, code: int, reason: str) -> None:
        if self._is_closing or self.transport is None:
            return
        self._block_for_good()
        if not self.is_open:
            self.transport.close()
            return
        self.transport.write(frame(code.to_bytes(2, "big") + short(reason).encode(), _FINAL | CLOSE))
        self.hold_reading(False)  # else the answer would never be seen
        if self.is_over:  # the client broke the protocol: its answer could not be read
            asyncio.get_running_loop().call_soon(self._end_sending)
        self._cut_off_later()
        # Not at once: whoever closes may be in the middle of something.
        asyncio.get_running_loop().call_soon(self._let_go().disconnected, code)

    def abort(self) -> None:
        self._is_closing = True
        if self.transport is not None:
            self.transport.abort()

    def allow_messages_of(self, size: int) -> None:
        self.most = size

    def detach(self, receiver: Receiver) -> bool:
        assert self._hand_over is not None, "detached once"
        hand_over, self._hand_over = self._hand_over, None
        hand_over(receiver)
        return True

    def hold_reading(self, hold: bool) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if hold:
            self.transport.pause_reading()
        elif not self.transport.is_reading():
            self.transport.resume_reading()

    # ------------------------------------------------------------ ending

    def shutdown(self) -> None:
        """Called by the server at its end, for whoever is still here."""
        self.close(SERVICE_RESTART, "")
        if self.transport is not None:
            self.transport.close()

    def _block_for_good(self) -> None:
        """The close frame goes out or came in: no data frame may follow it (section 5.5.1)."""
        self._is_closing = True
        if self.is_clear:
            self.is_clear = False
            self.follower.outlet_blocked()

    def _end_sending(self) -> None:
        """What the client still sends is read and thrown away until it ends too: a socket closed with something unread
        is reset, and a reset takes the close frame from the client before it has seen it."""
        if self.transport is None or self.transport.is_closing():
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def _let_go(self) -> Receiver:
        """Who received until now, to be told of the end once."""
        receiver, self.receiver = self.receiver, _NOBODY_RECEIVES
        return receiver

    def _cut_off_later(self) -> None:
        if self._close_timer is None and self.transport is not None:
            loop = asyncio.get_running_loop()
            self._close_timer = loop.call_later(CLOSE_TIMEOUT, self.transport.abort)


def write_now(fd: int, whole: bytes) -> bytes:
    """What the socket did not take."""
    try:
        written = os.write(fd, whole)
    except BlockingIOError:
        return whole
    except OSError:
        return b""  # reset by the client; the transport finds out and ends the session
    return whole[written:] if written < len(whole) else b""


class _NobodyReceives:
    def received(self, _payload: str | bytes, /) -> None:
        return None

    def disconnected(self, _code: int, /) -> None:
        return None


_NOBODY_RECEIVES = _NobodyReceives()


def short(reason: str) -> str:
    """As much of it as fits into a close frame, in whole characters."""
    return reason.encode()[:_MOST_REASON].decode(errors="ignore")


def prepare(transport: asyncio.Transport) -> None:
    """Told as soon as anything is buffered, and again when all of it is gone: "clear" needs no check per write."""
    transport.set_write_buffer_limits(high=0)
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_SEND_BUFFER)


def plain_fd(transport: asyncio.Transport) -> int:
    """The socket that may be written to directly, or -1: under TLS only the transport can."""
    sock = transport.get_extra_info("socket")
    return sock.fileno() if sock is not None and transport.get_extra_info("sslcontext") is None else -1
