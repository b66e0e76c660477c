"""A real server on loopback for a test: uvicorn as it runs in production, on any free port."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from tests.support.listening import stop_listening

_START_SECONDS = 60


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            await stop_listening(server)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to pytest."""
        yield


@contextlib.asynccontextmanager
async def serving(application: ASGIApp, **configuration: Any) -> AsyncIterator[str]:
    """Serves `application`, with its lifespan, until the block ends. Gives its address: `http://127.0.0.1:<port>`.

    `configuration`: what else `uvicorn.Config` takes.
    """
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    given = {"ws": "websockets-sansio"} | configuration
    config = uvicorn.Config(application, log_config=None, access_log=False, **given)
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.wait_for(server.is_up.wait(), _START_SECONDS)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()
