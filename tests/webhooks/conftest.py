import pytest

from storage.postgres.pool import Pool
from tests.pbx.conftest import office, telephony
from tests.support.stores import apart_pool, redis

__all__ = ["apart_pool", "office", "redis", "telephony"]


@pytest.fixture
def pool(apart_pool: Pool) -> Pool:
    """Gateways of other tests would deliver the webhooks of these."""
    return apart_pool
