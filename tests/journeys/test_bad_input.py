"""Nonsense of every kind, to a gateway process as it runs: each gets its clear answer, and nothing ends the process."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from accounts.tokens import hash_token
from storage.postgres.pool import transaction
from storage.postgres.provisioning import add_source_in_tx
from tests.support.client import Client, open_websocket
from tests.support.company import Company
from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.http import http_client
from wire.commands import Connect, SetAvailable, SetDnd
from wire.errors import CloseCode, ErrorCode
from wire.identity import SourceId
from wire.limits import LIMITS
from wire.records import Colour
from wire.replies import Connected, Done, Failed

HEALTHY = "the gateway still serves"


@pytest.fixture(autouse=True)
async def _the_process_goes_on(gateway: GatewayProcess) -> AsyncIterator[None]:
    yield
    async with http_client(gateway.url) as http:
        assert (await http.get("/readyz")).status_code == 200, HEALTHY


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        (b"{", ErrorCode.MALFORMED, None),
        (b"", ErrorCode.MALFORMED, None),
        (b"[]", ErrorCode.MALFORMED, None),
        (b"null", ErrorCode.MALFORMED, None),
        (b"[" * 5_000, ErrorCode.MALFORMED, None),
        (b'{"op":"fly","id":7}', ErrorCode.UNKNOWN_COMMAND, "op"),
        (b'{"id":7}', ErrorCode.UNKNOWN_COMMAND, "op"),
        (b'{"op":"set_dnd","id":7}', ErrorCode.INVALID, "on"),
        (b'{"op":"set_dnd","id":7,"on":"yes"}', ErrorCode.INVALID, "on"),
        (b'{"op":"set_dnd","id":7,"on":true,"of":1}', ErrorCode.INVALID, "of"),
        (b'{"op":"register_device","id":7,"device":"x","ttl":-1}', ErrorCode.INVALID, "ttl"),
        (b'{"op":"send_message","id":7,"conversation":1,"client_id":"12345678","body":""}', ErrorCode.INVALID, "body"),
    ],
)
async def test_an_unreadable_command_is_answered_and_the_connection_lives(
    people: People, sent: bytes, code: ErrorCode, field: str | None
) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as a:
        await a.send_raw(sent)
        answer = await a.receives(Failed)
        assert (answer.code, answer.field if field else None) == (code, field)
        assert answer.id == (7 if b'"id":7' in sent else 0)
        await a.ask(SetDnd(on=True), Done)


async def test_who_only_sends_nonsense_is_closed_for_good(people: People) -> None:
    anna = await people.add("1001")
    a = await people.connect(anna)
    with suppress(ConnectionClosed):  # it may be closed before the last of them
        for _ in range(20):
            await a.send_raw(b"{")
    assert await a.closed() == CloseCode.MALFORMED
    assert not CloseCode.MALFORMED.should_reconnect


async def test_ten_megabytes_in_a_frame_end_the_connection_with_the_right_code(people: People) -> None:
    anna = await people.add("1001")
    a = await people.connect(anna)
    with suppress(ConnectionClosed):  # the gateway does not wait for all of it
        await a.send_raw(b" " * 10_000_000)
    assert await a.closed() == 1009


async def test_before_login_even_a_modest_frame_is_too_big(gateway: GatewayProcess) -> None:
    nobody = await Client.open(gateway.url)
    with suppress(ConnectionClosed):
        await nobody.send_raw(b" " * (LIMITS.frame_bytes_before_login + 1))
    assert await nobody.closed() == 1009


async def test_too_many_commands_are_refused_with_the_time_to_wait(people: People) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as a:
        for _ in range(LIMITS.command_burst + 5):
            await a.send(SetAvailable(available=True))  # answered faster than its cost comes back, however busy it is
        refused = await a.receives(Failed)
        assert refused.code is ErrorCode.TOO_MANY
        assert refused.temporary
        assert isinstance(refused.retry_after, float)


async def test_more_connections_than_allowed_are_refused(people: People) -> None:
    anna = await people.add("1001")
    connected = [await people.connect(anna) for _ in range(LIMITS.connections_per_user)]
    one_more = await Client.open(people.gateway.url)
    await one_more.send(Connect(token=await people.token(anna)))
    assert await one_more.closed() == CloseCode.TOO_MANY_CONNECTIONS
    for client in connected:
        await client.close()


async def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(people: People) -> None:
    anna = await people.add("1001")
    extension = people.company.caller(anna).extension
    async with http_client(people.gateway.url) as http:
        answers = [
            await http.post("/v1/login", json={"login": f"{name}@{people.company.domain}", "password": password})
            for name, password in ((extension, "Wrong123"), ("9999", PASSWORD))
        ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert [answer.headers["content-type"] for answer in answers] == ["application/problem+json"] * 2
    first, second = ({**answer.json(), "request_id": ""} for answer in answers)
    assert first == second
    assert first["code"] == "wrong_credentials"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, None),
        (b"[]", 400, None),
        (b'{"login":"1001@a.test"}', 422, "password"),
        (b'{"login":1,"password":"x"}', 422, "login"),
        (b'{"login":"1001@a.test","password":"x","colour":"red"}', 422, "colour"),
        (b" " * 100_000, 413, None),
    ],
)
async def test_a_bad_body_is_a_problem_that_names_the_field(
    gateway: GatewayProcess, body: bytes, status: int, field: str | None
) -> None:
    async with http_client(gateway.url) as http:
        answer = await http.post("/v1/login", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json().get("field")) == (status, field)


async def test_a_page_of_another_origin_is_refused_with_a_cookie_and_with_a_token(people: People) -> None:
    anna = await people.add("1001")
    cookie = f"presence_session={await people.token(anna)}"
    websocket = await open_websocket(people.gateway.url, Cookie=cookie, Origin="http://evil.test")
    await websocket.send('{"op":"connect","id":1}')
    await websocket.wait_closed()
    assert websocket.close_code == CloseCode.ORIGIN_REFUSED

    token = {"op": "connect", "id": 1, "token": await people.token(anna)}
    with_token = await open_websocket(people.gateway.url, Origin="http://evil.test")
    await with_token.send(json.dumps(token))
    await with_token.wait_closed()
    assert with_token.close_code == CloseCode.ORIGIN_REFUSED

    own = await open_websocket(people.gateway.url, Cookie=cookie, Origin=people.gateway.url)
    await own.send('{"op":"connect","id":1}')
    assert json.loads(await own.recv())["op"] == "connected"
    await own.close()


async def test_one_bad_event_in_a_batch_does_not_spoil_the_others(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    domain = people.company.domain
    stranger = await Company.make(people.pool)
    await stranger.add("1001")
    token, source = secrets.token_urlsafe(32), f"switch-{secrets.token_hex(4)}"
    async with transaction(people.pool) as conn:
        await add_source_in_tx(conn, SourceId(source), hash_token(token), [domain])

    def up(seq: int, user: str, **changes: object) -> dict[str, object]:
        event = {"seq": seq, "at": 1000.0, "type": "device.up", "user": user, "device": "d", "rev": [1000, 1]}
        return {**event, "ttl": 60, **changes}

    batch = {
        "source": source,
        "epoch": "e1",
        "sent_at": 1000.0,
        "last_seq": 5,
        "events": [
            up(1, f"1001@{domain}"),
            up(2, f"1002@{domain}", ttl="soon"),
            {"seq": 3, "at": 1000.0, "type": "coffee.ready"},
            up(4, f"1001@{stranger.domain}"),
            up(5, f"9999@{domain}"),
        ],
    }
    async with await people.connect(ben) as b, http_client(people.gateway.url) as http:
        path = f"/ingest/v1/{source}/events"
        assert (await http.post(path, json=batch)).status_code == 401
        assert (await http.post(path, json=batch, headers={"authorization": "Bearer wrong"})).status_code == 401
        assert b.seen(anna).colour is Colour.OFFLINE
        answer = await http.post(path, json=batch, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["applied"] == 1
        await b.sees(anna, colour=Colour.GREEN)
        assert b.seen(ben).phone is False


async def test_a_mistake_changes_nothing_for_the_others(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        await b.sees(anna, colour=Colour.BLUE)
        version = (await b.receives(Connected)).presence.version
        await a.send_raw(b'{"op":"set_dnd","on":3}')
        await a.receives(Failed)
        assert not b.seen(anna).dnd
        assert b.position is not None
        assert b.position.version >= version
