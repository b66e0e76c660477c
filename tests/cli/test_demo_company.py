import asyncio
import secrets

import pytest
from msgspec import Struct

from accounts.model import AccountStatus
from accounts.passwords import Passwords, problem_with_password, problem_with_pin
from accounts.tokens import hash_token
from cli import demo_company
from cli.demo_company import DOMAIN, PASSWORD, PEOPLE, SWITCH, DemoCompany, create, shown_logins
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool
from wire.identity import DomainId, Scope, UserId

_TRANSACTIONS_OF_DEMOS = """
SELECT count(*) FROM pg_stat_activity
WHERE state = 'idle in transaction' AND application_name = 'presence-demo' AND datname = current_database()
"""


class Made(Struct, frozen=True):
    """What several starts at once gave back."""

    outcomes: list[DemoCompany | None]


@pytest.fixture(scope="session")
async def made(database_url: str) -> Made:
    return Made(list(await asyncio.gather(*(create(database_url) for _ in range(2)))))


async def test_of_two_first_starts_at_once_one_makes_the_company(made: Made) -> None:
    assert sum(outcome is not None for outcome in made.outcomes) == 1


async def test_a_second_start_changes_nothing(made: Made, database_url: str, pool: Pool) -> None:
    before = await pool.fetchval("SELECT count(*) FROM users WHERE domain_id = $1", DOMAIN)
    assert await create(database_url) is None
    assert await pool.fetchval("SELECT count(*) FROM users WHERE domain_id = $1", DOMAIN) == before


async def test_every_shown_login_works_and_has_a_scope_of_its_own(made: Made, pool: Pool) -> None:
    store = PostgresAccountStore(pool)
    passwords = Passwords()
    for shown in shown_logins():
        name, _, domain = shown.login.partition("@")
        assert domain == DOMAIN
        credentials = await store.credentials(DOMAIN, name)
        assert credentials is not None
        assert credentials.scope is shown.scope
        assert (await passwords.check(DOMAIN, credentials.password_hash, PASSWORD)).matches
    assert len({shown.scope for shown in shown_logins()}) >= 5


def test_passwords_and_pins_follow_our_own_rules() -> None:
    for person in PEOPLE:
        assert problem_with_password(PASSWORD, login_name=person.extension, extension=person.extension) is None
        assert problem_with_pin(demo_company._PIN, extension=person.extension) is None


async def test_no_two_people_share_a_hash(made: Made, pool: Pool) -> None:
    hashes = [
        value
        for row in await pool.fetch("SELECT password_hash, pin_hash FROM users WHERE domain_id = $1", DOMAIN)
        for value in row
        if value
    ]
    assert len(set(hashes)) == len(hashes)


async def test_there_is_something_of_everything(made: Made, pool: Pool) -> None:
    store = PostgresAccountStore(pool)
    rows = await pool.fetch("SELECT user_id FROM users WHERE domain_id = $1 AND NOT is_system", DOMAIN)
    people = [await store.account(DOMAIN, UserId(row["user_id"])) for row in rows]
    accounts = [each for each in people if each is not None]
    assert len(accounts) >= 30
    assert {each.scope for each in accounts} == set(Scope)
    assert {each.status for each in accounts} == set(AccountStatus)
    assert len({each.site for each in accounts if each.site}) == 3
    assert len({each.department for each in accounts if each.department}) >= 5
    assert sum(not each.list_in_directory for each in accounts) >= 3
    shared = await pool.fetchval("SELECT count(*) FROM contacts WHERE domain_id = $1 AND owner_id IS NULL", DOMAIN)
    personal = await pool.fetchval("SELECT count(*) FROM contacts WHERE domain_id = $1 AND owner_id > 0", DOMAIN)
    favourites = await pool.fetchval("SELECT count(DISTINCT kind) FROM favourites WHERE domain_id = $1", DOMAIN)
    assert shared >= 15
    assert personal >= 3
    assert favourites == 2


async def test_the_switchs_token_is_told_once_and_only_its_hash_is_kept(made: Made, pool: Pool) -> None:
    [company] = [outcome for outcome in made.outcomes if outcome]
    row = await pool.fetchrow(
        "SELECT token_hash, enabled FROM pbx_sources JOIN pbx_source_domains USING (source_id) "
        "WHERE source_id = $1 AND domain_id = $2",
        SWITCH,
        DOMAIN,
    )
    assert row is not None
    assert row["enabled"]
    assert row["token_hash"] == hash_token(company.switch_token)


async def test_nothing_is_left_of_a_company_that_could_not_be_made_whole(
    database_url: str, pool: Pool, monkeypatch: pytest.MonkeyPatch, made: Made
) -> None:
    domain = f"{secrets.token_hex(4)}.test"
    monkeypatch.setattr(demo_company, "DOMAIN", domain)
    monkeypatch.setattr(demo_company, "QUEUES", [("1001", "An extension that is taken")])
    with pytest.raises(Exception, match="There is a user 1001 already"):
        await create(database_url)
    assert await pool.fetchval("SELECT count(*) FROM domains WHERE domain_id = $1", domain) == 0


async def test_the_database_waits_for_nobody_while_passwords_are_hashed(
    database_url: str, pool: Pool, monkeypatch: pytest.MonkeyPatch, made: Made
) -> None:
    monkeypatch.setattr(demo_company, "DOMAIN", f"{secrets.token_hex(4)}.test")
    hash_really = Passwords.hash
    waiting: list[int] = []

    async def hash_and_look(passwords: Passwords, domain: DomainId, password: str) -> str:
        waiting.append(await pool.fetchval(_TRANSACTIONS_OF_DEMOS))
        return await hash_really(passwords, domain, password)

    monkeypatch.setattr(Passwords, "hash", hash_and_look)
    monkeypatch.setattr(demo_company, "QUEUES", [("1001", "An extension that is taken")])
    with pytest.raises(Exception, match="There is a user 1001 already"):
        await create(database_url)
    assert len(waiting) > len(PEOPLE)
    assert set(waiting) == {0}
