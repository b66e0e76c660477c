"""Counts of wrong passwords in Redis, each in a window that starts with its first count and ends by itself.

Three counts, against three kinds of guessing: at one account from one place; at one account from many places; at many
accounts from one place. The first is the strict one, so that somebody who guesses at a colleague's password from
elsewhere does not keep the colleague out.
"""

from redis.asyncio import Redis

from storage.redis import keys
from storage.redis.client import errors_translated
from storage.redis.counting import count_in_window, wait_of
from wire.identity import DomainId
from wire.networks import network_of

WINDOW = 300
"""Seconds."""
ATTEMPTS_FROM_ONE_NETWORK = 10
ATTEMPTS_FROM_ANYWHERE = 50
FAILURES_OF_ONE_NETWORK = 100
"""A whole office may sit behind one address, and mistypes its share every Monday."""


class RedisLoginThrottle:
    """See `accounts.store.LoginThrottle`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def attempt(self, domain: DomainId, login_name: str, address: str) -> float:
        network = network_of(address)
        async with errors_translated():
            wait = await self._wait_after_failures(network)
            return wait if wait > 0 else await self._count_attempt(domain, login_name, network)

    async def failed(self, address: str) -> None:
        async with errors_translated():
            await count_in_window(self._client, [keys.login_failures(network_of(address))], WINDOW)

    async def succeeded(self, domain: DomainId, login_name: str, address: str) -> None:
        async with errors_translated():
            await self._client.delete(
                keys.login_attempts(domain, login_name),
                keys.login_attempts(domain, login_name, network_of(address)),
            )

    async def _wait_after_failures(self, network: str) -> float:
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.get(keys.login_failures(network))
            pipeline.pttl(keys.login_failures(network))
            failures, milliseconds = await pipeline.execute()
        return wait_of(int(failures or 0) + 1, milliseconds, FAILURES_OF_ONE_NETWORK)

    async def _count_attempt(self, domain: DomainId, login_name: str, network: str) -> float:
        from_here, from_anywhere = await count_in_window(
            self._client,
            [keys.login_attempts(domain, login_name, network), keys.login_attempts(domain, login_name)],
            WINDOW,
        )
        return max(wait_of(*from_here, ATTEMPTS_FROM_ONE_NETWORK), wait_of(*from_anywhere, ATTEMPTS_FROM_ANYWHERE))
