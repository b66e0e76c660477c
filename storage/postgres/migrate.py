"""Brings the schema up to the newest revision, and says which one it is at.

A start with nothing to migrate costs one query: alembic and SQLAlchemy are only imported if there is something to do.
Several processes may start at once: the first one to get the lock migrates, the others find the work done. A database
that is newer than this program is left alone, since migrations keep the previous version working.
"""

import asyncio
from pathlib import Path

import asyncpg

from storage.postgres.pool import Connection, Pool, connection, split_url, translated

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 0x70726573656E6365
"""Advisory lock number, the letters "presence": held by whoever migrates."""
_CONNECT_TIMEOUT = 10.0
_CURRENT = "SELECT version_num FROM alembic_version"
_HAS_VERSION_TABLE = "SELECT to_regclass('alembic_version') IS NOT NULL"


def revisions() -> list[str]:
    """All revisions that this program knows, in order. A revision is named as its file: `0001_core`."""
    return sorted(file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def migrate(database_url: str) -> list[str]:
    """Applies what is missing and returns the names of the applied revisions (empty: there was nothing to do).

    Needs a direct connection, not one through a transaction-pooling proxy. Blocks; must not be called from a running
    event loop (use `asyncio.to_thread`). Raises `Unavailable` if the server does not answer, or if other transactions
    keep a table locked for too long: nothing is half done then, try again.
    """
    return asyncio.run(_migrate(split_url(database_url)[0]))


async def current_revision(database_url: str) -> str | None:
    """The revision that the schema is at; None for an empty database."""
    with translated():
        connection = await asyncpg.connect(split_url(database_url)[0], timeout=_CONNECT_TIMEOUT)
        try:
            return await revision_of(connection)
        finally:
            await connection.close()


async def is_current(pool: Pool) -> bool:
    """Whether the schema is at least as new as this program needs it."""
    async with connection(pool) as acquired:
        return not missing_after(await revision_of(acquired))


async def _migrate(url: str) -> list[str]:
    with translated():
        connection = await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT)
        try:
            if not missing_after(await revision_of(connection)):
                return []
            await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
            missing = missing_after(await revision_of(connection))
            if missing:
                await asyncio.to_thread(_run_alembic, url)
            return missing
        finally:
            await connection.close()


def _run_alembic(url: str) -> None:
    from storage.postgres.migrations.run import upgrade

    upgrade(url)


def missing_after(current: str | None) -> list[str]:
    """Revisions are numbered, so that "newer" is a comparison of names."""
    return [revision for revision in revisions() if current is None or revision > current]


async def revision_of(connection: "asyncpg.Connection[asyncpg.Record] | Connection") -> str | None:
    if not await connection.fetchval(_HAS_VERSION_TABLE):
        return None
    revision: str | None = await connection.fetchval(_CURRENT)
    return revision
