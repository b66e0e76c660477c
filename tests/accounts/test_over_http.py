"""Logging in, reading and editing over HTTP, as a browser and as a script do."""

import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from accounts.profiles.routes import operations as profile_operations
from accounts.routes import operations
from contacts.routes import operations as contact_operations
from storage.postgres.pool import Pool
from storage.redis.bus import RedisBus
from tests.support.accounts import PASSWORD, hash_of, make_account_service, make_profile_service
from tests.support.company import Company
from tests.support.contacts import contact_service, people_lists
from web.application import make_application
from web.routes import make_routes
from wire.identity import Scope

ORIGIN = "http://portal.test"


@pytest.fixture
async def company(pool: Pool) -> Company:
    company = await Company.make(pool)
    await company.add("1001", first_name="Anna", password_hash=await hash_of())
    await company.add("1002", first_name="Ben")
    return company


@pytest.fixture
async def browser(pool: Pool, redis: Redis, bus: RedisBus) -> AsyncIterator[httpx2.AsyncClient]:
    accounts = make_account_service(pool, redis, bus)
    contacts = contact_operations(contact_service(pool, bus), people_lists(pool))
    profiles = profile_operations(make_profile_service(pool, redis, bus))
    routes = make_routes([*operations(accounts), *profiles, *contacts], accounts)
    application = make_application(routes, registry=CollectorRegistry())
    address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    transport = httpx2.ASGITransport(app=application, client=(address, 40_000))
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        yield client


async def log_in(browser: httpx2.AsyncClient, company: Company, **fields: object) -> httpx2.Response:
    body = {"login": f"1001@{company.domain}", "password": PASSWORD, **fields}
    return await browser.post("/v1/login", json=body)


async def test_a_browser_logs_in_edits_its_profile_and_logs_out(browser: httpx2.AsyncClient, company: Company) -> None:
    logged_in = await log_in(browser, company)
    assert logged_in.status_code == 200
    assert logged_in.json()["me"]["first_name"] == "Anna"
    assert "token" not in logged_in.json()
    cookie = logged_in.headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()

    profile = (await browser.get("/v1/profile")).json()
    edited = await browser.patch("/v1/profile", json={"rev": profile["rev"], "last_name": "Kovács"})
    assert edited.status_code == 200
    assert edited.json()["last_name"] == "Kovács"
    stale = await browser.patch("/v1/profile", json={"rev": profile["rev"], "last_name": "Horváth"})
    assert (stale.status_code, stale.json()["code"], stale.json()["field"]) == (409, "conflict", "rev")
    assert stale.json()["current"]["last_name"] == "Kovács"

    names = [each["first_name"] for each in (await browser.get("/v1/directory")).json()["items"]]
    assert names == ["Anna", "Ben"]
    assert (await browser.get("/v1/contacts?kind=shared")).json() == {
        "items": [],
        "position": {"shared": 0, "own": 0},
        "next": None,
    }

    assert (await browser.post("/v1/logout")).status_code == 204
    browser.cookies.set("presence_session", cookie.split("=", 1)[1].split(";")[0])
    over = await browser.get("/v1/me")
    assert (over.status_code, over.json()["code"]) == (401, "not_logged_in")


async def test_a_script_uses_a_bearer_token(browser: httpx2.AsyncClient, company: Company) -> None:
    logged_in = await log_in(browser, company, bearer=True)
    assert "set-cookie" not in logged_in.headers
    headers = {"Authorization": f"Bearer {logged_in.json()['token']}"}
    ticket = await browser.post("/v1/tickets", headers=headers)
    assert ticket.status_code == 201
    assert ticket.json()["expires_in"] == 30
    assert (await browser.get("/v1/me", headers=headers)).json()["extension"] == "1001"


@pytest.mark.parametrize(
    ("fields", "status", "code", "field"),
    [
        ({"password": "Wrong123"}, 401, "wrong_credentials", None),
        ({"login": "nobody@nowhere.test"}, 401, "wrong_credentials", None),
        ({"login": "nobody"}, 422, "invalid", "login"),
        ({"login": 7}, 422, "invalid", "login"),
        ({"login": "a\x00b@c.test"}, 422, "invalid", "login"),
        ({"password": ""}, 422, "invalid", "password"),
        ({"remember": True}, 422, "invalid", "remember"),
    ],
)
async def test_what_is_wrong_with_a_login_is_a_problem_that_names_the_field(
    browser: httpx2.AsyncClient,
    company: Company,
    fields: dict[str, object],
    status: int,
    code: str,
    field: str | None,
) -> None:
    answer = await log_in(browser, company, **fields)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"], answer.json().get("field")) == (status, code, field)


@pytest.mark.parametrize(
    ("edit", "status", "field"),
    [
        ({"emails": ["nonsense"]}, 422, "emails[0]"),
        ({"emails": ["a@a.test"] * 6}, 422, "emails"),
        ({"time_zone": "Mars/Olympus"}, 422, "time_zone"),
        ({"extension": "1009"}, 422, "extension"),
        ({"scope": "super_user"}, 422, "scope"),
        ({"first_name": None}, 422, "first_name"),
        ({"first_name": " "}, 422, "first_name"),
    ],
)
async def test_what_is_wrong_with_an_edit_is_a_problem_that_names_the_field(
    browser: httpx2.AsyncClient, company: Company, edit: dict[str, object], status: int, field: str
) -> None:
    await log_in(browser, company)
    answer = await browser.patch("/v1/profile", json=edit)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


async def test_guessing_is_answered_with_when_to_come_back(browser: httpx2.AsyncClient, company: Company) -> None:
    for _ in range(10):
        await log_in(browser, company, password="Wrong123")
    answer = await log_in(browser, company)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert 0 < int(answer.headers["retry-after"]) <= 300


async def test_a_page_of_another_site_cannot_edit_with_our_cookie(
    browser: httpx2.AsyncClient, company: Company
) -> None:
    await log_in(browser, company)
    answer = await browser.patch("/v1/profile", json={"last_name": "X"}, headers={"Origin": "https://evil.test"})
    assert answer.status_code == 403


async def test_a_manager_lists_opens_and_edits_users(browser: httpx2.AsyncClient, company: Company, pool: Pool) -> None:
    await company.add("1900", scope=Scope.OFFICE_MANAGER, password_hash=await hash_of(), pin_hash="x")
    assert (await log_in(browser, company, login=f"1900@{company.domain}")).status_code == 200
    first = (await browser.get("/v1/users?limit=1&search=ben")).json()
    [ben] = first["items"]
    assert (ben["first_name"], ben["status"], ben["scope"], first["next"]) == ("Ben", "new", "basic_user", None)
    path = f"/v1/users/{ben['user']}"
    profile = (await browser.get(path)).json()
    edit = {"rev": profile["rev"], "department": "Sales"}
    refused = await browser.patch(path, json=edit)
    assert (refused.status_code, refused.json()["field"]) == (422, "pin")
    assert (await browser.patch(path, json={**edit, "pin": "8305"})).json()["status"] == "password_required"
    stale = await browser.patch(path, json=edit)
    assert (stale.status_code, stale.json()["current"]["department"]) == (409, "Sales")
    assert (await browser.get("/v1/users/999")).status_code == 404
    assert (await browser.get("/v1/users/me")).json()["field"] == "user"
    await log_in(browser, company)
    assert (await browser.get("/v1/users")).status_code == 403
    assert (await browser.get(path)).status_code == 404
