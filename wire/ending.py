"""Ending tasks that go on for ever."""

import asyncio
from typing import Any

AGAIN = 2.0
"""Seconds for a task to clean up after itself, before it is asked once more."""


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancels tasks and returns when they have ended, whatever they raised.

    Asks again: below Python 3.12 `asyncio.wait_for`, through which both drivers go with every question, swallows a
    cancellation that comes just as the answer does, and the task would go on for ever.
    """
    going_on = {task for task in tasks if not task.done()}
    while going_on:
        for task in going_on:
            task.cancel()
        _, going_on = await asyncio.wait(going_on, timeout=AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)  # so that nobody complains that an error was not looked at
