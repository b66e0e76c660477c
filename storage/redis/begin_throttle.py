"""Counts of logins begun from one network: each of them is remembered for some minutes, whoever asked."""

from redis.asyncio import Redis

from storage.redis import keys
from storage.redis.client import errors_translated
from storage.redis.counting import count_in_window, wait_of
from wire.networks import network_of

WINDOW = 300
"""Seconds."""
BEGUN_FROM_ONE_NETWORK = 1_000
"""A whole company may sit behind one address, and comes at nine."""


class RedisBeginThrottle:
    """See `accounts.store.BeginThrottle`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def begin(self, address: str) -> float:
        async with errors_translated():
            [begun] = await count_in_window(self._client, [keys.logins_begun(network_of(address))], WINDOW)
        return wait_of(*begun, BEGUN_FROM_ONE_NETWORK)
