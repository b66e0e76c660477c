"""Every event counts once, however late and often it comes; a lost one is noticed, and only a lost one."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pbx.sequence import (
    FORMER_EPOCHS,
    GAP_PATIENCE,
    HEARD_INTERVAL,
    SECOND_LOOK,
    SNAPSHOT_INTERVAL,
    WINDOW,
    Position,
    after_batch,
    after_snapshot,
)

SYNCED = after_snapshot(Position(), "e1", 0, 100.0)


def after(position: Position, *numbers: int, at: float = 100.0, last_seq: int = 0, epoch: str = "e1") -> Position:
    return after_batch(position, epoch, numbers, last_seq, at)


def test_a_source_heard_for_the_first_time_is_asked_for_a_snapshot() -> None:
    assert not after(Position(), 1, 2).synced
    assert SYNCED.synced


def test_numbers_in_order_move_the_watermark() -> None:
    position = after(after(SYNCED, 1, 2, 3), 4)
    assert (position.watermark, position.seen, position.synced) == (4, 0, True)


def test_a_repeated_number_is_known_and_an_overtaken_one_is_not() -> None:
    position = after(SYNCED, 1, 2, 5)
    assert [number for number in range(1, 7) if position.has_seen("e1", number)] == [1, 2, 5]
    assert position.synced


def test_a_late_number_closes_the_gap() -> None:
    position = after(after(SYNCED, 1, 3), 2, at=100.5)
    assert (position.watermark, position.gap_since) == (3, None)


def test_a_gap_that_stays_asks_for_a_snapshot_and_keeps_asking() -> None:
    position = after(after(SYNCED, 1, 3), 4, at=100.0 + GAP_PATIENCE)
    assert not position.synced
    assert not after(position, 2, at=103.0).synced
    assert after_snapshot(position, "e1", 4, 104.0).synced


def test_a_younger_gap_is_not_blamed_for_the_age_of_a_closed_one() -> None:
    position = after(SYNCED, 2)
    position = after(position, 1, 4, at=101.9)
    assert after(position, 5, at=102.1).synced


def test_a_heartbeat_above_the_watermark_asks_for_a_snapshot_at_once() -> None:
    assert after(after(SYNCED, 1), last_seq=1).synced
    assert not after(after(SYNCED, 1), last_seq=2).synced


def test_a_queue_behind_the_batch_is_no_gap() -> None:
    assert after(SYNCED, 1, 2, last_seq=5_000).synced


def test_a_new_epoch_starts_over() -> None:
    position = after(after(SYNCED, 1, 2, 3), 1, epoch="e2")
    assert (position.epoch, position.watermark, position.synced) == ("e2", 1, False)


def test_a_late_batch_of_a_former_epoch_changes_nothing() -> None:
    position = after_snapshot(after(SYNCED, 1), "e2", 7, 101.0)
    assert after(position, 2, 3, epoch="e1") is position
    assert after_snapshot(position, "e1", 3, 102.0) is position
    assert position.has_seen("e1", 99)


def test_only_a_few_former_epochs_are_remembered() -> None:
    position = Position()
    for number in range(20):
        position = after(position, 1, epoch=f"e{number}")
    assert position.former == tuple(f"e{number}" for number in range(19 - FORMER_EPOCHS, 19))


def test_a_snapshot_covers_what_came_before_it_and_not_what_came_after() -> None:
    position = after_snapshot(after(SYNCED, 1, 5, 9), "e1", 6, 101.0)
    assert [number for number in range(1, 11) if position.has_seen("e1", number)] == [1, 2, 3, 4, 5, 6, 9]


def test_an_old_snapshot_does_not_take_the_watermark_back() -> None:
    assert after_snapshot(after(SYNCED, 1, 2, 3), "e1", 2, 101.0).watermark == 3


def test_a_number_far_ahead_gives_up_what_falls_out_of_the_window() -> None:
    position = after(after(SYNCED, 1), 5_000)
    assert not position.synced
    assert position.watermark == 5_000 - WINDOW
    assert position.has_seen("e1", 5_000)
    assert position.seen.bit_length() <= WINDOW


def test_a_source_that_counts_from_one_again_without_a_new_epoch_is_heard_and_asked_for_a_snapshot() -> None:
    position = after_snapshot(SYNCED, "e1", 9_000, 101.0)
    assert not position.has_seen("e1", 1)
    position = after(position, 1, 2)
    assert (position.watermark, position.synced) == (2, False)
    assert not after(after_snapshot(SYNCED, "e1", 9, 101.0), last_seq=3).synced


def test_one_absurd_number_does_not_deafen_us() -> None:
    position = after(after(SYNCED, 1, 2), 2**53 - 1)
    assert not position.has_seen("e1", 3)
    position = after_snapshot(after(position, 3), "e1", 3, 101.0)
    assert (position.watermark, position.synced) == (3, True)


def test_a_snapshot_is_asked_for_now_and_then_even_if_nothing_is_known_to_be_lost() -> None:
    position = after_snapshot(SYNCED, "e1", 0, 100.0)
    assert not position.needs_resync(100.0 + SNAPSHOT_INTERVAL - 1)
    assert position.needs_resync(100.0 + SNAPSHOT_INTERVAL)
    assert not after_snapshot(position, "e1", 0, 100.0 + SNAPSHOT_INTERVAL).needs_resync(101.0 + SNAPSHOT_INTERVAL)


def test_after_a_loss_a_second_snapshot_is_asked_for_which_spares_nothing_that_was_young_at_the_first() -> None:
    healed = after_snapshot(after(SYNCED, 1, last_seq=0, at=100.0), "e1", 1, 101.0)
    lost = after(healed, last_seq=2, at=102.0)
    assert lost.needs_resync(102.0)
    once = after_snapshot(lost, "e1", 2, 103.0)
    assert [once.needs_resync(at) for at in (103.0, 102.9 + SECOND_LOOK, 103.0 + SECOND_LOOK)] == [False, False, True]
    assert not after_snapshot(once, "e1", 2, 103.0 + SECOND_LOOK).needs_resync(103.0 + 3 * SECOND_LOOK)


def test_presence_hears_every_few_seconds_of_a_source_that_beats_and_has_told_everything() -> None:
    beating = after(SYNCED, at=200.0)
    assert beating.must_announce
    assert not after(beating, 1, at=200.0 + HEARD_INTERVAL - 1, last_seq=1).must_announce
    assert after(beating, 1, at=200.0 + HEARD_INTERVAL, last_seq=1).must_announce
    assert not after(beating, 1, at=200.0 + HEARD_INTERVAL, last_seq=2).must_announce
    assert not after(SYNCED, 1, at=200.0, last_seq=1).must_announce


def test_presence_hears_of_a_source_that_starts_again_only_after_its_snapshot() -> None:
    started = after(after(SYNCED, at=200.0), at=210.0, epoch="e2")
    assert not started.must_announce
    assert after_snapshot(started, "e2", 0, 211.0).must_announce


def test_hearing_from_the_source_is_remembered() -> None:
    assert after(SYNCED, at=107.5).heard_at == 107.5


@given(st.permutations(range(1, 41)), st.lists(st.integers(1, 40), max_size=40))
def test_each_number_is_new_exactly_once_in_any_order(order: list[int], repeats: list[int]) -> None:
    position, new = SYNCED, []
    for number in [*order, *repeats]:
        if not position.has_seen("e1", number):
            new.append(number)
        position = after(position, number)
    assert new == order
    assert (position.watermark, position.seen, position.synced) == (40, 0, True)


@given(st.lists(st.lists(st.integers(1, WINDOW), min_size=1, max_size=20), max_size=20))
def test_the_watermark_only_grows_and_what_was_marked_stays_seen(batches: list[list[int]]) -> None:
    positions = [SYNCED]
    for batch in batches:
        positions.append(after(positions[-1], *batch))
        assert all(positions[-1].has_seen("e1", number) for number in batch)
        assert positions[-1].seen.bit_length() <= WINDOW
        assert not positions[-1].seen & 1
    assert all(one.watermark <= two.watermark for one, two in pairwise(positions))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_two_gateways_may_mark_in_either_order(one: list[int], two: list[int]) -> None:
    assert after(after(SYNCED, *one), *two) == after(after(SYNCED, *two), *one)


@given(st.sets(st.integers(1, 200), min_size=1), st.integers(1, 200))
def test_a_missing_number_is_always_noticed_by_the_next_heartbeat(arrived: set[int], last_seq: int) -> None:
    position = after(SYNCED, *sorted(number for number in arrived if number <= last_seq))
    position = after(position, last_seq=last_seq)
    assert position.synced == (set(range(1, last_seq + 1)) <= arrived)
