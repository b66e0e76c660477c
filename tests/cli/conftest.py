from tests.support.stores import database_url, pool

__all__ = ["database_url", "pool"]
