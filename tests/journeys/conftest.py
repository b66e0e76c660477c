from tests.support.gateway import database_url, gateway, password_hash, people, pool, start_gateway
from tests.support.stores import redis

__all__ = ["database_url", "gateway", "password_hash", "people", "pool", "redis", "start_gateway"]
