"""Profiles of others: who reads and edits which field, what lists show, and who hears of a change."""

import itertools

import pytest
from redis.asyncio import Redis

from accounts.permissions import Permission, Person, bounds_of, may
from accounts.profiles.errors import FieldNotEditable, ProfileHasChanged, UserNotFound
from accounts.profiles.service import ProfileService
from storage.postgres.pool import Pool, connection
from storage.redis.bus import RedisBus
from tests.support.accounts import make_profile_service
from tests.support.company import Company, Listener
from wire.accounts import UsersQuery
from wire.errors import Invalid, NotAllowed
from wire.events import UsersChanged
from wire.http import ProfileEdit
from wire.identity import Caller, DomainId, Extension, Scope, SessionId, UserId

READ_BY_ALL_MANAGERS = {"extension", "login", "caller_id", "emergency_caller_id", "scope", "sso_account"}
"""Of product.md: what nobody edits."""
EDITED_BY_MANAGERS = {
    *("first_name", "last_name", "time_zone", "announce_in_directory", "list_in_directory", "emails", "pin", "photo"),
    "language",
    *("department", "site", "overwrite_with_site_defaults", "record_calls", "area_code", "job_title"),
}
FOLLOWING = {"time_zone", "area_code", "record_calls", "list_in_directory", "announce_in_directory"}


@pytest.fixture
async def company(pool: Pool) -> Company:
    company = await Company.make(pool, sites=["North", "South"], time_zone="Europe/Lisbon")
    async with connection(pool) as conn:
        await conn.execute(
            """UPDATE sites
            SET time_zone = 'Asia/Tokyo', area_code = '617', record_calls = true, list_in_directory = false
            WHERE domain_id = $1 AND site = 'South'""",
            company.domain,
        )
    return company


@pytest.fixture
async def boss(company: Company) -> Caller:
    return company.caller(await company.add("1900", scope=Scope.OFFICE_MANAGER, pin_hash="x"))


@pytest.fixture
async def anna(company: Company) -> UserId:
    return await company.add(
        "1001", first_name="Anna", last_name="Berg", emails=["anna@a.test"], site="North", pin_hash="x"
    )


@pytest.fixture
def service(pool: Pool, redis: Redis, bus: RedisBus) -> ProfileService:
    return make_profile_service(pool, redis, bus)


async def test_a_manager_edits_what_the_table_says_and_sees_the_rest(
    service: ProfileService, company: Company, boss: Caller, anna: UserId
) -> None:
    profile = await service.profile(boss, anna)
    assert set(profile.editable) == EDITED_BY_MANAGERS
    assert profile.hidden == []
    assert profile.may == [
        "presence.explain",
        "users.reset",
        "users.reset_password",
        "users.turn_off_mfa",
        "users.mask",
        "users.administer",
    ]
    own = await service.profile(company.caller(anna))
    assert set(own.editable) == EDITED_BY_MANAGERS - {
        *("department", "site", "overwrite_with_site_defaults", "record_calls", "area_code", "job_title")
    }
    assert not READ_BY_ALL_MANAGERS & set(profile.editable)


async def test_an_edit_of_each_field_is_kept(
    service: ProfileService, company: Company, boss: Caller, anna: UserId
) -> None:
    before = await service.profile(boss, anna)
    edited = await service.edit(
        boss,
        ProfileEdit(
            rev=before.rev,
            first_name="Ann",
            last_name="Hill",
            department="Sales",
            job_title="Director",
            area_code="212",
            record_calls=True,
            time_zone="Asia/Kolkata",
            emails=["ann@a.test"],
            announce_in_directory=False,
            site="",
        ),
        anna,
    )
    assert (edited.first_name, edited.last_name, edited.department, edited.job_title) == (
        *("Ann", "Hill", "Sales", "Director"),
    )
    assert (edited.area_code, edited.record_calls, edited.time_zone, edited.site) == ("212", True, "Asia/Kolkata", "")
    assert (edited.emails, edited.unconfirmed_emails) == (["ann@a.test"], ["ann@a.test"])
    assert not edited.announce_in_directory
    assert await service.profile(boss, anna) == edited
    assert (await service.profile(company.caller(anna))).department == "Sales"


async def test_nothing_is_saved_of_somebody_without_a_pin_until_one_is_set(
    service: ProfileService, company: Company, boss: Caller
) -> None:
    ben = await company.add("1002", password_hash="x")
    with pytest.raises(Invalid) as refused:
        await service.edit(boss, ProfileEdit(department="Sales"), ben)
    assert refused.value.field == "pin"
    for bad in ("1234", "1002", "2001", "777777", "12", "abcd"):
        with pytest.raises(Invalid) as refused:
            await service.edit(boss, ProfileEdit(department="Sales", pin=bad), ben)
        assert refused.value.field == "pin", bad
    assert (await service.profile(boss, ben)).status == "setup_required"
    assert (await service.edit(boss, ProfileEdit(department="Sales", pin="8305"), ben)).status == "standard"
    assert (await service.edit(company.caller(ben), ProfileEdit(last_name="Hill"))).last_name == "Hill"


async def test_a_pin_leaves_no_trace_but_that_it_was_set(
    service: ProfileService, company: Company, anna: UserId, pool: Pool
) -> None:
    await service.edit(company.caller(anna), ProfileEdit(pin="8305"))
    where = company.domain, anna
    async with connection(pool) as conn:
        [line] = await conn.fetch("SELECT before, after FROM audit WHERE domain_id = $1", company.domain)
        kept = await conn.fetchval("SELECT pin_hash FROM users WHERE domain_id = $1 AND user_id = $2", *where)
    assert tuple(line) == ({"pin": "set"}, {"pin": "set anew"})
    assert kept.startswith("$argon2id$")


async def test_who_is_overwritten_has_the_settings_of_the_site(
    service: ProfileService, company: Company, boss: Caller, anna: UserId
) -> None:
    edited = await service.edit(boss, ProfileEdit(site="South", overwrite_with_site_defaults=True), anna)
    assert (edited.time_zone, edited.area_code, edited.record_calls) == ("Asia/Tokyo", "617", True)
    assert (edited.list_in_directory, edited.announce_in_directory) == (False, True)
    assert not FOLLOWING & set(edited.editable)
    with pytest.raises(FieldNotEditable) as refused:
        await service.edit(boss, ProfileEdit(time_zone="Asia/Kolkata"), anna)
    assert refused.value.field == "time_zone"
    moved = await service.edit(boss, ProfileEdit(site="North"), anna)
    assert (moved.time_zone, moved.list_in_directory) == ("Europe/Lisbon", True), "North follows the domain"
    freed = await service.edit(boss, ProfileEdit(overwrite_with_site_defaults=False, time_zone="Asia/Kolkata"), anna)
    assert freed.time_zone == "Asia/Kolkata"
    with pytest.raises(Invalid) as unknown:
        await service.edit(boss, ProfileEdit(site="West"), anna)
    assert unknown.value.field == "site"


async def test_of_two_managers_the_second_gets_what_there_is_now(
    service: ProfileService, boss: Caller, anna: UserId
) -> None:
    rev = (await service.profile(boss, anna)).rev
    await service.edit(boss, ProfileEdit(rev=rev, department="Sales"), anna)
    with pytest.raises(ProfileHasChanged) as refused:
        await service.edit(boss, ProfileEdit(rev=rev, department="Support"), anna)
    assert refused.value.current.department == "Sales"
    assert refused.value.current.rev == rev + 1


async def test_addresses_are_neither_shown_nor_changed_where_they_would_let_somebody_in(
    service: ProfileService, company: Company, boss: Caller
) -> None:
    peer = await company.add("1901", scope=Scope.OFFICE_MANAGER, emails=["peer@a.test"], pin_hash="x")
    profile = await service.profile(boss, peer)
    assert (profile.emails, profile.hidden) == ([], ["emails"])
    with pytest.raises(FieldNotEditable) as refused:
        await service.edit(boss, ProfileEdit(emails=["mine@a.test"]), peer)
    assert refused.value.field == "emails"
    edited = await service.edit(boss, ProfileEdit(department="Sales"), peer)
    assert edited.emails == []
    assert (await service.profile(company.caller(peer))).emails == ["peer@a.test"], "and they are not lost by an edit"


async def test_a_mask_changes_neither_addresses_nor_pin(
    service: ProfileService, company: Company, boss: Caller, anna: UserId
) -> None:
    masked = company.caller(anna, operator=boss.user)
    assert {"emails", "pin"}.isdisjoint((await service.profile(masked)).editable)
    for edit in (ProfileEdit(emails=["x@a.test"]), ProfileEdit(pin="8305")):
        with pytest.raises(FieldNotEditable):
            await service.edit(masked, edit)


async def test_who_is_out_of_reach_is_as_if_there_were_nobody(
    service: ProfileService, company: Company, boss: Caller, anna: UserId, pool: Pool
) -> None:
    rivals = await Company.make(pool)
    stranger = rivals.caller(await rivals.add("1900", scope=Scope.SUPER_USER))
    coworker = company.caller(await company.add("1002"))
    elsewhere = company.caller(await company.add("1950", scope=Scope.SITE_MANAGER, site="South"))
    queue = await company.add("8001", is_system=True)
    for caller, user in ((coworker, anna), (elsewhere, anna), (boss, UserId(999)), (boss, queue)):
        with pytest.raises(UserNotFound):
            await service.profile(caller, user)
        with pytest.raises(UserNotFound):
            await service.edit(caller, ProfileEdit(first_name="X"), user)
    assert (await service.profile(stranger, UserId(1))).user == 1, "a user 1 of the rivals' own"
    with pytest.raises(UserNotFound):
        await service.profile(stranger, anna)


@pytest.mark.parametrize("scope", Scope)
def test_bounds_say_the_same_as_the_rule(scope: Scope) -> None:
    """What a store looks for, and what is allowed for each one, are two forms of one table."""
    domain = DomainId("a.test")
    managing = [each for each in Permission if each.value.startswith("users.")]
    for permission, site, masked in itertools.product(managing, (None, "North"), (None, UserId(9))):
        caller = Caller(domain, UserId(1), Extension("1"), scope, SessionId("s"), site, masked)
        bounds = bounds_of(caller, permission)
        for target, where, user in itertools.product(Scope, (None, "North", "South"), (UserId(1), UserId(2))):
            if user == 1 and (target, where) != (scope, site):
                continue  # there is one of me
            if user == 1 and permission is Permission.SEE_UNLISTED:
                continue  # one always sees oneself
            person = Person(domain, user, target, where)
            within = bounds is not None and (
                (bounds.scope is None or target is bounds.scope)
                and (bounds.below is None or target < bounds.below)
                and (bounds.up_to is None or target <= bounds.up_to)
                and (bounds.site is None or where == bounds.site)
                and user != bounds.but
            )
            assert within is may(caller, permission, person), (permission, person)


async def listed(service: ProfileService, caller: Caller, **query: object) -> list[str]:
    """Extensions, over all pages."""
    found: list[str] = []
    after = None
    while True:
        page = await service.users(caller, UsersQuery(limit=2, after=after, **query))  # type: ignore[arg-type]
        found += [each.extension for each in page.items]
        after = page.next
        if after is None:
            return found


async def test_lists_hold_whom_one_manages_searched_filtered_and_in_order(
    service: ProfileService, company: Company, boss: Caller, anna: UserId, pool: Pool
) -> None:
    await company.add("1010", first_name="Åsa", last_name="Öst", department="Sales", site="South", password_hash="x")
    await company.add("1002", first_name="Ben", last_name="Ode", scope=Scope.CALL_CENTER_AGENT, site="South")
    await company.add("8001", first_name="Queue", is_system=True)
    await company.add("1003", first_name="Cara", list_in_directory=False, disabled=True)
    near = company.caller(await company.add("1950", scope=Scope.SITE_MANAGER, site="South"))
    lead = company.caller(await company.add("1960", scope=Scope.CALL_CENTER_SUPERVISOR))
    assert await listed(service, boss) == ["1001", "1010", "1002", "1003", "1900", "1950", "1960"]
    assert await listed(service, boss, sort="extension", descending=True) == [
        *("1960", "1950", "1900", "1010", "1003", "1002", "1001"),
    ]
    assert await listed(service, near) == ["1010", "1002"]
    assert await listed(service, lead) == ["1002"]
    with pytest.raises(NotAllowed):
        await service.users(company.caller(anna), UsersQuery())
    for query, expected in (
        ({"search": "asa"}, ["1010"]),
        ({"search": "berg an"}, ["1001"]),
        ({"search": "sales"}, ["1010"]),
        ({"search": "south", "sort": "extension"}, ["1002", "1010", "1950"]),
        ({"search": "100", "sort": "extension"}, ["1001", "1002", "1003"]),
        ({"search": "%"}, await listed(service, boss)),
        ({"site": "South", "sort": "extension"}, ["1002", "1010", "1950"]),
        ({"department": "Sales"}, ["1010"]),
        ({"scope": "call_center_agent"}, ["1002"]),
        ({"status": "setup_required"}, ["1010"]),
        ({"status": "password_required", "sort": "extension"}, ["1001", "1900"]),
    ):
        assert await listed(service, boss, **query) == expected, query
    with pytest.raises(Invalid) as refused:
        await service.users(boss, UsersQuery(scope="emperor"))
    assert refused.value.field == "scope"
    for cursor in ("x", "!!!", "gqFhAQ", "k6Fh_______w"):
        with pytest.raises(Invalid) as refused:
            await service.users(boss, UsersQuery(after=cursor))
        assert refused.value.field == "after", cursor
    rivals = await Company.make(pool)
    theirs = rivals.caller(await rivals.add("1", scope=Scope.SUPER_USER))
    assert await listed(service, theirs) == ["1"]


async def test_those_who_manage_somebody_hear_of_a_change_before_and_after_a_move(
    service: ProfileService, company: Company, boss: Caller, anna: UserId, bus: RedisBus
) -> None:
    north, south = [
        await company.add(extension, scope=Scope.SITE_MANAGER, site=site)
        for extension, site in (("1950", "North"), ("1951", "South"))
    ]
    listener = await Listener.on(bus, company.domain)
    await service.edit(boss, ProfileEdit(department="Sales"), anna)
    await service.edit(boss, ProfileEdit(site="South"), anna)
    told = [each for each in await listener.everything(bus, company.domain) if isinstance(each.event, UsersChanged)]
    assert [each.to for each in told] == [sorted([boss.user, north]), sorted([boss.user, north, south])]
    assert all(each.event == UsersChanged(users=[anna]) for each in told)
