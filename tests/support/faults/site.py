"""A small installation of the tests' own, every line of which can be cut: two gateways behind a proxy, and the stores.

people -> proxy -> gateway "left"   -> cable -> Valkey
                                    -> cable -> PostgreSQL (where it has a standby: by the addresses of both)
                -> gateway "right"  -> (cables of its own)
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from storage.postgres.pool import Pool, close_pool, open_pool
from storage.redis.client import make_client
from tests.support.cable import Cable
from tests.support.gateway import GatewayProcess
from tests.support.replicated_postgres import ReplicatedPostgres, replicated_postgres
from wire.ending import end

HEARTBEAT_SECONDS = 2
CHECKED_EVERY = 0.3
CHECK_WITHIN = 1.0


class Place:
    """Where one gateway runs, with cables of its own to both stores. A restarted one has another process and port."""

    def __init__(self, name: str, redis: Cable, database: Cable) -> None:
        self.name = name
        self.redis = redis
        self.database = database
        self.database_url = ""
        """In place of its cable's, if there is one."""
        self.gateway: GatewayProcess | None = None
        self.is_healthy = False

    async def start(self, **environment: str) -> None:
        self.gateway = await asyncio.to_thread(
            GatewayProcess,
            self.database_url or self.database.url,
            self.redis.url,
            0,
            **{"PRESENCE_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS), **environment},
        )

    @property
    def process(self) -> GatewayProcess:
        assert self.gateway is not None
        return self.gateway

    async def drain(self) -> int:
        """SIGTERM, and the exit code."""
        return await asyncio.to_thread(self.process.stop)

    def kill(self) -> None:
        if self.gateway is not None:
            self.gateway.resume()
            self.gateway.kill()


class Proxy(Cable):
    """Gives each connection to the gateways by turns, of those whose `/readyz` answers well; as HAProxy does."""

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__("http://proxy")
        self._places = places
        self._turn = 0
        self._checking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Proxy":
        await super().__aenter__()
        self._checking = asyncio.create_task(self._check_forever())
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._checking is not None
        await end(self._checking)
        await super().__aexit__(*error)

    async def other_end(self) -> tuple[str, int]:
        self._turn += 1
        ready = [place for place in self._places if place.is_healthy]
        if not ready:
            raise ConnectionRefusedError("no gateway is ready")
        return "127.0.0.1", ready[self._turn % len(ready)].process.port

    async def _check_forever(self) -> None:
        while True:
            answers = await asyncio.gather(*(_is_ready(place) for place in self._places))
            for place, answer in zip(self._places, answers, strict=True):
                place.is_healthy = answer
            await asyncio.sleep(CHECKED_EVERY)


async def _is_ready(place: Place) -> bool:
    if place.gateway is None:
        return False
    try:
        async with asyncio.timeout(CHECK_WITHIN):
            reader, writer = await asyncio.open_connection("127.0.0.1", place.gateway.port)
            try:
                writer.write(b"GET /readyz HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n")
                return (await reader.readline()).split()[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


class Site:
    """Everything of one installation. `pool` and `redis` are the tests' own, past all cables."""

    def __init__(self, servers: EmbeddedServers, proxy: Proxy, places: Sequence[Place], pool: Pool) -> None:
        self.servers = servers
        self.proxy = proxy
        self.left, self.right = places
        self.pool = pool

    @property
    def places(self) -> tuple[Place, Place]:
        return self.left, self.right

    def client(self) -> Redis:
        return make_client(self.servers.redis_url)

    async def until_ready(self) -> None:
        await until_ready(self.places)


async def until_ready(places: Sequence[Place]) -> None:
    async with asyncio.timeout(60):
        while not all(place.is_healthy for place in places):  # noqa: ASYNC110 - the proxy tells nobody
            await asyncio.sleep(0.05)


class ReplicatedSite(Site):
    """Its database has a standby. The left gateway knows both by its URL; the right one gets the primary by a proxy."""

    def __init__(self, database: ReplicatedPostgres, *of_site: Any) -> None:
        super().__init__(*of_site)
        self.database = database


@asynccontextmanager
async def running_site(servers: EmbeddedServers, **environment: str) -> AsyncIterator[Site]:
    """The database has to be migrated."""
    async with _running(servers, servers.database_url, **environment) as (proxy, places, pool):
        yield Site(servers, proxy, places, pool)


@asynccontextmanager
async def running_replicated_site(
    servers: EmbeddedServers, *, synchronously: bool = True
) -> AsyncIterator[ReplicatedSite]:
    """Redis is that of `servers`; both of its databases are made anew."""
    async with replicated_postgres() as database:
        await asyncio.to_thread(migrate, database.primary_url)
        await database.replicate(synchronously=synchronously)
        async with _running(servers, database.primary_url, known_by=database.url) as (proxy, places, pool):
            yield ReplicatedSite(database, servers, proxy, places, pool)


@asynccontextmanager
async def _running(
    servers: EmbeddedServers, database_url: str, *, known_by: str = "", **environment: str
) -> AsyncIterator[tuple[Proxy, Sequence[Place], Pool]]:
    """`known_by`: the URL that the left gateway gets instead of its cable to the database, and we."""
    cables = [Cable(url) for url in (servers.redis_url, database_url) * 2]
    places = [Place("left", *cables[:2]), Place("right", *cables[2:])]
    pool = await open_pool(known_by or database_url)
    try:
        for cable in cables:
            await cable.__aenter__()
        places[0].database_url = known_by
        async with Proxy(places) as proxy:
            await asyncio.gather(*(place.start(**environment) for place in places))
            await until_ready(places)
            yield proxy, places, pool
    finally:
        for place in places:
            place.kill()
        for cable in cables:
            await cable.__aexit__()
        await close_pool(pool)
