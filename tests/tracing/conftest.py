from tests.support.gateway import database_url, gateway, password_hash, people, pool, start_gateway

__all__ = ["database_url", "gateway", "password_hash", "people", "pool", "start_gateway"]
