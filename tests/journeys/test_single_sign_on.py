"""Single sign-on over real HTTP: to an identity provider and back; and what does not lead in."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey

from accounts.factors.sealing import Seal
from accounts.model import AuditLine
from accounts.single_sign_on.model import Provider
from accounts.single_sign_on.service import about
from storage.postgres.pool import connection
from storage.postgres.single_sign_on import PostgresSignOnStore
from tests.support.company import Company
from tests.support.gateway import People
from tests.support.http import http_client
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from wire.identity import DomainId, UserId

_BY_USERS = "SELECT action, after FROM audit WHERE domain_id = $1 AND user_id IS NOT NULL"
OF_NOBODY = AuditLine(at=datetime.now(UTC), user=None, operator=None, action="test", target="test")


@dataclass
class Door:
    """A domain with a provider, Anna (1001) with a confirmed address, and a browser."""

    people: People
    provider: IdentityProvider
    browser: httpx2.AsyncClient
    anna: UserId
    email: str

    @property
    def domain(self) -> DomainId:
        return self.people.company.domain

    async def begin(self, domain: str = "", **headers: str) -> dict[str, str]:
        """What the provider is asked."""
        begun = await self.browser.post("/v1/sign-on", json={"domain": domain or self.domain}, headers=headers)
        assert begun.status_code == 200, begun.text
        parts = urlsplit(begun.json()["url"])
        assert f"{parts.scheme}://{parts.netloc}" == self.provider.issuer
        return {name: values[0] for name, values in parse_qs(parts.query).items()}

    async def come_back(self, url: str, browser: httpx2.AsyncClient | None = None) -> str:
        """Where the browser is sent to in the end."""
        answer = await (browser or self.browser).get(url)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def enter(self) -> str:
        return await self.come_back(self.provider.answer(await self.begin()))

    async def who(self) -> str | None:
        """Who this browser is by now."""
        answer = await self.browser.get("/v1/me")
        return answer.json()["extension"] if answer.status_code == 200 else None


async def configure(people: People, issuer: str, domain: DomainId | None = None, **fields: Any) -> None:
    where = domain or people.company.domain
    given = {
        "secret": Seal().close(SECRET.encode(), about(where)),
        "email_domains": (),
        "trusts_emails": False,
        **fields,
    }
    provider = Provider(domain=where, issuer=issuer, client_id=CLIENT, **given)
    await PostgresSignOnStore(people.pool).set_provider(provider, OF_NOBODY)


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[IdentityProvider]:
    async with identity_provider() as running:
        yield running


@pytest.fixture
async def door(people: People, provider: IdentityProvider) -> AsyncIterator[Door]:
    email = f"{secrets.token_hex(4)}@Acme.test"
    anna = await people.add("1001", emails=[email])
    await configure(people, provider.issuer)
    provider.person = {"sub": secrets.token_hex(8), "email": email.lower(), "email_verified": True}
    provider.claims, provider.signs_with, provider.algorithm = {}, None, "RS256"
    async with http_client(people.gateway.url) as browser:
        yield Door(people, provider, browser, anna, email)


async def test_whoever_the_provider_vouches_for_is_in_and_stays_bound_when_the_address_changes(door: Door) -> None:
    assert (await door.browser.get("/v1/sign-on", params={"domain": door.domain.upper()})).json() == {
        "available": True,
        "language": "",
    }
    asked = await door.begin()
    assert asked["redirect_uri"] == f"{door.people.gateway.url}/v1/sign-on/callback"
    assert await door.come_back(door.provider.answer(asked)) == "/"
    assert await door.who() == "1001"
    door.browser.cookies.clear()
    door.provider.person |= {"email": "another@acme.test", "email_verified": False}
    assert await door.enter() == "/"
    assert await door.who() == "1001"
    async with connection(door.people.pool) as conn:
        shown = await conn.fetchval(
            "SELECT sso_account FROM users WHERE domain_id = $1 AND user_id = $2", door.domain, door.anna
        )
        actions = await conn.fetch(
            "SELECT action, after FROM audit WHERE domain_id = $1 AND user_id IS NOT NULL", door.domain
        )
    assert shown == door.email.lower()
    assert [tuple(line) for line in actions] == [
        ("single_sign_on.bound", {"issuer": door.provider.issuer, "email": door.email.lower()})
    ]


async def test_the_cookie_is_a_login_like_any_other(door: Door) -> None:
    answer = await door.browser.get(door.provider.answer(await door.begin()))
    session, forgotten = (
        next(each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{name}="))
        for name in ("presence_session", "presence_sign_on")
    )
    for wanted in ("HttpOnly", "SameSite=lax", "Max-Age=7776000"):
        assert wanted in session
    assert "Max-Age=0" in forgotten
    assert len((await door.browser.get("/v1/sessions")).json()["items"]) == 1


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email": "somebody@else.test"},
        {"email": None},
        {"email": "%"},
    ],
    ids=["not verified", "said nothing of it", "unknown", "none", "a pattern"],
)
async def test_whoever_has_no_verified_address_of_ours_stays_out(door: Door, person: dict[str, Any]) -> None:
    door.provider.person |= person
    assert await door.enter() == "/#sign-on=nobody"
    assert await door.who() is None


async def test_addresses_count_as_the_operator_said(door: Door) -> None:
    await configure(door.people, door.provider.issuer, email_domains=("other.test",))
    assert await door.enter() == "/#sign-on=nobody"
    await configure(door.people, door.provider.issuer, email_domains=("acme.test",), trusts_emails=True)
    door.provider.person["email_verified"] = None
    assert await door.enter() == "/"


async def test_an_address_that_two_have_is_neithers_and_an_unconfirmed_one_nobodys(door: Door) -> None:
    async with connection(door.people.pool) as conn:
        await conn.execute("UPDATE user_emails SET verified = false WHERE domain_id = $1", door.domain)
    assert await door.enter() == "/#sign-on=nobody"
    async with connection(door.people.pool) as conn:
        await conn.execute("UPDATE user_emails SET verified = true WHERE domain_id = $1", door.domain)
    await door.people.add("1002", emails=[door.email])
    assert await door.enter() == "/#sign-on=nobody"


async def test_a_second_account_at_the_provider_does_not_become_the_same_user(door: Door) -> None:
    assert await door.enter() == "/"
    door.provider.person["sub"] = secrets.token_hex(8)
    assert await door.enter() == "/#sign-on=nobody"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"azp": "another-client"},
        {"iss": "https://evil.test"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": 7},
    ],
    ids=lambda claims: " ".join(f"{name}={value}" for name, value in claims.items()),
)
async def test_a_token_that_is_not_for_us_and_now_leads_nowhere(door: Door, claims: dict[str, Any]) -> None:
    door.provider.claims = claims
    assert await door.enter() == "/#sign-on=denied"
    assert await door.who() is None


@pytest.mark.parametrize("algorithm", ["none", "RS256", "HS256"])
async def test_a_token_that_somebody_else_signed_leads_nowhere(door: Door, algorithm: str) -> None:
    door.provider.algorithm = algorithm
    door.provider.signs_with = RSAKey.generate_key(2_048)
    assert await door.enter() == "/#sign-on=denied"


async def test_a_provider_that_changed_its_key_is_read_again(door: Door) -> None:
    assert await door.enter() == "/"
    before = door.provider.key
    try:
        door.provider.key = RSAKey.generate_key(2_048, {"kid": "one"}, auto_kid=False)
        first = await door.enter()
        # Keys are not read again within a minute of the last time.
        assert first == "/#sign-on=denied"
    finally:
        door.provider.key = before


async def test_an_answer_is_good_once_in_the_browser_that_asked(door: Door) -> None:
    asked = await door.begin()
    url = door.provider.answer(asked)
    async with http_client(door.people.gateway.url) as other:
        assert await door.come_back(url, other) == "/#sign-on=over"
    assert await door.come_back(url) == "/#sign-on=over", "and it is used up by that"
    assert await door.enter() == "/"
    used = door.provider.answer(await door.begin())
    assert await door.come_back(used) == "/"
    door.browser.cookies.clear()
    assert await door.come_back(used) == "/#sign-on=over"
    assert await door.who() is None


@pytest.mark.parametrize(
    "query", ["", "state=", "state=x&code=y", f"state={'a' * 43}.nowhere.test&code=x", "error=access_denied"]
)
async def test_answers_to_nothing_lead_nowhere(door: Door, query: str) -> None:
    assert await door.come_back(f"/v1/sign-on/callback?{query}") == "/#sign-on=over"


async def test_an_answer_of_another_provider_is_not_taken_for_ours(door: Door) -> None:
    url = door.provider.answer(await door.begin())
    assert await door.come_back(f"{url}&iss=https%3A%2F%2Fevil.test") == "/#sign-on=over"
    asked = await door.begin()
    assert (
        await door.come_back(f"/v1/sign-on/callback?state={asked['state']}&error=access_denied") == "/#sign-on=denied"
    )
    asked = await door.begin()
    await configure(door.people, "https://another.test")
    assert await door.come_back(door.provider.answer(asked)) == "/#sign-on=over"


async def test_a_code_without_its_verifier_is_worth_nothing(door: Door) -> None:
    """Somebody else's code, slipped into one's own answer."""
    victims, own = await door.begin(), await door.begin()
    stolen = door.provider.answer(victims).partition("code=")[2].partition("&")[0]
    assert await door.come_back(f"/v1/sign-on/callback?state={own['state']}&code={stolen}") == "/#sign-on=denied"


async def test_nobody_is_sent_on_to_another_site(door: Door) -> None:
    for more in (
        "return_to=https://evil.test",
        "next=//evil.test",
        "redirect_uri=https://evil.test",
        "url=%5C%5Cevil.test",
    ):
        assert await door.come_back(f"{door.provider.answer(await door.begin())}&{more}") == "/"
    begun = await door.browser.post("/v1/sign-on", json={"domain": door.domain, "return_to": "https://evil.test"})
    assert (begun.status_code, begun.json()["field"]) == (422, "return_to")


async def test_the_provider_sends_browsers_back_to_us_whatever_the_host_header_says(door: Door) -> None:
    asked = await door.begin(Host="evil.test", **{"X-Forwarded-Host": "evil.test"})
    assert asked["redirect_uri"] == f"{door.people.gateway.url}/v1/sign-on/callback"


async def test_a_page_of_another_site_begins_no_login(door: Door) -> None:
    headers = {"Origin": "https://evil.test"}
    answer = await door.browser.post("/v1/sign-on", json={"domain": door.domain}, headers=headers)
    assert answer.status_code == 403


async def test_a_provider_opens_its_own_domain_only(door: Door) -> None:
    rivals = await Company.make(door.people.pool)
    await rivals.add("1001", emails=[door.email])
    assert (await door.browser.get("/v1/sign-on", params={"domain": rivals.domain})).json() == {
        "available": False,
        "language": "",
    }
    refused = await door.browser.post("/v1/sign-on", json={"domain": rivals.domain})
    assert (refused.status_code, refused.json()["field"]) == (404, "domain")
    asked = await door.begin()
    crossed = door.provider.answer({**asked, "state": asked["state"].replace(door.domain, rivals.domain)})
    assert await door.come_back(crossed) == "/#sign-on=over"
    assert await door.enter() == "/"
    assert (await door.browser.get("/v1/me")).json()["domain"] == door.domain


@pytest.mark.parametrize("change", ["disabled = true", "scope = 0"])
async def test_who_may_not_log_in_may_not_by_single_sign_on_either(door: Door, change: str) -> None:
    async with connection(door.people.pool) as conn:
        await conn.execute(f"UPDATE users SET {change} WHERE domain_id = $1", door.domain)  # noqa: S608 - of this file
    assert await door.enter() == "/#sign-on=barred"


async def test_a_provider_that_does_not_answer_is_said_so(door: Door) -> None:
    await configure(door.people, "http://127.0.0.1:9")
    answer = await door.browser.post("/v1/sign-on", json={"domain": door.domain})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_a_wrong_client_secret_lets_nobody_in(door: Door) -> None:
    await configure(door.people, door.provider.issuer, secret=Seal().close(b"wrong", about(door.domain)))
    assert await door.enter() == "/#sign-on=denied"
