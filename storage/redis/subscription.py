"""One connection to Redis that only listens. Every change of a colour comes this way, so it comes without a detour.

redis-py makes the connection (address, login, TLS, Sentinel). From then on hiredis reads its bytes as they arrive, and
each message is a call: no stream, no task to wake, no lock.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

Received = Callable[[bytes, bytes, bytes], None]
"""Kind (`smessage`, `ssubscribe`, ...), channel and payload; the payload of a confirmation means nothing."""


class Subscription(asyncio.Protocol):
    """`lost` is done when the connection is over, with why as its exception."""

    def __init__(self, connection: AbstractConnection, transport: asyncio.Transport, received: Received) -> None:
        self._connection = connection
        self._transport = transport
        self._received = received
        self._reader = hiredis.Reader()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, client: Redis, received: Received) -> "Subscription":
        """Raises RedisError, OSError or TimeoutError. Close it in any case."""
        connection: AbstractConnection = client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        await connection.connect()  # type: ignore[no-untyped-call]
        writer = connection._writer  # noqa: SLF001 - there is no other way to its transport
        assert writer is not None
        transport = cast(asyncio.Transport, writer.transport)
        subscription = cls(connection, transport, received)
        transport.set_protocol(subscription)
        return subscription

    def subscribe(self, *channels: bytes) -> None:
        """Each is confirmed by a message of its own."""
        self._say(b"SSUBSCRIBE", channels)

    def unsubscribe(self, channel: bytes) -> None:
        self._say(b"SUNSUBSCRIBE", [channel])

    def _say(self, command: bytes, channels: Sequence[bytes]) -> None:
        """One command a channel: on a cluster they may not be mixed."""
        self._transport.write(b"".join(_packed(command, channel) for channel in channels))

    async def close(self) -> None:
        self.lost.cancel()
        self._transport.abort()
        await self._connection.disconnect(nowait=True)

    # ------------------------------------------------------------ told by the loop

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (message := self._reader.gets()) is not False:
                self._take(message)
        except hiredis.HiredisError as error:
            self._end(error)

    def _take(self, message: Any) -> None:
        if isinstance(message, list) and len(message) == 3:
            self._received(*message)
        elif isinstance(message, hiredis.ReplyError):
            self._end(message)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionResetError("Redis closed the connection"))

    def _end(self, why: Exception) -> None:
        if not self.lost.done():
            self.lost.set_exception(why)


def _packed(*words: bytes) -> bytes:
    return cast(bytes, hiredis.pack_command(words))  # type: ignore[arg-type]  # its stub knows tuples of one word only
