import msgspec
import pytest

from pbx.adapter.backoff import LONGEST_SECONDS, pause_before
from pbx.adapter.outbox import Outbox
from wire.ingest import MAX_BATCH_BYTES, MAX_EVENTS, Dnd


def put(outbox: Outbox, count: int, via: str = "switch") -> None:
    for _ in range(count):
        outbox.put(Dnd(seq=outbox.next_seq, at=1.0, user="1001@acme.test", on=True, via=via))


def test_events_are_numbered_without_holes_and_leave_in_order() -> None:
    outbox = Outbox()
    put(outbox, 3)
    assert [seq for seq, _ in outbox.batch()] == [1, 2, 3]
    assert msgspec.json.decode(outbox.batch()[0][1])["seq"] == 1


def test_a_batch_stays_the_same_until_it_is_settled() -> None:
    outbox = Outbox()
    put(outbox, MAX_EVENTS)
    batch = outbox.batch()
    put(outbox, 5)
    assert outbox.batch() == batch
    outbox.settle(batch[-1][0])
    assert [seq for seq, _ in outbox.batch()] == [MAX_EVENTS + number for number in range(1, 6)]


def test_a_batch_has_no_more_events_than_one_message_may_have() -> None:
    outbox = Outbox()
    put(outbox, MAX_EVENTS + 1)
    assert len(outbox.batch()) == MAX_EVENTS


def test_a_batch_has_no_more_bytes_than_one_message_may_have() -> None:
    outbox = Outbox()
    put(outbox, MAX_EVENTS, via="x" * 400_000)
    assert 1 <= len(outbox.batch()) < MAX_EVENTS
    assert sum(len(encoded) for _, encoded in outbox.batch()) < MAX_BATCH_BYTES


def test_what_does_not_fit_is_dropped_whole_and_the_numbers_go_on() -> None:
    outbox = Outbox(most_waiting=2)
    put(outbox, 4)
    assert (outbox.dropped, outbox.last_seq) == (3, 4)
    assert [seq for seq, _ in outbox.batch()] == [4]


@pytest.mark.parametrize("attempt", [1, 2, 3, 5, 6, 10_000])
def test_pauses_double_up_to_half_a_minute_and_half_of_each_is_chance(attempt: int) -> None:
    longest = min(LONGEST_SECONDS, 2.0 ** min(attempt - 1, 10))
    assert pause_before(attempt, 0.0) == longest / 2
    assert pause_before(attempt, 1.0) == longest
