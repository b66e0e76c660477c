"""Pauses that belong to a measurement: what went ahead (queues, caches, garbage, disks) comes to rest before the next
figure is taken. Nothing is waited for here that could be asked for, and no test uses it.
"""

import asyncio


async def settle(seconds: float) -> None:
    await asyncio.sleep(seconds)
