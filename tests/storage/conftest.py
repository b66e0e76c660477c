from tests.support.stores import database_url, pool, redis

__all__ = ["database_url", "pool", "redis"]
