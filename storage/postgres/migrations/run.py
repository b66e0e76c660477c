"""Drives alembic as a library: no alembic.ini, and the same asyncpg that everything else uses.

Imported only by `storage/postgres/migrate.py`, and only if something has to be migrated.
"""

import asyncio

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.postgres.migrate import MIGRATIONS


def upgrade(url: str) -> None:
    """To the newest revision; each one in a transaction of its own. Blocks, and runs an event loop of its own."""
    asyncio.run(_upgrade(url))


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


async def _upgrade(url: str) -> None:
    # The URL goes to asyncpg as it is: SQLAlchemy would read its parameters (sslmode, ...) differently.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url, timeout=10), poolclass=NullPool
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade_over)
    finally:
        await engine.dispose()


def _upgrade_over(connection: Connection) -> None:
    config = configuration()
    config.attributes["connection"] = connection  # where env.py finds it
    command.upgrade(config, "head")
