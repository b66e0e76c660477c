from tests.support.stores import bus, database_url, pool, redis

__all__ = ["bus", "database_url", "pool", "redis"]
