"""A cable between a client and a server, which a test can cut: at once, or so that nobody notices; or make long."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from tests.support.listening import stop_listening
from tests.support.ports import free_port


class Cable:
    """Passes bytes on between its own port and the server's. `url` is the server's address through the cable.

    `delay`: seconds that each piece takes in each direction. `is_dead`: nothing passes, on old connections and new
    ones, and nobody is told.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._ends: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._frozen: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = free_port()
        self.url = ""
        self.connections = 0
        self.delay = 0.0
        self.is_dead = False

    async def __aenter__(self) -> "Cable":
        await self.plug_in()
        port = self._port
        login = self._parts.netloc.rpartition("@")
        self.url = urlunsplit(self._parts._replace(netloc=f"{login[0]}{login[1]}127.0.0.1:{port}"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.unplug()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def lead_to(self, url: str) -> None:
        """From now on new connections go to another server; those that there are stay where they are."""
        self._parts = urlsplit(url)

    async def plug_in(self) -> None:
        """Connections are possible (again), on the same port as before."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port, backlog=1_000)

    async def unplug(self) -> None:
        """Every connection ends, and new ones are refused."""
        assert self._server is not None
        await stop_listening(self._server)
        self.cut()

    def cut(self) -> None:
        """Every connection ends; new ones are possible at once."""
        for ends in self._ends:
            for writer in ends:
                writer.transport.abort()
        self._ends.clear()

    def freeze(self) -> None:
        """From now on nothing passes on the connections that there are, and neither side is told. New ones work."""
        self._frozen |= {writer for ends in self._ends for writer in ends}

    async def other_end(self) -> tuple[str, int]:
        """Host and port of the server that gets the next connection."""
        assert self._parts.hostname is not None
        assert self._parts.port is not None
        return self._parts.hostname, self._parts.port

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connecting = asyncio.current_task()
        assert connecting is not None
        self._tasks.add(connecting)
        try:
            there_reader, there_writer = await asyncio.open_connection(*await self.other_end())
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
            return
        finally:
            self._tasks.discard(connecting)
        self._ends.append((writer, there_writer))
        assert self._server is not None
        if not self._server.is_serving():  # unplugged meanwhile
            self.cut()
            return
        for source, target in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(self._pass_on(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(65_536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if target in self._frozen or self.is_dead:
                    continue
                target.write(chunk)
                await target.drain()
        if target not in self._frozen:
            target.close()
