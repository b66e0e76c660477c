"""An operator administers domains, sites and users by a script: commands can be repeated, and say what they did."""

import json
import secrets
from typing import Any

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool, connection
from storage.redis.bus import RedisBus
from tests.support.company import Company, Listener
from tests.support.masks import start_session
from tests.support.operator import Operator
from wire.events import DirectoryChanged, UsersChanged
from wire.identity import Scope


class Script:
    def __init__(self, database_url: str, redis_url: str) -> None:
        self._urls = database_url, redis_url

    async def run(self, *words: str) -> Any:
        """What a command prints with --json."""
        result = await Operator(*self._urls, words[0]).types(*words[1:], "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    async def refused(self, *words: str) -> tuple[int, str]:
        result = await Operator(*self._urls, words[0]).types(*words[1:])
        assert result.exit_code != 0, result.output
        return result.exit_code, result.output


@pytest.fixture
def script(database_url: str, servers: EmbeddedServers) -> Script:
    return Script(database_url, servers.redis_url)


async def audit_of(pool: Pool, domain: str) -> list[tuple[Any, ...]]:
    async with connection(pool) as conn:
        rows = await conn.fetch(
            "SELECT user_id, action, target FROM audit WHERE domain_id = $1 ORDER BY 1, 2, 3", domain
        )
    return [tuple(row) for row in rows]


async def test_a_company_is_set_up_by_a_script_that_may_run_twice(script: Script, pool: Pool) -> None:
    name = f"{secrets.token_hex(6)}.test"
    for is_new in (True, False):
        assert await script.run("domain", "add", name.upper(), "--name", "Acme", "--country", "ch") == {
            "domain": name,
            "changed": is_new,
        }
        assert (await script.run("site", "add", name, "Zürich", "--area-code", "44", "--no-list"))["changed"] is is_new
        added = await script.run(
            *("user", "add", name, "1001", "--first-name", "Anna", "--site", "Zürich", "--email", "anna@a.test"),
            *("--scope", "office manager"),
        )
        assert (added["changed"], added["user"]) == (is_new, 1)
    assert await script.run("domain", "set", name, "--time-zone", "Europe/Zurich") == {
        "domain": name,
        "changed": ["time_zone"],
    }
    assert (await script.run("domain", "set", name, "--time-zone", "Europe/Zurich"))["changed"] == []
    [shown] = [each for each in await script.run("domain", "list") if each["domain"] == name]
    assert (shown["name"], shown["country"], shown["time_zone"], shown["users"]) == ("Acme", "CH", "Europe/Zurich", 1)
    [site] = await script.run("site", "list", name)
    assert (site["name"], site["users"], site["area_code"], site["list_in_directory"]) == ("Zürich", 1, "44", False)
    [user] = await script.run("user", "list", name)
    assert (user["login"], user["scope"], user["status"]) == (f"1001@{name}", "office_manager", "new")
    assert await audit_of(pool, name) == [
        (None, "domain.added", f"domain:{name}"),
        (None, "domain.changed", f"domain:{name}"),
        (None, "site.added", "site:Zürich"),
        (None, "user.added", "user:1"),
    ]


async def test_sites_are_changed_and_deleted(script: Script, pool: Pool) -> None:
    company = await Company.make(pool, sites=["North", "South"])
    await company.add("1001", site="North")
    await script.run("site", "set", company.domain, "North", "--name", "Nord", "--record-calls")
    assert [each["name"] for each in await script.run("site", "list", company.domain)] == ["Nord", "South"]
    assert (await script.run("site", "delete", company.domain, "South"))["changed"]
    assert not (await script.run("site", "delete", company.domain, "South"))["changed"]
    code, said = await script.refused("site", "delete", company.domain, "Nord")
    assert (code, "one user is still at it" in said) == (1, True)


async def test_who_is_disabled_or_gets_another_scope_is_logged_out_at_once(
    script: Script, pool: Pool, bus: RedisBus
) -> None:
    company = await Company.make(pool)
    anna = await company.add("1001")
    listener = await Listener.on(bus, company.domain)
    for words in (("disable",), ("enable",), ("set", "--scope", "site_manager")):
        await start_session(pool, company, anna)
        command = ("user", words[0], company.domain, "1001", *words[1:])
        assert (await script.run(*command))["changed"] == ["scope" if words[0] == "set" else "disabled"]
        assert (await script.run(*command))["changed"] == []
    async with connection(pool) as conn:
        assert not await conn.fetchval("SELECT count(*) FROM sessions WHERE domain_id = $1", company.domain)
    await listener.everything(bus, company.domain)
    assert [each.user for each in listener.ended] == [anna] * 3
    assert [line[1] for line in await audit_of(pool, company.domain)] == ["user.changed"] * 3


async def test_a_new_user_shows_to_those_who_are_looking(script: Script, pool: Pool, bus: RedisBus) -> None:
    company = await Company.make(pool)
    boss = await company.add("1900", scope=Scope.OFFICE_MANAGER)
    listener = await Listener.on(bus, company.domain)
    added = await script.run("user", "add", company.domain, "1001", "--first-name", "Anna")
    for_all, for_managers = await listener.everything(bus, company.domain)
    assert isinstance(for_all.event, DirectoryChanged)
    assert for_all.to is None
    assert (for_managers.to, for_managers.event) == ([boss], UsersChanged(users=[added["user"]]))


async def test_a_domain_is_deleted_by_its_name_or_with_yes(script: Script, pool: Pool, database_url: str) -> None:
    company, other = await Company.make(pool), await Company.make(pool)
    await company.add("1001")
    for company_kept in (company, other):
        code, said = await script.refused("domain", "delete", company_kept.domain)
        assert (code, "Aborted" in said) == (1, True)
    assert await script.run("domain", "delete", company.domain, "--yes") == {"domain": company.domain, "changed": True}
    assert await script.run("domain", "delete", company.domain, "--yes") == {"domain": company.domain, "changed": False}
    listed = {each["domain"] for each in await script.run("domain", "list")}
    assert (company.domain in listed, other.domain in listed) == (False, True)
    async with connection(pool) as conn:
        assert not await conn.fetchval("SELECT count(*) FROM audit WHERE domain_id = $1", company.domain)
    assert (await script.run("domain", "add", company.domain))["changed"], "and may come back, empty"
    assert await script.run("user", "list", company.domain) == []


async def test_an_erased_user_is_told_as_json(script: Script, pool: Pool) -> None:
    company = await Company.make(pool)
    anna = await company.add("1001")
    told = await script.run("user", "erase", company.domain, "1001", "--yes", "--messages")
    assert told == {"extension": "1001", "user": anna, "messages": 0, "changed": True}
    assert (await script.refused("user", "erase", company.domain, "1001", "--yes"))[0] == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("user", "add", "{}", "10a", "--first-name", "X"), 1, "made of digits"),
        (("user", "add", "{}", "1002", "--first-name", "X", "--site", "West"), 1, "no site West"),
        (("user", "add", "{}", "1002", "--first-name", "X", "--scope", "king"), 1, "no scope king"),
        (("user", "add", "{}", "1002", "--first-name", "X", "--login-name", "1001"), 1, "login name 1001 is taken"),
        (("user", "add", "{}", "1001", "--first-name", "X"), 1, "with another first_name"),
        (("domain", "add", "{}", "--name", "X", "--country", "FR"), 1, "with another name, country"),
        (("user", "add", "nowhere.test", "1002", "--first-name", "X"), 1, "no domain nowhere.test"),
        (("user", "set", "{}", "1009", "--caller-id", "1"), 1, "no user 1009"),
        (("user", "set", "{}", "1001", "--scope", "king"), 2, "no scope king"),
        (("user", "set", "{}", "1002", "--login-name", "1001"), 1, "no user 1002"),
        (("domain", "add", "a b"), 2, "letters, digits"),
        (("domain", "set", "{}", "--country", "Switzerland"), 2, "two letters"),
        (("domain", "set", "{}", "--time-zone", "Mars/Olympus"), 2, "no such time zone"),
        (("domain", "set", "{}", "--language", "tlh"), 2, "no such language"),
        (("domain", "set", "nowhere.test", "--name", "X"), 1, "no domain nowhere.test"),
        (("site", "add", "nowhere.test", "West"), 1, "no domain nowhere.test"),
        (("site", "set", "{}", "West", "--record-calls"), 1, "no such site"),
        (("site", "add", "{}", "West", "--area-code", "abc"), 1, "area_code"),
    ],
)
async def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    script: Script, pool: Pool, words: tuple[str, ...], code: int, says: str
) -> None:
    company = await Company.make(pool)
    await company.add("1001")
    before = await audit_of(pool, company.domain)
    ended, said = await script.refused(*(word.format(company.domain) for word in words))
    assert (ended, says.lower() in said.lower()) == (code, True), said
    assert await audit_of(pool, company.domain) == before
