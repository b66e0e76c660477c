"""The bus between gateways: what is announced arrives, and what may have been lost is noticed."""

import secrets
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from storage.embedded import EmbeddedServers
from storage.redis.bus import RedisBus
from storage.redis.client import make_client, make_subscriber_client
from tests.support.cable import Cable
from tests.support.ears import Ear, running_bus
from wire.announce import SessionsEnded
from wire.events import EndReason, ProfileChanged
from wire.identity import DomainId, GatewayId, SessionId, UserId

EVENT = ProfileChanged(at=datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def domain() -> DomainId:
    return DomainId(f"{secrets.token_hex(6)}.test")


async def test_what_is_announced_reaches_every_follower_of_the_domain_and_nobody_else(
    servers: EmbeddedServers, domain: DomainId
) -> None:
    async with (
        running_bus(servers.redis_url, servers.redis_url) as here,
        running_bus(servers.redis_url, servers.redis_url) as there,
    ):
        one, two, stranger = Ear(), Ear(), Ear()
        await here.follow(domain, one)
        await there.follow(domain, two)
        await there.follow(DomainId(f"other.{domain}"), stranger)
        await here.announce(domain, EVENT, [UserId(1)])
        await here.announce(domain, EVENT)
        await there.end_sessions(domain, UserId(2), EndReason.ENDED, [SessionId("s")])
        for ear in (one, two):
            to_one, to_all, ended = await ear.hears(3)
            assert to_one == ([1], b'{"op":"profile_changed","at":"2026-11-22T00:00:00Z"}')
            assert to_all == (None, b'{"op":"profile_changed","at":"2026-11-22T00:00:00Z"}')
            assert ended == SessionsEnded(UserId(2), EndReason.ENDED, [SessionId("s")])
        assert stranger.heard == []


async def test_who_no_longer_follows_hears_nothing(servers: EmbeddedServers, domain: DomainId) -> None:
    async with running_bus(servers.redis_url, servers.redis_url) as bus:
        ear, other = Ear(), Ear()
        elsewhere = DomainId(f"other.{domain}")
        await bus.follow(domain, ear)
        await bus.follow(elsewhere, other)
        await bus.unfollow(domain)
        await bus.announce(domain, EVENT)
        await bus.announce(elsewhere, EVENT)
        await other.hears(1)
        assert ear.heard == []


async def test_a_connection_that_was_cut_is_made_again_and_the_loss_is_told(
    servers: EmbeddedServers, domain: DomainId
) -> None:
    async with Cable(servers.redis_url) as cable, running_bus(servers.redis_url, cable.url) as bus:
        ear = Ear()
        await bus.follow(domain, ear)
        assert ear.times_lost == 0
        cable.cut()
        await ear.is_told_of_a_loss()
        await bus.announce(domain, EVENT)
        await ear.hears(1)


async def test_a_subscription_that_died_without_a_word_is_found_by_the_probe(
    servers: EmbeddedServers, domain: DomainId
) -> None:
    async with Cable(servers.redis_url) as cable, running_bus(servers.redis_url, cable.url) as bus:
        ear = Ear()
        await bus.follow(domain, ear)
        cable.freeze()
        await bus.announce(domain, EVENT)
        await ear.is_told_of_a_loss()
        assert ear.heard == [], "the cable was not frozen"
        await bus.announce(domain, EVENT)
        await ear.hears(1)


async def test_a_message_that_cannot_be_dealt_with_ends_nothing(servers: EmbeddedServers, domain: DomainId) -> None:
    async with running_bus(servers.redis_url, servers.redis_url) as bus:
        ear = Ear()
        await bus.follow(domain, ear)
        redis: Redis = make_client(servers.redis_url)
        await redis.spublish(f"p:{{{domain}}}:bus", b"A not what it should be")
        await redis.aclose()
        await ear.is_told_of_a_loss()
        await bus.announce(domain, EVENT)
        await ear.hears(1)


async def test_what_could_not_be_announced_is_told_as_a_loss_once_it_can_be(
    servers: EmbeddedServers, domain: DomainId
) -> None:
    """It may have been committed after everybody has read afresh, so nobody else would know."""
    async with (
        Cable(servers.redis_url) as cable,
        running_bus(servers.redis_url, servers.redis_url) as here,
        running_bus(cable.url, servers.redis_url) as there,
    ):
        ear = Ear()
        await here.follow(domain, ear)
        await cable.unplug()
        await there.announce(domain, EVENT)
        assert (ear.heard, ear.times_lost) == ([], 0)
        await cable.plug_in()
        await ear.is_told_of_a_loss()
        await there.announce(domain, EVENT)
        await ear.hears(1)
        assert ear.times_lost == 1


async def test_announcing_into_a_dead_redis_fails_nobody(domain: DomainId) -> None:
    client = make_client("redis://127.0.0.1:1")
    subscriber = make_subscriber_client("redis://127.0.0.1:1")
    await RedisBus(client, subscriber, GatewayId("g")).announce(domain, EVENT)
    await client.aclose()
    await subscriber.aclose()
