"""What is remembered of a switch is the same for every gateway, and the slower of two decides again."""

import asyncio
import secrets

import pytest
from redis.asyncio import Redis

from pbx.model import DndMark, Recalled
from pbx.sequence import Position, after_batch
from pbx.store import SourceMemory
from storage.redis import keys
from storage.redis.sources import RedisSourceMemory
from wire.errors import TooLarge
from wire.identity import SourceId
from wire.ingest import MAX_SNAPSHOT_BYTES


@pytest.fixture
def source() -> SourceId:
    return SourceId(f"switch-{secrets.token_hex(4)}")


@pytest.fixture
def memory(redis: Redis) -> SourceMemory:
    return RedisSourceMemory(redis)


async def test_a_source_that_was_never_heard_has_no_position(memory: SourceMemory, source: SourceId) -> None:
    recalled = await memory.recall(source)
    assert recalled.position == Position()
    assert recalled.now > 1_700_000_000


async def test_a_position_comes_back_as_it_was_with_a_thousand_numbers_seen(
    memory: SourceMemory, source: SourceId
) -> None:
    position = after_batch(Position(former=("e0",)), "e1", range(2, 1_000, 2), 1_000, 5.5)
    assert await memory.keep(source, await memory.recall(source), position)
    assert (await memory.recall(source)).position == position


async def test_of_two_gateways_the_slower_one_decides_again(memory: SourceMemory, source: SourceId) -> None:
    first, second = await memory.recall(source), await memory.recall(source)
    assert await memory.keep(source, first, Position(epoch="e", watermark=1))
    assert not await memory.keep(source, second, Position(epoch="e", watermark=2))
    assert (await memory.recall(source)).position.watermark == 1


async def test_a_hundred_at_once_lose_nothing(memory: SourceMemory, source: SourceId) -> None:
    async def mark(number: int) -> None:
        while True:
            recalled: Recalled = await memory.recall(source)
            if await memory.keep(source, recalled, after_batch(recalled.position, "e", [number], 100, 1.0)):
                return

    await asyncio.gather(*(mark(number) for number in range(1, 101)))
    assert (await memory.recall(source)).position.watermark == 100


async def test_sources_do_not_see_each_other(memory: SourceMemory, source: SourceId) -> None:
    await memory.keep(source, await memory.recall(source), Position(epoch="e", watermark=1))
    assert (await memory.recall(SourceId(source + "2"))).position == Position()


async def test_parts_come_back_in_order_once_the_last_is_there(memory: SourceMemory, source: SourceId) -> None:
    assert await memory.stage(source, "s", 3, 3, b"three") is None
    assert await memory.stage(source, "s", 1, 3, b"one") is None
    assert await memory.stage(source, "s", 1, 3, b"one") is None
    assert await memory.stage(source, "s", 2, 3, b"two\xff") == [b"one", b"two\xff", b"three"]


async def test_the_last_part_may_be_repeated_until_it_was_applied(memory: SourceMemory, source: SourceId) -> None:
    for _ in range(2):
        assert await memory.stage(source, "s", 1, 1, b"one") == [b"one"]
    await memory.forget(source, "s")
    assert await memory.stage(source, "s", 1, 2, b"one") is None


async def test_a_new_snapshot_throws_away_an_unfinished_one(memory: SourceMemory, source: SourceId) -> None:
    await memory.stage(source, "old", 1, 2, b"old")
    assert await memory.stage(source, "new", 2, 2, b"new") is None
    await memory.forget(source, "old")
    assert await memory.stage(source, "new", 1, 2, b"new") == [b"new", b"new"]


async def test_an_unfinished_snapshot_is_thrown_away_after_a_while(
    memory: SourceMemory, source: SourceId, redis: Redis
) -> None:
    await memory.stage(source, "s", 1, 2, b"one")
    assert 0 < await redis.ttl(keys.source(source, "parts")) <= 60


async def test_a_snapshot_without_end_is_refused(memory: SourceMemory, source: SourceId) -> None:
    piece = bytes(MAX_SNAPSHOT_BYTES // 4)
    for part in range(1, 5):
        await memory.stage(source, "s", part, 9, piece)
    with pytest.raises(TooLarge):
        await memory.stage(source, "s", 5, 9, piece)
    assert await memory.stage(source, "s", 5, 9, b"") is None


async def test_a_part_that_does_not_fit_the_others_completes_nothing(memory: SourceMemory, source: SourceId) -> None:
    await memory.stage(source, "s", 5, 5, b"five")
    assert await memory.stage(source, "s", 1, 2, b"one") is None


async def test_do_not_disturb_is_noted_in_the_order_of_the_source(memory: SourceMemory, source: SourceId) -> None:
    address = "1001@acme.example"
    assert await memory.note_dnd(source, address, DndMark("epoch with spaces", 7, True))
    assert not await memory.note_dnd(source, address, DndMark("epoch with spaces", 6, False))
    assert await memory.note_dnd(source, address, DndMark("epoch with spaces", 7, True))
    assert await memory.noted_dnd(source) == {address: DndMark("epoch with spaces", 7, True)}
    assert await memory.note_dnd(source, address, DndMark("e2", 1, False))
    assert await memory.noted_dnd(source) == {address: DndMark("e2", 1, False)}
