"""An outlet on any ASGI server: a task of ours sends one message after the other."""

import asyncio
from collections import deque

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from connections.frames import Delivery
from connections.outlet import CLOSE_TIMEOUT, NOBODY, Follower, Receiver
from wire.codec import Subprotocol


class AsgiOutlet:
    """See `Outlet`."""

    fd = -1

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._queue: deque[tuple[bytes, Subprotocol]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None
        self.is_clear = True
        self.follower: Follower = NOBODY

    def write(self, delivery: Delivery, subprotocol: Subprotocol) -> None:
        self._queue.append((delivery.payload_for(subprotocol), subprotocol))
        self._start()

    def write_rest(self, rest: bytes) -> None:  # noqa: ARG002  there is no rest without a socket
        raise AssertionError("there is no socket to have written to")

    def close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._queue.clear()
            self._start()
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, self.abort)

    def abort(self) -> None:
        """All that ASGI has for it: the application returns, and says no more (endpoint.py)."""
        self._queue.clear()
        if self._task is not None:
            self._task.cancel()

    def allow_messages_of(self, size: int) -> None:
        """The server's own limit stands; it was set for the whole process."""

    def detach(self, receiver: Receiver) -> bool:  # noqa: ARG002  ASGI has nothing like it
        return False

    def hold_reading(self, hold: bool) -> None:
        """Nobody reads but the application itself."""

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send_all())
        if self.is_clear:
            self.is_clear = False
            self.follower.outlet_blocked()

    async def _send_all(self) -> None:
        try:
            while True:
                while self._queue:
                    await self._send(*self._queue.popleft())
                if self._closing is not None:
                    if self._websocket.application_state is WebSocketState.CONNECTED:
                        await self._websocket.close(*self._closing)
                    return
                self.is_clear = True
                self.follower.outlet_cleared()  # which may write, while this task is still the one that sends
                if self.is_clear:
                    return
        except (RuntimeError, OSError, WebSocketDisconnect):
            return  # disconnected; the receive loop ends the session

    async def _send(self, payload: bytes, subprotocol: Subprotocol) -> None:
        if subprotocol is Subprotocol.JSON:
            await self._websocket.send_text(payload.decode())
        else:
            await self._websocket.send_bytes(payload)
