"""The lease of this gateway in each domain: what it costs, when it is given back, how an outage is told."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

import connections.attendance
from connections.attendance import DEADLINES_APART, LEASE_MS, Attendance
from presence.facts import PORTAL, DeviceUp
from presence.service import PresenceService
from presence.view import DomainView
from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.redis import keys
from storage.redis.client import make_client
from storage.redis.presence import RedisPresenceStore
from tests.support.cable import Cable
from tests.support.company import Company
from wire.errors import Unavailable
from wire.identity import DeviceId, DomainId, GatewayId, SourceId, UserId

HERE = GatewayId(f"here-{secrets.token_hex(4)}")
PHONES = 200


@pytest.fixture
async def domain(pool: Pool) -> DomainId:
    return (await Company.make(pool)).domain


@pytest.fixture
def presence(pool: Pool, redis: Redis) -> PresenceService:
    settings = PostgresPresenceSettingsStore(pool)
    return PresenceService(RedisPresenceStore(redis), settings, lambda *_: False, lambda *_: False)


@pytest.fixture
async def attendance(presence: PresenceService) -> AsyncIterator[Attendance]:
    made = Attendance(presence, HERE, grace=0.0)
    yield made
    await made.leave_all()


async def reads(presence: PresenceService, domain: DomainId, user: UserId) -> bytes:
    return (await presence.read(domain)).records.get(user, b"")


async def until_it_reads(presence: PresenceService, domain: DomainId, user: UserId, part: bytes) -> None:
    async with asyncio.timeout(60):
        while part not in await reads(presence, domain, user):
            pass  # each look is a round trip


async def test_many_sessions_of_a_domain_hang_on_one_lease(
    presence: PresenceService, attendance: Attendance, domain: DomainId, redis: Redis
) -> None:
    for user in range(1, 101):
        attendance.arrived(domain, UserId(user))
        attendance.arrived(domain, UserId(user))
    await until_it_reads(presence, domain, UserId(100), b'"chat":true')
    prefix = keys.presence_prefix(domain)
    assert await redis.zcard(prefix + "gateways") == 1
    assert await redis.zcard(prefix + "deadlines") == 0, "sessions have deadlines of their own"


async def test_the_last_session_of_a_user_takes_the_blue_away(
    presence: PresenceService, attendance: Attendance, domain: DomainId
) -> None:
    anna = UserId(1)
    attendance.arrived(domain, anna)
    attendance.arrived(domain, anna)
    await until_it_reads(presence, domain, anna, b'"colour":"blue"')
    attendance.left(domain, anna, for_good=True)
    attendance.arrived(domain, UserId(2))
    await until_it_reads(presence, domain, UserId(2), b'"chat":true')
    assert b'"chat":true' in await reads(presence, domain, anna)
    attendance.left(domain, anna)
    async with asyncio.timeout(60):
        while b"chat" in await reads(presence, domain, anna):
            pass  # each look is a round trip


async def test_a_domain_that_nobody_looks_at_keeps_no_lease(
    presence: PresenceService, attendance: Attendance, domain: DomainId, redis: Redis
) -> None:
    attendance.arrived(domain, UserId(1))
    await until_it_reads(presence, domain, UserId(1), b'"chat":true')
    attendance.forget(domain)
    async with asyncio.timeout(60):
        while await redis.zcard(keys.presence_prefix(domain) + "gateways"):
            pass  # each look is a round trip


async def test_an_outage_of_a_site_is_told_in_a_few_large_updates(
    presence: PresenceService, attendance: Attendance, domain: DomainId, redis: Redis
) -> None:
    """Two hundred phones run out one after the other within a second."""
    attendance.enter(domain)
    await presence.read(domain)
    pubsub = redis.pubsub()
    await pubsub.ssubscribe(keys.domain_channel(domain))
    await presence.report(
        domain,
        [
            DeviceUp(UserId(number), SourceId("portal"), DeviceId("desk"), ttl_ms=500 + number * 1000 // PHONES)
            for number in range(1, PHONES + 1)
        ],
    )
    view = DomainView(lambda *_: False)
    read = await presence.read(domain)
    view.replace(read.epoch, read.version, read.records, read.specials)
    goal = read.version + sum(b'"phone":true' in record for record in read.records.values())  # some may be out already
    updates = 0
    async with asyncio.timeout(60):
        while view.version < goal:
            message = await pubsub.get_message(timeout=5)
            if message is not None and message["type"] == "smessage" and view.apply(message["data"]) is not None:
                updates += 1
    await pubsub.aclose()  # type: ignore[no-untyped-call]
    assert updates <= 5.0 / DEADLINES_APART, "on a machine however slow: a tenth of the phones"


async def test_what_was_set_while_the_store_was_away_is_told_as_soon_as_it_is_back(
    pool: Pool, redis: Redis, presence: PresenceService, servers: EmbeddedServers
) -> None:
    """Here, where somebody set it, and on another gateway, which only noticed that the store was away."""
    company = await Company.make(pool)
    anna = await company.add("1001")
    async with Cable(servers.redis_url) as cable:
        client = make_client(cable.url)
        settings = PostgresPresenceSettingsStore(pool)
        cut_off = PresenceService(RedisPresenceStore(client), settings, lambda *_: False, lambda *_: False)
        assert (await cut_off.tick(company.domain, HERE, LEASE_MS)).outcome.epoch
        await cable.unplug()
        with pytest.raises(Unavailable):
            await cut_off.set_dnd(company.domain, anna, True)
        await cable.plug_in()
        assert b'"dnd":true' not in await reads(presence, company.domain, anna), "the store had heard of it"
        await cut_off.tick(company.domain, HERE, LEASE_MS)
        assert b'"dnd":true' in await reads(presence, company.domain, anna)
        await client.aclose()


async def test_a_gateway_that_could_not_reach_the_store_brings_the_settings_anew(
    pool: Pool, presence: PresenceService, servers: EmbeddedServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections.attendance, "RETRY", 0.01)
    company = await Company.make(pool)
    anna = await company.add("1001")
    async with Cable(servers.redis_url) as cable:
        client = make_client(cable.url)
        settings = PostgresPresenceSettingsStore(pool)
        service = PresenceService(RedisPresenceStore(client), settings, lambda *_: False, lambda *_: False)
        attendance = Attendance(service, HERE, grace=0.0)
        attendance.arrived(company.domain, anna)
        async with asyncio.timeout(60):
            while not attendance._domains[company.domain].settings_due:  # until they were brought for the first time
                await presence.read(company.domain)
        await cable.unplug()
        attendance.hurry(company.domain)
        await settings.set_dnd(company.domain, anna, True, PORTAL)  # by a gateway that has died since
        async with asyncio.timeout(60):
            while attendance._domains[company.domain].settings_due:  # until a tick has failed
                await presence.read(company.domain)
        await cable.plug_in()
        await until_it_reads(presence, company.domain, anna, b'"dnd":true')
        await attendance.leave_all()
        await client.aclose()


async def test_nothing_is_asked_of_the_store_after_the_end(attendance: Attendance, domain: DomainId) -> None:
    """The hub notices later that nobody of the domain is connected any more; the client may be closed by then."""
    attendance.arrived(domain, UserId(1))
    await attendance.leave_all()
    attendance.left(domain, UserId(1))
    attendance.forget(domain)
    assert not attendance._tasks
