"""A PostgreSQL and a Valkey for a peer, of the same make and with the same settings as those of our gateway."""

import shutil
from contextlib import AsyncExitStack
from urllib.parse import unquote, urlsplit

import asyncpg

from bench.stage import make_data_folder
from storage.embedded import EmbeddedServers


class Database:
    """`pid` and `redis_pid` count with the peer; `settings` fill in a configuration."""

    def __init__(self, servers: EmbeddedServers) -> None:
        self._url = servers.database_url
        self.redis_url = servers.redis_url
        self.pid, self.redis_pid = servers.pids()

    @property
    def settings(self) -> dict[str, str]:
        at = urlsplit(self._url)
        return {
            "DATABASE_HOST": at.hostname or "",
            "DATABASE_PORT": str(at.port),
            "DATABASE_NAME": at.path.strip("/"),
            "DATABASE_USER": at.username or "",
            "DATABASE_PASSWORD": unquote(at.password or ""),
        }

    async def run(self, statements: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(statements)
        finally:
            await connection.close()


def database(keep: AsyncExitStack) -> Database:
    folder = make_data_folder()
    keep.callback(shutil.rmtree, folder, ignore_errors=True)
    return Database(keep.enter_context(EmbeddedServers.start(folder)))
