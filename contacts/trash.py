"""The job that empties the trash: on every gateway, since it does no harm if several do it at once."""

import asyncio
import random
from typing import Protocol

import structlog

from wire.errors import Refused

log = structlog.get_logger(__name__)

EMPTY_EVERY = 3_600.0


class Trash(Protocol):
    """contacts/service.py."""

    async def empty_trash(self) -> int: ...


async def empty_trash_forever(trash: Trash) -> None:
    """Until cancelled. Gateways that start together do not all look at the same moment."""
    while True:
        await asyncio.sleep(EMPTY_EVERY * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        try:
            await trash.empty_trash()
        except Refused:
            log.warning("trash_not_emptied")
