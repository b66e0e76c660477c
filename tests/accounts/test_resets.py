"""Reset User: what is deleted, what stays, and that every login is over."""

from typing import Any

import pytest
from redis.asyncio import Redis

from accounts.resets.service import ResetService
from accounts.tokens import hash_token
from presence.service import PresenceService
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool, connection, transaction
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.postgres.provisioning import add_contact_in_tx, add_favourite_in_tx
from storage.redis.bus import RedisBus
from storage.redis.presence import RedisPresenceStore
from tests.support.accounts import make_reset_service, may_manage
from tests.support.company import Company, Listener
from tests.support.contacts import contact_service
from tests.support.masks import start_session
from wire.accounts import ResetPart, UserReset
from wire.contacts import ContactFields, OverlayEdit
from wire.errors import NotAllowed
from wire.events import UsersChanged
from wire.identity import Caller, Scope, UserId

KEPT = {
    ResetPart.PIN: "SELECT 1 FROM users WHERE domain_id = $1 AND user_id = $2 AND pin_hash IS NOT NULL",
    ResetPart.CONTACTS: "SELECT 1 FROM contacts WHERE domain_id = $1 AND owner_id = $2",
    ResetPart.FAVOURITES: "SELECT 1 FROM favourites WHERE domain_id = $1 AND user_id = $2",
    ResetPart.NOTES: "SELECT 1 FROM contact_overlays WHERE domain_id = $1 AND user_id = $2",
    ResetPart.STATUS: (
        "SELECT 1 FROM presence_settings WHERE domain_id = $1 AND user_id = $2 "
        "AND (dnd OR appear_offline OR message <> '')"
    ),
    ResetPart.NOTIFICATIONS: "SELECT 1 FROM notification_settings WHERE domain_id = $1 AND user_id = $2",
}


@pytest.fixture
async def company(pool: Pool) -> Company:
    return await Company.make(pool)


@pytest.fixture
async def boss(company: Company) -> Caller:
    return company.caller(await company.add("1900", scope=Scope.OFFICE_MANAGER))


@pytest.fixture
def presence(pool: Pool, redis: Redis) -> PresenceService:
    return PresenceService(RedisPresenceStore(redis), PostgresPresenceSettingsStore(pool), may_manage, may_manage)


@pytest.fixture
def service(pool: Pool, redis: Redis, bus: RedisBus) -> ResetService:
    return make_reset_service(pool, redis, bus)


async def somebody(company: Company, extension: str, pool: Pool, bus: RedisBus, presence: PresenceService) -> UserId:
    """With something of every kind."""
    user = await company.add(extension, pin_hash="x", password_hash="x")
    other = await company.add(f"{extension}9")
    async with transaction(pool) as conn:
        await add_contact_in_tx(conn, company.domain, ContactFields(first_name="Zoe"), owner=user)
        await add_favourite_in_tx(conn, company.domain, user, coworker=other)
        await conn.execute("INSERT INTO notification_settings VALUES ($1, $2, 30)", company.domain, user)
    await contact_service(pool, bus).set_overlay(company.caller(user), other, OverlayEdit(rev=0, notes="likes tea"))
    await presence.set_dnd(company.domain, user, True)
    await presence.set_message(company.domain, user, "At sea", 0)
    return user


async def kept(pool: Pool, company: Company, user: UserId) -> set[ResetPart]:
    async with connection(pool) as conn:
        return {part for part, sql in KEPT.items() if await conn.fetchval(sql, company.domain, user)}


def test_every_part_is_looked_at_here() -> None:
    assert set(KEPT) == set(ResetPart)


@pytest.mark.parametrize("part", ResetPart)
async def test_what_is_named_is_deleted_and_nothing_else(
    service: ResetService,
    company: Company,
    boss: Caller,
    pool: Pool,
    bus: RedisBus,
    presence: PresenceService,
    part: ResetPart,
) -> None:
    anna = await somebody(company, "1001", pool, bus, presence)
    ben = await somebody(company, "1002", pool, bus, presence)
    assert await kept(pool, company, anna) == set(ResetPart)
    answer = await service.reset(boss, anna, UserReset(what=[part]))
    assert answer.status == ("setup_required" if part is ResetPart.PIN else "standard")
    assert await kept(pool, company, anna) == set(ResetPart) - {part}
    assert await kept(pool, company, ben) == set(ResetPart)


async def test_every_login_is_over_and_who_manages_the_user_hears_of_it(
    service: ResetService, company: Company, boss: Caller, pool: Pool, bus: RedisBus
) -> None:
    anna = await company.add("1001", password_hash="x")
    token = await start_session(pool, company, anna)
    listener = await Listener.on(bus, company.domain)
    await service.reset(boss, anna, UserReset(what=list(ResetPart)))
    heard = await listener.everything(bus, company.domain)
    assert [each.user for each in listener.ended] == [anna]
    assert await PostgresAccountStore(pool).session_by_token(company.domain, hash_token(token)) is None
    assert ([boss.user], UsersChanged(users=[anna])) in [(each.to, each.event) for each in heard]
    async with connection(pool) as conn:
        assert not await conn.fetchval("SELECT count(*) FROM sessions WHERE domain_id = $1", company.domain)
        line: Any = await conn.fetchrow(
            "SELECT user_id, action, target, after FROM audit WHERE domain_id = $1", company.domain
        )
    assert tuple(line)[:3] == (boss.user, "user.reset", f"user:{anna}")
    assert set(line["after"]["what"]) == set(ResetPart)


async def test_a_client_that_was_away_learns_that_its_contacts_are_gone(
    service: ResetService, company: Company, boss: Caller, pool: Pool, bus: RedisBus, presence: PresenceService
) -> None:
    anna = await somebody(company, "1001", pool, bus, presence)
    contacts = contact_service(pool, bus)
    before = await contacts.positions(company.caller(anna))
    await service.reset(boss, anna, UserReset(what=[ResetPart.CONTACTS]))
    changes = await contacts.changes(company.caller(anna), before, 50)
    assert changes.too_old, "it reads its book anew"
    assert changes.position.own > before.own


async def test_only_who_manages_somebody_resets_them(
    service: ResetService, company: Company, boss: Caller, pool: Pool
) -> None:
    anna = await company.add("1001", pin_hash="x")
    above = await company.add("1901", scope=Scope.RESELLER, pin_hash="x")
    coworker = company.caller(await company.add("1002"))
    masked = company.caller(boss.user, operator=above)
    for caller, user in ((coworker, anna), (boss, above), (boss, boss.user), (masked, anna), (boss, UserId(999))):
        with pytest.raises(NotAllowed):
            await service.reset(caller, user, UserReset(what=[ResetPart.PIN]))
    assert ResetPart.PIN in await kept(pool, company, anna)
