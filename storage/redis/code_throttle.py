"""Counts of codes tried on an account: some in five minutes, and some more in a day.

A code has a million values, of which three are right at any moment: thirty a day would need decades to find one. Nobody
is kept out for good, since recovery codes are not counted.
"""

from redis.asyncio import Redis

from storage.redis import keys
from storage.redis.client import errors_translated
from storage.redis.counting import count_in_window, wait_of
from wire.identity import DomainId, UserId

SHORT = 300
SHORT_MOST = 5
LONG = 86_400
LONG_MOST = 30


class RedisCodeThrottle:
    """See `accounts.factors.store.CodeThrottle`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def attempt(self, domain: DomainId, user: UserId) -> float:
        async with errors_translated():
            # What is refused for five minutes does not count for the day.
            [short] = await count_in_window(self._client, [keys.codes_tried(domain, user, SHORT)], SHORT)
            wait = wait_of(*short, SHORT_MOST)
            if wait > 0:
                return wait
            [long] = await count_in_window(self._client, [keys.codes_tried(domain, user, LONG)], LONG)
        return wait_of(*long, LONG_MOST)

    async def succeeded(self, domain: DomainId, user: UserId) -> None:
        async with errors_translated():
            await self._client.delete(keys.codes_tried(domain, user, SHORT), keys.codes_tried(domain, user, LONG))
