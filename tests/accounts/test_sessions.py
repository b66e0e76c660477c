"""One's own logins, seen and ended; and one's own password, changed."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from accounts.entering import SESSION_IDLE, PasswordCheck
from accounts.errors import SessionOver, TooManyAttempts, WrongLogin
from accounts.own_password.errors import ChangedMeanwhile, NotThePassword, NotYoursToChange
from accounts.own_password.service import OwnPasswordService
from accounts.passwords import Passwords
from accounts.service import AccountService
from accounts.sessions.errors import LoginGone, NotWhileMasked
from accounts.sessions.service import SessionService
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.own_password import PostgresOwnPasswordStore
from storage.postgres.pool import Pool, connection
from storage.postgres.sessions import PostgresSessionStore
from storage.redis.bus import RedisBus
from storage.redis.login_throttle import ATTEMPTS_FROM_ONE_NETWORK, RedisLoginThrottle
from tests.support.accounts import PASSWORD, CountingHasher, TurnableClock, hash_of, make_account_service
from tests.support.company import Company, Listener
from wire.errors import Invalid
from wire.events import EndReason
from wire.http import LoginRequest
from wire.identity import Caller, Scope, SessionId, UserId
from wire.operations import Client
from wire.security import PasswordChange

NEW = "Better-than-3"


class House:
    """A company with Anna (1001) and Ben (1002) in it, and the services of their logins."""

    def __init__(self, pool: Pool, redis: Redis, bus: RedisBus, company: Company, anna: UserId, ben: UserId) -> None:
        self.pool, self.bus, self.company, self.anna, self.ben = pool, bus, company, anna, ben
        self.clock = TurnableClock()
        self.accounts: AccountService = make_account_service(pool, redis, bus, clock=self.clock)
        self.logins = SessionService(PostgresSessionStore(pool), bus, self.clock)
        store, passwords = PostgresAccountStore(pool), Passwords(CountingHasher())
        check = PasswordCheck(store, RedisLoginThrottle(redis), passwords)
        self.password = OwnPasswordService(PostgresOwnPasswordStore(pool), store, check, passwords, bus, self.clock)
        self.network = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"

    async def enter(self, name: str = "1001", agent: str = "a browser", password: str = PASSWORD) -> Caller:
        request = LoginRequest(login=f"{name}@{self.company.domain}", password=password)
        token, _ = await self.accounts.login(request, self.client(agent))
        return await self.accounts.caller_of(token)

    def client(self, agent: str = "a browser") -> Client:
        return Client(self.network, agent)

    async def is_in(self, caller: Caller) -> bool:
        try:
            return bool(await self.accounts.caller_of_session(caller.domain, caller.session))
        except SessionOver:
            return False

    async def audit(self) -> list[tuple[UserId, str, str]]:
        async with connection(self.pool) as conn:
            rows = await conn.fetch(
                "SELECT user_id, action, target FROM audit WHERE domain_id = $1 ORDER BY audit_id", self.company.domain
            )
        return [tuple(row) for row in rows]


@pytest.fixture
async def house(pool: Pool, redis: Redis, bus: RedisBus) -> House:
    company = await Company.make(pool)
    hashed = await hash_of()
    anna = await company.add("1001", password_hash=hashed)
    ben = await company.add("1002", password_hash=hashed)
    return House(pool, redis, bus, company, anna, ben)


async def test_one_sees_where_one_is_logged_in_and_nobody_elses_logins(house: House) -> None:
    first = await house.enter(agent="Firefox")
    house.clock.turn(timedelta(hours=1))
    second = await house.enter(agent="Acme-Softphone/3")
    await house.enter("1002")
    shown = (await house.logins.list_own(second)).items
    assert [(each.user_agent, each.current) for each in shown] == [("Acme-Softphone/3", True), ("Firefox", False)]
    assert shown[1].session == first.session
    assert {each.address for each in shown} == {house.network}
    assert (shown[1].created_at, shown[1].ends_at) == (shown[1].used_at, shown[1].created_at + SESSION_IDLE)
    house.clock.turn(SESSION_IDLE - timedelta(minutes=30))
    assert [each.user_agent for each in (await house.logins.list_own(second)).items] == ["Acme-Softphone/3"]


async def test_an_ended_login_is_over_at_once_and_its_connections_are_told(house: House) -> None:
    here, there = await house.enter(), await house.enter()
    listener = await Listener.on(house.bus, house.company.domain)
    await house.logins.end_own(here, there.session)
    assert (await house.is_in(here), await house.is_in(there)) == (True, False)
    await listener.everything(house.bus, house.company.domain)
    [ended] = listener.ended
    assert (ended.user, ended.reason, ended.sessions) == (house.anna, EndReason.ENDED, [there.session])
    assert await house.audit() == [(house.anna, "session.ended", f"session:{there.session}")]
    with pytest.raises(LoginGone):
        await house.logins.end_own(here, there.session)


async def test_a_login_of_somebody_else_cannot_be_ended(house: House, pool: Pool) -> None:
    anna, ben = await house.enter(), await house.enter("1002")
    for session in (ben.session, SessionId("nonsense")):
        with pytest.raises(LoginGone):
            await house.logins.end_own(anna, session)
    rivals = await Company.make(pool)
    stranger = rivals.caller(await rivals.add("1001"))
    with pytest.raises(LoginGone):
        await house.logins.end_own(stranger, anna.session)
    assert (await house.logins.end_others(stranger)).ended == 0
    assert await house.is_in(ben)
    assert await house.is_in(anna)
    assert await house.audit() == []


async def test_all_others_end_and_this_one_stays(house: House) -> None:
    here = await house.enter()
    others = [await house.enter(), await house.enter()]
    ben = await house.enter("1002")
    listener = await Listener.on(house.bus, house.company.domain)
    assert (await house.logins.end_others(here)).ended == 2
    assert [await house.is_in(each) for each in (here, ben, *others)] == [True, True, False, False]
    await listener.everything(house.bus, house.company.domain)
    [ended] = listener.ended
    assert sorted(ended.sessions or []) == sorted(each.session for each in others)
    assert (await house.logins.end_others(here)).ended == 0
    assert [action for _, action, _ in await house.audit()] == ["sessions.others_ended"]


async def test_whoever_acts_as_somebody_else_sees_and_ends_no_logins_of_theirs(house: House) -> None:
    anna = await house.enter()
    manager = await house.company.add("1051", scope=Scope.OFFICE_MANAGER)
    mask = house.company.caller(house.anna, operator=manager)
    with pytest.raises(NotWhileMasked):
        await house.logins.list_own(mask)
    with pytest.raises(NotWhileMasked):
        await house.logins.end_own(mask, anna.session)
    with pytest.raises(NotWhileMasked):
        await house.logins.end_others(mask)
    with pytest.raises(NotYoursToChange):
        await house.password.change(mask, PasswordChange(current=PASSWORD, password=NEW), house.client())


async def test_a_new_password_ends_all_other_logins_and_links(house: House, pool: Pool) -> None:
    here, there = await house.enter(), await house.enter()
    async with connection(pool) as conn:
        await conn.execute(
            "INSERT INTO password_links VALUES ($1, $2, $3, now(), now() + interval '1 hour')",
            house.company.domain,
            secrets.token_bytes(32),
            house.anna,
        )
    await house.password.change(here, PasswordChange(current=PASSWORD, password=NEW), house.client())
    assert (await house.is_in(here), await house.is_in(there)) == (True, False)
    with pytest.raises(WrongLogin):
        await house.enter()
    await house.enter(password=NEW)
    await house.enter("1002")
    async with connection(pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM password_links WHERE domain_id = $1", here.domain) == 0
    assert await house.audit() == [(house.anna, "password.changed", f"user:{house.anna}")]


@pytest.mark.parametrize(
    ("current", "password", "refusal", "field"),
    [
        ("Wrong123", NEW, NotThePassword, "current"),
        (PASSWORD, "short1A", Invalid, "password"),
        (PASSWORD, "1001", Invalid, "password"),
        (PASSWORD, PASSWORD, Invalid, "password"),
    ],
)
async def test_a_password_that_does_not_do_changes_nothing(
    house: House, current: str, password: str, refusal: type[Invalid], field: str
) -> None:
    here, there = await house.enter(), await house.enter()
    with pytest.raises(refusal) as refused:
        await house.password.change(here, PasswordChange(current=current, password=password), house.client())
    assert refused.value.field == field
    assert await house.is_in(there)
    await house.enter()


async def test_guessing_the_current_password_is_slowed_down_as_a_login_is(house: House) -> None:
    here = await house.enter()
    for _ in range(ATTEMPTS_FROM_ONE_NETWORK):
        with pytest.raises(NotThePassword):
            await house.password.change(here, PasswordChange(current="Wrong123", password=NEW), house.client())
    with pytest.raises(TooManyAttempts):
        await house.password.change(here, PasswordChange(current=PASSWORD, password=NEW), house.client())


async def test_of_two_changes_at_the_same_time_one_wins(house: House) -> None:
    here = await house.enter()
    changes = [PasswordChange(current=PASSWORD, password=f"{NEW}{n}") for n in range(3)]
    results = await asyncio.gather(
        *(house.password.change(here, change, house.client()) for change in changes), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert {type(result) for result in results if result} <= {ChangedMeanwhile, NotThePassword}
    [won] = [change.password for change, result in zip(changes, results, strict=True) if result is None]
    await house.enter(password=won)
