"""Every fault that the suite makes: what breaks, for how long, and what people may notice of it at most."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from tests.support.cable import Cable
from tests.support.faults.site import Place, ReplicatedSite, Site
from wire.ending import end

Break = Callable[[Site], AbstractAsyncContextManager[None]]


class Fault(Struct, frozen=True):
    """`of` breaks something on entering and mends it on leaving; in between it lasts for so many `seconds`.

    `wrong`: for how many a screen may show at most what is not true as if it were known. `recovered`: within how many
    everything is well again after it. Both are generous, for slow machines; what was measured is in the table.
    """

    name: str
    what: str
    of: Break
    seconds: float = 2.0
    wrong: float = 6.0
    recovered: float = 60.0
    is_long: bool = False
    may_lose: bool = False
    """What was acknowledged last; then nobody may go on seeing it."""


# ------------------------------------------------------------ gateways


@asynccontextmanager
async def _killed(site: Site) -> AsyncIterator[None]:
    site.left.kill()
    yield
    await site.left.start()


@asynccontextmanager
async def _hung(site: Site) -> AsyncIterator[None]:
    site.left.process.suspend()
    yield
    site.left.process.resume()


@asynccontextmanager
async def _drained(site: Site) -> AsyncIterator[None]:
    code = await site.left.drain()
    assert code == 0, f"a drained gateway ended with {code}"
    yield
    await site.left.start()


# ------------------------------------------------------------ lines


@asynccontextmanager
async def _proxy_restarted(site: Site) -> AsyncIterator[None]:
    await site.proxy.unplug()
    yield
    await site.proxy.plug_in()


@asynccontextmanager
async def _half_open(site: Site) -> AsyncIterator[None]:
    site.proxy.freeze()
    yield


def _unplugged(*names: str) -> Break:
    """Lines to Redis that are refused."""

    @asynccontextmanager
    async def of(site: Site) -> AsyncIterator[None]:
        cables = _lines_to_redis(site, names)
        for cable in cables:
            await cable.unplug()
        yield
        for cable in cables:
            await cable.plug_in()

    return of


def _swallowing(*names: str) -> Break:
    """Lines to Redis on which nothing arrives any more, and of which nobody is told."""

    @asynccontextmanager
    async def of(site: Site) -> AsyncIterator[None]:
        cables = _lines_to_redis(site, names)
        for cable in cables:
            cable.is_dead = True
        yield
        for cable in cables:
            cable.is_dead = False
            cable.cut()  # what was swallowed is missing on these connections

    return of


def _lines_to_redis(site: Site, names: tuple[str, ...]) -> list[Cable]:
    return [place.redis for place in site.places if place.name in names]


def _slow(line: Callable[[Place], Cable], delay: float) -> Break:
    @asynccontextmanager
    async def of(site: Site) -> AsyncIterator[None]:
        for place in site.places:
            line(place).delay = delay
        yield
        for place in site.places:
            line(place).delay = 0.0

    return of


# ------------------------------------------------------------ Redis


@asynccontextmanager
async def _redis_killed(site: Site) -> AsyncIterator[None]:
    await asyncio.to_thread(site.servers.kill_valkey)
    yield
    await asyncio.to_thread(site.servers.restart_valkey)


@asynccontextmanager
async def _redis_restarted(site: Site) -> AsyncIterator[None]:
    await asyncio.to_thread(site.servers.restart_valkey)
    yield


@asynccontextmanager
async def _redis_flushed(site: Site) -> AsyncIterator[None]:
    redis = site.client()
    await redis.flushall()
    await redis.aclose()
    yield


@asynccontextmanager
async def _redis_without_memory(site: Site) -> AsyncIterator[None]:
    redis = site.client()
    await redis.config_set("maxmemory-policy", "noeviction")
    await redis.config_set("maxmemory", "1mb")
    yield
    await redis.config_set("maxmemory", "0")
    await redis.aclose()


@asynccontextmanager
async def _redis_cannot_save(site: Site) -> AsyncIterator[None]:
    """Its folder takes no more files, so that a snapshot fails: from then on it refuses to write."""
    folder = site.servers.data_folder / "valkey"
    redis = site.client()
    await redis.config_set("save", "3600 1")  # snapshots matter to it only if it is to make them
    folder.chmod(0o500)
    await _snapshot_until(redis, "err")
    yield
    folder.chmod(0o700)
    await _snapshot_until(redis, "ok")
    await redis.config_set("save", "")
    await redis.aclose()


async def _snapshot_until(redis: Redis, status: str) -> None:
    while (await redis.info("persistence"))["rdb_last_bgsave_status"] != status:
        with suppress(ResponseError):  # one is under way
            await redis.bgsave()
        await asyncio.sleep(0.05)


# ------------------------------------------------------------ PostgreSQL


@asynccontextmanager
async def _postgres_killed(site: Site) -> AsyncIterator[None]:
    await asyncio.to_thread(site.servers.kill_postgres)
    yield
    await asyncio.to_thread(site.servers.restart_postgres)
    await site.pool.expire_connections()


@asynccontextmanager
async def _postgres_read_only(site: Site) -> AsyncIterator[None]:
    """What a primary is that has become a replica."""
    await _set_for_all(site, "default_transaction_read_only = on")
    yield
    # Its own session may write, as whoever mends it would say.
    await _set_for_all(site, "default_transaction_read_only = off")


async def _set_for_all(site: Site, setting: str) -> None:
    connection = await asyncpg.connect(site.servers.database_url)
    try:
        await connection.execute("SET default_transaction_read_only = off")
        await connection.execute(f"ALTER SYSTEM SET {setting}")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


@asynccontextmanager
async def _postgres_without_connections(site: Site) -> AsyncIterator[None]:
    """Somebody else has taken all of them: first those that are free, then those that the gateways lose."""
    taken: list[asyncpg.Connection[asyncpg.Record]] = []
    own = await asyncpg.connect(site.servers.database_url)
    none_left = asyncio.Event()
    greedy = asyncio.create_task(_take_all(site.servers.database_url, taken, none_left))
    await none_left.wait()
    ending = asyncio.create_task(_end_those_of_gateways(own))
    yield
    await end(ending, greedy)
    for each in (own, *taken):
        await each.close(timeout=5)


async def _end_those_of_gateways(own: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Again and again: a gateway may be quicker than the greedy one."""
    while True:
        await own.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'presence'")
        await asyncio.sleep(0.1)


async def _take_all(url: str, taken: list["asyncpg.Connection[asyncpg.Record]"], none_left: asyncio.Event) -> None:
    while True:
        try:
            taken.append(await asyncpg.connect(url, server_settings={"application_name": "greedy"}))
        except asyncpg.TooManyConnectionsError:
            none_left.set()
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _postgres_locked(site: Site) -> AsyncIterator[None]:
    connection = await asyncpg.connect(site.servers.database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE messages, presence_settings IN ACCESS EXCLUSIVE MODE")
    yield
    await transaction.rollback()
    await connection.close()


async def _run(*command: str) -> int:
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    return done.returncode


SMALL_DISK, DISK_OF_LOG = 48, 300
"""Megabytes."""


@asynccontextmanager
async def _small_disk(site: Site, megabytes: int) -> AsyncIterator[Path]:
    """A folder on a disk of its own, which belongs to PostgreSQL."""
    folder = site.servers.data_folder / "small-disk"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "presence-test", str(folder))
    if os.geteuid() != 0 or (await _run(*mount)) != 0:
        folder.rmdir()
        pytest.skip("no small disk can be mounted here: that takes root, outside of a container")
    inside = folder / "inside"
    inside.mkdir(mode=0o700)
    owner = (site.servers.data_folder / "postgres").stat()
    os.chown(inside, owner.st_uid, owner.st_gid)
    try:
        yield inside
    finally:
        # Lazily: servers keep files open for a while that are gone.
        assert await _run("umount", "--lazy", str(folder)) == 0
        folder.rmdir()


@asynccontextmanager
async def _postgres_disk_full(site: Site) -> AsyncIterator[None]:
    """The messages are moved to a small disk of their own, and somebody else fills it."""
    async with _small_disk(site, SMALL_DISK) as inside, _messages_on(site, inside):
        yield


@asynccontextmanager
async def _messages_on(site: Site, inside: Path) -> AsyncIterator[None]:
    connection = await asyncpg.connect(site.servers.database_url)
    try:
        await connection.execute(f"CREATE TABLESPACE small LOCATION '{inside}'")
        await connection.execute("ALTER TABLE messages SET TABLESPACE small")
        # So that hardly a message fits into the pages that there are.
        await connection.execute("ALTER TABLE messages SET (fillfactor = 10)")
        await connection.execute("CREATE TABLE filler (what text) TABLESPACE small")
        await connection.execute("ALTER TABLE filler ALTER what SET STORAGE PLAIN")
        with suppress(asyncpg.DiskFullError):
            while True:
                await connection.execute("INSERT INTO filler SELECT repeat('x', 7000) FROM generate_series(1, 16)")
        with suppress(asyncpg.DiskFullError):
            while True:
                await connection.execute("INSERT INTO filler VALUES (repeat('x', 7000))")
        yield
        await connection.execute("DROP TABLE filler")
    finally:
        await connection.execute("DROP TABLE IF EXISTS filler")
        await connection.execute("ALTER TABLE messages RESET (fillfactor)")
        await connection.execute("ALTER TABLE messages SET TABLESPACE pg_default")
        await connection.execute("CHECKPOINT")
        await connection.execute("DROP TABLESPACE small")
        await connection.close()


@asynccontextmanager
async def _postgres_log_full(site: Site) -> AsyncIterator[None]:
    """No room for what PostgreSQL writes ahead: it ends itself, and cannot start before there is."""
    async with _small_disk(site, DISK_OF_LOG) as inside:
        own = site.servers.data_folder / "postgres" / "pg_wal"
        aside = own.with_name("pg_wal.aside")
        await asyncio.to_thread(site.servers.kill_postgres)
        assert await _run("cp", "-a", f"{own}/.", str(inside)) == 0
        own.rename(aside)
        own.symlink_to(inside)
        await asyncio.to_thread(site.servers.restart_postgres)
        filler = inside.parent / "filler"
        await asyncio.to_thread(_fill, filler)
        await _write_ahead_until_it_ends(site)
        yield
        filler.unlink()
        await asyncio.to_thread(site.servers.restart_postgres)
        await asyncio.to_thread(site.servers.kill_postgres)
        own.unlink()
        assert await _run("cp", "-a", str(inside), str(own)) == 0
        shutil.rmtree(aside)
        await asyncio.to_thread(site.servers.restart_postgres)
        await site.pool.expire_connections()


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(65_536))


async def _write_ahead_until_it_ends(site: Site) -> None:
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection = await asyncpg.connect(site.servers.database_url)
        while True:
            await connection.execute("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 100000))", timeout=5)
            await connection.execute("SELECT pg_switch_wal()", timeout=5)


@asynccontextmanager
async def _postgres_failed_over(site: Site) -> AsyncIterator[None]:
    """The primary hears no more of its standby, and a second later it is dead. If it has to wait for it, it
    acknowledges nothing meanwhile; else everything of that second is lost with it.
    """
    assert isinstance(site, ReplicatedSite)
    site.database.replication.is_dead = True
    await asyncio.sleep(1)  # part of the fault itself: so long does the primary live without its standby
    await asyncio.to_thread(site.database.primary.kill)
    yield
    await site.database.promote()
    site.right.database.lead_to(site.database.standby_url)
    site.right.database.cut()
    await site.pool.expire_connections()


FAULTS: tuple[Fault, ...] = (
    Fault("gateway-killed", "A gateway is killed (`kill -9`) and started again", _killed, 1.0, is_long=True),
    Fault("gateway-hung", "A gateway hangs (SIGSTOP) for some seconds", _hung, 2.5),
    Fault("gateway-hung-long", "A gateway hangs until its lease has ended", _hung, 40.0, 9.0, is_long=True),
    Fault("gateway-drained", "A gateway is drained (SIGTERM) and started again", _drained, 0.5),
    Fault("proxy-restarted", "The proxy ends, and is away for a second", _proxy_restarted, 1.0),
    Fault("half-open", "Every connection of clients falls silent, and nobody is told", _half_open, 1.0, wrong=8.0),
    Fault("redis-killed", "Redis is killed, and comes back", _redis_killed, 1.0),
    Fault("redis-restarted", "Redis is restarted in order", _redis_restarted, 0.5, is_long=True),
    Fault("redis-away", "Redis is killed, and stays away for long", _redis_killed, 12.0, 8.0, is_long=True),
    Fault("redis-flushed", "Redis forgets everything (FLUSHALL)", _redis_flushed, 0.5),
    Fault("redis-cut-from-one", "One gateway is cut off from Redis; the other is not", _unplugged("left"), 7.0, 9.0),
    Fault(
        "redis-silent-for-one",
        "Nothing passes between one gateway and Redis, and nobody is told",
        _swallowing("left"),
        9.0,
        9.0,
    ),
    Fault("redis-cut-from-all", "Every gateway is cut off from Redis", _unplugged("left", "right"), 2.0, is_long=True),
    Fault(
        "redis-slow", "Each piece takes 0.3 s on the way to Redis, and back", _slow(lambda place: place.redis, 0.3), 3.0
    ),
    Fault("redis-without-memory", "Redis refuses what needs memory (`maxmemory`)", _redis_without_memory, 3.0),
    Fault("redis-without-memory-long", "The same, for long", _redis_without_memory, 25.0, 20.0, is_long=True),
    Fault("redis-cannot-save", "Redis cannot save to its disk, and refuses to write", _redis_cannot_save, 3.0),
    Fault("postgres-killed", "PostgreSQL is killed, and comes back", _postgres_killed, 1.0),
    Fault("postgres-read-only", "PostgreSQL takes no writes any more, as a replica", _postgres_read_only, 2.0),
    Fault(
        "postgres-without-connections",
        "PostgreSQL has no connection left for the gateways",
        _postgres_without_connections,
        2.5,
    ),
    Fault("postgres-locked", "Somebody holds the tables that are written to", _postgres_locked, 3.0),
    Fault(
        "postgres-locked-long", "The same, for longer than a statement may take", _postgres_locked, 14.0, is_long=True
    ),
    Fault(
        "postgres-slow",
        "Each piece takes 0.3 s on the way to PostgreSQL, and back",
        _slow(lambda place: place.database, 0.3),
        3.0,
        is_long=True,
    ),
    Fault("postgres-disk-full", "The disk of PostgreSQL is full", _postgres_disk_full, 2.0),
    Fault(
        "postgres-log-full",
        "The disk of PostgreSQL's write-ahead log is full: it ends itself",
        _postgres_log_full,
        3.0,
        is_long=True,
    ),
)

FAILOVERS: tuple[Fault, ...] = (
    Fault("postgres-failed-over", "PostgreSQL dies, and its standby is promoted", _postgres_failed_over, 2.0),
    Fault(
        "postgres-failed-over-with-loss",
        "The same, with a standby that it does not wait for and that is a second behind",
        _postgres_failed_over,
        2.0,
        may_lose=True,
    ),
)
"""After them the site is another one than before: each needs one of its own."""

ALL_FAULTS = FAULTS + FAILOVERS
