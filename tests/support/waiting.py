"""Waiting for what happens by itself elsewhere, by asking again."""

import asyncio
import time
from collections.abc import Awaitable, Callable

WAIT = 30.0
"""Seconds until a test gives up; far more than anything should take."""


async def eventually(what: Callable[[], Awaitable[object]], wanted: object) -> None:
    ends = time.monotonic() + WAIT
    while (found := await what()) != wanted:
        assert time.monotonic() < ends, f"still {found}"
        await asyncio.sleep(0.05)
