"""The probes: alive, ready, which version, how much."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest
from prometheus_client import CollectorRegistry, Gauge

from tests.support.http import http_client
from tests.support.serving import serving
from tests.web.support import Tokens
from web.application import make_application
from web.health import health_operations, metrics_route
from web.routes import make_routes

Check = Callable[[], Awaitable[None]]


async def works() -> None:
    """A store that answers."""


async def fails() -> None:
    raise ConnectionRefusedError("postgresql://user:secret@db")


async def hangs() -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def probing(
    checks: dict[str, Check], *, is_draining: bool = False, token: str = ""
) -> AsyncIterator[httpx2.AsyncClient]:
    registry = CollectorRegistry()
    Gauge("presence_test", "A measurement", registry=registry).set(3)
    operations = health_operations("1.2.3", checks, is_draining=lambda: is_draining, deadline=0.05)
    routes = [*make_routes(operations, Tokens()), metrics_route(registry, token)]
    application = make_application(routes, registry=registry)
    async with serving(application) as address, http_client(address) as client:
        yield client


async def test_a_live_process_is_alive_whatever_its_stores_do() -> None:
    async with probing({"postgresql": fails, "valkey": hangs}, is_draining=True) as client:
        response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_ready_means_that_every_store_answers() -> None:
    async with probing({"postgresql": works, "valkey": works}) as client:
        response = await client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "checks": {"postgresql": "ok", "valkey": "ok"}}


async def test_a_store_that_is_away_is_named_but_not_where_it_should_be() -> None:
    async with probing({"postgresql": fails, "valkey": works}) as client:
        response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "failed", "checks": {"postgresql": "failed", "valkey": "ok"}}


async def test_a_store_that_hangs_does_not_hang_the_probe_and_two_take_no_longer_than_one() -> None:
    async with probing({"postgresql": hangs, "valkey": hangs}) as client, asyncio.timeout(60):
        response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["valkey"] == "no answer within 0.05 s"


async def test_a_draining_gateway_is_not_ready_and_asks_nobody() -> None:
    async with probing({"postgresql": fails}, is_draining=True) as client:
        response = await client.get("/readyz")
    assert (response.status_code, response.json()["checks"]) == (503, {"gateway": "draining"})


async def test_the_version_is_told() -> None:
    async with probing({}) as client:
        assert (await client.get("/version")).json() == {"version": "1.2.3", "protocol": 1}


async def test_measurements_are_shown_to_the_same_machine() -> None:
    async with probing({}) as client:
        response = await client.get("/metrics")
        assert response.headers["content-type"].startswith("text/plain; version=")
        assert "presence_test 3.0" in response.text
        assert (await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})).status_code == 403


@pytest.mark.parametrize(
    ("header", "status"), [("Bearer right", 200), ("bearer right", 200), ("Bearer wrong", 401), ("Basic right", 401)]
)
async def test_with_a_token_measurements_are_shown_to_whoever_has_it(header: str, status: int) -> None:
    async with probing({}, token="right") as client:
        headers = {"Authorization": header, "X-Forwarded-For": "203.0.113.9"}
        assert (await client.get("/metrics", headers=headers)).status_code == status
        assert (await client.get("/metrics")).status_code == 401


async def test_measurements_come_as_openmetrics_to_who_asks_for_that() -> None:
    async with probing({}) as client:
        response = await client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
