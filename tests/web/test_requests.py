"""Around every request: its id, its log line, its measurements, and what happens when something breaks."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
import structlog
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars, merge_contextvars
from structlog.testing import LogCapture

from tests.support.http import http_client
from tests.support.serving import serving
from tests.web.support import TOKEN, make_service
from web.application import make_application
from web.requests import RequestMeasures, RequestMiddleware
from wire.errors import NotFound

BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest_asyncio.fixture
async def logged() -> AsyncIterator[LogCapture]:
    """Everything that is logged during a test, with what was bound to it."""
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(processors=[merge_contextvars, capture], cache_logger_on_first_use=False)
    yield capture
    structlog.configure(**before)


def lines(logged: LogCapture, event: str) -> list[dict[str, object]]:
    return [dict(each) for each in logged.entries if each["event"] == event]


async def test_a_harmless_request_id_is_taken_over(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/open", headers={"X-Request-ID": "proxy-7f.3:1_a"})
    assert response.headers["x-request-id"] == "proxy-7f.3:1_a"


@pytest.mark.parametrize("given", [b"", b"a b", b'a"b', b"x" * 129, b"a\tb", b"\xe4"])
async def test_any_other_request_id_is_replaced(client: httpx2.AsyncClient, given: bytes) -> None:
    response = await client.get("/v1/open", headers=[(b"X-Request-ID", given)])
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])


async def test_every_request_without_an_id_gets_its_own(client: httpx2.AsyncClient) -> None:
    ids = {(await client.get(path)).headers["x-request-id"] for path in ("/v1/open", "/v1/nothing", "/v1/open")}
    assert len(ids) == 3


async def test_a_request_is_one_line_with_its_route_and_its_user(
    client: httpx2.AsyncClient, logged: LogCapture
) -> None:
    await client.get("/v1/notes/secret-name?", headers={**BEARER, "X-Request-ID": "r-1"})
    [line] = lines(logged, "http_request")
    assert line["route"] == "/v1/notes/{note}"
    assert (line["method"], line["status"], line["request_id"]) == ("GET", 200, "r-1")
    assert (line["domain"], line["user"], line["operator"], line["session"]) == ("acme.example", 7, 9, "s-1")
    assert "secret-name" not in repr(logged.entries)
    assert TOKEN not in repr(logged.entries)


async def test_what_is_asked_all_the_time_is_only_loud_when_it_fails(
    client: httpx2.AsyncClient, logged: LogCapture
) -> None:
    source = {"Authorization": "Bearer switch-secret"}
    await client.post("/ingest/one", json={"count": 1}, headers=source)
    await client.post("/ingest/one", json={"count": -1}, headers=source)
    quiet, loud = lines(logged, "http_request")
    assert (quiet["log_level"], loud["log_level"]) == ("debug", "info")


async def test_a_refusal_is_logged_by_its_code_and_the_next_request_knows_nothing_of_it(
    client: httpx2.AsyncClient, logged: LogCapture
) -> None:
    await client.get("/v1/tell")
    await client.get("/v1/open")
    first, second = lines(logged, "http_request")
    assert first["refused"] == "not_logged_in"
    assert "refused" not in second


async def test_a_fault_is_logged_once_with_its_traceback(client: httpx2.AsyncClient, logged: LogCapture) -> None:
    response = await client.get("/v1/fail/unexpected", headers={"X-Request-ID": "r-2"})
    assert response.status_code == 500
    [failure] = [each for each in logged.entries if each["log_level"] == "error"]
    assert failure["event"] == "http_request_failed"
    assert failure["exc_info"]
    assert failure["request_id"] == "r-2"
    assert lines(logged, "http_request")[0]["status"] == 500


async def test_an_answer_that_breaks_off_is_logged_and_never_completed(logged: LogCapture) -> None:
    async def broken(_request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError

        return StreamingResponse(pieces(), headers={"Content-Length": "8"})

    application = make_application([Route("/broken", broken)], registry=CollectorRegistry())
    async with serving(application) as address, http_client(address) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get("/broken")
    assert [each["event"] for each in logged.entries if each["log_level"] == "error"] == ["http_request_failed"]


async def test_a_refusal_from_any_other_route_is_a_problem_as_well() -> None:
    async def refuse(_request: Request) -> Response:
        raise NotFound("No such page")

    application = make_application([Route("/page", refuse)], registry=CollectorRegistry())
    async with serving(application) as address, http_client(address) as client:
        response = await client.get("/page")
    assert (response.status_code, response.json()["detail"]) == (404, "No such page")


async def test_requests_are_counted_by_route_and_never_by_address() -> None:
    registry = CollectorRegistry()
    application = make_service(registry=registry)
    async with serving(application) as address, http_client(address) as client:
        for path in ("/v1/notes/1", "/v1/notes/2", "/v1/nothing/3", "/v1/nothing/4"):
            await client.get(path, headers=BEARER)
        await client.request("PROPFIND", "/v1/open")
        page = (await client.get("/metrics")).text
    assert 'presence_http_requests_total{method="GET",route="/v1/notes/{note}",status="200"} 2.0' in page
    assert 'presence_http_requests_total{method="GET",route="unmatched",status="404"} 2.0' in page
    assert 'presence_http_requests_total{method="other",route="/v1/open",status="405"} 1.0' in page
    assert 'presence_http_request_seconds_count{route="/v1/notes/{note}"} 2.0' in page
    assert "nothing/3" not in page


async def test_what_was_bound_to_the_log_before_is_bound_after() -> None:
    async def application(scope: object, receive: object, send: object) -> None:
        bind_contextvars(inner=1)

    clear_contextvars()
    bind_contextvars(outer=1)
    middleware = RequestMiddleware(application, RequestMeasures(CollectorRegistry()))
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await middleware(scope, None, None)  # type: ignore[arg-type]
    assert get_contextvars() == {"outer": 1}
    clear_contextvars()
