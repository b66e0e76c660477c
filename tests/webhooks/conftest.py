from tests.pbx.conftest import office, telephony
from tests.support.stores import database_url, pool, redis

__all__ = ["database_url", "office", "pool", "redis", "telephony"]
