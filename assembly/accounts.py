"""Plugs accounts together: logins of every kind, users, domains, sites, masks, and the mails about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.alerts import Alerts, MailAlerts
from accounts.api_keys.service import ApiKeyService, Bearers
from accounts.domains.service import DomainService
from accounts.emails.service import EmailService
from accounts.entering import PasswordCheck, SessionStarter
from accounts.factors.checking import CodeCheck
from accounts.factors.model import PendingLogin
from accounts.factors.second_step import SecondStepService
from accounts.factors.service import FactorService
from accounts.links.service import LinkService
from accounts.mailing import MailQueue
from accounts.masks.service import MaskService
from accounts.own_password.service import OwnPasswordService
from accounts.passkeys.ceremonies import place_of
from accounts.passkeys.model import PendingPasskey
from accounts.passkeys.service import PasskeyService
from accounts.passkeys.using import PasskeyUse
from accounts.passwords import Passwords
from accounts.profiles.service import ProfileService
from accounts.resets.service import ResetService
from accounts.service import AccountService, now_utc
from accounts.sessions.service import SessionService
from accounts.single_sign_on.model import PendingSignOn
from accounts.single_sign_on.service import SignOnService
from accounts.sites.service import SiteService
from accounts.users.service import UserService
from assembly.shared import Shared, Work, mail_sender, seal_of
from connections.starting import server_version
from presence.service import PresenceService
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.api_keys import PostgresKeyStore
from storage.postgres.domains import PostgresDomainStore
from storage.postgres.emails import PostgresEmailStore
from storage.postgres.factors import PostgresFactorStore
from storage.postgres.masks import PostgresMaskStore
from storage.postgres.own_password import PostgresOwnPasswordStore
from storage.postgres.passkeys import PostgresPasskeyStore
from storage.postgres.password_links import PostgresLinkStore
from storage.postgres.profiles import PostgresProfileStore
from storage.postgres.resets import PostgresResetStore
from storage.postgres.sessions import PostgresSessionStore
from storage.postgres.single_sign_on import PostgresSignOnStore
from storage.postgres.sites import PostgresSiteStore
from storage.postgres.users import PostgresUserStore
from storage.redis import keys
from storage.redis.begin_throttle import RedisBeginThrottle
from storage.redis.code_throttle import RedisCodeThrottle
from storage.redis.forgetting import RedisLiveState
from storage.redis.kept_once import RedisOnce
from storage.redis.link_throttle import RedisLinkThrottle
from storage.redis.login_throttle import RedisLoginThrottle
from storage.redis.tickets import RedisTicketStore
from web.json_reader import JsonReader
from web.openid import OpenIdProviders


@dataclass(slots=True)
class AccountParts:
    accounts: AccountService
    profiles: ProfileService
    users: UserService
    domains: DomainService
    sites: SiteService
    resets: ResetService
    emails: EmailService
    masks: MaskService
    links: LinkService
    logins: SessionService
    own_password: OwnPasswordService
    background: Sequence[Work]
    factors: FactorService
    second_step: SecondStepService
    passkeys: PasskeyService
    api_keys: ApiKeyService
    sign_on: SignOnService
    bearers: Bearers


def build_accounts(shared: Shared, presence_service: PresenceService, links_begin: str) -> AccountParts:
    pool, bus = shared.pool, shared.bus
    store, passwords = PostgresAccountStore(pool), Passwords()
    shared.stack.push_async_callback(store.close)
    check = PasswordCheck(store, RedisLoginThrottle(shared.redis), passwords)
    mails, throttle = MailQueue(mail_sender(shared)), RedisLinkThrottle(shared.redis)
    alerts = MailAlerts(mails, store, now_utc)
    factors = _build_factors(shared, store, check, links_begin, alerts)
    service = AccountService(store, RedisTicketStore(shared.redis), check, factors.second_step, bus)
    emails = EmailService(PostgresEmailStore(pool), throttle, mails, links_begin)
    profile_store = PostgresProfileStore(pool)
    profiles = ProfileService(profile_store, passwords, bus, presence_service, emails)
    emails.changed = profiles.account_changed
    links = LinkService(
        PostgresLinkStore(pool),
        store,
        throttle,
        passwords,
        mails,
        bus,
        links_begin,
        profiles.account_changed,
        alerts=alerts,
    )
    users = UserService(PostgresUserStore(pool), profile_store, bus, presence_service, shared.kept_mail.forget)
    domains = DomainService(PostgresDomainStore(pool), RedisLiveState(shared.redis), bus, presence_service)
    sites = SiteService(PostgresSiteStore(pool), profile_store, bus, presence_service)
    resets = ResetService(PostgresResetStore(pool), bus, presence_service, profiles.account_changed)
    logins = SessionService(PostgresSessionStore(pool), bus)
    api_keys = ApiKeyService(PostgresKeyStore(pool), bus)
    own_password = OwnPasswordService(PostgresOwnPasswordStore(pool), store, check, passwords, bus, alerts=alerts)
    return AccountParts(
        accounts=service,
        profiles=profiles,
        users=users,
        domains=domains,
        sites=sites,
        resets=resets,
        emails=emails,
        masks=MaskService(PostgresMaskStore(pool), bus),
        links=links,
        logins=logins,
        own_password=own_password,
        factors=factors.factors,
        second_step=factors.second_step,
        passkeys=factors.passkeys,
        api_keys=api_keys,
        sign_on=_build_sign_on(shared, store, links_begin),
        bearers=Bearers(service, api_keys),
        background=[mails.run(), domains.run()],
    )


@dataclass(slots=True)
class _Factors:
    factors: FactorService
    second_step: SecondStepService
    passkeys: PasskeyService


def _build_factors(
    shared: Shared, accounts_store: PostgresAccountStore, check: PasswordCheck, address: str, alerts: Alerts
) -> _Factors:
    store, seal = PostgresFactorStore(shared.pool), seal_of(shared)
    codes = CodeCheck(store, RedisCodeThrottle(shared.redis), seal, now_utc, alerts)
    factors = FactorService(store, accounts_store, check, codes, seal, alerts=alerts)
    starter, passkey_store = SessionStarter(accounts_store, now_utc), PostgresPasskeyStore(shared.pool)
    use = PasskeyUse(passkey_store, place_of(address), now_utc)
    pending = RedisOnce(shared.redis, PendingLogin, keys.pending_login)
    second_step = SecondStepService(pending, store, accounts_store, codes, factors, use, starter, now_utc)
    challenges = RedisOnce(shared.redis, PendingPasskey, keys.pending_passkey)
    throttle = RedisBeginThrottle(shared.redis)
    passkeys = PasskeyService(passkey_store, challenges, use, factors, accounts_store, starter, throttle, alerts=alerts)
    return _Factors(factors, second_step, passkeys)


def _build_sign_on(shared: Shared, accounts_store: PostgresAccountStore, address: str) -> SignOnService:
    reader = JsonReader(f"presence-gateway/{server_version()}")
    shared.stack.push_async_callback(reader.close)
    return SignOnService(
        PostgresSignOnStore(shared.pool),
        RedisOnce(shared.redis, PendingSignOn, keys.pending_sign_on),
        OpenIdProviders(reader),
        accounts_store,
        SessionStarter(accounts_store, now_utc),
        RedisBeginThrottle(shared.redis),
        seal_of(shared),
        reader,
        address,
    )
