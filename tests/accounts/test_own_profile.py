"""Editing one's own profile: what is saved, what is refused, and who hears of it."""

import asyncio

import pytest
from redis.asyncio import Redis

from accounts.profiles.errors import FieldNotEditable, ProfileHasChanged
from accounts.profiles.service import ProfileService
from presence.service import PresenceService
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool, connection
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.redis.bus import RedisBus
from storage.redis.client import make_client
from storage.redis.presence import RedisPresenceStore
from tests.support.accounts import make_account_service, make_profile_service, may_manage
from tests.support.company import Company, Listener
from tests.support.contacts import people_lists
from wire.errors import Invalid, NotFound
from wire.events import DirectoryChanged, ProfileChanged
from wire.http import PageQuery, ProfileEdit
from wire.identity import Scope, UserId
from wire.records import Coworker


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool, sites=["North", "South"], time_zone="Europe/Lisbon")


@pytest.fixture
async def anna(company: Company) -> UserId:
    return await company.add("1001", first_name="Anna", emails=["anna@a.test"], site="North")


@pytest.fixture
def service(pool: Pool, redis: Redis, bus: RedisBus) -> ProfileService:
    return make_profile_service(pool, redis, bus)


def directory_events(listener_heard: list[DirectoryChanged], since: int) -> dict[UserId, Coworker]:
    """What a client knows after these events, by the rule that a lower revision is dropped."""
    known: dict[UserId, Coworker] = {}
    for event in listener_heard:
        assert event.since == since
        for coworker in event.coworkers:
            if coworker.user not in known or known[coworker.user].rev < coworker.rev:
                known[coworker.user] = coworker
    return known


async def test_an_edit_is_saved_and_comes_back(service: ProfileService, company: Company, anna: UserId) -> None:
    before = await service.profile(company.caller(anna))
    assert before.time_zone == "Europe/Lisbon"
    edited = await service.edit(
        company.caller(anna),
        ProfileEdit(rev=before.rev, last_name="Kovács", emails=["new@a.test", "anna@a.test"], time_zone="Asia/Tokyo"),
    )
    assert (edited.last_name, edited.emails, edited.time_zone) == (
        "Kovács",
        ["new@a.test", "anna@a.test"],
        "Asia/Tokyo",
    )
    assert edited.rev == before.rev + 1
    assert edited.first_name == "Anna", "what was not named stays"
    assert await service.profile(company.caller(anna)) == edited


async def test_of_two_edits_from_the_same_revision_one_is_refused(
    service: ProfileService, company: Company, anna: UserId
) -> None:
    rev = (await service.profile(company.caller(anna))).rev
    edits = [ProfileEdit(rev=rev, first_name=name) for name in ("Ann", "Anne")]
    outcomes = await asyncio.gather(
        *(service.edit(company.caller(anna), edit) for edit in edits), return_exceptions=True
    )
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert isinstance(refused, ProfileHasChanged)
    assert refused.field == "rev"
    assert (await service.profile(company.caller(anna))).rev == rev + 1


async def test_edits_without_a_revision_all_happen(service: ProfileService, company: Company, anna: UserId) -> None:
    rev = (await service.profile(company.caller(anna))).rev
    edits = [ProfileEdit(first_name="Ann"), ProfileEdit(last_name="Kovács")]
    await asyncio.gather(*(service.edit(company.caller(anna), edit) for edit in edits))
    after = await service.profile(company.caller(anna))
    assert (after.first_name, after.last_name, after.rev) == ("Ann", "Kovács", rev + 2)


async def test_an_edit_that_changes_nothing_is_told_to_nobody(
    service: ProfileService, company: Company, anna: UserId, bus: RedisBus
) -> None:
    before = await service.profile(company.caller(anna))
    listener = await Listener.on(bus, company.domain)
    assert await service.edit(company.caller(anna), ProfileEdit(first_name="Anna")) == before
    assert await listener.everything(bus, company.domain) == []


async def test_bad_input_changes_nothing_and_names_the_field(
    service: ProfileService, company: Company, anna: UserId
) -> None:
    before = await service.profile(company.caller(anna))
    with pytest.raises(Invalid) as refused:
        await service.edit(company.caller(anna), ProfileEdit(first_name="Ann", emails=["a@a.test", "nonsense"]))
    assert refused.value.field == "emails[1]"
    assert await service.profile(company.caller(anna)) == before


async def test_fields_that_follow_the_site_are_refused(service: ProfileService, company: Company) -> None:
    follower = await company.add("1002", site="North", overwrite_with_site_defaults=True)
    with pytest.raises(FieldNotEditable) as refused:
        await service.edit(company.caller(follower), ProfileEdit(time_zone="Asia/Tokyo"))
    assert refused.value.field == "time_zone"


async def test_an_edit_is_written_to_the_audit_with_both_people_of_a_mask(
    service: ProfileService, company: Company, anna: UserId, pool: Pool
) -> None:
    manager = await company.add("1051", scope=Scope.OFFICE_MANAGER)
    await service.edit(company.caller(anna, operator=manager), ProfileEdit(first_name="Ann"))
    async with connection(pool) as conn:
        [line] = await conn.fetch(
            "SELECT user_id, operator_id, action, target, before, after FROM audit WHERE domain_id = $1", company.domain
        )
    assert tuple(line) == (
        anna,
        manager,
        "profile.edited",
        f"user:{anna}",
        {"first_name": "Anna"},
        {"first_name": "Ann"},
    )


async def test_a_new_name_reaches_everybody_and_the_users_own_clients(
    service: ProfileService, company: Company, anna: UserId, bus: RedisBus, pool: Pool
) -> None:
    since = await people_lists(pool).directory_rev(company.domain)
    listener = await Listener.on(bus, company.domain)
    await service.edit(company.caller(anna), ProfileEdit(first_name="Ann"))
    own, everybody = await listener.everything(bus, company.domain)
    assert own.to == [anna]
    assert isinstance(own.event, ProfileChanged)
    assert everybody.to is None
    assert isinstance(everybody.event, DirectoryChanged)
    assert (everybody.event.since, everybody.event.rev) == (since, since + 1)
    [entry] = everybody.event.coworkers
    assert (entry.user, entry.rev, entry.first_name) == (anna, since + 1, "Ann")


async def test_what_nobody_else_sees_is_told_to_nobody_else(
    service: ProfileService, company: Company, anna: UserId, bus: RedisBus
) -> None:
    listener = await Listener.on(bus, company.domain)
    await service.edit(company.caller(anna), ProfileEdit(time_zone="Asia/Tokyo"))
    [own] = await listener.everything(bus, company.domain)
    assert own.to == [anna]


async def test_who_is_unlisted_vanishes_for_all_but_the_user_and_the_managers(
    service: ProfileService, company: Company, anna: UserId, bus: RedisBus, pool: Pool
) -> None:
    await company.add("1002", site="North")
    await company.add("1010", scope=Scope.CALL_CENTER_SUPERVISOR, site="North")
    near = await company.add("1050", scope=Scope.SITE_MANAGER, site="North")
    await company.add("1051", scope=Scope.SITE_MANAGER, site="South")
    boss = await company.add("1052", scope=Scope.OFFICE_MANAGER)
    since = await people_lists(pool).directory_rev(company.domain)
    listener = await Listener.on(bus, company.domain)
    await service.edit(company.caller(anna), ProfileEdit(list_in_directory=False))
    heard = [
        each for each in await listener.everything(bus, company.domain) if isinstance(each.event, DirectoryChanged)
    ]
    for_all, for_few = heard
    assert isinstance(for_all.event, DirectoryChanged)
    assert isinstance(for_few.event, DirectoryChanged)
    assert for_all.to is None
    assert for_few.to == sorted([anna, near, boss])
    assert directory_events([for_all.event], since)[anna].gone
    assert for_all.event.coworkers[0].first_name == "", "nothing of the entry is told any more"
    for order in ([for_all.event, for_few.event], [for_few.event, for_all.event]):
        assert not directory_events(order, since)[anna].gone, "in whichever order they arrive"
    assert for_all.event.rev == for_few.event.rev == await people_lists(pool).directory_rev(company.domain)


async def test_changes_of_an_unlisted_user_move_everybody_on_but_show_nothing(
    service: ProfileService, company: Company, bus: RedisBus, pool: Pool
) -> None:
    hidden = await company.add("1003", list_in_directory=False)
    since = await people_lists(pool).directory_rev(company.domain)
    listener = await Listener.on(bus, company.domain)
    await service.edit(company.caller(hidden), ProfileEdit(first_name="Secret"))
    _, for_all, for_few = await listener.everything(bus, company.domain)
    assert for_all.to is None
    assert for_all.event == DirectoryChanged(since=since, rev=since + 1, coworkers=[])
    assert for_few.to == [hidden]


async def test_events_bring_a_client_to_what_a_fresh_read_gives(
    service: ProfileService, company: Company, anna: UserId, bus: RedisBus, pool: Pool
) -> None:
    viewer = company.caller(await company.add("1002"))
    contacts = people_lists(pool)
    listener = await Listener.on(bus, company.domain)
    page = await contacts.directory_page(viewer, PageQuery())
    known, position = {each.user: each for each in page.items}, page.rev
    for edit in (
        ProfileEdit(first_name="Ann"),
        ProfileEdit(list_in_directory=False),
        ProfileEdit(last_name="Hidden"),
        ProfileEdit(list_in_directory=True),
    ):
        await service.edit(company.caller(anna), edit)
    for heard in await listener.everything(bus, company.domain):
        if isinstance(heard.event, DirectoryChanged) and heard.to is None:
            assert heard.event.since == position, "no gap"
            position = heard.event.rev
            known |= {each.user: each for each in heard.event.coworkers}
    fresh = await contacts.directory_page(viewer, PageQuery())
    assert position == fresh.rev
    assert [each for each in known.values() if not each.gone] == fresh.items


async def test_presence_hides_and_shows_the_user_at_once(
    service: ProfileService, company: Company, anna: UserId, pool: Pool, redis: Redis
) -> None:
    presence = PresenceService(RedisPresenceStore(redis), PostgresPresenceSettingsStore(pool), may_manage, may_manage)

    async def unlisted() -> set[UserId]:
        return {each.user for each in (await presence.read(company.domain)).specials if not each.listed}

    assert await unlisted() == set()
    await service.edit(company.caller(anna), ProfileEdit(list_in_directory=False))
    assert await unlisted() == {anna}
    await service.edit(company.caller(anna), ProfileEdit(list_in_directory=True))
    assert await unlisted() == set()


async def test_an_edit_succeeds_though_presence_cannot_be_told(
    company: Company, anna: UserId, pool: Pool, bus: RedisBus
) -> None:
    nowhere = make_client("redis://127.0.0.1:1")
    service = make_profile_service(pool, nowhere, bus)
    listener = await Listener.on(bus, company.domain)
    edited = await service.edit(company.caller(anna), ProfileEdit(list_in_directory=False))
    assert not edited.list_in_directory
    assert await listener.everything(bus, company.domain)
    await nowhere.aclose()


async def test_a_user_of_another_domain_with_the_same_number_is_somebody_else(
    service: ProfileService, company: Company, anna: UserId, pool: Pool
) -> None:
    rivals = await Company.make(pool)
    theirs = await rivals.add("1001", first_name="Ben")
    assert theirs == anna
    await service.edit(rivals.caller(theirs), ProfileEdit(first_name="Benjamin"))
    assert (await service.profile(company.caller(anna))).first_name == "Anna"
    assert (await service.profile(rivals.caller(theirs))).first_name == "Benjamin"


async def test_a_user_who_was_deleted_meanwhile_is_not_found(
    service: ProfileService, company: Company, anna: UserId, pool: Pool
) -> None:
    async with connection(pool) as conn:
        await conn.execute("UPDATE users SET deleted_at = now() WHERE domain_id = $1", company.domain)
    with pytest.raises(NotFound):
        await service.profile(company.caller(anna))
    with pytest.raises(NotFound):
        await service.edit(company.caller(anna), ProfileEdit(first_name="Ann"))


async def test_while_masked_the_banner_knows_who_masks_and_chat_is_not_offered(
    company: Company, anna: UserId, pool: Pool, redis: Redis, bus: RedisBus
) -> None:
    manager = await company.add("1051", scope=Scope.OFFICE_MANAGER)
    me = await make_account_service(pool, redis, bus).me(company.caller(anna, operator=manager))
    assert me.user == anna
    assert me.masked_by == manager
    assert "chat.use" not in me.permissions


async def test_no_secret_leaves_the_store_with_an_account(pool: Pool, company: Company) -> None:
    user = await company.add("1004", password_hash="$argon2id$secret", pin_hash="$argon2id$pin")
    account = await PostgresAccountStore(pool).account(company.domain, user)
    assert account is not None
    assert account.has_password
    assert account.has_pin
    assert "argon2id" not in repr(account)
