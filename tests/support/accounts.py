"""The account service over real stores, with a clock to turn and hashes that cost nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from redis.asyncio import Redis

from accounts.entering import PasswordCheck
from accounts.model import Account
from accounts.passwords import Passwords
from accounts.permissions import may_see_unlisted
from accounts.profiles.service import ProfileService
from accounts.resets.service import ResetService
from accounts.service import AccountService, SecondStep
from accounts.sites.service import SiteService
from presence.service import PresenceService
from presence.view import Target
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.pool import Pool
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.postgres.profiles import PostgresProfileStore
from storage.postgres.resets import PostgresResetStore
from storage.postgres.sites import PostgresSiteStore
from storage.redis.bus import RedisBus
from storage.redis.login_throttle import RedisLoginThrottle
from storage.redis.presence import RedisPresenceStore
from storage.redis.tickets import RedisTicketStore
from wire.identity import Caller, DomainId

PASSWORD = "Secret12"


class CountingHasher(PasswordHasher):
    """The real thing, with a count of how often its work was done."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002 - argon2's word
        self.verified += 1
        return super().verify(hash, password)


class PasswordIsEnough:
    """For tests in which nobody has a second factor."""

    async def hold(self, account: Account, password_hash: str, *, bearer: bool) -> None:
        pass


class TurnableClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        self.now += by


def make_account_service(
    pool: Pool,
    redis: Redis,
    bus: RedisBus,
    *,
    clock: TurnableClock | None = None,
    hasher: PasswordHasher | None = None,
    second_step: SecondStep | None = None,
) -> AccountService:
    store = PostgresAccountStore(pool)
    return AccountService(
        store,
        RedisTicketStore(redis),
        PasswordCheck(store, RedisLoginThrottle(redis), Passwords(hasher or CountingHasher())),
        second_step or PasswordIsEnough(),
        bus,
        clock or TurnableClock(),
    )


def make_profile_service(
    pool: Pool, redis: Redis, bus: RedisBus, *, clock: TurnableClock | None = None
) -> ProfileService:
    """`redis`: where presence is told of who is listed."""
    presence = PresenceService(RedisPresenceStore(redis), PostgresPresenceSettingsStore(pool), may_manage, may_manage)
    hasher = Passwords(CountingHasher())
    return ProfileService(PostgresProfileStore(pool), hasher, bus, presence, clock=clock or TurnableClock())


def make_site_service(pool: Pool, redis: Redis, bus: RedisBus) -> SiteService:
    presence = PresenceService(RedisPresenceStore(redis), PostgresPresenceSettingsStore(pool), may_manage, may_manage)
    return SiteService(PostgresSiteStore(pool), PostgresProfileStore(pool), bus, presence, TurnableClock())


def make_reset_service(pool: Pool, redis: Redis, bus: RedisBus) -> ResetService:
    presence = PresenceService(RedisPresenceStore(redis), PostgresPresenceSettingsStore(pool), may_manage, may_manage)
    changed = make_profile_service(pool, redis, bus).account_changed
    return ResetService(PostgresResetStore(pool), bus, presence, changed, TurnableClock())


def may_manage(caller: Caller, target: Target) -> bool:
    return may_see_unlisted(caller, target.user, target.scope, target.site)


async def hash_of(password: str = PASSWORD) -> str:
    return await Passwords(CountingHasher()).hash(DomainId("any.test"), password)
