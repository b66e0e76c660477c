"""Another database takes over: what presence knows of settings is then what that one has, and nothing else."""

import secrets

import msgspec
import pytest
from redis.asyncio import Redis

from presence.facts import AnyFact, CallChanged, SettingsChanged
from storage.redis.presence import RedisPresenceStore
from wire.commands import CallPhase
from wire.identity import CallId, DomainId, GatewayId, SourceId, UserId
from wire.records import Calls, Presence

ANNA, BEN = UserId(1), UserId(2)
SWITCH, HERE = SourceId("switch"), GatewayId("here")
NOW = 1_700_000_000_000
BEFORE, AFTER = "d0.00000001", "d0.00000002"

_decode_record = msgspec.json.Decoder(Presence).decode


class Office:
    """One domain, and gateways that see one timeline or another."""

    def __init__(self, redis: Redis) -> None:
        self.domain = DomainId(f"{secrets.token_hex(6)}.test")
        self._redis = redis

    def gateway(self, timeline: str) -> RedisPresenceStore:
        return RedisPresenceStore(self._redis, NOW, timeline=lambda: timeline)

    async def seed(self, timeline: str, *settings: SettingsChanged) -> str:
        epoch = secrets.token_hex(4)
        return (await self.gateway(timeline).seed(self.domain, epoch, ringing_is_busy=False, settings=settings)).epoch

    async def report(self, timeline: str, *facts: AnyFact) -> str:
        return (await self.gateway(timeline).report(self.domain, facts)).epoch

    async def sees(self, user: UserId, timeline: str) -> Presence:
        while (await self.gateway(timeline).tick(self.domain, HERE, 60_000)).more:
            pass
        record = (await self.gateway(timeline).read(self.domain)).records.get(user)
        return _decode_record(record) if record else Presence(user=user, rev=0)


@pytest.fixture
async def office(redis: Redis) -> Office:
    made = Office(redis)
    await made.seed(BEFORE)
    talking = CallChanged(ANNA, SWITCH, CallId("c"), CallPhase.ACTIVE, 60_000)
    await made.report(BEFORE, talking, SettingsChanged(ANNA, rev=8, dnd=True), SettingsChanged(BEN, rev=1, dnd=True))
    return made


async def test_nothing_is_taken_or_told_before_the_settings_of_the_new_database_are_there(office: Office) -> None:
    assert await office.report(AFTER, SettingsChanged(ANNA, rev=9)) == ""
    assert (await office.gateway(AFTER).read(office.domain)).epoch == ""
    assert await office.gateway(AFTER).read_since(office.domain, "any", 0) is None
    assert (await office.gateway(AFTER).tick(office.domain, HERE, 60_000)).outcome.epoch == ""


async def test_settings_are_those_of_the_new_database_whatever_their_revision_and_facts_stay(office: Office) -> None:
    before = (await office.gateway(BEFORE).read(office.domain)).epoch
    after = await office.seed(AFTER, SettingsChanged(ANNA, rev=7))
    assert after not in ("", before)
    anna, ben = await office.sees(ANNA, AFTER), await office.sees(BEN, AFTER)
    assert (anna.dnd, anna.calls) == (False, Calls.BUSY)
    assert not ben.dnd  # of whom the new database has nothing


async def test_a_revision_that_was_given_out_before_counts_when_it_is_given_out_anew(office: Office) -> None:
    await office.seed(AFTER, SettingsChanged(ANNA, rev=7))
    await office.report(AFTER, SettingsChanged(ANNA, rev=8, message="back"), SettingsChanged(BEN, rev=1, message="new"))
    assert (await office.sees(ANNA, AFTER)).message == "back"
    assert (await office.sees(BEN, AFTER)).message == "new"
    await office.report(AFTER, SettingsChanged(ANNA, rev=8, message="late"))
    assert (await office.sees(ANNA, AFTER)).message == "back"


async def test_records_made_after_it_are_newer_than_all_before(office: Office) -> None:
    was = (await office.sees(ANNA, BEFORE)).rev
    await office.seed(AFTER)
    await office.report(AFTER, SettingsChanged(ANNA, rev=1, message="new"))
    assert (await office.sees(ANNA, AFTER)).rev > was


async def test_a_gateway_that_has_not_seen_it_yet_goes_on_and_turns_nothing_back(office: Office) -> None:
    epoch = await office.seed(AFTER, SettingsChanged(ANNA, rev=7))
    assert await office.report(BEFORE, SettingsChanged(ANNA, rev=8, message="told by the slow one")) == epoch
    assert (await office.sees(ANNA, AFTER)).message == "told by the slow one"


async def test_a_restored_database_is_another_one_though_its_number_is_lower(office: Office) -> None:
    await office.seed(AFTER)
    assert await office.report("d1.00000001", SettingsChanged(ANNA, rev=9)) == ""


async def test_who_does_not_know_the_timeline_changes_nothing_about_it(office: Office) -> None:
    epoch = (await office.gateway(BEFORE).read(office.domain)).epoch
    assert await office.report("", SettingsChanged(ANNA, rev=9, message="x")) == epoch
    assert (await office.sees(ANNA, BEFORE)).message == "x"


async def test_what_was_seeded_by_whoever_did_not_know_it_is_taken_over_as_it_is(redis: Redis) -> None:
    office = Office(redis)
    epoch = await office.seed("", SettingsChanged(ANNA, rev=8, dnd=True))
    assert await office.report(BEFORE, SettingsChanged(BEN, rev=1, dnd=True)) == epoch
    assert (await office.sees(ANNA, BEFORE)).dnd
    await office.seed(AFTER)
    assert not (await office.sees(BEN, AFTER)).dnd
