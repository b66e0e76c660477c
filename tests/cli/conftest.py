from tests.support.stores import bus, database_url, empty_database, pool, redis

__all__ = ["bus", "database_url", "empty_database", "pool", "redis"]
