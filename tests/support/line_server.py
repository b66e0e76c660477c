"""A server that speaks a switch's line protocol on loopback, and can fail in all the ways that lines fail."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from tests.support.listening import stop_listening
from tests.support.ports import free_port

WAIT = 30.0


class FakeSwitch(Protocol):
    """What can be done with any of our fake switches, whatever they speak. Channels are their own."""

    tells: bool
    piece: int
    delay: float
    half_a_message: bytes

    def adapter(self, domain: str) -> list[str]:
        """The arguments of an adapter for it."""

    def secrets(self) -> dict[str, str]:
        """The variables by which that adapter gets in."""

    def cut(self) -> None: ...

    async def tell(self, payload: bytes) -> None: ...

    async def register(self, extension: str) -> str: ...

    async def unregister(self, device: str) -> None: ...

    async def dial(self, extension: str, number: str) -> Any: ...

    async def ring(self, extension: str, caller: Any) -> Any: ...

    async def answer(self, *channels: Any) -> None: ...

    async def hold(self, channel: Any, *, on: bool) -> None: ...

    async def hang_up(self, *channels: Any) -> None: ...

    async def set_dnd(self, extension: str, *, on: bool) -> None: ...

    async def restart(self) -> None: ...


class Peer:
    """One connected client, as the fake switch sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.is_let_in = False


class LineServer:
    """`piece`: everything is written in pieces of so many bytes, each by itself; 0: whole. `delay`: before anything."""

    def __init__(self) -> None:
        self.port = free_port()
        self.tls: ssl.SSLContext | None = None
        self.piece = 0
        self.delay = 0.0
        self.is_frozen = False
        self.logins = 0
        self.peers: list[Peer] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()

    async def start(self) -> None:
        """Listens, always on the same port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=self.tls)

    async def stop(self) -> None:
        """Nothing listens any more, and all connections are closed."""
        if self._server is not None:
            await stop_listening(self._server)
            self._server = None
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """All connections end at once; new ones are possible."""
        for peer in self.peers:
            peer.writer.transport.abort()

    def freeze(self) -> None:
        """From now on nothing is answered and nothing told, and no connection ends."""
        self.is_frozen = True

    async def serve(self, peer: Peer) -> None:
        """What the protocol does with one client, until it ends."""
        raise NotImplementedError

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT), self._changed:
            await self._changed.wait_for(holds)

    async def changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def send(self, peer: Peer, payload: bytes) -> None:
        if self.is_frozen:
            return
        if self.delay:
            await asyncio.sleep(self.delay)
        with suppress(OSError):
            for start in range(0, len(payload), self.piece or len(payload) or 1):
                peer.writer.write(payload[start : start + (self.piece or len(payload))])
                await peer.writer.drain()
                if self.piece:
                    await asyncio.sleep(0)

    async def tell(self, payload: bytes) -> None:
        """To everybody who is let in."""
        for peer in self.peers:
            if peer.is_let_in:
                await self.send(peer, payload)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        self.peers.append(peer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self.serve(peer)
        finally:
            self._tasks.discard(task)
            self.peers.remove(peer)
            writer.close()
            await self.changed()
