"""What is tried on logins, over real HTTP and WebSockets: each is refused.

Elsewhere: links twice, and with a poisoned Host (test_password_links.py); answers of identity providers twice, in
another browser, sent on to another site (test_single_sign_on.py); hand-over tokens twice (accounts/test_hand_over.py);
codes twice at the same moment (accounts/test_second_factors.py).
"""

import itertools
import re
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from accounts.factors.recovery_codes import hash_of
from cli.operations import all_operations
from storage.postgres.pool import connection
from tests.support.client import open_websocket
from tests.support.factors import App
from tests.support.gateway import PASSWORD, People
from tests.support.http import http_client
from wire.codec import Subprotocol, encode
from wire.commands import Connect
from wire.errors import CloseCode
from wire.identity import Scope, UserId
from wire.operations import Access

EVIL = "https://evil.test"
COOKIE = "presence_session"
BY_TOKEN_ONLY = {Access.SOURCE, Access.ADMINISTRATOR}
"""No cookie opens these, whatever page sends it."""
CHANGING = [each for each in all_operations() if each.method != "GET" and each.access not in BY_TOKEN_ONLY]


@pytest.fixture
async def anna(people: People) -> UserId:
    return await people.add("1001", scope=Scope.OFFICE_MANAGER)


@pytest.fixture
async def browser(people: People) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Origin": people.gateway.url, "X-Forwarded-For": f"2001:db8:{secrets.token_hex(2)}::1"}
    async with http_client(people.gateway.url, headers=headers) as client:
        yield client


async def log_in(browser: httpx2.AsyncClient, people: People, extension: str = "1001") -> httpx2.Response:
    body = {"login": f"{extension}@{people.company.domain}", "password": PASSWORD}
    return await browser.post("/v1/login", json=body)


async def closed_with(people: People, **headers: str) -> int | None:
    """The code with which a WebSocket that brings a cookie and no token is closed; None: it is let in."""
    websocket = await open_websocket(people.gateway.url, **headers)
    await websocket.send(encode(Connect(id=1), Subprotocol.JSON), text=True)
    first = await websocket.recv() if not websocket.close_code else b""
    is_in = b'"op":"connected"' in (first if isinstance(first, bytes) else first.encode())
    await websocket.close()
    return None if is_in else websocket.close_code


async def test_a_cookie_that_was_planted_before_the_login_is_no_login_after_it(
    people: People, anna: UserId, browser: httpx2.AsyncClient
) -> None:
    await people.add("1002")
    made_up = f"{'a' * 43}.{people.company.domain}"
    async with http_client(people.gateway.url) as attacker:
        await log_in(attacker, people, "1002")
        for planted in (made_up, str(attacker.cookies[COOKIE])):
            browser.cookies.clear()
            browser.cookies.set(COOKIE, planted, domain="127.0.0.1")
            fresh = re.match(rf"{COOKIE}=([^;]+)", (await log_in(browser, people)).headers["set-cookie"])
            assert fresh is not None
            assert fresh[1] != planted
            who = await attacker.get("/v1/me", headers={"Cookie": f"{COOKIE}={planted}"})
            assert who.status_code == 401 or who.json()["extension"] == "1002"


async def test_a_cookie_that_was_stolen_is_worth_nothing_after_the_logout(
    people: People, anna: UserId, browser: httpx2.AsyncClient
) -> None:
    await log_in(browser, people)
    stolen = f"{COOKIE}={browser.cookies[COOKIE]}"
    assert await closed_with(people, Cookie=stolen, Origin=people.gateway.url) is None
    assert (await browser.post("/v1/logout")).status_code == 204
    async with http_client(people.gateway.url, headers={"Cookie": stolen}) as thief:
        assert (await thief.get("/v1/me")).status_code == 401
    token = stolen.partition("=")[2]
    async with http_client(people.gateway.url, headers={"Authorization": f"Bearer {token}"}) as thief:
        assert (await thief.get("/v1/me")).status_code == 401
    websocket = await open_websocket(people.gateway.url, Cookie=stolen, Origin=people.gateway.url)
    await websocket.send(encode(Connect(id=1), Subprotocol.JSON), text=True)
    await websocket.wait_closed()
    assert websocket.close_code == CloseCode.NOT_LOGGED_IN


async def test_no_page_of_another_site_changes_anything_with_our_cookie(people: People, anna: UserId) -> None:
    """Every operation that there is, also those that anybody may ask: a page could log its visitor in as somebody."""
    cookie = f"{COOKIE}={await people.token(anna)}"
    pages = [
        {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ]
    let_through = []
    async with http_client(people.gateway.url, headers={"Cookie": cookie}) as visitor:
        for operation, page in itertools.product(CHANGING, pages):
            path = re.sub(r"{[^}]+}", "1", operation.path)
            answer = await visitor.request(operation.method, path, headers=page, json={})
            if (answer.status_code, answer.json()["code"]) != (403, "not_allowed"):
                let_through.append((operation.name, page, answer.status_code))
        assert (await visitor.get("/v1/me")).status_code == 200
    assert let_through == []


async def test_no_page_of_another_site_opens_a_websocket_with_our_cookie(people: People, anna: UserId) -> None:
    cookie = f"{COOKIE}={await people.token(anna)}"
    for headers in ({"Origin": EVIL}, {"Origin": "null"}, {}, {"Sec_Fetch_Site": "cross-site"}):
        websocket = await open_websocket(people.gateway.url, Cookie=cookie, **headers)
        await websocket.send(encode(Connect(id=1), Subprotocol.JSON), text=True)
        await websocket.wait_closed()
        assert websocket.close_code == CloseCode.ORIGIN_REFUSED, headers
    assert await closed_with(people, Cookie=cookie, Origin=people.gateway.url) is None


async def test_between_the_steps_of_a_login_nothing_is_open_and_each_part_is_good_once(
    people: People, anna: UserId, browser: httpx2.AsyncClient
) -> None:
    bearer = {"Authorization": f"Bearer {await people.token(anna)}"}
    begun = await browser.post("/v1/second-factor/totp", json={"password": PASSWORD}, headers=bearer)
    app, now = App(begun.json()["secret"]), datetime.now(UTC)
    confirmed = await browser.post("/v1/second-factor/totp/confirm", json={"code": app.code(now)}, headers=bearer)
    codes: list[str] = confirmed.json()["codes"]

    first = await log_in(browser, people)
    assert (first.status_code, first.json()["code"]) == (401, "second_factor_required")
    assert "set-cookie" not in first.headers
    token = first.json()["second_factor"]["token"]
    assert first.json()["second_factor"] == {"token": token, "methods": ["code"], "expires_in": 300}
    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"{COOKIE}={token}"}):
        assert (await browser.get("/v1/me", headers=headers)).status_code == 401
        assert (await browser.post("/v1/tickets", headers=headers)).status_code == 401

    async def step(token: str, code: str) -> tuple[int, str | None]:
        answer = await browser.post("/v1/login/second-factor", json={"token": token, "code": code})
        return answer.status_code, answer.json().get("field")

    assert await step(token, app.code(now)) == (401, "code"), "the code that confirmed the app"
    later = app.code(now + timedelta(seconds=30))
    assert await step(token, later) == (200, None)
    assert await step(token, codes[0]) == (401, "token")
    again = (await log_in(browser, people)).json()["second_factor"]["token"]
    assert await step(again, later) == (401, "code")
    assert await step(again, codes[0]) == (200, None)
    third = (await log_in(browser, people)).json()["second_factor"]["token"]
    assert await step(third, codes[0]) == (401, "code")
    async with connection(people.pool) as conn:
        left = await conn.fetch("SELECT code_hash FROM recovery_codes WHERE domain_id = $1", people.company.domain)
    assert hash_of(codes[0]) not in {row["code_hash"] for row in left}
    assert len(left) == 9
