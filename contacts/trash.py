"""The job that forgets what is old, deleted contacts and imports: on every gateway, since several do no harm."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from wire.errors import Refused

log = structlog.get_logger(__name__)

EMPTY_EVERY = 3_600.0


async def empty_trash_forever(may_believe: Callable[[], Awaitable[bool]], *jobs: Callable[[], Awaitable[int]]) -> None:
    """Until cancelled. Gateways that start together do not all look at the same moment.

    `may_believe()`: whether the clock can be believed; by one that is put ahead nothing may be forgotten.
    """
    while True:
        await asyncio.sleep(EMPTY_EVERY * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        for job in jobs:
            try:
                if await may_believe():
                    await job()
            except Refused:
                log.warning("trash_not_emptied")
