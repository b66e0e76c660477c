"""Jobs that one gateway does for all of them: whoever takes the lease first."""

from redis.asyncio import Redis

from storage.redis import keys
from storage.redis.client import errors_translated
from wire.identity import GatewayId


class RedisLease:
    """See `chat.keeping.store.Lease`. Not given back: it ends by its time, also when its gateway has died."""

    def __init__(self, client: Redis, gateway: GatewayId) -> None:
        self._client = client
        self._gateway = gateway

    async def take(self, job: str, seconds: float) -> bool:
        async with errors_translated():
            taken = await self._client.set(keys.job(job), self._gateway, nx=True, px=int(seconds * 1_000))
        return bool(taken)
