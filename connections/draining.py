"""Going away without a storm: clients are told to leave at random moments, and are served until they do."""

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

LEAVING_A_SECOND = 500
"""Clients. What the other gateways let in besides their own work: a fifth of a processor."""
SOONEST = 2.0
"""Seconds in which proxies can find out that we are not ready any more, and send nobody back to us."""
LEAST, MOST = 2.5, 9.0
"""Seconds within which all have been asked to leave."""
GRACE = 1.0
"""Seconds after which those are closed that were asked and stayed."""
LOOK_EVERY = 0.05


async def drain(hub: Hub) -> None:
    """Tells every client when to reconnect, and serves it until then; closes those that did not listen."""
    sessions = [session for channel in hub.channels() for session in channel.sessions]
    within = min(max(SOONEST + len(sessions) / LEAVING_A_SECOND, LEAST), MOST)
    log.info("draining", sessions=len(sessions), seconds=within)
    for session in sessions:
        session.send(Reconnect(after=round(random.uniform(SOONEST, within), 2)))  # noqa: S311
    deadline = asyncio.get_running_loop().time() + within + GRACE
    while _are_here(hub) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - no hurry
        await asyncio.sleep(LOOK_EVERY)
    for channel in hub.channels():
        for session in tuple(channel.sessions):
            session.close(CloseCode.GOING_AWAY, "this gateway is going away")


def _are_here(hub: Hub) -> bool:
    return any(channel.sessions for channel in hub.channels())


class DrainingServer(uvicorn.Server):
    """Calls `drain` before uvicorn ends connections its own way."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._drain()
        await super().shutdown(sockets)
