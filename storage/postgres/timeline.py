"""Which life of the database we talk to: the same numbers mean something else in another one.

A standby that takes over may lack what the primary acknowledged last, and a backup lacks more. What either gives out
from then on (positions in conversations, revisions, ids) was given out before, to something else, and no comparison of
numbers can find that out. PostgreSQL counts such lives of one cluster as its timelines. See decision 0036.
"""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from storage.postgres.pool import Pool, connection
from wire.errors import Refused

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0
"""Seconds. Behind a proxy a connection of ours stays while the server behind it becomes another one."""

# A replica gives out no numbers. The name of the log file is of the timeline that is written now: what the control file
# says is older until the first checkpoint.
_ASK = """
SELECT CASE WHEN NOT pg_is_in_recovery() THEN
    system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/'
    || left(pg_walfile_name(pg_current_wal_lsn()), 8)
END FROM pg_control_system()
"""


class Superseded(ConnectionRefusedError):
    """Another server has taken over from this one, and we have seen it: what it says is not true any more."""


def name_of(told: str) -> str:
    """`<database>.<number>`: clients get to see it, and need not know the number of a cluster."""
    database, _, number = told.rpartition("/")
    return f"{hashlib.blake2b(database.encode(), digest_size=6).hexdigest()}.{number}"


def supersedes(name: str, other: str) -> bool:
    """Whether a timeline is a later one of the same database."""
    (database, _, number), (of_other, _, before) = name.rpartition("."), other.rpartition(".")
    return database == of_other and number > before


def _nobody_cares() -> None:
    return None


class DatabaseTimeline:
    """`name` is empty until it is known, and stays so where the server does not tell. `on_change()` is called when it
    has become another one: by a connection of ours before anything else was asked on it.
    """

    def __init__(self) -> None:
        self.name = ""
        self.changes = 0
        self.on_change: Callable[[], None] = _nobody_cares
        self.pool: Pool | None = None
        self._is_silent = False

    async def look(self, connection: Any) -> None:
        """Whose connection is it? Raises `Superseded`."""
        try:
            told: str | None = await connection.fetchval(_ASK)
        except (
            asyncpg.InsufficientPrivilegeError,
            asyncpg.UndefinedFunctionError,
            asyncpg.FeatureNotSupportedError,
            asyncpg.ObjectNotInPrerequisiteStateError,
        ) as error:
            self._not_told(error)
            return
        if told is not None:
            await self._learn(name_of(told))

    async def run(self) -> None:
        """Until cancelled."""
        assert self.pool is not None
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                async with connection(self.pool) as conn:
                    await self.look(conn)
            except Refused:
                continue  # it is away; the next connection is looked at in any case

    async def _learn(self, name: str) -> None:
        before, is_another = self.name, self.name not in ("", name)
        if is_another and supersedes(before, name):
            log.error("database_superseded", timeline=name, newer=before)
            raise Superseded(f"this server was superseded: it is on timeline {name}, and {before} was seen")
        self.name = name
        if not is_another:
            return
        self.changes += 1
        log.warning("database_timeline_changed", before=before, now=name)
        if self.pool is not None:
            await self.pool.expire_connections()
        self.on_change()

    def _not_told(self, error: Exception) -> None:
        if not self._is_silent:
            self._is_silent = True
            log.warning("database_timeline_not_told", error=str(error))
