from tests.support.stores import database_url, empty_database, pool, redis

__all__ = ["database_url", "empty_database", "pool", "redis"]
