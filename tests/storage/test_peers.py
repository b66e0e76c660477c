"""Who is here, and who has died: by what one sees at each look, and on a real Valkey."""

import asyncio
import secrets
import time

import pytest
from redis.asyncio import Redis

from storage.embedded import EmbeddedServers
from storage.redis import keys
from storage.redis.peers import ABSENT_FOR, BEATLESS_FOR, RedisPeers, Roll
from tests.support.ears import running_bus
from tests.support.waiting import eventually
from wire.ending import end
from wire.identity import GatewayId

ONE = GatewayId("one")


def met(roll: Roll) -> None:
    """Two looks, a second apart, at whose end the other is known to live."""
    assert roll.call({ONE: 1.0}, {ONE}, 0.0) == ([], [])
    assert roll.call({ONE: 2.0}, {ONE}, 1.0) == ([ONE], [])


def test_who_listens_no_more_has_died_and_is_told_of_once() -> None:
    roll = Roll()
    met(roll)
    assert roll.call({ONE: 2.0}, (), 2.0) == ([], [])
    assert roll.call({ONE: 2.0}, (), 2.0 + ABSENT_FOR) == ([], [ONE])
    assert roll.call({ONE: 2.0}, (), 3.0 + ABSENT_FOR) == ([], [])


def test_a_subscription_that_is_made_anew_is_no_death() -> None:
    roll = Roll()
    met(roll)
    roll.call({ONE: 3.0}, (), 2.0)
    roll.call({ONE: 4.0}, {ONE}, 3.0)
    roll.call({ONE: 5.0}, (), 4.0)
    assert roll.call({ONE: 6.0}, (), 3.9 + ABSENT_FOR) == ([], [])


def test_whose_beat_has_ended_has_died_although_nobody_closed_its_connection() -> None:
    roll = Roll()
    met(roll)
    assert roll.call({ONE: 2.0}, {ONE}, 0.9 + BEATLESS_FOR) == ([], [])
    assert roll.call({ONE: 2.0}, {ONE}, 1.0 + BEATLESS_FOR) == ([], [ONE])
    assert roll.call({ONE: 2.0}, {ONE}, 90.0) == ([], []), "and only once"
    assert roll.call({ONE: 3.0}, {ONE}, 91.0) == ([ONE], []), "it was only stopped"


def test_who_signed_off_has_not_died() -> None:
    roll = Roll()
    met(roll)
    assert roll.call({}, (), 2.0) == ([], [])
    assert roll.call({}, (), 90.0) == ([], [])


def test_who_was_dead_before_we_came_concerns_nobody() -> None:
    roll = Roll()
    for now in range(60):
        assert roll.call({ONE: 1.0}, (), float(now)) == ([], [])


def test_while_nothing_can_be_seen_nobody_dies() -> None:
    roll = Roll()
    met(roll)
    roll.call({ONE: 2.0}, (), 2.0)
    roll.interrupted(60.0)
    assert roll.call({ONE: 3.0}, (), 60.5) == ([], [])
    assert roll.call({ONE: 4.0}, {ONE}, 61.0) == ([], [])


async def test_gateways_see_each_other_live_and_sign_off(servers: EmbeddedServers, redis: Redis) -> None:
    one, other = GatewayId(secrets.token_hex(4)), GatewayId(secrets.token_hex(4))
    seeing = RedisPeers(redis, other, lambda: None)
    async with running_bus(servers.redis_url, servers.redis_url, one):
        running = asyncio.create_task(RedisPeers(redis, one, lambda: None).run())
        async with asyncio.timeout(60):
            while not await seeing.listening_of([one]):  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.01)
            while one not in await seeing.beat():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await end(running)
        assert one not in await seeing.beat(), "who goes in order signs off"
        assert await seeing.listening_of([one]), "and only then its subscription ends"
    await eventually(lambda: seeing.listening_of([one]), set())
    await redis.zrem(keys.GATEWAYS, other)


async def test_a_gateway_whose_clock_is_hours_ahead_makes_nobody_disappear(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, ahead, third = (GatewayId(f"clock-{secrets.token_hex(4)}") for _ in range(3))
    await RedisPeers(redis, one, lambda: None).beat()
    hours, real = 5 * 3_600, time.time
    monkeypatch.setattr(time, "time", lambda: real() + hours)
    assert one in await RedisPeers(redis, ahead, lambda: None).beat()
    monkeypatch.undo()
    assert {one, ahead} <= set(await RedisPeers(redis, third, lambda: None).beat())
    await redis.zrem(keys.GATEWAYS, one, ahead, third)
