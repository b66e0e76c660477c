"""uvicorn's WebSocket protocol with its transport in the open, for the fan-out path.

All correctness of the protocol stays with the `websockets` library inside uvicorn's class. What is added: an ASGI
extension through which the endpoint gets an `Outlet` that writes ready-made frames, knows when the transport is clear,
and can abort a client that no longer reads (uvicorn would wait for it for ever, also at shutdown).
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import OPEN

from connections.frames import Delivery
from connections.outlet import CLOSE_TIMEOUT, EXTENSION, NOBODY, Follower, Receiver
from connections.websocket.protocol import plain_fd, prepare, short
from wire.codec import Subprotocol
from wire.limits import LIMITS


class TransportOutlet:
    """An `Outlet` on the transport of a LibraryProtocol."""

    __slots__ = ("_closed", "_protocol", "fd", "follower", "is_clear")

    def __init__(self, protocol: "LibraryProtocol") -> None:
        self._protocol = protocol
        self._closed = False
        self.is_clear = True
        self.follower: Follower = NOBODY
        self.fd = plain_fd(protocol.transport)

    def write(self, delivery: Delivery, subprotocol: Subprotocol) -> None:
        if not self._closed:
            self._protocol.transport.write(delivery.frame_for(subprotocol))

    def write_rest(self, rest: bytes) -> None:
        # Even if we are closing: half a frame must be finished before the close frame, or nothing.
        self._protocol.transport.write(rest)

    def close(self, code: int, reason: str) -> None:
        if not self._closed:
            self._closed = True
            self._protocol.close_from_here(code, reason)

    def abort(self) -> None:
        self._closed = True
        self._protocol.transport.abort()

    def allow_messages_of(self, size: int) -> None:
        self._protocol.conn.max_message_size = size

    def detach(self, receiver: Receiver) -> bool:  # noqa: ARG002  uvicorn's class speaks nothing but ASGI
        return False

    def hold_reading(self, hold: bool) -> None:
        """uvicorn's class holds it by itself while a message waits."""

    # ------------------------------------------------------------ told by the protocol

    def blocked(self) -> None:
        self.is_clear = False
        self.follower.outlet_blocked()

    def clear(self) -> None:
        self.is_clear = True
        self.follower.outlet_cleared()

    def closed(self) -> None:
        """The close frame went out or came in: no data frame may follow it (RFC 6455, section 5.5.1)."""
        self._closed = True
        self.is_clear = False
        self.follower.outlet_blocked()


class LibraryProtocol(WebSocketsSansIOProtocol):
    """Pass as `uvicorn.Config(ws=LibraryProtocol)`."""

    outlet: TransportOutlet | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        prepare(cast(asyncio.Transport, transport))
        self.conn.max_message_size = LIMITS.frame_bytes_before_login

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.outlet = TransportOutlet(self)
            # The application's task starts in the next iteration of the loop, so this is in time.
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[EXTENSION] = self.outlet

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.outlet is not None:
            self.outlet.blocked()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.outlet is not None and not self.close_sent:
            self.outlet.clear()

    def handle_close(self, event: Frame) -> None:
        if self.outlet is not None:
            self.outlet.closed()
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        if self.outlet is not None:
            self.outlet.closed()
        super().handle_parser_exception()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.outlet is not None:
            self.outlet.closed()
            # The two know each other; without this only the garbage collector could free the connection.
            self.outlet.follower = NOBODY
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Called at the end of a drain for whoever is still here: a reader that stalls must not hold up the end."""
        if self.outlet is not None:
            self.outlet.closed()
        super().shutdown()
        self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)

    def close_from_here(self, code: int, reason: str) -> None:
        """Sends a close frame and gives the client a moment to answer it."""
        if self.close_sent or self.transport.is_closing() or self.conn.state is not OPEN:
            return
        self.conn.send_close(code, short(reason))
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()  # else the answer to our close frame would never be seen
        if self.outlet is not None:
            self.outlet.closed()
