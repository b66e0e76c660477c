"""Waiting for what another program brings to a server of the test's own."""

import asyncio
from collections.abc import Callable

from tests.support.waiting import WAIT


class Arrivals:
    """The server notes each thing that has come; whoever waits looks again then."""

    def __init__(self) -> None:
        self._came = asyncio.Event()

    def note(self) -> None:
        self._came.set()

    async def until(self, holds: Callable[[], object], within: float = WAIT) -> None:
        """`holds` may depend on nothing but what has come. Raises TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not holds():
                self._came.clear()
                await self._came.wait()
