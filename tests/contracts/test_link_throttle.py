import secrets

import pytest
from redis.asyncio import Redis

from accounts.links.store import LinkThrottle
from storage.redis.link_throttle import (
    ASKED_BY_ONE_NETWORK,
    ASKED_FROM_ANYWHERE,
    ASKED_FROM_ONE_NETWORK,
    WINDOW,
    RedisLinkThrottle,
)
from wire.identity import DomainId


@pytest.fixture
def throttle(redis: Redis) -> LinkThrottle:
    return RedisLinkThrottle(redis)


@pytest.fixture
def domain() -> DomainId:
    return DomainId(f"{secrets.token_hex(6)}.test")


def some_address() -> str:
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


async def test_links_for_one_account_from_one_place_are_few(throttle: LinkThrottle, domain: DomainId) -> None:
    here = some_address()
    waits = [await throttle.ask(domain, "anna", here) for _ in range(ASKED_FROM_ONE_NETWORK + 1)]
    assert waits[:-1] == [0.0] * ASKED_FROM_ONE_NETWORK
    assert 0 < waits[-1] <= WINDOW
    assert await throttle.ask(domain, "anna", some_address()) == 0
    assert await throttle.ask(domain, "ben", here) == 0
    assert await throttle.ask(DomainId(f"other.{domain}"), "anna", here) == 0


async def test_links_for_one_account_from_many_places_are_limited_too(throttle: LinkThrottle, domain: DomainId) -> None:
    waits = [await throttle.ask(domain, "anna", some_address()) for _ in range(ASKED_FROM_ANYWHERE + 1)]
    assert waits[:-1] == [0.0] * ASKED_FROM_ANYWHERE
    assert waits[-1] > 0


async def test_one_place_cannot_ask_for_everybody(throttle: LinkThrottle, domain: DomainId) -> None:
    here = some_address()
    waits = [await throttle.ask(domain, str(number), here) for number in range(ASKED_BY_ONE_NETWORK + 1)]
    assert waits[:-1] == [0.0] * ASKED_BY_ONE_NETWORK
    assert waits[-1] > 0
    assert await throttle.ask(domain, "0", some_address()) == 0
