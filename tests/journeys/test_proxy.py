"""Two gateways behind the proxy that is deployed before them, with its own configuration."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.client import Client
from tests.support.gateway import GatewayProcess, People
from wire.commands import SetDnd
from wire.events import Reconnect
from wire.identity import UserId
from wire.records import Colour
from wire.replies import Done

CHECKOUT = Path(__file__).parents[2]
# Debian keeps it where only root's PATH leads.
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")

pytestmark = pytest.mark.skipif(HAPROXY is None, reason="there is no haproxy on this machine")


class Proxied:
    """The proxy's address, and what lies behind it."""

    def __init__(self, url: str, left: GatewayProcess, right: GatewayProcess, people: People) -> None:
        self.url = url
        self.left = left
        self.right = right
        self._people = people

    async def connect(self, user: UserId) -> Client:
        return await Client.open(self.url, await self._people.token(user))

    async def status(self, path: str) -> int:
        async with httpx2.AsyncClient(trust_env=False) as client:
            return (await client.get(self.url + path)).status_code

    async def is_ready(self) -> bool:
        try:
            return await self.status("/readyz") == 200
        except httpx2.TransportError:
            return False


@asynccontextmanager
async def proxy(left: GatewayProcess, right: GatewayProcess, people: People) -> AsyncIterator[Proxied]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {"LISTEN": address, "LEFT": left.url[7:], "RIGHT": right.url[7:]}
    process = subprocess.Popen(  # noqa: ASYNC220 - starts in no time, and is signalled and waited for only
        [str(HAPROXY), "-db", "-q", "-f", str(CHECKOUT / "deploy/haproxy.cfg")],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        proxied = Proxied(f"http://{address}", left, right, people)
        async with asyncio.timeout(15):
            while not await proxied.is_ready():  # noqa: ASYNC110 - it tells nobody when it is
                await asyncio.sleep(0.05)
        yield proxied
    finally:
        process.terminate()
        process.wait()


async def test_people_on_both_gateways_see_each_other_and_survive_the_end_of_one(
    people: People, start_gateway: Callable[..., GatewayProcess]
) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    left, right = await asyncio.to_thread(start_gateway), await asyncio.to_thread(start_gateway)
    async with proxy(left, right, people) as proxied:
        # By turns: with nobody there the first goes to one gateway, the second to the other.
        async with await proxied.connect(anna) as a, await proxied.connect(ben) as b:
            await a.ask(SetDnd(on=True), Done)
            await b.sees(anna, colour=Colour.RED)
            assert await proxied.status("/") == 200
            assert await proxied.status("/metrics") == 404

            assert await asyncio.to_thread(left.stop) == 0
            told = [client for client in (a, b) if any(isinstance(each, Reconnect) for each in client.messages)]
            assert len(told) == 1, "the two were not on different gateways"
            assert 4000 <= await told[0].closed() < 4500
        async with await proxied.connect(anna) as a, await proxied.connect(ben) as b:
            await a.ask(SetDnd(on=False), Done)
            await b.sees(anna, colour=Colour.BLUE)
