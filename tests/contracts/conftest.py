from tests.support.stores import apart_pool, bus, database_url, pool, redis

__all__ = ["apart_pool", "bus", "database_url", "pool", "redis"]
