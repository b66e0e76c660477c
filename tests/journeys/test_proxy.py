"""Two gateways behind each of the proxies that may stand before them, with the configuration that is deployed."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.client import Client
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.ports import free_port
from tests.support.waiting import eventually
from wire.commands import SetDnd
from wire.events import Reconnect
from wire.identity import UserId
from wire.records import Colour
from wire.replies import Done

CHECKOUT = Path(__file__).parents[2]
# Debian keeps it where only root's PATH leads.
PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
PROGRAMS = {name: shutil.which(name, path=PLACES) for name in ("haproxy", "nginx")}


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
        async with http_client() as client:
            return (await client.get(self.url + path)).status_code

    async def is_ready(self) -> bool:
        try:
            return await self.status("/readyz") == 200
        except httpx2.TransportError:
            return False


def haproxy(address: str, left: str, right: str, _folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [str(PROGRAMS["haproxy"]), "-db", "-q", "-f", str(CHECKOUT / "deploy/haproxy.cfg")],
        env={"LISTEN": address, "LEFT": left, "RIGHT": right},
        stdout=subprocess.DEVNULL,
    )


def nginx(address: str, left: str, right: str, folder: Path) -> "subprocess.Popen[bytes]":
    """Its file is a part of a whole configuration; what it says of names and certificates is an example's."""
    server = (CHECKOUT / "deploy/nginx.conf").read_text(encoding="utf-8")
    for example, here in {
        "127.0.0.1:8001": left,
        "127.0.0.1:8002": right,
        "listen 443 ssl http2": f"listen {address}",
    }.items():
        assert example in server
        server = server.replace(example, here)
    server = re.sub(r" +ssl_certificate.*\n", "", server)
    paths = "".join(
        f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off; pid {folder}/pid; events {{}}\nhttp {{ access_log off; {paths}\n{server}}}\n"
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    return subprocess.Popen(
        [str(PROGRAMS["nginx"]), "-e", "stderr", "-c", str(folder / "nginx.conf")], stdout=subprocess.DEVNULL
    )


START = {"haproxy": haproxy, "nginx": nginx}


@asynccontextmanager
async def proxy(
    name: str, left: GatewayProcess, right: GatewayProcess, people: People, folder: Path
) -> AsyncIterator[Proxied]:
    address = f"127.0.0.1:{free_port()}"
    process = START[name](address, left.url[7:], right.url[7:], folder)
    try:
        proxied = Proxied(f"http://{address}", left, right, people)
        async with asyncio.timeout(60):
            while not await proxied.is_ready():  # noqa: ASYNC110 - it tells nobody when it is
                await asyncio.sleep(0.05)
        yield proxied
    finally:
        process.terminate()
        process.wait()


async def told_to_go(*clients: Client) -> int:
    return sum(any(isinstance(each, Reconnect) for each in client.messages) for client in clients)


@pytest.mark.parametrize("name", START)
async def test_people_on_both_gateways_see_each_other_and_survive_the_end_of_one(
    name: str, people: People, start_gateway: Callable[..., GatewayProcess], data_folder: Path
) -> None:
    if PROGRAMS[name] is None:
        pytest.skip(f"there is no {name} on this machine")
    anna, ben = await people.add("1001"), await people.add("1002")
    left, right = await asyncio.to_thread(start_gateway), await asyncio.to_thread(start_gateway)
    async with proxy(name, left, right, people, data_folder) as proxied:
        # By turns: with nobody there the first goes to one gateway, the second to the other.
        async with await proxied.connect(anna) as a, await proxied.connect(ben) as b:
            await a.ask(SetDnd(on=True), Done)
            await b.sees(anna, colour=Colour.RED)
            assert await proxied.status("/") == 200
            assert await proxied.status("/metrics") == 404

            assert await asyncio.to_thread(left.stop) == 0

            await eventually(lambda: told_to_go(a, b), 1)
            gone = a if await told_to_go(a) else b
            assert 4000 <= await gone.closed() < 4500
            assert await told_to_go(a, b) == 1, "the two were not on different gateways"
        async with await proxied.connect(anna) as a, await proxied.connect(ben) as b:
            await a.ask(SetDnd(on=False), Done)
            await b.sees(anna, colour=Colour.BLUE)
