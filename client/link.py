"""One WebSocket of the client: commands with their replies, events as they come, and the end.

Knows nothing of what events mean (presence_client.py does) and does not come back (that is there, too).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import msgspec
from msgspec import structs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from client.errors import CommandRefused, Ended, NotConnected
from wire.codec import Subprotocol, decode_server_message, encode
from wire.commands import Alive, Command, Connect
from wire.events import AnyEvent, Heartbeat
from wire.replies import AnyReply, Connected, Failed

Answer = TypeVar("Answer")

HANDSHAKE_WITHIN = 15.0
LARGEST_FRAME = 64 * 1024 * 1024
"""Of the server's: a snapshot of a large domain is one frame."""
_FOR_GOOD = 4_500
_CLOSE_WITHIN = 2.0


class Link:
    """Open from `open` until `closed`. `heard` is called with each event, in order, before the next is read; `greeted`
    likewise with what answers `say_hello`.
    """

    def __init__(
        self,
        websocket: ClientConnection,
        heard: Callable[[AnyEvent], None],
        greeted: Callable[[Connected], None],
    ) -> None:
        self._websocket = websocket
        self._heard = heard
        self._greeted = greeted
        self._waiting: dict[int, asyncio.Future[AnyReply]] = {}
        self._last_id = 0
        self._silence = HANDSHAKE_WITHIN
        self._is_over = False
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, heard: Callable[[AnyEvent], None], greeted: Callable[[Connected], None]) -> "Link":
        """`url`: of the gateway, `http://...` or `https://...`. Raises `NotConnected`."""
        try:
            websocket = await connect(
                url.replace("http", "ws", 1) + "/ws",
                subprotocols=[Subprotocol.JSON],  # type: ignore[list-item]
                open_timeout=HANDSHAKE_WITHIN,
                ping_interval=None,
                close_timeout=_CLOSE_WITHIN,
                max_size=LARGEST_FRAME,
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            raise NotConnected(str(error) or "the gateway does not answer") from error
        return cls(websocket, heard, greeted)

    @property
    def is_open(self) -> bool:
        """False from the moment at which it is clear that nothing comes any more; saying goodbye may take longer."""
        return not self._is_over

    async def say_hello(self, command: Connect) -> Connected:
        """Raises `NotConnected`, `CommandRefused`, and `Ended` if coming back would change nothing."""
        try:
            connected = await self.ask(command, Connected, within=HANDSHAKE_WITHIN)
        except NotConnected:
            await self.closed()
            raise
        self._silence = 2.0 * connected.heartbeat_interval
        return connected

    async def ask(self, command: Command, expected: type[Answer], *, within: float) -> Answer:
        """Raises `CommandRefused`, `NotConnected`, or `TimeoutError` after so many seconds."""
        if self._is_over:
            raise NotConnected
        self._last_id += 1
        number = self._last_id
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._websocket.send(encode(structs.replace(command, id=number)), text=True)
            async with asyncio.timeout(within):
                reply = await answer
        except ConnectionClosed:
            self._is_over = True
            raise NotConnected from None
        finally:
            self._waiting.pop(number, None)
        if isinstance(reply, Failed):
            raise CommandRefused(reply)
        if not isinstance(reply, expected):
            raise TypeError(f"{type(reply).__name__} is no answer to {type(command).__name__}")
        return reply

    async def closed(self) -> None:
        """Waits for the end. Raises `Ended` if it is for good."""
        await asyncio.wait([self._reader])
        code = self._websocket.close_code or 1006
        if code >= _FOR_GOOD:
            raise Ended(code, self._websocket.close_reason or "")

    async def close(self) -> None:
        await self._websocket.close()
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        try:
            while True:
                async with asyncio.timeout(self._silence):
                    payload = await self._websocket.recv()
                # An event of a newer server than this client is none of our business.
                with suppress(msgspec.ValidationError):
                    await self._take(decode_server_message(payload))
        except (ConnectionClosed, TimeoutError, msgspec.DecodeError):
            pass
        finally:
            self._is_over = True
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(NotConnected("The connection was lost"))
            with suppress(ConnectionClosed):
                await self._websocket.close()

    async def _take(self, message: AnyReply | AnyEvent) -> None:
        if isinstance(message, Heartbeat):
            await self._websocket.send(encode(Alive()), text=True)
        if isinstance(message, Connected):
            self._greeted(message)
        waiting = self._waiting.get(getattr(message, "id", 0))
        if waiting is not None and not waiting.done():
            waiting.set_result(message)  # type: ignore[arg-type]
        elif not getattr(message, "id", 0):
            self._heard(message)  # type: ignore[arg-type]
