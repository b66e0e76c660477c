"""Forgetting what is live of a domain that is gone."""

from redis.asyncio import Redis

from storage.redis import keys
from storage.redis.client import client_for, errors_translated, shards_of
from wire.identity import DomainId

_AT_ONCE = 500


class RedisLiveState:
    """See `accounts.domains.store.LiveState`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def forget(self, domain: DomainId) -> int:
        """Looks through all keys of each server: this is done once in the life of a domain."""
        forgotten = 0
        async with errors_translated():
            for shard in await shards_of(self._client):
                server, found = client_for(self._client, shard), list[bytes]()
                async for key in server.scan_iter(match=keys.everything_of(domain), count=1_000):
                    found.append(key)
                for begin in range(0, len(found), _AT_ONCE):
                    forgotten += await server.unlink(*found[begin : begin + _AT_ONCE])
        return forgotten
