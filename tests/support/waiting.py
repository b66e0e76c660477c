"""Waiting for what happens by itself, by asking again."""

import asyncio
from collections.abc import Awaitable, Callable

WAIT = 30.0
"""Seconds until a test gives up; far more than anything should take."""


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WAIT):
        while not await holds():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.05)
