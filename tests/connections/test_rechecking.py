"""Open logins are looked up again: who may stay, who has to come back, who is sent away."""

import asyncio

import pytest
from redis.asyncio import Redis

from accounts.service import AccountService
from connections.channel import Channel
from connections.rechecking import recheck
from connections.session import Session
from storage.postgres.pool import Pool, connection
from storage.redis.bus import RedisBus
from tests.support.accounts import TurnableClock, make_account_service
from tests.support.company import Company
from tests.support.masks import start_session
from tests.support.outlets import RecordingOutlet
from wire.codec import Subprotocol
from wire.errors import CloseCode
from wire.identity import Caller, ConnectionId, Scope, UserId


class Stage:
    def __init__(self, pool: Pool, company: Company, accounts: AccountService, clock: TurnableClock) -> None:
        self.pool, self.company, self.accounts, self.clock = pool, company, accounts, clock
        self.channel = Channel(company.domain, lambda _viewer, _target: False, lambda _channel: None)

    async def join(self, user: UserId, operator: UserId | None = None) -> Session:
        token = await start_session(self.pool, self.company, user, operator=operator, now=self.clock.now)
        caller: Caller = await self.accounts.caller_of(token)
        session = Session(
            ConnectionId(f"c{user}"),
            caller,
            RecordingOutlet(),
            Subprotocol.JSON,
            lambda: 0.0,
            available=True,
            channel=self.channel,
        )
        self.channel.add(session)
        session.release()
        return session

    async def recheck(self) -> None:
        await recheck(self.channel, self.accounts, asyncio.Semaphore(4))

    async def change(self, user: UserId, what: str) -> None:
        async with connection(self.pool) as conn:
            await conn.execute(
                f"UPDATE users SET {what} WHERE domain_id = $1 AND user_id = $2",  # noqa: S608
                self.company.domain,
                user,
            )


@pytest.fixture
async def stage(pool: Pool, redis: Redis, bus: RedisBus) -> Stage:
    clock = TurnableClock()
    company = await Company.make(pool, sites=["North", "South"])
    return Stage(pool, company, make_account_service(pool, redis, bus, clock=clock), clock)


async def test_who_has_another_scope_or_site_comes_back_and_everybody_else_stays(stage: Stage) -> None:
    lead = await stage.company.add("1950", scope=Scope.SITE_MANAGER, site="North")
    agent = await stage.company.add("1002", scope=Scope.CALL_CENTER_AGENT)
    stays = await stage.company.add("1003", site="North")
    sessions = [await stage.join(user) for user in (lead, agent, stays)]
    await stage.recheck()
    assert [each.close_code for each in sessions] == [None] * 3
    await stage.change(lead, "site = 'South'")
    await stage.change(agent, "scope = 5")
    await stage.change(stays, "last_name = 'Hill'")
    await stage.recheck()
    assert [each.close_code for each in sessions] == [CloseCode.ROLE_CHANGED, CloseCode.ROLE_CHANGED, None]
    assert CloseCode.ROLE_CHANGED.should_reconnect


async def test_whose_login_is_over_is_sent_away_for_good(stage: Stage) -> None:
    anna, boss = await stage.company.add("1001"), await stage.company.add("1900", scope=Scope.OFFICE_MANAGER)
    own, mask = await stage.join(anna), await stage.join(anna, operator=boss)
    await stage.change(boss, "disabled = true")
    await stage.recheck()
    assert (own.close_code, mask.close_code) == (None, CloseCode.SESSION_ENDED)
    await stage.change(anna, "disabled = true")
    await stage.recheck()
    assert own.close_code == CloseCode.SESSION_ENDED
