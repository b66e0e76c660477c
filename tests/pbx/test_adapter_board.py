from typing import TypeVar

import msgspec
import pytest
from msgspec import Raw

from pbx.adapter.board import ENDED_IS_REMEMBERED, Board, Leg, Registration
from pbx.adapter.outbox import Outbox
from pbx.adapter.parts import parts_of
from pbx.contract import call_revision
from wire.ingest import AnySwitchEvent, Call, DeviceDown, DeviceUp, Dnd, Phase, Role, SnapshotCall, SnapshotDevice

T = TypeVar("T")
ANNA, BEN = "1001@acme.test", "1002@acme.test"
NOW = 1_795_000_000.0


@pytest.fixture
def board() -> Board:
    return Board(Outbox(), knows_dnd=True)


def told(board: Board) -> list[AnySwitchEvent]:
    """What has been told since the last time."""
    batch = board.outbox.batch()
    board.outbox.settle(board.outbox.last_seq)
    return [msgspec.json.decode(encoded, type=AnySwitchEvent) for _, encoded in batch]


def desk(ends_at: float = NOW + 600, user: str = ANNA) -> Registration:
    return Registration(user, "desk", ends_at, contact="sip:1001@192.0.2.1", user_agent="Deskphone")


def leg(phase: Phase = Phase.ACTIVE, call: str = "a.1", user: str = ANNA, role: Role = Role.CALLER) -> Leg:
    return Leg(call, user, role, phase)


def test_a_registration_is_told_once_and_a_refresh_as_one(board: Board) -> None:
    board.registered(NOW, desk())
    board.registered(NOW + 1, desk())
    board.registered(NOW + 300, desk(NOW + 900))
    up, refresh = told(board)
    assert isinstance(up, DeviceUp)
    assert (up.seq, up.ttl, up.refresh, up.user_agent) == (1, 600, False, "Deskphone")
    assert isinstance(refresh, DeviceUp)
    assert (refresh.seq, refresh.ttl, refresh.refresh) == (2, 600, True)
    assert refresh.rev > up.rev


def test_what_a_list_does_not_say_of_a_device_stays_as_it_was_told(board: Board) -> None:
    board.registered(NOW, desk())
    told(board)
    board.devices_are(NOW + 10, [Registration(ANNA, "desk", NOW + 600)], since=NOW + 10)
    assert told(board) == []
    (device,) = board.snapshot(NOW + 11).devices
    assert device.user_agent == "Deskphone"


def test_a_device_that_goes_and_comes_in_the_same_moment_is_there(board: Board) -> None:
    board.registered(NOW, desk())
    board.unregistered(NOW, ANNA, "desk", "unregistered")
    board.registered(NOW, desk())
    events = told(board)
    assert [type(event) for event in events] == [DeviceUp, DeviceDown, DeviceUp]
    revisions = [event.rev for event in events if isinstance(event, DeviceUp | DeviceDown)]
    assert revisions == sorted(set(revisions))


def test_a_lease_that_is_known_is_not_replaced_by_word_that_the_device_is_there(board: Board) -> None:
    board.registered(NOW, desk())
    board.seen(NOW + 1, desk(NOW + 90))
    board.seen(NOW + 1, Registration(BEN, "other", NOW + 90))
    first, second = told(board)
    assert isinstance(first, DeviceUp)
    assert isinstance(second, DeviceUp)
    assert (first.ttl, second.user, second.ttl) == (600, BEN, 89)


def test_a_list_removes_what_is_not_in_it_unless_that_is_newer_than_the_list(board: Board) -> None:
    board.registered(NOW, desk())
    board.registered(NOW + 9, desk(user=BEN))
    told(board)
    board.devices_are(NOW + 10, [], since=NOW + 8)
    (gone,) = told(board)
    assert isinstance(gone, DeviceDown)
    assert (gone.user, gone.reason) == (ANNA, "removed")


def test_a_list_does_not_shorten_a_lease_that_was_renewed_since_it_was_read(board: Board) -> None:
    board.registered(NOW + 9, desk(NOW + 609))
    told(board)
    board.devices_are(NOW + 10, [desk(NOW + 20)], since=NOW + 8)
    assert told(board) == []


def test_a_leg_that_began_while_the_list_was_being_read_stays(board: Board) -> None:
    board.leg(NOW + 9, leg())
    told(board)
    board.legs_are(NOW + 10, [], since=NOW + 8, shows_hold=True)
    assert told(board) == []


def test_an_older_list_does_not_take_back_what_was_told_since(board: Board) -> None:
    board.leg(NOW + 9, leg(Phase.ACTIVE))
    told(board)
    board.legs_are(NOW + 10, [leg(Phase.TRYING)], since=NOW + 8, shows_hold=True)
    assert told(board) == []


def test_a_call_that_has_ended_is_not_brought_back_by_a_list_that_was_read_before(board: Board) -> None:
    board.leg(NOW, leg())
    board.hung_up(NOW + 9, "a.1")
    told(board)
    board.legs_are(NOW + 10, [leg()], since=NOW + 8, shows_hold=True)
    assert told(board) == []
    assert board.snapshot(NOW + 10).calls == []


def test_what_has_ended_is_forgotten_after_a_while(board: Board) -> None:
    for second in range(200):
        board.hung_up(NOW + second, f"a.{second}")
    assert len(board._ended) <= ENDED_IS_REMEMBERED + 1


def test_a_leg_whose_end_was_missed_ends_by_the_list(board: Board) -> None:
    board.leg(NOW, leg())
    told(board)
    board.legs_are(NOW + 30, [], since=NOW + 29, shows_hold=False)
    (ended,) = told(board)
    assert isinstance(ended, Call)
    assert (ended.call, ended.phase, ended.reason) == ("a.1", Phase.ENDED, "gone")


def test_where_lists_lag_a_leg_ends_only_if_it_is_absent_twice_in_a_row(board: Board) -> None:
    board.leg(NOW, leg())
    told(board)
    for seconds, listed in ((30, []), (60, [leg()]), (90, [])):
        board.legs_are(NOW + seconds, listed, since=NOW + seconds, shows_hold=True, absences=2)
        assert told(board) == []
    board.legs_are(NOW + 120, [], since=NOW + 120, shows_hold=True, absences=2)
    assert [event.phase for event in told(board) if isinstance(event, Call)] == [Phase.ENDED]


@pytest.mark.parametrize(("shows_hold", "phases"), [(False, []), (True, [Phase.ACTIVE])])
def test_a_list_that_does_not_show_hold_takes_nobody_off_it(
    board: Board, shows_hold: bool, phases: list[Phase]
) -> None:
    board.leg(NOW, leg())
    board.held(NOW + 1, "a.1", is_held=True)
    told(board)
    board.legs_are(NOW + 30, [leg()], since=NOW + 29, shows_hold=shows_hold)
    assert [event.phase for event in told(board) if isinstance(event, Call)] == phases


def test_who_is_called_is_told_of_only_once_it_rings(board: Board) -> None:
    board.leg(NOW, leg(Phase.TRYING, role=Role.CALLEE))
    board.leg(NOW + 1, leg(Phase.RINGING, role=Role.CALLEE))
    (ringing,) = told(board)
    assert isinstance(ringing, Call)
    assert ringing.phase is Phase.RINGING


def test_a_leg_that_another_phone_takes_over_ends_for_the_first(board: Board) -> None:
    board.leg(NOW, leg(Phase.RINGING, role=Role.CALLEE))
    board.leg(NOW + 1, leg(Phase.ACTIVE, user=BEN, role=Role.CALLEE))
    _, taken = told(board)
    assert isinstance(taken, Call)
    assert {party.user: party.phase for party in taken.parties} == {BEN: None, ANNA: Phase.ENDED}


def test_hold_and_back_within_one_moment_are_ordered_for_the_gateway(board: Board) -> None:
    board.leg(NOW, leg())
    for is_held in (True, False, True, False):
        board.held(NOW, "a.1", is_held=is_held)
    revisions = [call_revision(event.at, event.phase) for event in told(board) if isinstance(event, Call)]
    assert revisions == sorted(set(revisions))


def test_what_happens_in_the_moment_of_a_snapshot_comes_after_it(board: Board) -> None:
    board.leg(NOW, leg())
    board.held(NOW, "a.1", is_held=True)
    told(board)
    snapshot = board.snapshot(NOW)
    board.held(NOW, "a.1", is_held=False)
    (back,) = told(board)
    assert isinstance(back, Call)
    assert call_revision(back.at, back.phase) > call_revision(snapshot.taken_at, snapshot.calls[0].phase)


def test_do_not_disturb_is_told_whenever_the_switch_says_so_and_by_a_list_only_if_it_differs(board: Board) -> None:
    board.disturbed(NOW, ANNA, False, "switch")
    board.disturbed(NOW + 1, ANNA, True, "switch")
    board.dnd_are(NOW + 30, [ANNA], since=NOW + 29)
    board.dnd_are(NOW + 60, [BEN], since=NOW + 59)
    assert [(event.user, event.on) for event in told(board) if isinstance(event, Dnd)] == [
        (ANNA, False),
        (ANNA, True),
        (ANNA, False),
        (BEN, True),
    ]
    assert board.snapshot(NOW + 61).dnd == [BEN]


def test_a_snapshot_is_what_all_events_up_to_its_number_add_up_to(board: Board) -> None:
    board.registered(NOW, desk())
    board.registered(NOW, desk(NOW + 5, BEN))
    board.leg(NOW, leg(Phase.RINGING, role=Role.CALLEE))
    snapshot = board.snapshot(NOW + 10)
    assert snapshot.as_of_seq == board.outbox.last_seq == 3
    assert [(device.user, device.ttl) for device in snapshot.devices] == [(ANNA, 590)]
    assert [(call.call, call.phase) for call in snapshot.calls] == [("a.1", Phase.RINGING)]


def test_a_switch_that_cannot_tell_do_not_disturb_says_nothing_of_it() -> None:
    assert Board(Outbox()).snapshot(NOW).dnd is None


def test_a_full_outbox_drops_everything_and_wants_a_snapshot() -> None:
    board = Board(Outbox(most_waiting=3), must_snapshot=False)
    for second in range(4):
        board.leg(NOW + second, leg(call=f"a.{second}"))
    assert board.must_snapshot
    assert (len(board.outbox), board.outbox.dropped) == (0, 4)
    snapshot = board.snapshot(NOW + 9)
    assert (snapshot.as_of_seq, len(snapshot.calls)) == (4, 4)
    board.leg(NOW + 10, leg(call="a.9"))
    assert [event.seq for event in told(board)] == [5]


def test_a_large_snapshot_is_cut_into_parts_that_fit_and_miss_nothing(board: Board) -> None:
    for number in range(500):
        board.registered(NOW, Registration(f"{number}@acme.test", "desk", user_agent="x" * 100))
        board.leg(NOW, leg(call=f"a.{number}"))
    board.disturbed(NOW, ANNA, True, "switch")
    parts = parts_of(board.snapshot(NOW), "rack-4", "e1", "s1", part_bytes=20_000)
    assert len(parts) > 5
    assert all(len(msgspec.json.encode(part)) <= 20_000 for part in parts)
    assert [(part.part, part.parts, part.as_of_seq) for part in parts] == [
        (number, len(parts), 1_001) for number in range(1, len(parts) + 1)
    ]
    devices = [decode(raw, SnapshotDevice).user for part in parts for raw in part.devices]
    calls = [decode(raw, SnapshotCall).call for part in parts for raw in part.calls]
    dnd = [decode(raw, str) for part in parts for raw in part.dnd or ()]
    assert (len(set(devices)), len(set(calls)), dnd) == (500, 500, [ANNA])


def test_an_empty_snapshot_is_one_part(board: Board) -> None:
    (part,) = parts_of(board.snapshot(NOW), "rack-4", "e1", "s1")
    assert (part.part, part.parts, part.devices, part.dnd) == (1, 1, (), ())


def decode(raw: Raw, kind: type[T]) -> T:
    return msgspec.json.decode(raw, type=kind)
