"""Switches and users come in by different ports, if an operator wants it so, into one process."""

from collections.abc import AsyncIterator, Callable

import httpx2
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.client import open_websocket
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.switches import HttpSwitch
from wire.records import Colour


@pytest.fixture(scope="module")
def parted(start_gateway: Callable[..., GatewayProcess]) -> GatewayProcess:
    return start_gateway(PRESENCE_INGEST_HOST="127.0.0.1", PRESENCE_INGEST_PORT="0")


@pytest.fixture
def door(parted: GatewayProcess) -> str:
    """Where switches come in."""
    serving = parted.logged("serving")
    assert serving
    return f"http://127.0.0.1:{serving['ingest_port']}"


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with http_client() as client:
        yield client


async def test_a_switch_is_heard_at_its_own_door_only(people: People, parted: GatewayProcess, door: str) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with (
        await HttpSwitch.add(people.pool, door, people.company.domain) as switch,
        await people.connect(ben, parted) as watcher,
    ):
        up = switch.device_up(f"1001@{people.company.domain}")
        wrong_door = HttpSwitch(parted.url, switch.name, switch.token)
        assert (await wrong_door.post("events", switch.batch(up))).status_code == 404
        await wrong_door.http.aclose()
        await switch.send(up)
        await watcher.sees(anna, colour=Colour.GREEN)


async def test_nothing_but_switches_and_probes_comes_in_at_their_door(
    http: httpx2.AsyncClient, parted: GatewayProcess, door: str
) -> None:
    for path in ("/", "/v1/login", "/metrics", "/docs", "/portal/tokens.css", "/ingest"):
        answer = await http.get(door + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    for address in (door, parted.url):
        assert (await http.get(address + "/readyz")).status_code == 200
    with pytest.raises(InvalidStatus):
        await open_websocket(door)
    await (await open_websocket(parted.url)).close()


def test_one_port_cannot_be_both_doors(start_gateway: Callable[..., GatewayProcess], parted: GatewayProcess) -> None:
    with pytest.raises(AssertionError, match="PRESENCE_INGEST_PORT"):
        start_gateway(parted.port + 1, PRESENCE_INGEST_PORT=str(parted.port + 1))
    with pytest.raises(AssertionError, match="PRESENCE_INGEST_HOST"):
        start_gateway(PRESENCE_INGEST_HOST="127.0.0.1")
