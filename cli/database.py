"""For commands that need nothing but the database: the configured one, or the embedded server's."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from settings import Settings
    from storage.postgres.pool import Pool

T = TypeVar("T")


def run_with_pool(work: "Callable[[Pool], Awaitable[T]]") -> T:
    """What `work` makes of an open pool. What is refused ends the command with its one line."""
    return run_with_stores(lambda pool, _: work(pool))


def run_with_stores(work: "Callable[[Pool, Settings], Awaitable[T]]") -> T:
    """The same, with the settings as they are in force."""
    import asyncio

    import settings
    from cli.failures import told_in_one_line
    from cli.stores import stores
    from wire.errors import Refused, Unavailable

    with told_in_one_line():
        given = settings.load()
        try:
            if given.database_url:
                return asyncio.run(_with_pool(given, work))
            with stores(given) as (complete, _):
                return asyncio.run(_with_pool(complete, work))
        except Unavailable:
            raise
        except Refused as error:
            raise click.ClickException(error.message) from error


async def _with_pool(complete: "Settings", work: "Callable[[Pool, Settings], Awaitable[T]]") -> T:
    from storage.postgres.pool import open_pool

    pool = await open_pool(complete.database_url)
    try:
        return await work(pool, complete)
    finally:
        await pool.close()
