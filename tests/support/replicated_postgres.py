"""A PostgreSQL and its standby, which streams from it by a cable that can be cut, and can be promoted."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from storage.embedded import postgres
from storage.embedded.account import choose_account, reachable
from storage.embedded.binaries import find_postgres
from storage.embedded.postgres import DATABASE, EmbeddedPostgres
from tests.support.cable import Cable
from tests.support.folders import make_data_folder
from tests.support.ports import free_port
from tests.support.waiting import eventually

_SETTINGS = {"wal_level": "replica", "max_wal_senders": "4", "wal_receiver_timeout": "2s", "wal_sender_timeout": "2s"}
_NAME = "standby"


class _Standby(EmbeddedPostgres):
    def copy_from(self, url: str) -> None:
        """Everything that the server at `url` has, and from then on what it writes, once this one is started."""
        address = f"{url}?application_name={_NAME}"
        self._data.mkdir(mode=0o700)
        self._account.give(self._data)
        self._run(
            "pg_basebackup", "-D", self._data, "-d", address, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"
        )


class ReplicatedPostgres:
    """Two servers. Whether the primary acknowledges what the standby has not written down, is said to `replicate`."""

    def __init__(self, folder: Path) -> None:
        account = choose_account(folder / "primary")
        binaries = reachable(find_postgres(), account, "postgres", folder / "binaries")
        password = secrets.token_urlsafe(16)
        self._ports = [free_port(), free_port()]
        self.primary_url, self.standby_url = (postgres.url(port, password) for port in self._ports)
        self.primary = EmbeddedPostgres(
            binaries, account, folder / "primary", folder / "log", password, durable=False, settings=_SETTINGS
        )
        self.standby = _Standby(
            binaries, account, folder / "standby", folder / "log", password, durable=False, settings=_SETTINGS
        )
        self.replication = Cable(self.primary_url)

    @property
    def url(self) -> str:
        """Names both servers; whoever connects by it gets the one that takes writes."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        login = urlsplit(self.primary_url).netloc.rpartition("@")[0]
        return f"postgresql://{login}@{hosts}/{DATABASE}?target_session_attrs=read-write"

    async def start(self) -> None:
        await asyncio.to_thread(self.primary.prepare, password_is_new=False)
        await asyncio.to_thread(self.primary.start, self._ports[0])

    async def replicate(self, *, synchronously: bool = True) -> None:
        """From now on the standby follows; synchronously: nothing is acknowledged that only one of them has."""
        await asyncio.to_thread(self.standby.copy_from, self.replication.url)
        await asyncio.to_thread(self.standby.start, self._ports[1])
        if synchronously:
            setting = "ALTER SYSTEM SET synchronous_standby_names = '*'"
            await _tell(self.primary_url, setting, "SELECT pg_reload_conf()")

        async def state() -> object:
            return await _ask(self.primary_url, "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")

        await eventually(state, "sync" if synchronously else "async")

    async def promote(self) -> None:
        assert await _ask(self.standby_url, "SELECT pg_promote()") is True

    def stop(self) -> None:
        self.primary.stop()
        self.standby.stop()


async def _tell(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@asynccontextmanager
async def replicated_postgres() -> AsyncIterator[ReplicatedPostgres]:
    """Both servers are there; nothing is copied before `replicate`."""
    folder = make_data_folder()
    servers = ReplicatedPostgres(folder)
    try:
        await servers.start()
        async with servers.replication:
            yield servers
    finally:
        await asyncio.to_thread(servers.stop)
        shutil.rmtree(folder, ignore_errors=True)
