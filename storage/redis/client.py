"""Makes the Redis client, and turns its errors into the one that the rest of the house knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import RedisError

from wire.errors import Unavailable

Client = Redis
"""What `make_client` gives, for those who pass it on and know no driver."""

COMMAND_TIMEOUT = 3.0
"""Seconds: a store that takes longer than a person's patience counts as away."""


def make_client(url: str) -> Redis:
    """A pool of connections for commands that may be repeated: ours are idempotent by design."""
    return Redis.from_url(
        url,
        socket_timeout=COMMAND_TIMEOUT,
        socket_connect_timeout=COMMAND_TIMEOUT,
        retry=Retry(ExponentialWithJitterBackoff(cap=0.5, base=0.02), 2),
        health_check_interval=0,
        legacy_responses=False,
    )


def make_subscriber_client(url: str) -> Redis:
    """For pub/sub, where silence is normal: reading must never time out, and the probe watches over it instead."""
    return Redis.from_url(
        url,
        socket_timeout=None,
        socket_connect_timeout=COMMAND_TIMEOUT,
        retry=Retry(ExponentialWithJitterBackoff(cap=1.0, base=0.05), 0),
        legacy_responses=False,
    )


@asynccontextmanager
async def errors_translated() -> AsyncIterator[None]:
    """Raises `Unavailable` instead of whatever the driver says."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable("The presence store does not answer; try again in a moment", retry_after=1.0) from error
