"""Two gateways behind each of the proxies that may stand before them, with the configuration that is deployed."""

import asyncio
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.support.client import Client
from tests.support.encrypted import make_certificate
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


@dataclass(frozen=True)
class Place:
    """Where a proxy listens and what lies behind it. With a `certificate` (and its key) it encrypts, and sends whoever
    comes to `plain` there."""

    address: str
    left: str
    right: str
    folder: Path
    plain: str
    certificate: Path | None = None


def haproxy(place: Place) -> "subprocess.Popen[bytes]":
    encrypting = {"CERTIFICATE": str(place.certificate), "REDIRECT": place.plain} if place.certificate else {}
    return subprocess.Popen(
        [str(PROGRAMS["haproxy"]), "-db", "-q", "-f", str(CHECKOUT / "deploy/haproxy.cfg")],
        env={"LISTEN": place.address, "LEFT": place.left, "RIGHT": place.right, **encrypting},
        stdout=subprocess.DEVNULL,
    )


def nginx(place: Place) -> "subprocess.Popen[bytes]":
    """Its file is a part of a whole configuration; what it says of names and certificates is an example's."""
    servers = (CHECKOUT / "deploy/nginx.conf").read_text(encoding="utf-8")
    for example, here in {
        "127.0.0.1:8001": place.left,
        "127.0.0.1:8002": place.right,
        "listen 80": f"listen {place.plain}",
        "listen 443 ssl http2": f"listen {place.address}{' ssl http2' if place.certificate else ''}",
        "/etc/ssl/presence.pem": str(place.certificate),
        "/etc/ssl/presence.key": str(place.certificate),
    }.items():
        assert example in servers
        servers = servers.replace(example, here)
    if place.certificate is None:
        servers = re.sub(r" +ssl_certificate.*\n", "", servers)
    paths = "".join(
        f"{name}_temp_path {place.folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off; pid {place.folder}/pid; events {{}}\nhttp {{ access_log off; {paths}\n{servers}}}\n"
    (place.folder / "nginx.conf").write_text(whole, encoding="utf-8")
    return subprocess.Popen(
        [str(PROGRAMS["nginx"]), "-e", "stderr", "-c", str(place.folder / "nginx.conf")], stdout=subprocess.DEVNULL
    )


START = {"haproxy": haproxy, "nginx": nginx}


@asynccontextmanager
async def proxy(
    name: str, left: GatewayProcess, right: GatewayProcess, people: People, folder: Path
) -> AsyncIterator[Proxied]:
    address, plain = (f"127.0.0.1:{free_port()}" for _ in range(2))
    process = START[name](Place(address, left.url[7:], right.url[7:], folder, plain))
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


@pytest.mark.parametrize("name", START)
async def test_who_comes_without_encryption_is_sent_to_where_there_is_some_and_stays_there(
    name: str, gateway: GatewayProcess, data_folder: Path
) -> None:
    if PROGRAMS[name] is None:
        pytest.skip(f"there is no {name} on this machine")
    address, plain = (f"127.0.0.1:{free_port()}" for _ in range(2))
    certificate = make_certificate(data_folder, "proxy")
    process = START[name](Place(address, gateway.url[7:], gateway.url[7:], data_folder, plain, certificate))
    trusting = ssl.create_default_context(cafile=str(certificate))
    try:
        async with http_client(verify=trusting) as http:

            async def is_up() -> bool:
                with suppress(httpx2.TransportError):
                    return (await http.get(f"https://{address}/readyz")).status_code == 200
                return False

            await eventually(is_up, True)
            answer = await http.post(f"http://{plain}/v1/login?a=b", json={"login": "1001@a.test", "password": "x"})
            assert answer.status_code == 308
            assert re.fullmatch(r"https://[^/]+/v1/login\?a=b", answer.headers["location"])
            assert "set-cookie" not in answer.headers
            for path in ("/", "/nothing/here", "/metrics"):
                page = await http.get(f"https://{address}{path}")
                kept = page.headers.get("strict-transport-security")
                assert kept == "max-age=31536000" or (name, path) == ("haproxy", "/metrics"), path
    finally:
        process.terminate()
        process.wait()
