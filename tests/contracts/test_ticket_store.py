import asyncio
import secrets

import pytest
from redis.asyncio import Redis

from accounts.store import TicketStore
from storage.redis import keys
from storage.redis.client import make_client
from storage.redis.tickets import RedisTicketStore
from wire.errors import Unavailable
from wire.identity import DomainId, SessionId

HERE, THERE = DomainId("here.test"), DomainId("there.test")
SESSION = SessionId("session-1")


@pytest.fixture
def store(redis: Redis) -> TicketStore:
    return RedisTicketStore(redis)


@pytest.fixture
def ticket_hash() -> bytes:
    return secrets.token_bytes(32)


async def test_of_many_who_take_a_ticket_at_once_one_gets_it(store: TicketStore, ticket_hash: bytes) -> None:
    await store.keep(HERE, ticket_hash, SESSION, 30)
    taken = await asyncio.gather(*(store.take(HERE, ticket_hash) for _ in range(10)))
    assert sorted(each for each in taken if each) == [SESSION]


async def test_a_ticket_ends_by_itself(store: TicketStore, redis: Redis, ticket_hash: bytes) -> None:
    await store.keep(HERE, ticket_hash, SESSION, 30)
    assert 0 < await redis.ttl(keys.ticket(HERE, ticket_hash)) <= 30


async def test_a_ticket_of_another_domain_or_a_made_up_one_is_none(store: TicketStore, ticket_hash: bytes) -> None:
    await store.keep(HERE, ticket_hash, SESSION, 30)
    assert await store.take(THERE, ticket_hash) is None
    assert await store.take(HERE, b"x" * 32) is None
    assert await store.take(HERE, ticket_hash) == SESSION


async def test_a_store_that_does_not_answer_says_so(ticket_hash: bytes) -> None:
    nowhere = make_client("redis://127.0.0.1:1")
    with pytest.raises(Unavailable):
        await RedisTicketStore(nowhere).take(HERE, ticket_hash)
    await nowhere.aclose()
