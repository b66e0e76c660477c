"""Makes the Redis client, and turns its errors into the one that the rest of the house knows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError

from storage.redis.address import Address, Kind, address_of
from storage.redis.cluster import ClusterClient
from storage.redis.connection import PromptConnection, PromptEncryptedConnection
from storage.redis.primary import PrimaryClient
from storage.redis.shard_map import EVERY_SLOT, Shard
from wire.errors import Unavailable

Client = Redis
"""What `make_client` gives, for those who pass it on and know no driver."""

COMMAND_TIMEOUT = 3.0
"""Seconds: a store that takes longer than a person's patience counts as away."""
SENTINEL_TIMEOUT = 1.0
"""Seconds for one Sentinel to answer, before the next one is asked."""


def make_client(url: str) -> Redis:
    """A pool of connections for commands that may be repeated: ours are idempotent by design."""
    return _client_of(
        address_of(url),
        socket_timeout=COMMAND_TIMEOUT,
        # What took too long once is not tried again: people would wait for that, too.
        retry=Retry(ExponentialWithJitterBackoff(cap=0.5, base=0.02), 2, supported_errors=(NotConnected,)),
        health_check_interval=0,
    )


def make_subscriber_client(url: str) -> Redis:
    """For pub/sub, where silence is normal: reading must never time out, and the probe watches over it instead."""
    return _client_of(
        address_of(url), socket_timeout=None, retry=Retry(ExponentialWithJitterBackoff(cap=1.0, base=0.05), 0)
    )


def _client_of(address: Address, **options: Any) -> Redis:
    options |= {"socket_connect_timeout": COMMAND_TIMEOUT, "legacy_responses": False}
    if address.kind is Kind.CLUSTER:
        # The cluster's client tries again itself, perhaps elsewhere.
        options["retry"] = Retry(NoBackoff(), 0)
        return ClusterClient(address.hosts, lambda host: _server(address.server_url(host), options))
    if address.kind is Kind.SENTINEL:
        return _primary_of(address, options)
    return _server(address.url, options)


def _server(url: str, options: dict[str, Any]) -> Redis:
    client: Redis = Redis.from_url(url, connection_class=PromptConnection, **options)
    pool = client.connection_pool
    if pool.connection_class is SSLConnection:  # which the URL has chosen
        pool.connection_class = PromptEncryptedConnection
    return client


def _primary_of(address: Address, options: dict[str, Any]) -> Redis:
    asked = [_options_in(address.sentinel_url(host)) for host in address.hosts]
    sentinels = [(each["host"], each.get("port", 0)) for each in asked]
    own = {name: value for name, value in asked[0].items() if name not in ("host", "port")}
    quick = {"socket_timeout": SENTINEL_TIMEOUT, "socket_connect_timeout": SENTINEL_TIMEOUT}
    for_server = _options_in(address.server_url(address.hosts[0]))
    del for_server["host"], for_server["port"]
    sentinel = Sentinel(sentinels, sentinel_kwargs=own | quick)  # type: ignore[no-untyped-call]
    return sentinel.master_for(address.service, PrimaryClient, **for_server, **options)  # type: ignore[no-any-return]


def _options_in(url: str) -> dict[str, Any]:
    options: dict[str, Any] = dict(parse_url(url))
    if options.pop("connection_class", None) is not None:
        options["ssl"] = True
    return options


async def shards_of(client: Redis) -> Sequence[Shard]:
    """Who answers for which keys now. Raises RedisError if nobody knows."""
    if isinstance(client, ClusterClient | PrimaryClient):
        return await client.shards()
    return [Shard("", EVERY_SLOT)]


def client_for(client: Redis, shard: Shard) -> Redis:
    return client.node(shard.host) if isinstance(client, ClusterClient) else client


@asynccontextmanager
async def errors_translated() -> AsyncIterator[None]:
    """Raises `Unavailable` instead of whatever the driver says."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable("The presence store does not answer; try again in a moment", retry_after=1.0) from error
