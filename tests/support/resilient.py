"""A client as the portal's is: comes back after every loss, on any gateway, with its position, and forgets nothing."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress

import httpx2
from websockets.exceptions import WebSocketException

from tests.support.client import Client
from tests.support.gateway import GatewayProcess
from tests.support.http import http_client
from wire.commands import Command
from wire.ending import end
from wire.events import AnyEvent
from wire.identity import UserId
from wire.records import Position, Presence
from wire.replies import AnyReply, Failed

RETRY = 0.1


class ResilientClient:
    """`gateways()` are those to try. What it knows of presence goes on over reconnects, as in a browser."""

    def __init__(self, token: str, gateways: Callable[[], Sequence[GatewayProcess]], choice: random.Random) -> None:
        self._token = token
        self._gateways = gateways
        self._choice = choice
        self._client: Client | None = None
        self._running = asyncio.create_task(self._run())
        self._connected = asyncio.Event()
        self.presence: dict[UserId, Presence] = {}
        self.position: Position | None = None
        self.stepped_back: list[tuple[Presence, Presence]] = []
        self.resumed = 0
        self.connections = 0

    async def _run(self) -> None:
        while True:
            with suppress(OSError, WebSocketException, AssertionError, TimeoutError):
                await self._stay_connected()
            self._connected.clear()
            await asyncio.sleep(RETRY * self._choice.uniform(0.5, 1.5))

    async def _stay_connected(self) -> None:
        gateway = self._choice.choice(list(self._gateways()))
        self._client = client = await Client.open(gateway.url)
        client.presence, client.position = self.presence, self.position
        client.stepped_back = self.stepped_back
        try:
            self.resumed += await client.log_in(self._token, position=self.position)
            self.connections += 1
            self._connected.set()
            await client.ended()
        finally:
            self.presence, self.position = client.presence, client.position
            await client.vanish()

    def seen(self, user: UserId) -> Presence:
        presence = self._client.presence if self._client is not None else self.presence
        return presence.get(user, Presence(user=user, rev=0))

    async def ask(self, command: Command) -> AnyReply | AnyEvent:
        """Tries until the command is carried out, as a person would press the button again."""
        while True:
            await self._connected.wait()
            client = self._client
            assert client is not None
            with suppress(OSError, WebSocketException, AssertionError):
                reply = await client.ask(command, object)
                if not (isinstance(reply, Failed) and reply.temporary):
                    return reply  # type: ignore[return-value]
            await asyncio.sleep(RETRY)

    async def close(self) -> None:
        await end(self._running)


async def fresh_view(gateway: GatewayProcess, token: str) -> dict[UserId, Presence]:
    """What a client that has never been here would be told now."""
    async with await Client.open(gateway.url, token, available=False) as client:
        return dict(client.presence)


async def is_ready(gateway: GatewayProcess) -> bool:
    with suppress(httpx2.HTTPError):
        async with http_client(gateway.url) as http:
            return (await http.get("/readyz")).status_code == 200
    return False
