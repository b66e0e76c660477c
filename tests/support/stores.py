"""Fixtures for tests that need PostgreSQL and Valkey: a migrated database, a pool, a client, the bus between gateways.

A directory's conftest.py imports those which its tests ask for.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from redis.asyncio import Redis

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from storage.postgres.pool import Pool, close_pool, open_pool
from storage.redis.bus import RedisBus
from storage.redis.client import make_client, make_subscriber_client
from wire.ending import end
from wire.identity import GatewayId


@pytest.fixture(scope="session")
def database_url(servers: EmbeddedServers) -> str:
    """Of a database that is migrated to the newest revision."""
    migrate(servers.database_url)
    return servers.database_url


@pytest.fixture(scope="session")
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url, max_size=8)
    yield opened
    await close_pool(opened)


@pytest.fixture(scope="session")
async def apart_pool(servers: EmbeddedServers) -> AsyncIterator[Pool]:
    """Of a database in which no gateway of the run looks for work that a test means to do itself."""
    name = f"apart_{secrets.token_hex(4)}"
    beside = await open_pool(servers.database_url, max_size=1)
    await beside.execute(f"CREATE DATABASE {name}")
    await beside.close()
    parts = urlsplit(servers.database_url)
    url = f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")
    await asyncio.to_thread(migrate, url)
    opened = await open_pool(url, max_size=8)
    yield opened
    await close_pool(opened)


@pytest.fixture(scope="session")
async def redis(servers: EmbeddedServers) -> AsyncIterator[Redis]:
    client = make_client(servers.redis_url)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
async def bus(servers: EmbeddedServers, redis: Redis) -> AsyncIterator[RedisBus]:
    """The bus, listening: what services announce comes back to whoever follows the domain."""
    subscriber = make_subscriber_client(servers.redis_url)
    running = RedisBus(redis, subscriber, GatewayId("test"))
    task = asyncio.create_task(running.run())
    yield running
    await end(task)
    await subscriber.aclose()


@pytest.fixture
async def empty_database(database_url: str, pool: Pool) -> AsyncIterator[str]:
    """The one place where isolation by domain name is not enough: what is tested is the schema itself."""
    name = f"empty_{secrets.token_hex(4)}"
    await pool.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
    await pool.execute(f"DROP DATABASE {name} WITH (FORCE)")
