"""Going away without a storm: clients leave in batches, each with a random wait before it comes back elsewhere."""

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable

import structlog
import uvicorn

from connections.hub import Hub
from wire.errors import CloseCode
from wire.events import Reconnect

log = structlog.get_logger(__name__)

BATCH = 200
BATCH_EVERY = 0.1
"""Seconds. 2,000 clients a second start their way to the other gateways."""
RECONNECT_WITHIN = 5.0


async def drain(hub: Hub) -> None:
    """Tells every client to reconnect, and closes it."""
    sessions = [session for channel in hub.channels() for session in channel.sessions]
    log.info("draining", sessions=len(sessions))
    for first in range(0, len(sessions), BATCH):
        if first:
            await asyncio.sleep(BATCH_EVERY)
        for session in sessions[first : first + BATCH]:
            session.send(Reconnect(after=round(random.uniform(0.1, RECONNECT_WITHIN), 2)))  # noqa: S311
            session.close(CloseCode.GOING_AWAY, "this gateway is going away")


class DrainingServer(uvicorn.Server):
    """Calls `drain` before uvicorn ends connections its own way."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._drain()
        await super().shutdown(sockets)
