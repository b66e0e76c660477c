"""What a switch says, as facts about users: leases without absolute times, legs without early red."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from pbx.contract import (
    GRACE,
    Person,
    call_revision,
    facts_of,
    lease_ms,
    people_in,
    people_in_snapshot,
    snapshot_facts,
    split_address,
)
from pbx.reading import ReadSnapshot
from presence.facts import AnyFact, CallChanged, DeviceDown, DeviceList, DeviceUp
from wire.commands import CallPhase
from wire.identity import CallId, DeviceId, DomainId, SourceId, UserId
from wire.ingest import AnySwitchEvent, Envelope, Phase, SnapshotCall, SnapshotDevice

SOURCE = SourceId("kam-1")
ACME, OTHER = DomainId("acme.example"), DomainId("other.example")
ALICE, BOB = "1001@acme.example", "1002@acme.example"
PEOPLE: Mapping[str, Person] = {ALICE: (ACME, UserId(1)), BOB: (ACME, UserId(2)), "7@other.example": (OTHER, UserId(1))}


def event(**fields: Any) -> AnySwitchEvent:
    found: AnySwitchEvent = msgspec.convert({"seq": 1, "at": 1000.0, "user": ALICE} | fields, AnySwitchEvent)
    return found


def facts(one: AnySwitchEvent, sent_at: float = 1000.0) -> list[AnyFact]:
    aimed = list(facts_of(one, SOURCE, sent_at, PEOPLE))
    assert all(domain == ACME for domain, _ in aimed)
    return [fact for _, fact in aimed]


def legs(phase: str, *parties: tuple[str, str] | tuple[str, str, str]) -> dict[UserId, CallPhase]:
    told = [dict(zip(("user", "role", "phase"), party, strict=False)) for party in parties]
    found = facts(event(type="call", call="c1", phase=phase, parties=told))
    return {fact.user: fact.phase for fact in found if isinstance(fact, CallChanged)}


def test_a_registration_is_a_lease_by_our_clock() -> None:
    up = event(type="device.up", device="d1", rev=[990.0, 2], ttl=600, user_agent="Phone/1")
    assert facts(up, sent_at=1004.5) == [
        DeviceUp(UserId(1), SOURCE, DeviceId("d1"), int((600 - 4.5 + GRACE) * 1000), (990.0, 2), False, "Phone/1")
    ]


@pytest.mark.parametrize(
    ("ttl", "at", "sent_at", "left"),
    [
        (60, 1000, 1000, 60 + GRACE),
        (60, 1000, 1030, 30 + GRACE),
        (60, 1000, 1063, GRACE - 3),
        (60, 1000, 1067, 0),
        (60, 1000, 5000, 0),
        (0, 1000, 1000, 0),
        (60, 1000, 400, 60 + GRACE),
    ],
)
def test_a_lease_runs_down_while_the_event_waits_and_a_clock_put_back_does_not_lengthen_it(
    ttl: float, at: float, sent_at: float, left: float
) -> None:
    assert lease_ms(ttl, at, sent_at) == left * 1000


def test_a_registration_that_ran_out_on_the_way_is_no_registration() -> None:
    up = event(type="device.up", device="d1", rev=[990.0, 2], ttl=60)
    assert facts(up, sent_at=1100.0) == [DeviceDown(UserId(1), SOURCE, DeviceId("d1"), (990.0, 2))]


def test_a_device_that_went_down_says_up_to_which_revision() -> None:
    down = event(type="device.down", device="d1", rev=[990.0, 2], reason="expired")
    assert facts(down) == [DeviceDown(UserId(1), SOURCE, DeviceId("d1"), (990.0, 2))]


def test_a_full_list_leaves_out_what_has_run_out() -> None:
    listed = [
        {"device": "d1", "rev": [990.0, 2], "ttl": 60, "ignore_for_presence": True},
        {"device": "d2", "rev": [900.0, 2], "ttl": 0},
    ]
    [fact] = facts(event(type="devices", devices=listed))
    assert isinstance(fact, DeviceList)
    assert (fact.at, [device.device for device in fact.devices], fact.devices[0].ignore) == (1000.0, ["d1"], True)


@pytest.mark.parametrize(
    ("phase", "caller", "callee"),
    [
        ("trying", CallPhase.DIALING, None),
        ("ringing", CallPhase.DIALING, CallPhase.RINGING),
        ("active", CallPhase.ACTIVE, CallPhase.ACTIVE),
        ("held", CallPhase.HELD, CallPhase.HELD),
        ("ended", CallPhase.ENDED, CallPhase.ENDED),
    ],
)
def test_a_caller_is_busy_from_the_start_and_a_callee_only_rings(
    phase: str, caller: CallPhase, callee: CallPhase | None
) -> None:
    found = legs(phase, (ALICE, "caller"), (BOB, "callee"))
    assert (found[UserId(1)], found.get(UserId(2))) == (caller, callee)


def test_of_several_phones_that_rang_one_answered() -> None:
    assert legs("active", (ALICE, "callee"), (BOB, "callee", "ended")) == {1: CallPhase.ACTIVE, 2: CallPhase.ENDED}


def test_who_calls_the_own_number_is_a_caller() -> None:
    assert legs("ringing", (ALICE, "caller"), (ALICE, "callee")) == {1: CallPhase.DIALING}


def test_outside_numbers_and_unknown_users_are_nobody() -> None:
    assert legs("active", (ALICE, "caller"), ("+4930123@carrier.example", "callee")) == {1: CallPhase.ACTIVE}
    assert facts(event(type="device.down", user="9999@acme.example", device="d1", rev=[990.0, 2])) == []


def test_a_call_between_two_domains_is_told_in_each_about_its_own_user() -> None:
    told = [{"user": ALICE, "role": "caller"}, {"user": "7@other.example", "role": "callee"}]
    call = event(type="call", call="c1", phase="active", parties=told)
    assert [(domain, fact.user) for domain, fact in facts_of(call, SOURCE, 1000.0, PEOPLE)] == [(OTHER, 1), (ACME, 1)]


def test_events_of_a_call_are_ordered_by_time_and_then_by_phase() -> None:
    in_order = [(10.0, Phase.TRYING), (10.0, Phase.RINGING), (10.0, Phase.ACTIVE), (10.002, Phase.TRYING)]
    revisions = [call_revision(at, phase) for at, phase in in_order]
    assert revisions == sorted(set(revisions))
    assert call_revision(2.0**31, Phase.ENDED) < 2**53


def test_everybody_whom_an_event_mentions_is_looked_up() -> None:
    call = event(type="call", call="c1", phase="active", parties=[{"user": BOB, "role": "callee"}])
    assert people_in([call, event(type="dnd", on=True)]) == {ALICE, BOB}
    assert split_address("1001@Acme.EXAMPLE") == (ACME, "1001")


def snapshot(sent_at: float = 1000.0) -> ReadSnapshot:
    return ReadSnapshot(
        Envelope(source="kam-1", epoch="e", sent_at=sent_at),
        as_of_seq=7,
        taken_at=1000.0,
        devices=[
            SnapshotDevice(user=ALICE, device="d1", rev=(990.0, 1), ttl=60),
            SnapshotDevice(user="9999@acme.example", device="d2", rev=(990.0, 1), ttl=60),
            SnapshotDevice(user=ALICE, device="d3", rev=(900.0, 1), ttl=2),
        ],
        calls=[
            msgspec.convert({"call": "c1", "phase": "held", "parties": [{"user": BOB, "role": "caller"}]}, SnapshotCall)
        ],
        dnd={ALICE},
    )


def test_a_snapshot_speaks_for_every_domain_of_its_source_also_where_nothing_is_left() -> None:
    found = dict(snapshot_facts(snapshot(), SOURCE, [ACME, OTHER], PEOPLE))
    assert [(device.user, device.device) for device in found[ACME].devices] == [(1, "d1"), (1, "d3")]
    assert found[ACME].calls == [
        CallChanged(UserId(2), SOURCE, CallId("c1"), CallPhase.HELD, 14_400_000, call_revision(1000.0, Phase.HELD))
    ]
    assert (found[OTHER].devices, found[OTHER].calls, found[OTHER].at) == ([], [], 1000.0)


def test_a_call_that_began_while_the_snapshot_was_read_is_younger_than_it() -> None:
    fact = dict(snapshot_facts(snapshot(), SOURCE, [ACME], PEOPLE))[ACME]
    assert call_revision(998.5, Phase.TRYING) > fact.calls_before > call_revision(997.5, Phase.ENDED)


def test_what_ran_out_while_the_snapshot_was_being_sent_is_not_in_it() -> None:
    fact = dict(snapshot_facts(snapshot(sent_at=1010.0), SOURCE, [ACME], PEOPLE))[ACME]
    assert [device.device for device in fact.devices] == ["d1"]


def test_everybody_in_a_snapshot_is_looked_up() -> None:
    assert people_in_snapshot(snapshot()) == {ALICE, BOB, "9999@acme.example"}
