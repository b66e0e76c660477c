import asyncio
from collections.abc import Sequence

import pytest

from storage.micro_batch import MicroBatcher
from wire.errors import Invalid, Unavailable


class Database:
    """Notes every batch, and answers when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.started = asyncio.Semaphore(0)
        self.lets = asyncio.Semaphore(0)

    async def run(self, rows: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(rows))
        self.started.release()
        await self.lets.acquire()
        return [Invalid("negative") if row < 0 else row * 2 for row in rows]

    def let(self, times: int = 1_000) -> None:
        for _ in range(times):
            self.lets.release()


def identity(row: int) -> int:
    return row


async def test_a_row_alone_leaves_at_once() -> None:
    database = Database()
    database.let()
    assert await MicroBatcher(database.run, identity).add(21) == 42
    assert database.batches == [[21]]


async def test_rows_that_wait_for_a_batch_travel_together_in_the_next_one() -> None:
    database = Database()
    batcher = MicroBatcher(database.run, identity)
    first = asyncio.create_task(batcher.add(1))
    await database.started.acquire()
    rest = [asyncio.create_task(batcher.add(row)) for row in (2, 3, 4)]
    await asyncio.sleep(0)
    database.let()
    assert await asyncio.gather(first, *rest) == [2, 4, 6, 8]
    assert database.batches == [[1], [2, 3, 4]]


async def test_a_batch_has_a_largest_size() -> None:
    database = Database()
    database.let()
    batcher = MicroBatcher(database.run, identity, largest=2)
    assert await asyncio.gather(*(batcher.add(row) for row in range(5))) == [0, 2, 4, 6, 8]
    assert database.batches == [[0, 1], [2, 3], [4]]


async def test_rows_with_the_same_key_never_travel_together_and_keep_their_order() -> None:
    database = Database()
    database.let()
    batcher = MicroBatcher(database.run, lambda row: row % 10)
    await asyncio.gather(*(batcher.add(row) for row in (1, 11, 2, 21, 3)))
    assert database.batches == [[1, 2, 3], [11], [21]]


async def test_a_bad_row_fails_alone() -> None:
    database = Database()
    database.let()
    batcher = MicroBatcher(database.run, identity)
    good, bad, after = await asyncio.gather(batcher.add(1), batcher.add(-1), batcher.add(2), return_exceptions=True)
    assert (good, after) == (2, 4)
    assert isinstance(bad, Invalid)


async def test_what_a_batch_raises_every_row_gets_and_the_next_batch_goes_on() -> None:
    answers = iter([Unavailable("the database is away"), None])

    async def run(rows: Sequence[int]) -> Sequence[int | Exception]:
        error = next(answers)
        if error:
            raise error
        return rows

    batcher = MicroBatcher(run, identity)
    both = await asyncio.gather(batcher.add(1), batcher.add(2), return_exceptions=True)
    assert [type(each) for each in both] == [Unavailable, Unavailable]
    assert await batcher.add(3) == 3


async def test_too_long_a_queue_is_refused_at_once() -> None:
    database = Database()
    batcher = MicroBatcher(database.run, identity, longest_queue=2)
    first = asyncio.create_task(batcher.add(1))
    await database.started.acquire()
    waiting = [asyncio.create_task(batcher.add(row)) for row in (2, 3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refused:
        await batcher.add(4)
    assert refused.value.retry_after
    database.let()
    assert await asyncio.gather(first, *waiting) == [2, 4, 6]


async def test_a_caller_who_goes_away_while_waiting_takes_its_row_along_and_disturbs_nobody() -> None:
    database = Database()
    batcher = MicroBatcher(database.run, identity)
    first = asyncio.create_task(batcher.add(1))
    await database.started.acquire()
    second, third = asyncio.create_task(batcher.add(2)), asyncio.create_task(batcher.add(3))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    database.let()
    assert await third == 6
    assert database.batches == [[1], [3]]


async def test_closing_waits_for_what_waits() -> None:
    database = Database()
    batcher = MicroBatcher(database.run, identity, largest=1)
    rows = [asyncio.create_task(batcher.add(row)) for row in (1, 2, 3)]
    await database.started.acquire()
    database.let()
    await batcher.close()
    assert [row.done() for row in rows] == [True, True, True]


async def test_nobody_waits_for_ever_when_the_work_is_cancelled() -> None:
    database = Database()
    batcher = MicroBatcher(database.run, identity, largest=1)
    rows = [asyncio.create_task(batcher.add(row)) for row in (1, 2)]
    await database.started.acquire()
    assert batcher._working is not None
    batcher._working.cancel()
    ended = await asyncio.gather(*rows, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.CancelledError, asyncio.CancelledError]
