"""The clock of a gateway is put forward or back: nobody is let in who must not be, and all is well when it is right."""

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from accounts.errors import SessionOver
from accounts.factors.errors import NoProof, WrongCode
from accounts.factors.second_step import GOOD
from accounts.factors.service import LOGIN_PROVES
from accounts.tokens import hash_token
from storage.postgres.pool import connection
from storage.redis import keys
from tests.accounts.test_second_factors import House, house
from tests.support.masks import start_session
from wire.security import Proof

__all__ = ["house"]

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


@pytest.mark.parametrize("by", [HOUR, -HOUR])
async def test_a_login_goes_on_over_an_hour_in_either_direction(house: House, by: timedelta) -> None:
    token, _ = await house.accounts.login(house.request(), house.client)
    house.clock.turn(by)
    assert (await house.accounts.caller_of(token)).user == house.anna
    assert (await house.accounts.login(house.request(), house.client))[0]
    house.clock.turn(-by)
    assert (await house.accounts.caller_of(token)).user == house.anna


async def test_a_login_that_ran_out_by_a_wrong_clock_is_good_when_it_is_right_again(house: House) -> None:
    token, _ = await house.accounts.login(house.request(), house.client)
    house.clock.turn(YEAR)
    with pytest.raises(SessionOver):
        await house.accounts.caller_of(token)
    house.clock.turn(-YEAR)
    assert (await house.accounts.caller_of(token)).user == house.anna


@pytest.mark.parametrize("by", [HOUR, -HOUR])
async def test_codes_are_refused_while_the_clock_is_wrong_and_taken_as_soon_as_it_is_right(
    house: House, by: timedelta
) -> None:
    app = await house.protect()
    of_phone = house.clock.now
    house.clock.turn(by)
    with pytest.raises(WrongCode):
        await house.enter(app.code(of_phone))
    await house.enter(house.codes[0])  # a recovery code knows no time
    house.clock.turn(-by)
    await house.enter(app.code(of_phone))


async def test_a_code_that_was_used_is_not_good_again_when_the_clock_is_put_back(house: House) -> None:
    app = await house.protect()
    code = app.code(house.clock.now)
    await house.enter(code)
    house.clock.turn(HOUR)
    house.clock.turn(-HOUR)
    with pytest.raises(WrongCode):
        await house.enter(code)


async def test_the_step_after_the_password_stays_open_no_longer_when_the_clock_is_put_back(
    house: House, redis: Redis
) -> None:
    app = await house.protect()
    required = await house.password_step()
    house.clock.turn(-HOUR)
    with pytest.raises(WrongCode):
        await house.code_step(required.token, app.wrong_code(house.clock.now))
    left = await redis.ttl(keys.pending_login(house.company.domain, hash_token(required.token)))
    assert 0 < left <= GOOD.total_seconds()


async def test_a_login_proves_for_ten_minutes_and_not_for_the_hour_that_comes_twice(house: House) -> None:
    async with connection(house.pool) as conn:
        await conn.execute("UPDATE users SET password_hash = NULL WHERE domain_id = $1", house.company.domain)
    token = await start_session(house.pool, house.company, house.anna, now=house.clock.now)
    caller = await house.accounts.caller_of(token)
    house.clock.turn(LOGIN_PROVES - HOUR)
    with pytest.raises(NoProof):
        await house.factors.begin(caller, Proof(), house.client)
