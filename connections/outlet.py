"""Where one client's frames go. Two implementations: straight to the transport under our own uvicorn protocol class
(protocol.py), or through ASGI `send` on any other server, slower but equal in what clients see.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketState

from connections.frames import Delivery
from wire.codec import Subprotocol


class Outlet(Protocol):
    """Never waits. `is_clear`: everything written so far has left this process.

    `fd`: the plain TCP socket that may be written to directly while `is_clear`, or -1. `on_blocked` and `on_clear` are
    called when `is_clear` changes.
    """

    fd: int
    is_clear: bool
    on_blocked: Callable[[], None]
    on_clear: Callable[[], None]

    def write(self, delivery: Delivery, subprotocol: Subprotocol) -> None:
        """Sends a whole message. Only while `is_clear`, so that nothing piles up here; but for the starting state,
        which is bounded by itself."""

    def write_rest(self, rest: bytes) -> None:
        """The part of a frame that a direct write to `fd` did not take."""

    def close(self, code: int, reason: str) -> None:
        """Starts the closing handshake; nothing is written afterwards. Ends the connection even if nobody answers."""

    def abort(self) -> None:
        """Ends the connection at once, with what is buffered."""

    def allow_messages_of(self, size: int) -> None:
        """The largest message accepted from now on, in bytes."""


def _nothing() -> None:
    return None


class AsgiOutlet:
    """Any ASGI server: a task of ours sends one message after the other."""

    fd = -1

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._queue: deque[tuple[bytes, Subprotocol]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None
        self.is_clear = True
        self.on_blocked: Callable[[], None] = _nothing
        self.on_clear: Callable[[], None] = _nothing

    def write(self, delivery: Delivery, subprotocol: Subprotocol) -> None:
        self._queue.append((delivery.payload_for(subprotocol), subprotocol))
        self._start()

    def write_rest(self, rest: bytes) -> None:  # noqa: ARG002  there is no rest without a socket
        raise AssertionError("there is no socket to have written to")

    def close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._start()

    def abort(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def allow_messages_of(self, size: int) -> None:
        """The server's own limit stands; it was set for the whole process."""

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send_all())
            if self.is_clear:
                self.is_clear = False
                self.on_blocked()

    async def _send_all(self) -> None:
        try:
            while self._queue:
                payload, subprotocol = self._queue.popleft()
                if subprotocol is Subprotocol.JSON:
                    await self._websocket.send_text(payload.decode())
                else:
                    await self._websocket.send_bytes(payload)
            if self._closing is not None and self._websocket.application_state is WebSocketState.CONNECTED:
                await self._websocket.close(*self._closing)
                return
        except (RuntimeError, OSError):
            return  # disconnected; the receive loop ends the session
        self.is_clear = True
        self.on_clear()
