"""Waiting for what happens by itself elsewhere, by asking again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

WAIT = 30.0
"""Seconds until a test gives up; far more than anything should take."""

T = TypeVar("T")


async def eventually(what: Callable[[], Awaitable[T]], wanted: T) -> None:
    ends = time.monotonic() + WAIT
    while (found := await what()) != wanted:
        assert time.monotonic() < ends, f"still {found}"
        await asyncio.sleep(0.05)
