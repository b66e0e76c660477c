"""The clock of Redis is put forward or back by an hour: everything that lives by it lives as long as it should."""

import secrets

import msgspec
import pytest
from redis.asyncio import Redis

from presence.facts import PORTAL, AnyFact, CallChanged, DeviceUp, SessionsChanged, SettingsChanged, SourceHeard
from storage.redis.presence import RedisPresenceStore
from wire.commands import CallPhase
from wire.identity import CallId, DeviceId, DomainId, GatewayId, SourceId, UserId
from wire.records import Calls, Presence

ANNA, BEN, CARL = UserId(1), UserId(2), UserId(3)
SWITCH = SourceId("switch")
HERE, THERE = GatewayId("here"), GatewayId("there")
NOW = 1_700_000_000_000
HOUR = 3_600_000
LEASE_MS = 30_000

_decode_record = msgspec.json.Decoder(Presence).decode


class Two:
    """Two gateways with clocks of their own, which do not jump; that of Redis does."""

    def __init__(self, redis: Redis) -> None:
        self.domain = DomainId(f"{secrets.token_hex(6)}.test")
        self._passed = 5_000
        self.here, self.there = (RedisPresenceStore(redis, NOW, own_clock=lambda: self._passed) for _ in range(2))

    def passes(self, milliseconds: int) -> None:
        self._passed += milliseconds
        self.jumps(milliseconds)

    def jumps(self, milliseconds: int) -> None:
        for each in (self.here, self.there):
            each.now_ms += milliseconds

    async def report(self, *facts: AnyFact) -> None:
        await self.here.report(self.domain, facts)

    async def tick(self, *gateways: GatewayId) -> list[bool]:
        """Whether the lease of each was lost."""
        lost = []
        for gateway in gateways:
            store = self.here if gateway == HERE else self.there
            ticked = await store.tick(self.domain, gateway, LEASE_MS)
            lost.append(ticked.lost)
            while ticked.more:
                ticked = await store.tick(self.domain, gateway, LEASE_MS)
        return lost

    async def sees(self, user: UserId) -> Presence:
        record = (await self.there.read(self.domain)).records.get(user)
        return _decode_record(record) if record else Presence(user=user, rev=0)


@pytest.fixture
async def two(redis: Redis) -> Two:
    """Anna's phone is registered for a minute, Ben is on the phone for three, Carl is connected to `there`."""
    made = Two(redis)
    await made.here.seed(made.domain, "epoch", ringing_is_busy=False, settings=[])
    assert await made.tick(HERE, THERE) == [True, True]
    await made.report(
        DeviceUp(ANNA, SWITCH, DeviceId("desk"), 60_000),
        CallChanged(BEN, PORTAL, CallId("c"), CallPhase.ACTIVE, 180_000),
        SessionsChanged(CARL, THERE, available=True),
        SourceHeard(UserId(0), SWITCH),
    )
    return made


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
async def test_nothing_ends_early_and_nothing_late_by_a_clock_that_jumps(two: Two, jump: int) -> None:
    two.passes(5_000)
    two.jumps(jump)
    assert await two.tick(HERE, THERE) == [False, False]
    assert (await two.sees(ANNA)).phone
    assert not (await two.sees(ANNA)).unknown_since
    assert (await two.sees(BEN)).calls is Calls.BUSY
    assert (await two.sees(CARL)).chat
    assert (two.here.clock_jumps, two.there.clock_jumps) == (1, 1)

    two.passes(8_000)
    await two.tick(HERE)
    two.passes(3_000)  # the switch was heard 16 seconds ago
    await two.tick(HERE)
    assert (await two.sees(ANNA)).unknown_since == (two.here.now_ms - 16_000) // 1_000
    await two.report(SourceHeard(UserId(0), SWITCH))

    two.passes(20_000)  # the gateway `there` has said nothing for 31
    await two.tick(HERE)
    assert not (await two.sees(CARL)).chat
    await two.report(SourceHeard(UserId(0), SWITCH))
    two.passes(14_000)
    await two.report(SourceHeard(UserId(0), SWITCH))
    assert (await two.sees(ANNA)).phone
    two.passes(11_000)
    await two.tick(HERE)
    assert not (await two.sees(ANNA)).phone
    two.passes(119_000)
    await two.tick(HERE)
    assert (await two.sees(BEN)).calls is Calls.NONE


async def test_whoever_reports_first_after_the_jump_ends_nothing_of_others(two: Two) -> None:
    two.jumps(HOUR)
    await two.report(DeviceUp(CARL, SWITCH, DeviceId("desk"), 60_000), DeviceUp(ANNA, PORTAL, DeviceId("soft"), 1_000))
    two.passes(2_000)
    await two.tick(HERE)
    assert (await two.sees(ANNA)).phone, "the desk phone was forgotten"
    assert (await two.sees(BEN)).calls is Calls.BUSY


async def test_words_beside_the_dot_end_when_the_clock_says_so(two: Two) -> None:
    """Their end is a time of day that people chose."""
    until = NOW + 2 * HOUR
    await two.report(SettingsChanged(ANNA, 1, message="Back at three", message_until_ms=until))
    two.jumps(HOUR)
    await two.tick(HERE)
    assert (await two.sees(ANNA)).message == "Back at three"
    two.jumps(HOUR)
    await two.tick(HERE)
    assert not (await two.sees(ANNA)).message


async def test_a_gateway_that_was_slow_or_away_sees_no_jump(two: Two) -> None:
    two.passes(9_000)
    await two.tick(HERE)
    two.jumps(9_000)  # waited for so long between asking and being asked
    await two.tick(HERE)
    two.passes(HOUR)
    assert await two.tick(THERE) == [True]
    assert (two.here.clock_jumps, two.there.clock_jumps) == (0, 0)
    assert (await two.sees(BEN)).calls is Calls.NONE
