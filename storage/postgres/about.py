"""What a PostgreSQL says of itself, for whoever looks at a deployment."""

import asyncpg
from msgspec import Struct

from storage.postgres.migrate import missing_after, revision_of
from storage.postgres.pool import split_url, translated

_ASK = """
SELECT current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS is_replica,
       extract(epoch FROM clock_timestamp())::float8 AS clock,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS is_encrypted
"""


class DatabaseAbout(Struct, frozen=True):
    """`clock` in Unix seconds; `missing`: revisions that this program needs and the schema has not."""

    major: int
    is_replica: bool
    clock: float
    is_encrypted: bool
    revision: str | None
    missing: list[str]


async def about_database(database_url: str, seconds: float) -> DatabaseAbout:
    """Raises `Unavailable`."""
    with translated():
        connection = await asyncpg.connect(split_url(database_url)[0], timeout=seconds, statement_cache_size=0)
        try:
            [told] = await connection.fetch(_ASK)
            revision = await revision_of(connection)
        finally:
            await connection.close()

    return DatabaseAbout(
        major=told["version"] // 10_000,
        is_replica=told["is_replica"],
        clock=told["clock"],
        is_encrypted=told["is_encrypted"],
        revision=revision,
        missing=missing_after(revision),
    )
