import pytest
from redis.asyncio import Redis

from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.stores import apart_pool, database_url, pool, redis
from tests.support.switches import Office, Telephony

__all__ = ["apart_pool", "database_url", "office", "pool", "redis", "telephony"]


@pytest.fixture
def telephony(pool: Pool, redis: Redis) -> Telephony:
    return Telephony(pool, redis)


@pytest.fixture
async def office(telephony: Telephony, pool: Pool) -> Office:
    company = await Company.make(pool)
    alice, bob = await company.add("1001"), await company.add("1002")
    switch = await telephony.add_switch(company.domain)
    await switch.send_snapshot()
    return Office(telephony, switch, company.domain, alice, bob)
