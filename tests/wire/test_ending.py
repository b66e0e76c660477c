"""A task that is ended has ended, even if it did not hear that the first time."""

import asyncio

import pytest

import wire.ending
from wire.ending import end


async def test_a_task_that_swallows_a_cancellation_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.ending, "AGAIN", 0.01)
    asked = 0

    async def stubborn() -> None:
        nonlocal asked
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                asked += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await end(task)
    assert task.cancelled()
    assert asked == 2


async def test_what_cleans_up_is_given_the_time_for_it_and_what_fails_disturbs_nobody() -> None:
    cleaned = asyncio.Event()

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    async def failing() -> None:
        raise ValueError

    tasks = [asyncio.create_task(tidy()), asyncio.create_task(failing())]
    await asyncio.sleep(0)
    await end(*tasks)
    assert cleaned.is_set()
    assert all(task.done() for task in tasks)
