import asyncio
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from accounts.model import AuditLine, Email
from accounts.permissions import Person
from accounts.profiles.store import ProfileStore
from storage.postgres.pool import Pool, connection
from storage.postgres.profiles import PostgresProfileStore
from tests.support.company import Company
from wire.identity import Scope, UserId

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
AUDIT = AuditLine(at=NOW, user=UserId(1), operator=None, action="test", target="user:1")


@pytest.fixture
def store(pool: Pool) -> ProfileStore:
    return PostgresProfileStore(pool)


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North"])


async def test_a_change_of_an_old_revision_changes_nothing_at_all(
    store: ProfileStore, company: Company, pool: Pool
) -> None:
    user = await company.add("1001", first_name="Anna")
    account = await store.account(company.domain, user)
    assert account is not None
    changes = [replace(account, first_name=f"Anna {number}", emails=(Email("x@a.test"),)) for number in range(5)]
    saved = await asyncio.gather(*(store.change(each, 1, AUDIT) for each in changes))
    [winner] = [each for each in saved if each is not None]
    assert winner == await store.account(company.domain, user)
    assert winner.rev == account.rev + 1
    assert winner.directory_rev == account.directory_rev + 1
    async with connection(pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM audit WHERE domain_id = $1", company.domain) == 1


async def test_a_change_that_nobody_sees_leaves_the_directory_alone(store: ProfileStore, company: Company) -> None:
    user = await company.add("1001")
    account = await store.account(company.domain, user)
    assert account is not None
    saved = await store.change(replace(account, time_zone="Asia/Tokyo"), 0, AUDIT)
    assert saved is not None
    assert saved.directory_rev == account.directory_rev


async def test_managers_are_those_from_supervisor_upwards(store: ProfileStore, company: Company) -> None:
    for number, scope in enumerate(Scope):
        await company.add(str(1001 + number), scope=scope, site="North", list_in_directory=number % 2 == 0)
    found = await store.managers(company.domain)
    assert [each.scope for each in found] == [scope for scope in Scope if scope >= Scope.CALL_CENTER_SUPERVISOR]
    assert found[0] == Person(
        domain=company.domain, user=UserId(6), scope=Scope.CALL_CENTER_SUPERVISOR, site="North", listed=False
    )


async def test_a_change_by_settings_of_a_site_that_are_not_the_newest_changes_nothing(
    store: ProfileStore, company: Company, pool: Pool
) -> None:
    user = await company.add("1001", site="North")
    account = await store.account(company.domain, user)
    assert account is not None
    [site] = await store.sites(company.domain)
    assert (site.name, site.users) == ("North", 1)
    wanted = replace(account, overwrite_with_site_defaults=True)
    async with connection(pool) as conn:
        await conn.execute("UPDATE sites SET area_code = '617' WHERE domain_id = $1", company.domain)
    assert await store.change(wanted, 0, AUDIT, site=site) is None
    assert await store.account(company.domain, user) == account
    [newer] = await store.sites(company.domain)
    assert await store.change(wanted, 0, AUDIT, site=newer) is not None


async def test_nothing_is_found_or_changed_from_another_domain(
    store: ProfileStore, company: Company, pool: Pool
) -> None:
    theirs = (await Company.make(pool)).domain
    user = await company.add("1001", scope=Scope.SUPER_USER)
    account = await store.account(company.domain, user)
    assert account is not None
    assert await store.account(theirs, user) is None
    assert await store.managers(theirs) == []
    assert list(await store.sites(theirs)) == []
    assert await store.change(replace(account, domain=theirs, first_name="X"), 1, AUDIT) is None
    assert await store.account(company.domain, user) == account
