"""Whether the clock of this machine can be believed: what is deleted because it is old is gone for good."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from storage.postgres.pool import Pool, connection

log = structlog.get_logger(__name__)

MOST_APART = timedelta(minutes=10)


class SharedClock:
    """`agrees()`: our clock and the database's say the same, give or take ten minutes."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._pool = pool
        self._clock = clock

    async def agrees(self) -> bool:
        """Raises `Unavailable`."""
        async with connection(self._pool) as conn:
            theirs: datetime = await conn.fetchval("SELECT clock_timestamp()")
        ahead = self._clock() - theirs
        if abs(ahead) <= MOST_APART:
            return True
        log.error("clocks_differ", ahead_of_the_database=round(ahead.total_seconds()), so="nothing old is deleted")
        return False
