"""What is kept of one user when more is reported than anybody has: nothing is refused, and no colour becomes wrong."""

import secrets
from collections.abc import Sequence

import msgspec
import pytest
from redis.asyncio import Redis

from presence.facts import PORTAL, AnyFact, CallChanged, DeviceDown, DeviceList, DeviceUp, Forgotten, SourceSnapshot
from presence.store import PresenceStore
from storage.redis import keys
from storage.redis.presence import RedisPresenceStore
from wire.commands import CallPhase
from wire.identity import CallId, DeviceId, DomainId, SourceId, UserId
from wire.limits import LIMITS
from wire.records import Calls, Explanation, Presence

SWITCH = SourceId("switch")
ANNA, BEN = UserId(1), UserId(2)
NOBODY = UserId(0)
NOW = 1_700_000_000_000
MOST = LIMITS.devices_per_user

_decode_record = msgspec.json.Decoder(Presence).decode


class Office:
    """One domain, and the store under a clock of the test's own."""

    def __init__(self, redis: Redis) -> None:
        self.store = RedisPresenceStore(redis, NOW)
        _: PresenceStore = self.store
        self.domain = DomainId(f"{secrets.token_hex(6)}.test")

    async def report(self, *facts: AnyFact) -> int:
        return (await self.store.report(self.domain, facts)).corrected

    async def sees(self, user: UserId = ANNA) -> Presence:
        record = (await self.store.read(self.domain)).records.get(user)
        return _decode_record(record) if record else Presence(user=user, rev=0)

    async def why(self, user: UserId = ANNA) -> Explanation:
        return await self.store.explain(self.domain, user)

    async def live(self) -> set[str]:
        return {each.device for each in (await self.why()).devices if each.live}


@pytest.fixture
async def office(redis: Redis) -> Office:
    made = Office(redis)
    await made.store.seed(made.domain, "epoch", ringing_is_busy=False, settings=[])
    return made


def up(number: int, *, source: SourceId = SWITCH, ignore: bool = False, user: UserId = ANNA) -> DeviceUp:
    """The higher its number, the later it ends."""
    return DeviceUp(user, source, DeviceId(f"d{number}"), 60_000 + number * 1_000, (NOW / 1000, number), ignore)


def names(numbers: Sequence[int] | range) -> set[str]:
    return {f"d{number}" for number in numbers}


async def test_of_more_devices_than_anybody_has_those_are_kept_that_end_last(office: Office) -> None:
    await office.report(*(up(number) for number in range(MOST)), up(99, user=BEN))
    assert (await office.why()).left_out is None
    await office.report(up(MOST), up(MOST + 1, source=PORTAL))
    assert await office.live() == names(range(2, MOST + 2))
    left_out = (await office.why()).left_out
    assert left_out is not None
    assert (left_out.devices, left_out.calls, left_out.at) == (2, 0, NOW // 1000)
    assert (office.store.devices_left_out, office.store.calls_left_out) == (2, 0)
    assert (await office.why(BEN)).left_out is None
    assert (await office.sees(BEN)).phone


async def test_what_makes_the_colour_outlasts_what_is_ignored(office: Office) -> None:
    await office.report(up(0))
    await office.report(*(up(number, ignore=True) for number in range(1, MOST + 5)))
    assert "d0" in await office.live()
    assert (await office.sees()).phone


async def test_a_list_of_a_switch_replaces_what_it_does_not_have_before_anything_is_left_out(office: Office) -> None:
    await office.report(*(up(number) for number in range(100, 100 + MOST)))
    await office.report(DeviceList(ANNA, SWITCH, NOW / 1000 + 60, [up(1)]))
    assert await office.live() == {"d1"}
    assert (await office.sees()).phone


async def test_a_snapshot_with_too_many_devices_puts_nothing_right_the_second_time(office: Office) -> None:
    snapshot = SourceSnapshot(NOBODY, SWITCH, NOW / 1000, [up(number) for number in range(MOST + 5)])
    assert await office.report(snapshot) == MOST + 5
    assert await office.report(snapshot) == 0
    assert await office.live() == names(range(5, MOST + 5))


async def test_devices_that_come_and_go_leave_no_more_behind_than_are_kept(office: Office, redis: Redis) -> None:
    for number in range(3 * MOST):
        device = DeviceId(f"d{number}")
        await office.report(DeviceUp(ANNA, PORTAL, device, 60_000), DeviceDown(ANNA, PORTAL, device))
    assert await redis.hlen(f"{keys.presence_prefix(office.domain)}u:{ANNA}") <= MOST + 2
    assert not (await office.sees()).phone
    assert (await office.why()).left_out is None, "what had gone by itself did not give way"


async def test_calls_without_end_are_left_out_and_who_is_on_the_phone_stays_so(office: Office, redis: Redis) -> None:
    def call(number: int, phase: CallPhase) -> CallChanged:
        return CallChanged(ANNA, PORTAL, CallId(f"c{number}"), phase, 60_000)

    await office.report(call(0, CallPhase.ACTIVE))
    await office.report(*(call(number, CallPhase.RINGING) for number in range(1, 150)))
    await office.report(*(call(number, CallPhase.ENDED) for number in range(200, 400)))
    assert (await office.sees()).calls is Calls.BUSY
    assert await redis.hlen(f"{keys.presence_prefix(office.domain)}u:{ANNA}") <= LIMITS.calls_per_user + 2
    assert office.store.calls_left_out == 50
    await office.report(call(0, CallPhase.ENDED))
    assert (await office.sees()).calls is Calls.RINGING


async def test_that_something_was_left_out_is_forgotten_after_a_day_and_with_the_user(office: Office) -> None:
    await office.report(*(up(number) for number in range(MOST + 1)))
    office.store.now_ms += 26 * 3_600_000
    await office.report(up(1))
    assert (await office.why()).left_out is None
    await office.report(*(up(number) for number in range(MOST + 1)))
    assert (await office.why()).left_out is not None
    await office.report(Forgotten(ANNA))
    assert (await office.why()).left_out is None
