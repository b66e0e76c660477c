"""Second factors over real stores, and the app on somebody's telephone."""

import base64
from datetime import datetime

import pyotp
from redis.asyncio import Redis

from accounts.alerts import NO_ALERTS, Alerts
from accounts.entering import PasswordCheck, SessionStarter
from accounts.factors.checking import CodeCheck
from accounts.factors.model import PendingLogin
from accounts.factors.sealing import Seal
from accounts.factors.second_step import SecondStepService
from accounts.factors.service import FactorService
from accounts.passkeys.using import PasskeyUse
from accounts.passwords import Passwords
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.factors import PostgresFactorStore
from storage.postgres.passkeys import PostgresPasskeyStore
from storage.postgres.pool import Pool
from storage.redis import keys
from storage.redis.code_throttle import RedisCodeThrottle
from storage.redis.kept_once import RedisOnce
from storage.redis.login_throttle import RedisLoginThrottle
from tests.support.accounts import CountingHasher, TurnableClock


class App:
    """An authenticator app, which knows the secret as it was shown or scanned."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, now: datetime) -> str:
        return self.totp.at(now)

    def wrong_code(self, now: datetime) -> str:
        """Right at no moment anywhere near."""
        near = {self.totp.at(now, counter_offset=offset) for offset in range(-3, 4)}
        return next(code for code in map("{:06}".format, range(10)) if code not in near)

    @property
    def raw(self) -> bytes:
        return base64.b32decode(self.totp.secret + "=" * (-len(self.totp.secret) % 8))


def make_factors(
    pool: Pool, redis: Redis, clock: TurnableClock, seal: Seal | None = None, alerts: Alerts = NO_ALERTS
) -> tuple[FactorService, SecondStepService]:
    accounts, store = PostgresAccountStore(pool), PostgresFactorStore(pool)
    seal = seal or Seal([b"k" * 32])
    codes = CodeCheck(store, RedisCodeThrottle(redis), seal, clock, alerts)
    check = PasswordCheck(accounts, RedisLoginThrottle(redis), Passwords(CountingHasher()))
    factors = FactorService(store, accounts, check, codes, seal, clock, alerts)
    pending, starter = RedisOnce(redis, PendingLogin, keys.pending_login), SessionStarter(accounts, clock)
    passkeys = PasskeyUse(PostgresPasskeyStore(pool), None, clock)
    return factors, SecondStepService(pending, store, accounts, codes, factors, passkeys, starter, clock)
