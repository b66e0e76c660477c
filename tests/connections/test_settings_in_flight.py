"""A setting that was told to a server which is the primary no more is not lost with it."""

import redis.asyncio
from redis.asyncio import Redis

from presence.service import PresenceService
from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.redis import keys
from storage.redis.client import make_client
from storage.redis.presence import RedisPresenceStore
from tests.support.company import Company
from wire.identity import DomainId, UserId

DEPOSED = 1
"""The number of another database of the same server: what is told there, nobody else ever sees."""


def service_of(pool: Pool, client: redis.asyncio.Redis) -> PresenceService:
    return PresenceService(
        RedisPresenceStore(client), PostgresPresenceSettingsStore(pool), lambda *_: True, lambda *_: True
    )


async def shows_dnd(service: PresenceService, domain: DomainId, user: UserId) -> bool:
    return b'"dnd":true' in (await service.read(domain)).records.get(user, b"")


async def test_what_was_set_just_before_another_server_took_over_is_told_to_that_one(
    servers: EmbeddedServers, pool: Pool, redis: Redis
) -> None:
    company = await Company.make(pool)
    anna, ben = await company.add("1001"), await company.add("1002")
    client = make_client(servers.redis_url)
    client.connection_pool.connection_kwargs["db"] = DEPOSED
    here, elsewhere = service_of(pool, client), service_of(pool, redis)
    await here.seed(company.domain)
    await elsewhere.seed(company.domain)  # another gateway has found the new primary already
    await here.set_dnd(company.domain, anna, True)
    client.connection_pool.connection_kwargs["db"] = 0
    await client.connection_pool.disconnect()
    client.connection_pool.reset()  # type: ignore[no-untyped-call]
    assert not await shows_dnd(elsewhere, company.domain, anna)

    await here.store_returned()
    assert await shows_dnd(elsewhere, company.domain, anna)
    assert not await shows_dnd(elsewhere, company.domain, ben)
    await client.aclose()
    old = make_client(servers.redis_url)
    old.connection_pool.connection_kwargs["db"] = DEPOSED
    await old.delete(*[key async for key in old.scan_iter(match=keys.presence_prefix(company.domain) + "*")])
    await old.aclose()
