"""The server that Sentinels name as the primary of a service, behind the interface of one server."""

import structlog
from redis.asyncio import Redis
from redis.asyncio.sentinel import SentinelConnectionPool

from storage.redis.shard_map import EVERY_SLOT, Shard

log = structlog.get_logger(__name__)


class PrimaryClient(Redis):
    """Each new connection asks the Sentinels. Connections that there are stay where they are until `shards` is called:
    a primary that was deposed without being told would otherwise go on taking what is lost with it.
    """

    connection_pool: SentinelConnectionPool

    async def shards(self) -> tuple[Shard, ...]:
        """One, with all keys. Leaves a server that is the primary no more. Raises RedisError if no Sentinel knows."""
        pool = self.connection_pool
        before, now = pool.master_address, await pool.sentinel_manager.discover_master(pool.service_name)
        if before is not None and before != now:
            log.warning("primary_changed", before="{}:{}".format(*before), now="{}:{}".format(*now))
            pool.master_address = now
            await pool.disconnect()
        return (Shard("{}:{}".format(*now), EVERY_SLOT),)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """With the connections to the Sentinels, which the driver forgets."""
        await super().aclose(close_connection_pool)
        for sentinel in self.connection_pool.sentinel_manager.sentinels:
            await sentinel.aclose()
