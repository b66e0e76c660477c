from collections.abc import AsyncIterator

import pytest

from accounts.permissions import may_see_unlisted
from chat.service import ChatService
from storage.postgres.chat import PostgresChatStore
from storage.postgres.pool import Pool
from tests.support.chat import Ear
from tests.support.stores import database_url, pool

__all__ = ["chat", "database_url", "ear", "pool", "store"]


@pytest.fixture(scope="session")
async def store(pool: Pool) -> AsyncIterator[PostgresChatStore]:
    opened = PostgresChatStore(pool)
    yield opened
    await opened.close()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def chat(store: PostgresChatStore, ear: Ear) -> ChatService:
    return ChatService(store, ear, may_see_unlisted)
