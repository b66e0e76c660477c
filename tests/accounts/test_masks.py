"""Masks: who may put one on, what it is, and everything that takes it off."""

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from accounts.errors import SessionOver
from accounts.masks.errors import NoMask, NotYoursToMask
from accounts.masks.service import MASK_AT_MOST, MaskService
from accounts.model import SessionKind
from accounts.service import AccountService
from accounts.sessions.service import SessionService
from storage.postgres.masks import PostgresMaskStore
from storage.postgres.pool import Pool, connection
from storage.postgres.sessions import PostgresSessionStore
from storage.redis.bus import RedisBus
from tests.support.accounts import TurnableClock, make_account_service
from tests.support.company import Company, Listener
from tests.support.masks import start_session
from wire.identity import Caller, Scope, UserId
from wire.operations import Client

CLIENT = Client("192.0.2.1", "a browser")


class Stage:
    """A manager who is logged in, with a clock for all services."""

    def __init__(self, pool: Pool, redis: Redis, bus: RedisBus, company: Company) -> None:
        self.pool, self.bus, self.company = pool, bus, company
        self.clock = TurnableClock()
        self.accounts: AccountService = make_account_service(pool, redis, bus, clock=self.clock)
        self.masks = MaskService(PostgresMaskStore(pool), bus, self.clock)
        self.logins = SessionService(PostgresSessionStore(pool), bus, self.clock)

    async def logged_in(self, user: UserId, kind: SessionKind = SessionKind.BEARER) -> tuple[str, Caller]:
        token = await start_session(self.pool, self.company, user, kind=kind, now=self.clock.now)
        return token, await self.accounts.caller_of(token)

    async def masked(self, operator: Caller, user: UserId) -> Caller:
        cookie, told = await self.masks.begin(operator, user, CLIENT)
        return await self.accounts.caller_of(cookie or told.token or "")


@pytest.fixture
async def stage(pool: Pool, redis: Redis, bus: RedisBus) -> Stage:
    return Stage(pool, redis, bus, await Company.make(pool))


async def test_a_mask_is_somebody_else_with_the_operator_behind_it(stage: Stage) -> None:
    boss, anna = await stage.company.add("1900", scope=Scope.OFFICE_MANAGER), await stage.company.add("1001")
    _, operator = await stage.logged_in(boss)
    cookie, told = await stage.masks.begin(operator, anna, CLIENT)
    assert cookie is None, "who came with a token gets a token"
    assert (told.me.user, told.me.masked_by) == (anna, boss)
    masked = await stage.accounts.caller_of(told.token or "")
    assert (masked.user, masked.operator, masked.scope) == (anna, boss, Scope.BASIC_USER)
    assert await stage.accounts.caller_of_session(operator.domain, operator.session) == operator, "goes on beside it"
    back, own = await stage.masks.end(masked)
    assert (back, own.me.user, own.me.masked_by) == (None, boss, None)
    with pytest.raises(SessionOver):
        await stage.accounts.caller_of(told.token or "")
    with pytest.raises(NoMask):
        await stage.masks.end(operator)
    async with connection(stage.pool) as conn:
        lines = await conn.fetch(
            "SELECT user_id, operator_id, action, target FROM audit WHERE domain_id = $1 ORDER BY audit_id",
            stage.company.domain,
        )
    assert [tuple(line) for line in lines] == [
        (boss, None, "mask.begun", f"user:{anna}"),
        (anna, boss, "mask.ended", f"user:{anna}"),
    ]


async def test_a_browser_gets_its_own_login_back_under_a_new_token(stage: Stage) -> None:
    boss, anna = await stage.company.add("1900", scope=Scope.OFFICE_MANAGER), await stage.company.add("1001")
    before, operator = await stage.logged_in(boss, SessionKind.COOKIE)
    cookie, told = await stage.masks.begin(operator, anna, CLIENT)
    assert cookie is not None
    assert told.token is None, "what is in a cookie is for no script to read"
    masked = await stage.accounts.caller_of(cookie)
    back, _ = await stage.masks.end(masked)
    assert back is not None
    assert await stage.accounts.caller_of(back) == operator
    with pytest.raises(SessionOver):
        await stage.accounts.caller_of(before)


async def test_only_who_is_of_a_strictly_lower_scope_is_masked_and_never_through_a_mask(
    stage: Stage, pool: Pool
) -> None:
    boss = await stage.company.add("1900", scope=Scope.OFFICE_MANAGER)
    lead = await stage.company.add("1950", scope=Scope.SITE_MANAGER)
    anna = await stage.company.add("1001")
    _, operator = await stage.logged_in(boss)
    refused = [
        boss,
        await stage.company.add("1901", scope=Scope.OFFICE_MANAGER),
        await stage.company.add("1902", scope=Scope.RESELLER),
        await stage.company.add("1003", disabled=True),
        await stage.company.add("8001", is_system=True),
        UserId(999),
    ]
    for user in refused:
        with pytest.raises(NotYoursToMask):
            await stage.masks.begin(operator, user, CLIENT)
    for scope_below in (lead, anna):
        _, caller = await stage.logged_in(scope_below)
        with pytest.raises(NotYoursToMask):
            await stage.masks.begin(caller, anna, CLIENT)
    reseller = await stage.company.add("1903", scope=Scope.RESELLER)
    _, above = await stage.logged_in(reseller)
    with pytest.raises(NotYoursToMask):
        await stage.masks.begin(await stage.masked(above, boss), anna, CLIENT)
    rivals = await Company.make(pool)
    theirs = await rivals.add("1001")
    stranger = rivals.caller(await rivals.add("1900", scope=Scope.SUPER_USER))
    assert theirs == boss, "the same number"
    with pytest.raises(SessionOver):
        await stage.masks.begin(stranger, theirs, CLIENT)  # in their own domain, and without a login there


@pytest.mark.parametrize("how", ["logout", "list", "others", "all", "demoted", "promoted", "disabled", "expired"])
async def test_a_mask_is_over_with_the_login_it_was_put_on_in_and_when_its_reason_is_gone(
    stage: Stage, how: str
) -> None:
    boss, anna = await stage.company.add("1900", scope=Scope.OFFICE_MANAGER), await stage.company.add("1001")
    other_token, _ = await stage.logged_in(boss)
    _, operator = await stage.logged_in(boss)
    masked = await stage.masked(operator, anna)
    listener = await Listener.on(stage.bus, stage.company.domain)
    other = await stage.accounts.caller_of(other_token)
    change = "UPDATE users SET {} WHERE domain_id = $1 AND user_id = $2"
    match how:
        case "logout":
            await stage.accounts.logout(operator)
        case "list":
            await stage.logins.end_own(other, operator.session)
        case "others":
            await stage.logins.end_others(other)
        case "all":
            await stage.accounts.end_sessions(operator, boss)
        case "expired":
            stage.clock.turn(MASK_AT_MOST - timedelta(seconds=1))
            assert await stage.accounts.caller_of_session(masked.domain, masked.session) == masked
            stage.clock.turn(timedelta(seconds=1))
        case _:
            whose, what = {
                "demoted": (boss, "scope = 6"),
                "promoted": (anna, "scope = 7"),
                "disabled": (boss, "disabled = true"),
            }[how]
            async with connection(stage.pool) as conn:
                await conn.execute(change.format(what), stage.company.domain, whose)
    with pytest.raises(SessionOver):
        await stage.accounts.caller_of_session(masked.domain, masked.session)
    if how in ("logout", "list", "others", "all"):
        await listener.everything(stage.bus, stage.company.domain)
        closed = {session for each in listener.ended for session in each.sessions or ()}
        assert {masked.session, operator.session} <= closed, "its connections are closed at once"


async def test_logging_out_behind_a_mask_logs_out_for_good(stage: Stage) -> None:
    boss, anna = await stage.company.add("1900", scope=Scope.OFFICE_MANAGER), await stage.company.add("1001")
    hers, her_caller = await stage.logged_in(anna)
    _, operator = await stage.logged_in(boss, SessionKind.COOKIE)
    masked = await stage.masked(operator, anna)
    await stage.accounts.logout(masked)
    with pytest.raises(SessionOver):
        await stage.accounts.caller_of_session(operator.domain, operator.session)
    assert await stage.accounts.caller_of(hers) == her_caller, "and the user is not concerned"


async def test_one_login_wears_one_mask(stage: Stage) -> None:
    boss, anna = await stage.company.add("1900", scope=Scope.OFFICE_MANAGER), await stage.company.add("1001")
    ben = await stage.company.add("1002")
    _, operator = await stage.logged_in(boss)
    first, second = await stage.masked(operator, anna), await stage.masked(operator, ben)
    with pytest.raises(SessionOver):
        await stage.accounts.caller_of_session(first.domain, first.session)
    assert await stage.accounts.caller_of_session(second.domain, second.session) == second
