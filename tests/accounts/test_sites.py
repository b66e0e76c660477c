"""Sites: who changes them, who takes over what, and who hears of it."""

import pytest
from redis.asyncio import Redis

from accounts.profiles.service import ProfileService
from accounts.sites.errors import SiteExists, SiteInUse, SiteNotFound, SitesNotYours
from accounts.sites.service import SiteService
from presence.service import PresenceService
from storage.postgres.pool import Pool, connection
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.redis.bus import RedisBus
from storage.redis.presence import RedisPresenceStore
from tests.support.accounts import make_profile_service, make_site_service, may_manage
from tests.support.company import Company, Listener
from tests.support.contacts import people_lists
from wire.accounts import NewSite, SiteEdit
from wire.errors import Invalid
from wire.events import DirectoryChanged, ProfileChanged, UsersChanged
from wire.http import ProfileEdit
from wire.identity import Caller, Scope


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North", "South"])


@pytest.fixture
async def boss(company: Company) -> Caller:
    return company.caller(await company.add("1900", scope=Scope.OFFICE_MANAGER))


@pytest.fixture
def sites(pool: Pool, redis: Redis, bus: RedisBus) -> SiteService:
    return make_site_service(pool, redis, bus)


@pytest.fixture
def profiles(pool: Pool, redis: Redis, bus: RedisBus) -> ProfileService:
    return make_profile_service(pool, redis, bus)


async def test_sites_are_added_changed_and_deleted_with_a_line_each(
    sites: SiteService, company: Company, boss: Caller, pool: Pool
) -> None:
    added = await sites.add(boss, NewSite(name=" Site  10", time_zone="Asia/Tokyo", area_code="617"))
    assert (added.name, added.time_zone, added.users) == ("Site 10", "Asia/Tokyo", 0)
    await sites.add(boss, NewSite(name="Site 9"))
    listed = await sites.list_all(boss)
    assert [each.name for each in listed.items] == ["North", "Site 9", "Site 10", "South"]
    assert listed.may_manage
    edited = await sites.edit(boss, "Site 10", SiteEdit(name="Site 11", record_calls=True))
    assert (edited.name, edited.record_calls, edited.time_zone) == ("Site 11", True, "Asia/Tokyo")
    assert await sites.edit(boss, "Site 11", SiteEdit(record_calls=True)) == edited
    await sites.remove(boss, "Site 11")
    assert "Site 11" not in [each.name for each in (await sites.list_all(boss)).items]
    async with connection(pool) as conn:
        lines = await conn.fetch(
            "SELECT action, target, before, after FROM audit WHERE domain_id = $1 ORDER BY audit_id", company.domain
        )
    assert [tuple(line)[:2] for line in lines] == [
        ("site.added", "site:Site 10"),
        ("site.added", "site:Site 9"),
        ("site.changed", "site:Site 10"),
        ("site.deleted", "site:Site 11"),
    ]
    assert tuple(lines[2])[2:] == (
        {"name": "Site 10", "record_calls": False},
        {"name": "Site 11", "record_calls": True},
    )


async def test_what_cannot_be_is_said_and_changes_nothing(sites: SiteService, company: Company, boss: Caller) -> None:
    await company.add("1001", site="North")
    before = await sites.list_all(boss)
    for name, edit, field in (
        ("North", SiteEdit(time_zone="Mars/Olympus"), "time_zone"),
        ("North", SiteEdit(name="\u200b"), "name"),
        ("North", SiteEdit(name="a/b"), "name"),
    ):
        with pytest.raises(Invalid) as refused:
            await sites.edit(boss, name, edit)
        assert refused.value.field == field
    with pytest.raises(SiteExists):
        await sites.add(boss, NewSite(name="North"))
    with pytest.raises(SiteExists):
        await sites.edit(boss, "South", SiteEdit(name="North"))
    with pytest.raises(SiteNotFound):
        await sites.edit(boss, "West", SiteEdit(record_calls=True))
    with pytest.raises(SiteNotFound):
        await sites.remove(boss, "West")
    with pytest.raises(SiteInUse) as in_use:
        await sites.remove(boss, "North")
    assert "one user" in in_use.value.message
    assert await sites.list_all(boss) == before


async def test_who_manages_somebody_reads_sites_and_only_who_manages_the_domain_changes_them(
    sites: SiteService, company: Company
) -> None:
    near = company.caller(await company.add("1950", scope=Scope.SITE_MANAGER, site="North"))
    anna = company.caller(await company.add("1001"))
    assert not (await sites.list_all(near)).may_manage
    with pytest.raises(SitesNotYours):
        await sites.list_all(anna)
    for caller in (near, anna):
        with pytest.raises(SitesNotYours):
            await sites.add(caller, NewSite(name="West"))
        with pytest.raises(SitesNotYours):
            await sites.edit(caller, "North", SiteEdit(record_calls=True))
        with pytest.raises(SitesNotYours):
            await sites.remove(caller, "South")


async def test_those_who_follow_a_site_take_over_what_it_becomes_and_everybody_is_told_to_look(
    sites: SiteService,
    profiles: ProfileService,
    company: Company,
    boss: Caller,
    bus: RedisBus,
    pool: Pool,
    redis: Redis,
) -> None:
    followers = [
        await company.add(str(1001 + nth), site="North", overwrite_with_site_defaults=True) for nth in range(3)
    ]
    free = await company.add("1010", site="North")
    elsewhere = await company.add("1011", site="South", overwrite_with_site_defaults=True)
    since = await people_lists(pool).directory_rev(company.domain)
    listener = await Listener.on(bus, company.domain)
    await sites.edit(boss, "North", SiteEdit(time_zone="Asia/Tokyo", area_code="212", list_in_directory=False))
    for user in followers:
        profile = await profiles.profile(boss, user)
        assert (profile.time_zone, profile.area_code, profile.list_in_directory) == ("Asia/Tokyo", "212", False)
    for user in (free, elsewhere):
        assert (await profiles.profile(boss, user)).list_in_directory
    presence = PresenceService(RedisPresenceStore(redis), PostgresPresenceSettingsStore(pool), may_manage, may_manage)
    hidden = {each.user for each in (await presence.read(company.domain)).specials if not each.listed}
    assert hidden == set(followers)
    heard = await listener.everything(bus, company.domain)
    own = next(each for each in heard if isinstance(each.event, ProfileChanged))
    assert own.to == followers
    assert (boss.user, UsersChanged()) in [(each.to[0], each.event) for each in heard if each.to]
    told = [each.event for each in heard if isinstance(each.event, DirectoryChanged)]
    assert told == [DirectoryChanged(since=since + 1, rev=since + 1, coworkers=[])], "a gap: read it again"


async def test_a_new_name_goes_along_with_everybody_at_the_site(
    sites: SiteService, profiles: ProfileService, company: Company, boss: Caller, pool: Pool
) -> None:
    anna = await company.add("1001", site="North", pin_hash="x")
    before = await profiles.profile(boss, anna)
    since = await people_lists(pool).directory_rev(company.domain)
    await sites.edit(boss, "North", SiteEdit(name="Nord"))
    after = await profiles.profile(boss, anna)
    assert (after.site, after.rev) == ("Nord", before.rev + 1)
    assert await people_lists(pool).directory_rev(company.domain) == since + 1
    assert (await profiles.edit(boss, ProfileEdit(rev=after.rev, site="South"), anna)).site == "South"
