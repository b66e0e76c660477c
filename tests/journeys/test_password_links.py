"""A forgotten password, over real HTTP and with a mail that really arrives."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from storage.postgres.pool import connection, transaction
from storage.redis.link_throttle import ASKED_FROM_ANYWHERE
from tests.support.client import log_in
from tests.support.company import Company
from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.http import http_client
from tests.support.links import ask, has_link, mailed_link, some_network, token_of
from tests.support.masks import token_of_mask
from tests.support.smtp import Mailbox, mailbox
from wire.errors import CloseCode
from wire.identity import Scope, UserId

PUBLIC_URL = "https://chat.example"
NEW = "Better-than-3"
_AN_HOUR_LATER = """
UPDATE password_links SET expires_at = expires_at - interval '1 hour' WHERE domain_id = $1 AND user_id = $2
"""
_LINES = "SELECT user_id, action, target FROM audit WHERE domain_id = $1 ORDER BY at"
_SENT = "SELECT action, after FROM audit WHERE domain_id = $1 ORDER BY at"


@dataclass
class Post:
    """A gateway that sends its mails into `box`."""

    people: People
    box: Mailbox
    http: httpx2.AsyncClient

    def login(self, user: UserId) -> str:
        return f"{self.people.company.caller(user).extension}@{self.people.company.domain}"

    async def add(self, extension: str, **fields: object) -> tuple[UserId, str]:
        """A user, and the verified address."""
        email = f"{secrets.token_hex(4)}@mail.test"
        return await self.people.add(extension, emails=[email], **fields), email

    async def link(self, user: UserId, email: str, nth: int = 1, login_name: str = "") -> str:
        login = f"{login_name}@{self.people.company.domain}" if login_name else self.login(user)
        assert (await ask(self.http, login)).status_code == 202
        return await mailed_link(self.box, email, nth)

    async def set(self, token: str, password: str = NEW) -> httpx2.Response:
        return await self.http.post("/v1/password", json={"token": token, "password": password})

    async def look(self, token: str) -> httpx2.Response:
        return await self.http.post("/v1/password/link", json={"token": token})

    async def log_in(self, user: UserId, password: str) -> int:
        body = {"login": self.login(user), "password": password}
        return (await self.http.post("/v1/login", json=body, headers=some_network())).status_code


@pytest.fixture
async def post(people: People, start_gateway: Callable[..., GatewayProcess]) -> AsyncIterator[Post]:
    async with mailbox() as box:
        gateway = start_gateway(SMTP_URL=box.url, PRESENCE_PUBLIC_URL=PUBLIC_URL)
        people.gateway = gateway
        async with http_client(gateway.url) as http:
            yield Post(people, box, http)
        gateway.kill()


async def test_the_link_of_the_mail_sets_a_password_once_and_ends_every_login(post: Post) -> None:
    anna, email = await post.add("1001")
    async with await post.people.connect(anna) as socket:
        link = await post.link(anna, email)
        assert link.startswith(f"{PUBLIC_URL}/app/password#")
        token = token_of(link)
        assert (await post.look(token)).json()["login"] == post.login(anna)
        assert (await post.look(token)).status_code == 200, "looking does not use it up"
        assert (await post.set(token)).status_code == 204
        assert await socket.closed() == CloseCode.SESSION_ENDED
    headers = {"Authorization": f"Bearer {await post.people.token(anna)}"}
    assert (await post.http.get("/v1/me", headers=headers)).status_code == 401
    assert (await post.log_in(anna, PASSWORD), await post.log_in(anna, NEW)) == (401, 200)
    again = await post.set(token, "Another-1")
    assert (again.status_code, again.json()["field"]) == (404, "token")
    assert (await post.look(token)).status_code == 404
    async with connection(post.people.pool) as conn:
        lines = await conn.fetch(_SENT, post.people.company.domain)
    assert [line["action"] for line in lines] == ["password.link_made", "password.set_by_link"]
    assert token not in str(lines)


async def test_a_mail_speaks_the_language_of_its_reader_else_of_the_company_else_of_who_asks(post: Post) -> None:
    anna, at_anna = await post.add("1001")
    ben, at_ben = await post.add("1002", language="en")
    for user, email in ((anna, at_anna), (ben, at_ben)):
        await ask(post.http, post.login(user), **{"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"})
        await mailed_link(post.box, email)
    await post.people.pool.execute(
        "UPDATE domains SET language = 'en' WHERE domain_id = $1", post.people.company.domain
    )
    carol, at_carol = await post.add("1003")
    dora, at_dora = await post.add("1004", language="de")
    for user, email in ((carol, at_carol), (dora, at_dora)):
        await ask(post.http, post.login(user), **{"Accept-Language": "de"})
        await mailed_link(post.box, email)
    subjects = {mail["to"]: mail["subject"] for mail in post.box.received}
    german, english = "Neues Passwort setzen", "Set a new password"
    assert subjects == {at_anna: german, at_ben: english, at_carol: english, at_dora: german}


async def test_using_one_link_ends_the_others_and_of_two_at_once_one_wins(post: Post) -> None:
    anna, email = await post.add("1001")
    first, second = token_of(await post.link(anna, email)), token_of(await post.link(anna, email, 2))
    answers = await asyncio.gather(*(post.set(token, f"{NEW}{n}") for n, token in enumerate([first, second] * 4)))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 7
    assert (await post.look(first)).status_code == (await post.look(second)).status_code == 404


async def test_what_is_wrong_with_a_new_password_is_said_and_the_link_stays_good(post: Post) -> None:
    anna, email = await post.add("1001", login_name="anna.berg.1")
    token = token_of(await post.link(anna, email, login_name="anna.berg.1"))
    for password in ("short1A", "nocapital1", "No-Digit-Here", "Anna.Berg.1"):
        refused = await post.set(token, password)
        assert (refused.status_code, refused.json()["field"]) == (422, "password"), password
    assert (await post.set(token)).status_code == 204


async def test_a_link_is_over_after_an_hour_and_for_who_may_not_log_in(post: Post) -> None:
    anna, email = await post.add("1001")
    ben, bens = await post.add("1002")
    old, other = token_of(await post.link(anna, email)), token_of(await post.link(ben, bens))
    async with connection(post.people.pool) as conn:
        await conn.execute(
            _AN_HOUR_LATER,
            post.people.company.domain,
            anna,
        )
        left = await conn.fetchval(
            "SELECT expires_at FROM password_links WHERE domain_id = $1 AND user_id = $2",
            post.people.company.domain,
            ben,
        )
        assert timedelta(minutes=59) < left - datetime.now(UTC) <= timedelta(hours=1)
        await conn.execute(
            "UPDATE users SET disabled = true WHERE domain_id = $1 AND user_id = $2", post.people.company.domain, ben
        )
    for token in (old, other):
        assert (await post.look(token)).status_code == 404
        assert (await post.set(token)).status_code == 404
    assert await post.log_in(anna, PASSWORD) == 200


async def test_a_token_opens_nothing_in_another_domain_and_a_session_is_no_link(post: Post) -> None:
    anna, email = await post.add("1001")
    rivals = await Company.make(post.people.pool)
    await rivals.add("1001", password_hash=post.people.password_hash)
    token = token_of(await post.link(anna, email))
    secret, _, _ = token.partition(".")
    session = await log_in(post.people.gateway.url, post.login(anna), PASSWORD)
    for wrong in (f"{secret}.{rivals.domain}", session, secret, f"{token}x", "x", "../../etc"):
        assert (await post.set(wrong)).status_code == 404, wrong
    me = await post.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.status_code == 401, "a link is no login"
    assert (await post.set(token)).status_code == 204


async def test_no_header_of_a_request_gets_into_a_link(post: Post) -> None:
    anna, email = await post.add("1001")
    for nth, headers in enumerate(({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}), 1):
        assert (await ask(post.http, post.login(anna), **headers)).status_code == 202
        assert (await mailed_link(post.box, email, nth)).startswith(f"{PUBLIC_URL}/app/password#")
    assert not any("evil.example" in str(mail) for mail in post.box.received)


async def test_who_exists_does_not_show_in_the_answer(post: Post) -> None:
    """Nor in its time: see the next test."""
    anna, email = await post.add("1001")
    without_address = await post.people.add("1002")
    outside, _ = await post.add("1003", scope=Scope.NO_PORTAL)
    unverified, _ = await post.add("1004")
    async with connection(post.people.pool) as conn:
        await conn.execute(
            "UPDATE user_emails SET verified = false WHERE domain_id = $1 AND user_id = $2",
            post.people.company.domain,
            unverified,
        )
    logins = [post.login(user) for user in (anna, without_address, outside, unverified)]
    logins += [f"nobody@{post.people.company.domain}", "nobody@nowhere.test"]
    shown = set()
    for _ in range(ASKED_FROM_ANYWHERE):
        for login in logins:
            answer = await ask(post.http, login)
            named = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id")}
            shown.add((answer.status_code, answer.content, str(sorted(named.items()))))
    assert len(shown) == 1, shown
    refusals = [await ask(post.http, login) for login in logins]
    assert {(answer.status_code, answer.json()["code"]) for answer in refusals} == {(429, "too_many")}
    await mailed_link(post.box, email, ASKED_FROM_ANYWHERE)
    assert {mail["to"] for mail in post.box.received} == {email}


async def test_the_answer_comes_before_anybody_is_looked_up(post: Post) -> None:
    anna, email = await post.add("1001")
    async with transaction(post.people.pool) as conn, asyncio.timeout(60):
        await conn.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        for login in (post.login(anna), f"nobody@{post.people.company.domain}"):
            assert (await ask(post.http, login)).status_code == 202
        assert post.box.received == []
    await mailed_link(post.box, email)


async def test_a_page_of_another_site_can_neither_ask_nor_set(post: Post) -> None:
    anna, email = await post.add("1001")
    token = token_of(await post.link(anna, email))
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await ask(post.http, post.login(anna), **evil)).status_code == 403
    body = {"token": token, "password": NEW}
    assert (await post.http.post("/v1/password", json=body, headers=evil)).status_code == 403


async def test_without_a_public_address_no_mail_leaves_with_a_link(
    people: People, start_gateway: Callable[..., GatewayProcess]
) -> None:
    email = f"{secrets.token_hex(4)}@mail.test"
    anna = await people.add("1001", emails=[email])
    async with mailbox() as box:
        gateway = start_gateway(SMTP_URL=box.url)
        assert gateway.logged("no_links_in_mails")
        async with http_client(gateway.url) as http, asyncio.timeout(60):
            assert (await ask(http, f"1001@{people.company.domain}", Host="evil.example")).status_code == 202
            while not gateway.logged("password_link_not_sent"):  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.02)
        gateway.kill()
    assert box.received == []
    async with connection(people.pool) as conn:
        count = "SELECT count(*) FROM password_links WHERE domain_id = $1 AND user_id = $2"
        assert await conn.fetchval(count, people.company.domain, anna) == 0


async def test_a_mail_that_is_only_kept_links_to_where_we_listen(people: People) -> None:
    email = f"{secrets.token_hex(4)}@mail.test"
    await people.add("1001", emails=[email])
    async with http_client(people.gateway.url) as http, asyncio.timeout(60):
        assert (await ask(http, f"1001@{people.company.domain}")).status_code == 202
        while email not in (page := await http.get("/mails")).text:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert f"{people.gateway.url}/app/password#" in page.text


# ---------------------------------------------------------------- by those who manage somebody


async def managed(post: Post, manager: UserId, user: UserId, what: str, **body: object) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {await post.people.token(manager)}", **some_network()}
    path = f"/v1/users/{user}/{what}"
    return await post.http.post(path, headers=headers, **({"json": body} if body else {}))  # type: ignore[arg-type]


async def audit_of(post: Post) -> list[tuple[int, str, str]]:
    async with connection(post.people.pool) as conn:
        lines = await conn.fetch(_LINES, post.people.company.domain)
    return [(line["user_id"], line["action"], line["target"]) for line in lines]


async def test_a_forced_reset_ends_everything_at_once_and_mails_a_way_back(post: Post) -> None:
    anna, email = await post.add("1001", pin_hash="$argon2id$")
    manager = await post.people.add("1051", scope=Scope.OFFICE_MANAGER)
    earlier = token_of(await post.link(anna, email))
    async with await post.people.connect(anna) as socket:
        reset = await managed(post, manager, anna, "password-reset", send_mail=True)
        assert (reset.status_code, reset.json()) == (200, {"user": anna, "status": "password_required"})
        assert await socket.closed() == CloseCode.SESSION_ENDED
    assert await post.log_in(anna, PASSWORD) == 401
    assert (await post.set(earlier)).status_code == 404, "links from before are over, too"
    token = token_of(await mailed_link(post.box, email, 2))
    assert (await post.look(token)).json()["sets_pin"] is False
    assert (await post.set(token)).status_code == 204
    assert await post.log_in(anna, NEW) == 200
    assert (manager, "password.reset", f"user:{anna}") in await audit_of(post)


async def test_a_reset_without_a_mail_leaves_the_forgotten_password(post: Post) -> None:
    anna, email = await post.add("1001")
    nobody = await post.people.add("1002")
    manager = await post.people.add("1051", scope=Scope.OFFICE_MANAGER)
    assert (await managed(post, manager, anna, "password-reset", send_mail=False)).json()["status"] == "new"
    assert await post.log_in(anna, PASSWORD) == 401
    refused = await managed(post, manager, nobody, "password-reset", send_mail=True)
    assert (refused.status_code, refused.json()["field"]) == (422, "send_mail")
    assert await post.log_in(nobody, PASSWORD) == 200, "what was refused has changed nothing"
    link = await post.link(anna, email)
    assert (await post.set(token_of(link))).status_code == 204
    # Another mail, which comes when it comes, tells of the new password.
    assert sum(map(has_link, post.box.received)) == 1


async def test_a_welcome_link_sets_password_and_pin_within_seven_days(post: Post) -> None:
    email = f"{secrets.token_hex(4)}@mail.test"
    anna = await post.people.company.add("1001", emails=[email])
    manager = await post.people.add("1051", scope=Scope.OFFICE_MANAGER)
    sent = await managed(post, manager, anna, "welcome")
    assert (sent.status_code, sent.json()) == (200, {"user": anna, "status": "new"})
    token = token_of(await mailed_link(post.box, email))
    looked = (await post.look(token)).json()
    left = datetime.fromisoformat(looked["expires_at"]) - datetime.now(UTC)
    assert looked["sets_pin"] is True
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    body = {"token": token, "password": NEW}
    for pin in ("", "1234", "1001", "77", "abcd"):
        refused = await post.http.post("/v1/password", json={**body, "pin": pin})
        assert (refused.status_code, refused.json()["field"]) == (422, "pin"), pin
    assert (await post.http.post("/v1/password", json={**body, "pin": "8305"})).status_code == 204
    assert await post.log_in(anna, NEW) == 200
    headers = {"Authorization": f"Bearer {await log_in(post.people.gateway.url, post.login(anna), NEW)}"}
    assert (await post.http.get("/v1/profile", headers=headers)).json()["status"] == "standard"
    assert (await post.http.post("/v1/password", json={**body, "pin": "8305"})).status_code == 404
    assert (manager, "welcome.sent", f"user:{anna}") in await audit_of(post)


@pytest.mark.parametrize("what", ["password-reset", "welcome"])
async def test_only_those_who_manage_somebody_may(people: People, what: str) -> None:
    """The whole table of scopes against each other, own site and other site, oneself and another domain."""
    people = People(
        people.pool, await Company.make(people.pool, sites=["North", "South"]), people.gateway, people.password_hash
    )
    async with mailbox() as box, http_client(people.gateway.url) as http:
        post = Post(people, box, http)
        scopes = [scope for scope in Scope if scope is not Scope.NO_PORTAL]
        actors = {scope: await people.add(f"2{scope:02}", scope=scope, site="North") for scope in scopes}
        sites = ("North", "South")
        targets = {
            (scope, site): (await post.add(f"3{scope:02}{site == 'North':d}", scope=scope, site=site))[0]
            for scope in scopes
            for site in sites
        }
        body = {"send_mail": False} if what == "password-reset" else {}
        for actor_scope, actor in actors.items():
            for (scope, site), target in targets.items():
                answer = await managed(post, actor, target, what, **body)
                allowed = _may_reset(actor_scope, scope, site)
                assert answer.status_code == (200 if allowed else 403), (actor_scope, scope, site, answer.text)
            assert (await managed(post, actor, actor, what, **body)).status_code == 403, "oneself"
            assert (await managed(post, actor, UserId(9_999), what, **body)).status_code == 403
        unknown = await managed(post, actors[Scope.SUPER_USER], UserId(10**12), what, **body)
        assert (unknown.status_code, unknown.json()["field"]) == (422, "user")


def _may_reset(actor: Scope, target: Scope, site: str) -> bool:
    match actor:
        case Scope.CALL_CENTER_SUPERVISOR:
            return target is Scope.CALL_CENTER_AGENT
        case Scope.SITE_MANAGER:
            return site == "North" and target < Scope.SITE_MANAGER
        case Scope.OFFICE_MANAGER:
            return target < Scope.OFFICE_MANAGER
        case Scope.RESELLER | Scope.SUPER_USER:
            return target <= actor
    return False


async def test_a_mask_resets_nobody(post: Post) -> None:
    manager = await post.people.add("1051", scope=Scope.OFFICE_MANAGER)
    site_manager, _ = await post.add("1041", scope=Scope.SITE_MANAGER)
    anna, _ = await post.add("1001")
    token = await token_of_mask(post.people, site_manager, operator=manager)
    for what, body in (("password-reset", {"send_mail": False}), ("welcome", None)):
        answer = await post.http.post(
            f"/v1/users/{anna}/{what}", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 403


async def profile_of(post: Post, user: UserId) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {await post.people.token(user)}"}
    profile: dict[str, Any] = (await post.http.get("/v1/profile", headers=headers)).json()
    return profile


async def test_an_address_counts_once_its_link_was_opened(post: Post) -> None:
    anna, first = await post.add("1001")
    new = f"{secrets.token_hex(4)}@mail.test"
    headers = {"Authorization": f"Bearer {await post.people.token(anna)}", **some_network()}
    edited = await post.http.patch("/v1/profile", json={"emails": [new, first]}, headers=headers)
    assert edited.json()["unconfirmed_emails"] == [new]
    link = await mailed_link(post.box, new)
    assert link.startswith(f"{PUBLIC_URL}/app/email#")
    body = {"token": token_of(link)}
    assert {mail["to"] for mail in post.box.received} == {new}
    shown = await post.http.post("/v1/email/link", json=body)
    assert shown.json() == {"email": new, "login": post.login(anna)}
    assert (await profile_of(post, anna))["unconfirmed_emails"] == [new], "looking confirms nothing"
    assert (await post.http.post("/v1/email/confirm", json=body)).status_code == 200
    after = await profile_of(post, anna)
    assert (after["unconfirmed_emails"], after["rev"]) == ([], edited.json()["rev"] + 1)
    for path in ("/v1/email/confirm", "/v1/email/link"):
        assert (await post.http.post(path, json=body)).status_code == 404
    assert (anna, "email.confirmed", f"user:{anna}") in await audit_of(post)


async def test_a_link_to_an_address_that_was_taken_away_or_is_old_confirms_nothing(post: Post) -> None:
    anna, first = await post.add("1001")
    headers = {"Authorization": f"Bearer {await post.people.token(anna)}", **some_network()}
    links = {}
    for name in ("old", "gone"):
        address = f"{name}-{secrets.token_hex(4)}@mail.test"
        await post.http.patch("/v1/profile", json={"emails": [first, address]}, headers=headers)
        links[name] = {"token": token_of(await mailed_link(post.box, address))}
        if name == "old":
            async with connection(post.people.pool) as conn:
                await conn.execute(
                    "UPDATE email_links SET expires_at = now() WHERE domain_id = $1 AND user_id = $2",
                    post.people.company.domain,
                    anna,
                )
            assert (await post.http.post("/v1/email/confirm", json=links[name])).status_code == 404
    await post.http.patch("/v1/profile", json={"emails": [first]}, headers=headers)
    assert (await post.http.post("/v1/email/confirm", json=links["gone"])).status_code == 404
    password_link = {"token": token_of(await post.link(anna, first))}
    assert (await post.http.post("/v1/email/confirm", json=password_link)).status_code == 404


async def test_another_link_comes_to_who_asks_for_it_and_only_to_what_waits(post: Post) -> None:
    anna, first = await post.add("1001")
    boss = await post.people.add("1900", scope=Scope.OFFICE_MANAGER)
    new = f"{secrets.token_hex(4)}@mail.test"
    own, theirs = "/v1/profile/emails/confirmation", f"/v1/users/{anna}/emails/confirmation"
    headers = {"Authorization": f"Bearer {await post.people.token(anna)}", **some_network()}
    managing = {"Authorization": f"Bearer {await post.people.token(boss)}", **some_network()}
    await post.http.patch("/v1/profile", json={"emails": [first, new]}, headers=headers)
    assert (await post.http.post(own, json={"email": new}, headers=headers)).status_code == 202
    assert (await post.http.post(theirs, json={"email": new}, headers=managing)).status_code == 202
    third = {"token": token_of(await mailed_link(post.box, new, 3))}
    known = await post.http.post(own, json={"email": first}, headers=headers)
    assert (known.status_code, known.json()["field"]) == (422, "email")
    foreign = await post.http.post(f"/v1/users/{boss}/emails/confirmation", json={"email": new}, headers=headers)
    assert foreign.status_code == 403
    mask = {"Authorization": f"Bearer {await token_of_mask(post.people, anna, operator=boss)}", **some_network()}
    assert (await post.http.post(own, json={"email": new}, headers=mask)).status_code == 403
    assert (await post.http.post("/v1/email/confirm", json=third)).status_code == 200
    assert (await post.http.post(own, json={"email": new}, headers=headers)).status_code == 422


async def test_a_welcome_goes_to_the_address_that_was_entered_and_confirms_it(post: Post) -> None:
    anna, email = await post.add("1001")
    boss = await post.people.add("1900", scope=Scope.OFFICE_MANAGER)
    async with connection(post.people.pool) as conn:
        await conn.execute(
            "UPDATE user_emails SET verified = false WHERE domain_id = $1 AND user_id = $2",
            post.people.company.domain,
            anna,
        )
    managing = {"Authorization": f"Bearer {await post.people.token(boss)}", **some_network()}
    reset = await post.http.post(f"/v1/users/{anna}/password-reset", json={"send_mail": True}, headers=managing)
    assert (reset.status_code, reset.json()["field"]) == (422, "send_mail"), "that would let a stranger in"
    assert (await post.http.post(f"/v1/users/{anna}/welcome", headers=managing)).status_code == 200
    token = token_of(await mailed_link(post.box, email))
    body = {"token": token, "password": NEW, "pin": "8305"}
    assert (await post.http.post("/v1/password", json=body)).status_code == 204
    async with connection(post.people.pool) as conn:
        assert await conn.fetchval("SELECT verified FROM user_emails WHERE email = $1", email)
