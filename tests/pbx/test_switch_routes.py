"""A switch over HTTP: what is taken, and what is refused before it can do anything."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
from prometheus_client import CollectorRegistry

from pbx.routes import operations
from tests.support.captured import PHONE, REGISTERED
from tests.support.http import http_client
from tests.support.serving import serving
from tests.support.switches import Office
from web.application import make_application
from web.routes import make_routes
from wire.errors import NotLoggedIn
from wire.identity import Caller
from wire.ingest import MAX_BATCH_BYTES, MAX_EVENTS
from wire.records import Colour


class NobodyLoggedIn:
    async def caller_of(self, token: str) -> Caller:
        raise NotLoggedIn(f"Nobody has the token {token}")


@pytest.fixture
async def client(office: Office) -> AsyncIterator[httpx2.AsyncClient]:
    routes = make_routes(operations(office.telephony.service), NobodyLoggedIn())
    async with (
        serving(make_application(routes, registry=CollectorRegistry())) as address,
        http_client(address) as opened,
    ):
        opened.headers["Authorization"] = f"Bearer {office.switch.token}"
        yield opened


def path(office: Office, what: str = "events", adapter: str = "") -> str:
    return f"/ingest/v1/{adapter}{office.switch.name}/{what}"


async def test_a_batch_is_answered_by_what_became_of_it(office: Office, client: httpx2.AsyncClient) -> None:
    batch = office.switch.batch(office.switch.device_up(office.alice_address))
    answer = await client.post(path(office), json=batch)
    assert (answer.status_code, answer.json()) == (200, {"ack": 1, "resync": False, "applied": 1})
    assert await office.colours() == (Colour.GREEN, Colour.OFFLINE)


async def test_a_snapshot_is_taken(office: Office, client: httpx2.AsyncClient) -> None:
    listed = {"user": office.bob_address, "device": "d1", "rev": [office.switch.now, 1], "ttl": 60}
    answer = await client.post(path(office, "snapshots"), json=office.switch.part(devices=[listed]))
    assert (answer.status_code, answer.json()) == (200, {"complete": True, "devices": 1, "corrected": 1})
    assert await office.colours() == (Colour.OFFLINE, Colour.GREEN)


async def test_a_kamailio_speaks_its_own_language(office: Office, client: httpx2.AsyncClient) -> None:
    event = REGISTERED | {"aor": office.alice_address, "contacts": [PHONE]}
    batch = office.switch.batch(event, sent_at=1795357150.75, last_seq=1)
    answer = await client.post(path(office, adapter="adapters/kamailio/"), json=batch)
    assert (answer.status_code, answer.json()["applied"]) == (200, 1)
    assert await office.colours() == (Colour.GREEN, Colour.OFFLINE)
    nothing = b'{"registrations":{"result":{"Domains":[]}},"dialogs":{"result":[]}}'
    part = office.switch.part(sent_at=1795357170.0, taken_at=1795357170.0, data=nothing)
    for number in (1, 2):
        piece = part | {"part": number, "parts": 2, "data": nothing[(number - 1) * 30 : 30 if number == 1 else None]}
        content = msgspec.json.encode(piece)
        answer = await client.post(
            path(office, "snapshots", "adapters/kamailio/"),
            content=content,
            headers={"Content-Type": "application/json"},
        )
        assert (answer.status_code, answer.json()["complete"]) == (200, number == 2)
    assert await office.colours() == (Colour.OFFLINE, Colour.OFFLINE)


async def test_without_the_right_token_nothing_is_taken(office: Office, client: httpx2.AsyncClient) -> None:
    batch = office.switch.batch(office.switch.device_up(office.alice_address))
    for header in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        answer = await client.post(path(office), json=batch, headers=header)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")
    assert (await client.post("/ingest/v1/nobody/events", json=batch)).status_code == 401
    assert await office.colours() == (Colour.OFFLINE, Colour.OFFLINE)


@pytest.mark.parametrize(
    ("content", "status", "field"),
    [
        (b"{", 400, None),
        (b"[]", 400, None),
        (b'{"source":"s"}', 422, "epoch"),
        (b'{"source":"s","epoch":"e","sent_at":"noon"}', 422, "sent_at"),
        (b'{"source":"somebody-else","epoch":"e","sent_at":1}', 422, "source"),
        (b'{"source":"s","epoch":"e","sent_at":1,"contract":2}', 422, "contract"),
        (b'{"source":"s","epoch":"e","sent_at":1,"events":{}}', 422, "events"),
        (b"\xff\xfe", 400, None),
    ],
)
async def test_garbage_is_refused_and_the_field_is_named(
    office: Office, client: httpx2.AsyncClient, content: bytes, status: int, field: str | None
) -> None:
    answer = await client.post(path(office), content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json().get("field")) == (status, field)


async def test_too_much_at_once_is_refused(office: Office, client: httpx2.AsyncClient) -> None:
    events: list[dict[str, Any]] = [office.switch.device_up(office.alice_address) for _ in range(MAX_EVENTS + 1)]
    answer = await client.post(path(office), json=office.switch.batch(*events))
    assert (answer.status_code, answer.json()["field"]) == (422, "events")
    large = office.switch.batch(office.switch.device_up(office.alice_address, contact="x" * MAX_BATCH_BYTES))
    assert (await client.post(path(office), json=large)).status_code == 413
    assert await office.colours() == (Colour.OFFLINE, Colour.OFFLINE)
