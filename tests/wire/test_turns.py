"""Whose turn it is: a bounded number at a time, domains by turns, and nobody waits behind another domain's crowd."""

import asyncio
from itertools import islice

import pytest

from wire.errors import TooMany
from wire.turns import FairQueue, Pace, Turns


def taken(queue: FairQueue[str, int], count: int) -> list[int]:
    return [queue.take() for _ in range(count)]


def test_a_single_one_waits_for_one_of_each_other_domain_however_many_they_have() -> None:
    queue: FairQueue[str, int] = FairQueue()
    for number in range(1_000):
        queue.put("crowd", number)
    for number in range(1_000, 1_100):
        queue.put("smaller crowd", number)
    queue.put("alone", -1)
    assert taken(queue, 4) == [0, 1_000, -1, 1]
    assert len(queue) == 1_097


def test_those_of_one_domain_come_in_the_order_in_which_they_came() -> None:
    queue: FairQueue[str, int] = FairQueue()
    for number in range(5):
        queue.put("a", number)
        queue.put("b", 10 + number)
    assert taken(queue, 10) == [0, 10, 1, 11, 2, 12, 3, 13, 4, 14]
    with pytest.raises(KeyError):
        queue.take()


def test_whoever_gives_up_takes_nobody_elses_turn() -> None:
    queue: FairQueue[str, int] = FairQueue()
    queue.put("a", 1)
    queue.put("a", 2)
    queue.put("b", 3)
    queue.remove("a", 1)
    queue.remove("b", 3)
    assert (queue.keys, taken(queue, 1), len(queue)) == (1, [2], 0)
    with pytest.raises(ValueError, match="does not wait"):
        queue.remove("b", 3)


def test_a_domain_with_a_thousandth_of_the_load_waits_for_a_few_of_the_other_at_most() -> None:
    """A server that takes one thing a tick; a crowd that brings three a tick, and somebody who comes now and then."""
    queue: FairQueue[str, int] = FairQueue()
    first_come: list[int] = []
    waits = []
    for tick in range(3_000):
        for _ in range(3):
            queue.put("crowd", tick)
            first_come.append(tick)
        if tick % 1_000 == 500:
            queue.put("alone", -tick)
        item = queue.take()
        if item < 0:
            waits.append(tick + item)
    assert len(waits) == 3
    assert max(waits) <= 1
    assert len(queue) > 5_900, "the crowd waits behind itself"


def test_the_pace_tells_how_long_those_who_wait_will_take() -> None:
    pace = Pace()
    assert pace.seconds_for(100) == 1.0, "nothing is known yet"
    for number in range(200):
        pace.note(number * 0.01)
    assert pace.seconds_for(500) == pytest.approx(5.0)
    pace.note(3_600.0)  # a night without anybody
    assert pace.seconds_for(500) < 7
    assert pace.seconds_for(10**6) == 60.0


async def test_no_more_than_allowed_are_at_work_and_all_have_their_turn() -> None:
    turns: Turns[str] = Turns(3, 100, asyncio.get_running_loop().time)
    most, done = 0, 0

    async def work(domain: str) -> None:
        nonlocal most, done
        async with turns.turn(domain):
            most = max(most, turns.at_work)
            await asyncio.sleep(0)
            done += 1

    await asyncio.gather(*(work(f"d{number % 7}") for number in range(60)))
    assert (most, done, turns.at_work, turns.waiting) == (3, 60, 0, 0)


async def test_when_the_queue_is_full_all_are_told_when_to_come_back_but_for_a_domain_without_anybody_in_it() -> None:
    clock = iter(islice((n * 0.5 for n in range(100)), 100))
    turns: Turns[str] = Turns(1, 4, lambda: next(clock))
    for _ in range(3):
        assert turns.take_now()
        turns.give_back()
    assert turns.take_now()
    waiting = [asyncio.create_task(turns.wait("crowd")) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany) as refused:
        await turns.wait("crowd")
    assert refused.value.retry_after is not None
    assert refused.value.retry_after >= 1
    alone = asyncio.create_task(turns.wait("alone"))
    await asyncio.sleep(0)
    assert (turns.waiting, turns.refused) == (5, 1)
    turns.give_back()
    await waiting[0]
    turns.give_back()
    await alone
    for task in waiting[1:]:
        turns.give_back()
        await task
    turns.give_back()
    assert (turns.at_work, turns.waiting) == (0, 0)


async def test_a_turn_is_passed_on_when_whoever_waited_for_it_is_gone() -> None:
    turns: Turns[str] = Turns(1, 10, asyncio.get_running_loop().time)
    assert turns.take_now()
    gone, granted_and_gone, last = (asyncio.create_task(turns.wait(domain)) for domain in "abc")
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    turns.give_back()  # to the second one, who is cancelled before hearing of it
    granted_and_gone.cancel()
    await last
    turns.give_back()
    assert (turns.at_work, turns.waiting) == (0, 0)
    assert gone.cancelled()
    assert granted_and_gone.cancelled()


async def test_whoever_was_passed_over_while_leaving_leaves_in_peace() -> None:
    turns: Turns[str] = Turns(1, 10, asyncio.get_running_loop().time)
    assert turns.take_now()
    leaving = asyncio.create_task(turns.wait("a"))
    await asyncio.sleep(0)
    leaving.cancel()
    turns.give_back()  # before the one who leaves has run again
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert (turns.at_work, turns.waiting) == (0, 0)
