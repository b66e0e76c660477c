"""What the servers behind a REDIS_URL say of themselves, for whoever looks at a deployment."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct
from redis.asyncio import Redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS
from redis.exceptions import ResponseError

from storage.redis.client import client_for, errors_translated, make_client, shards_of


class RedisAbout(Struct, frozen=True):
    """`clock` in Unix seconds; `eviction` is "" where the server does not tell; `memory_limit` in bytes, 0: none."""

    host: str
    name: str
    version: str
    clock: float
    eviction: str
    memory_limit: int
    memory_used: int


class StoreAbout(Struct, frozen=True):
    servers: Sequence[RedisAbout]
    slots_missing: int


async def about_redis(url: str) -> StoreAbout:
    """Raises `Unavailable` if one of the servers does not answer."""
    client = make_client(url)
    try:
        async with errors_translated():
            shards = await shards_of(client)
            servers = [await _about(shard.host, client_for(client, shard)) for shard in shards]
    finally:
        await client.aclose()
    covered = sum(last - first + 1 for shard in shards for first, last in shard.slots)
    return StoreAbout(servers, REDIS_CLUSTER_HASH_SLOTS - covered)


async def _about(host: str, server: Redis) -> RedisAbout:
    told: Mapping[str, Any] = await server.info()
    seconds, microseconds = await server.time()
    eviction = ""
    with suppress(ResponseError):  # managed services let nobody ask
        eviction = str(dict(await server.config_get("maxmemory-policy")).get("maxmemory-policy", ""))
    return RedisAbout(
        host=host,
        name=str(told.get("server_name", "redis")),
        version=str(told.get("valkey_version") or told["redis_version"]),
        clock=seconds + microseconds / 1_000_000,
        eviction=eviction or str(told.get("maxmemory_policy", "")),
        memory_limit=int(told.get("maxmemory", 0)),
        memory_used=int(told["used_memory"]),
    )
