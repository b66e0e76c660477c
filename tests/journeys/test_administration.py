"""Whoever runs the service administers it over HTTP, and a manager the people of the company."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest
from redis.asyncio import Redis

from accounts.administration.scopes import AdministrationScope
from accounts.administration.service import AdministrationKeyService
from storage.postgres.administration import PostgresAdministrationKeyStore
from storage.postgres.pool import Pool, connection
from tests.support.chat import make_client_id
from tests.support.client import Client, log_in
from tests.support.company import Company
from tests.support.files import FileClient
from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.http import http_client
from tests.support.waiting import eventually
from wire.commands import OpenConversation, SendMessage
from wire.events import DirectoryChanged, UsersChanged
from wire.identity import Scope
from wire.replies import ConversationOpened, MessageSent

Ask = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
async def ask(gateway: GatewayProcess, pool: Pool) -> AsyncIterator[Ask]:
    """With a key that may do everything everywhere, called `scripts ...`."""
    keys = AdministrationKeyService(PostgresAdministrationKeyStore(pool))
    token = await keys.make(f"scripts {secrets.token_hex(4)}", list(AdministrationScope))
    headers = {"Authorization": f"Bearer {token}"}
    async with http_client(gateway.url, headers=headers) as http:

        async def ask(method: str, path: str, json: Any = None, **given: Any) -> httpx2.Response:
            return await http.request(method, f"/admin/v1{path}", json=json, **given)

        yield ask


async def test_a_company_is_set_up_by_a_script_that_may_run_twice(ask: Ask, pool: Pool) -> None:
    domain = f"{secrets.token_hex(6)}.test"
    here = f"/domains/{domain.upper()}"
    wanted = {"domain": domain, "name": "Acme", "country": "ch", "time_zone": "Europe/Zurich"}
    anna = {"extension": "1001", "first_name": "Anna", "scope": "office manager", "site": "Zürich", "email": "a@a.test"}
    for status in (201, 200):
        assert (await ask("POST", "/domains", wanted)).status_code == status
        assert (await ask("POST", f"{here}/sites", {"name": "Zürich"})).status_code == (201 if status == 201 else 409)
        added = await ask("POST", f"{here}/users", anna)
        assert (added.status_code, added.json()["user"], added.json()["created"]) == (status, 1, status == 201)
    for path, other in (("/domains", wanted | {"country": "FR"}), (f"{here}/users", anna | {"first_name": "Eve"})):
        refused = await ask("POST", path, other)
        assert refused.status_code == 409
        assert ("another country" if path == "/domains" else "another first_name") in refused.json()["detail"]
    unknown = await ask("PATCH", here, {"language": "tlh"})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "language")
    for language in ("de", "", "de"):
        assert (await ask("PATCH", here, {"language": language})).json()["language"] == language
    edited = (await ask("PATCH", here, {"ringing_is_busy": True, "retention_days": 90})).json()
    assert (edited["name"], edited["country"], edited["ringing_is_busy"], edited["retention_days"]) == (
        *("Acme", "CH", True, 90),
    )
    file = "extension,first_name,scope\n1002,Ben,simple user\n1001,Anna,\n"
    for applied, content in ((False, file + "1003,,\n"), (True, file)):
        answer = await ask("POST", f"{here}/users/imports", content=content.encode())
        assert (answer.status_code, answer.json()["applied"]) == (200 if applied else 409, applied)
        assert (answer.json()["create"], answer.json()["exist"]) == (1, 1)
    listed = (await ask("GET", f"{here}/users")).json()["items"]
    assert [(each["login"], each["scope"]) for each in listed] == [
        (f"1001@{domain}", "office_manager"),
        (f"1002@{domain}", "simple_user"),
    ]
    for changed in (["disabled"], []):
        assert (await ask("PATCH", f"{here}/users/2/account", {"disabled": True})).json()["changed"] == changed
    assert (await ask("DELETE", f"{here}/users/2")).json() == {"user": 2, "extension": "1002", "messages": 0}
    assert (await ask("DELETE", f"{here}/users/2")).status_code == 404
    audit = (await ask("GET", f"{here}/audit?limit=100")).json()["items"]
    assert [each["action"] for each in reversed(audit)] == [
        *(
            "domain.added",
            "site.added",
            "user.added",
            *["domain.changed"] * 4,
            "user.added",
            "user.changed",
            "user.erased",
        ),
    ]
    assert all(each["key"].startswith("scripts ") and "by" not in each for each in audit)
    assert (await ask("GET", "/domains/nowhere.test")).status_code == 404


async def test_a_switch_is_let_in_its_token_exchanged_and_its_companies_changed(
    ask: Ask, people: People, pool: Pool
) -> None:
    name, mine = f"switch-{secrets.token_hex(4)}", people.company.domain
    other = (await Company.make(pool)).domain
    made = await ask("POST", "/sources", {"source": name, "domains": [mine], "label": "Rack 4"})
    assert (made.status_code, (await ask("POST", "/sources", {"source": name, "domains": [mine]})).status_code) == (
        *(201, 409),
    )
    first = made.json()["token"]

    async def reports(token: str) -> int:
        """Nothing that can be read; but that is found out after it is known who says it."""
        headers = {"Authorization": f"Bearer {token}"}
        async with http_client(people.gateway.url) as http:
            return (await http.post(f"/ingest/v1/{name}/events", json={}, headers=headers)).status_code

    assert await reports(first) == 422
    second = (await ask("POST", f"/sources/{name}/token", {})).json()["token"]
    assert (await reports(first), await reports(second)) == (422, 422)
    for _ in range(2):
        assert (await ask("DELETE", f"/sources/{name}/token/previous")).status_code == 204
        assert (await ask("PUT", f"/sources/{name}/domains/{other}")).status_code == 204
    assert (await reports(first), await reports(second)) == (401, 422)
    told = await ask("PATCH", f"/sources/{name}", {"enabled": False, "command_url": "http://10.0.0.5:5070"})
    assert len(told.json()["command_token"]) > 30
    [shown] = [each for each in (await ask("GET", "/sources")).json()["items"] if each["source"] == name]
    assert (shown["enabled"], shown["domains"], shown["command_url"]) == (
        *(False, sorted([mine, other]), "http://10.0.0.5:5070"),
    )
    assert (await ask("DELETE", f"/sources/{name}/domains/{other}")).status_code == 204
    assert (await ask("PATCH", f"/sources/{name}", {"command_url": "ftp://x"})).json()["field"] == "command_url"
    async with connection(pool) as conn:
        rows = await conn.fetch("SELECT action FROM audit WHERE domain_id = $1 ORDER BY audit_id", mine)
    assert [row["action"] for row in rows] == [
        *("source.added", "source.token_made", "source.token_ended", "source.changed", "source.changed"),
    ]


async def test_a_manager_adds_and_deletes_somebody_and_whoever_looks_sees_it(people: People) -> None:
    boss = await people.add("1900", scope=Scope.OFFICE_MANAGER)
    ben = await people.add("1002")
    token = await people.token(boss)
    async with (
        await people.connect(boss) as at_the_boss,
        await people.connect(ben) as at_ben,
        http_client(people.gateway.url, headers={"Authorization": f"Bearer {token}"}) as http,
    ):
        added = await http.post("/v1/users", json={"extension": "1003", "first_name": "Cleo"})
        user = added.json()["user"]
        await at_the_boss.receives(UsersChanged, lambda event: event.users == [user])
        await at_ben.receives(DirectoryChanged)
        for field, value in (("scope", "office_manager"), ("caller_id", "+41441234567")):
            refused = await http.post("/v1/users", json={"extension": "1004", "first_name": "X", field: value})
            assert (refused.status_code, refused.json()["field"]) == (403, field)
        refused = await http.patch(f"/v1/users/{user}/account", json={"login_name": "cleo"})
        assert (refused.status_code, refused.json()["field"]) == (403, "login_name")
        assert (await http.delete(f"/v1/users/{boss}")).status_code == 403
        assert (await http.patch(f"/v1/users/{ben}/account", json={"disabled": True})).status_code == 200
        assert await at_ben.closed() == 4501
        assert (await http.delete(f"/v1/users/{user}")).status_code == 200
        gone = await at_the_boss.receives(DirectoryChanged, lambda event: any(each.gone for each in event.coworkers))
        assert [each.user for each in gone.coworkers] == [user]


async def test_a_deleted_company_is_out_at_once_and_leaves_nothing(
    ask: Ask, people: People, pool: Pool, redis: Redis
) -> None:
    domain = people.company.domain
    anna, ben = await people.add("1001", scope=Scope.OFFICE_MANAGER), await people.add("1002")
    rivals = await Company.make(pool)
    rival = await rivals.add("1001", password_hash=people.password_hash)
    there = await log_in(people.gateway.url, f"1001@{rivals.domain}", PASSWORD)
    elsewhere = people.gateway.another()
    try:
        async with (
            await people.connect(anna) as a,
            await people.connect(ben, elsewhere) as b,
            await Client.open(elsewhere.url, there) as stays,
            FileClient.open(people.gateway.url, await people.token(anna)) as files,
        ):
            opened = await a.ask(OpenConversation(user=ben), ConversationOpened)
            conversation = opened.conversation.conversation
            file = await files.upload(conversation, b"secret")
            message = SendMessage(
                conversation=conversation, client_id=make_client_id(), body="secret", files=[file.file]
            )
            await a.ask(message, MessageSent)
            await a.sees(ben, chat=True)
            assert (await ask("POST", f"/domains/{domain}/sites", {"name": "North"})).status_code == 201
            assert await keys_of(redis, domain)
            deleted = await ask("DELETE", f"/domains/{domain}")
            assert (deleted.status_code, deleted.json()) == (202, {"domain": domain, "users": 2})
            assert (await a.closed(), await b.closed()) == (4501, 4501)
            for path in ("", "/users"):
                assert (await ask("GET", f"/domains/{domain}{path}")).status_code == 404
            assert (await files.get(file.file)).status_code == 401
            await eventually(lambda: what_is_left(pool, domain), set())
            await eventually(lambda: keys_of(redis, domain), [])
            with pytest.raises(httpx2.HTTPStatusError):  # which is counted in Redis, and so is tried now only
                await log_in(people.gateway.url, f"1001@{domain}", PASSWORD)
            async with connection(pool) as conn:
                waits = await conn.fetchval("SELECT count(*) FROM gone_files WHERE domain_id = $1", domain)
            assert waits in (0, 1), "its bytes are swept with those of all deleted files"
            await stays.sees(rival, chat=True)
            again = await ask("POST", "/domains", {"domain": domain})
            assert again.status_code == 201
            assert (await ask("GET", f"/domains/{domain}/users")).json()["items"] == []
            assert (await ask("DELETE", f"/domains/{domain}")).status_code == 202
        assert [entry for gateway in (people.gateway, elsewhere) for entry in failures(gateway, domain)] == []
    finally:
        elsewhere.kill()


def failures(gateway: GatewayProcess, domain: str) -> list[object]:
    return [entry for entry in list(gateway.log) if entry.get("level") == "error" and domain in str(entry)]


async def keys_of(redis: Redis, domain: str) -> list[bytes]:
    return [key async for key in redis.scan_iter(match=f"*{domain}*", count=1_000)]


async def what_is_left(pool: Pool, domain: str) -> set[str]:
    """The tables that still know of it, but for what still lies in the storage for files."""
    async with connection(pool) as conn:
        tables = await conn.fetch(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'domain_id'"
            " AND table_schema = 'public' AND table_name <> 'gone_files'"
        )
        assert len(tables) > 30
        knowing = " UNION ALL ".join(
            f"SELECT '{row['table_name']}' FROM {row['table_name']} WHERE domain_id = $1"  # noqa: S608
            for row in tables
        )
        return {row[0] for row in await conn.fetch(knowing, domain)}
