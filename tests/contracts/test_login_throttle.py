import asyncio
import secrets

import pytest
from redis.asyncio import Redis

from accounts.store import LoginThrottle
from storage.redis import keys
from storage.redis.login_throttle import (
    ATTEMPTS_FROM_ANYWHERE,
    ATTEMPTS_FROM_ONE_NETWORK,
    FAILURES_OF_ONE_NETWORK,
    WINDOW,
    RedisLoginThrottle,
)
from wire.identity import DomainId
from wire.networks import network_of


@pytest.fixture
def throttle(redis: Redis) -> LoginThrottle:
    return RedisLoginThrottle(redis)


@pytest.fixture
def domain() -> DomainId:
    return DomainId(f"{secrets.token_hex(6)}.test")


def some_address() -> str:
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


async def test_attempts_on_one_account_from_one_place_are_few(throttle: LoginThrottle, domain: DomainId) -> None:
    here = some_address()
    waits = [await throttle.attempt(domain, "anna", here) for _ in range(ATTEMPTS_FROM_ONE_NETWORK + 1)]
    assert waits[:-1] == [0.0] * ATTEMPTS_FROM_ONE_NETWORK
    assert 0 < waits[-1] <= WINDOW
    assert await throttle.attempt(domain, "ben", here) == 0
    assert await throttle.attempt(domain, "anna", some_address()) == 0
    assert await throttle.attempt(DomainId(f"other.{domain}"), "anna", here) == 0


async def test_guesses_at_the_same_moment_are_all_counted(throttle: LoginThrottle, domain: DomainId) -> None:
    here = some_address()
    waits = await asyncio.gather(*(throttle.attempt(domain, "anna", here) for _ in range(50)))
    assert sum(wait == 0 for wait in waits) == ATTEMPTS_FROM_ONE_NETWORK


async def test_attempts_on_one_account_from_many_places_are_limited_too(
    throttle: LoginThrottle, domain: DomainId
) -> None:
    waits = [await throttle.attempt(domain, "anna", some_address()) for _ in range(ATTEMPTS_FROM_ANYWHERE + 1)]
    assert waits[-2] == 0
    assert waits[-1] > 0


async def test_failures_from_one_place_at_many_accounts_are_limited(throttle: LoginThrottle, domain: DomainId) -> None:
    here = some_address()
    for _ in range(FAILURES_OF_ONE_NETWORK):
        await throttle.failed(here)
    assert await throttle.attempt(domain, "anna", here) > 0
    neighbour = here[:-1] + "beef"
    assert await throttle.attempt(domain, "anna", neighbour) > 0, "the same IPv6 network"
    assert await throttle.attempt(domain, "anna", some_address()) == 0


async def test_a_success_forgets_the_attempts_on_the_account(throttle: LoginThrottle, domain: DomainId) -> None:
    here = some_address()
    for _ in range(ATTEMPTS_FROM_ONE_NETWORK):
        await throttle.attempt(domain, "anna", here)
    await throttle.succeeded(domain, "anna", here)
    assert await throttle.attempt(domain, "anna", here) == 0


async def test_going_on_does_not_prolong_the_wait_so_nobody_is_locked_out_for_good(
    throttle: LoginThrottle, domain: DomainId, redis: Redis
) -> None:
    here = some_address()
    await throttle.attempt(domain, "anna", here)
    counted = [
        keys.login_attempts(domain, "anna", network_of(here)),
        keys.login_attempts(domain, "anna"),
    ]
    for key in counted:
        await redis.pexpire(key, 90_000)
    waits = [await throttle.attempt(domain, "anna", here) for _ in range(ATTEMPTS_FROM_ONE_NETWORK + 5)]
    assert 0 < waits[-1] <= 90
    for key in counted:
        assert 0 < await redis.pttl(key) <= 90_000


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_who_counts_as_one_place(address: str, network: str) -> None:
    assert network_of(address) == network
