"""Whoever's way in was changed is told so, at each confirmed address, and by no link."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage

import pytest
from redis.asyncio import Redis

from accounts.alerts import MailAlerts
from accounts.entering import PasswordCheck
from accounts.factors.service import FactorService
from accounts.mailing import MailQueue
from accounts.own_password.service import OwnPasswordService
from accounts.passwords import Passwords
from mail.smtp import SmtpSender, SmtpServer
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.own_password import PostgresOwnPasswordStore
from storage.postgres.pool import Pool
from storage.redis.bus import RedisBus
from storage.redis.login_throttle import RedisLoginThrottle
from tests.support.accounts import PASSWORD, CountingHasher, TurnableClock, hash_of
from tests.support.company import Company
from tests.support.factors import App, make_factors
from tests.support.smtp import Mailbox, mailbox
from tests.support.waiting import eventually
from wire.ending import end
from wire.identity import Caller
from wire.operations import Client
from wire.security import PasswordChange, Proof

BY_PASSWORD = Proof(password=PASSWORD)


@dataclass
class Home:
    """Anna, who has two confirmed addresses and one that is not."""

    box: Mailbox
    caller: Caller
    client: Client
    clock: TurnableClock
    factors: FactorService
    own_password: OwnPasswordService

    async def told(self, count: int) -> list[EmailMessage]:
        async def received() -> int:
            return len(self.box.received)

        await eventually(received, count)
        return self.box.received

    async def protect(self) -> list[str]:
        set_up = await self.factors.begin(self.caller, BY_PASSWORD, self.client)
        code = App(set_up.secret).code(self.clock.now)
        return (await self.factors.confirm(self.caller, code, self.client)).codes


@pytest.fixture
async def home(pool: Pool, redis: Redis, bus: RedisBus) -> AsyncIterator[Home]:
    company, clock = await Company.make(pool), TurnableClock()
    anna = await company.add("1001", password_hash=await hash_of(), emails=["a@a.test", "b@a.test", "c@a.test"])
    await pool.execute(
        "UPDATE user_emails SET verified = false WHERE domain_id = $1 AND email = 'b@a.test'", company.domain
    )
    store = PostgresAccountStore(pool)
    async with mailbox() as box:
        mails = MailQueue(SmtpSender(SmtpServer.of(box.url), "presence@chat.example"))
        running = asyncio.create_task(mails.run())
        alerts = MailAlerts(mails, store, clock)
        factors, _ = make_factors(pool, redis, clock, alerts=alerts)
        passwords = Passwords(CountingHasher())
        check = PasswordCheck(store, RedisLoginThrottle(redis), passwords)
        own = OwnPasswordService(PostgresOwnPasswordStore(pool), store, check, passwords, bus, clock, alerts)
        client = Client(f"2001:db8:{secrets.token_hex(2)}::1", "a browser")
        yield Home(box, company.caller(anna), client, clock, factors, own)
        await end(running)


async def test_each_confirmed_address_hears_who_changed_what_from_where_and_gets_no_link(home: Home) -> None:
    await home.own_password.change(home.caller, PasswordChange(current=PASSWORD, password="Better-than-3"), home.client)
    mails = await home.told(2)
    assert {mail["to"] for mail in mails} == {"a@a.test", "c@a.test"}
    for mail in mails:
        assert mail["subject"] == "Your password was changed"
        plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert rich is not None
        for text in (plain.get_content(), rich.get_content()):
            assert f"1001@{home.caller.domain}" in text
            assert home.client.address in text
            assert f"{home.clock.now:%Y-%m-%d %H:%M} UTC" in text
            assert "://" not in text
            assert "Better" not in text


async def test_an_alert_speaks_the_language_of_its_reader(home: Home, pool: Pool) -> None:
    await pool.execute("UPDATE users SET language = 'de' WHERE domain_id = $1", home.caller.domain)
    await home.own_password.change(home.caller, PasswordChange(current=PASSWORD, password="Better-than-3"), home.client)
    for mail in await home.told(2):
        assert mail["subject"] == "Ihr Passwort wurde geändert"
        plain = mail.get_body(("plain",))
        assert plain is not None
        assert f"{home.clock.now:%d.%m.%Y, %H:%M} Uhr (UTC), von {home.client.address} aus" in plain.get_content()


async def test_of_second_factors_every_change_is_told_and_each_use_of_a_recovery_code(home: Home) -> None:
    codes = await home.protect()
    await home.factors.renew_codes(home.caller, Proof(code=codes[0]), home.client)
    await home.factors.turn_off(home.caller, BY_PASSWORD, home.client)
    mails = await home.told(8)
    assert sorted(mail["subject"] for mail in mails if mail["to"] == "a@a.test") == [
        "A recovery code was used",
        "An authenticator app was set up",
        "New recovery codes were made, and those before do not count any more",
        "Your authenticator app and your recovery codes were removed",
    ]
