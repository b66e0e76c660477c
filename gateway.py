"""Start reading here: everything is plugged together in this file, and nothing else is done in it.

`build_services` makes the services from the settings with plain constructor arguments; `create_app` puts them behind
HTTP and `/ws`. The command line runs the app; tests call the same two functions.
"""

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, ProcessCollector
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, WebSocketRoute

import accounts.api_keys.routes
import accounts.audit.routes
import accounts.domains.routes
import accounts.emails.routes
import accounts.factors.routes
import accounts.links.routes
import accounts.masks.routes
import accounts.own_password.routes
import accounts.passkeys.routes
import accounts.photos.routes
import accounts.profiles.routes
import accounts.resets.routes
import accounts.routes
import accounts.sessions.routes
import accounts.single_sign_on.routes
import accounts.sites.routes
import accounts.users.routes
import chat.files.routes
import chat.keeping.routes
import chat.notifying.routes
import chat.push.routes
import chat.sms.routes
import contacts.imports.routes
import contacts.routes
import pbx.routes
import pbx.sources.routes
import presence.routes
from accounts.administration.scopes import for_administrators
from accounts.administration.service import AdministrationKeyService
from accounts.alerts import Alerts, MailAlerts
from accounts.api_keys.service import ApiKeyService, Bearers
from accounts.audit.service import AuditService
from accounts.domains.service import DomainService
from accounts.emails.service import EmailService
from accounts.entering import PasswordCheck, SessionStarter
from accounts.factors.checking import CodeCheck
from accounts.factors.model import PendingLogin
from accounts.factors.sealing import Seal
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
from accounts.permissions import Permission, Person, may, may_see_unlisted
from accounts.photos.service import PhotoService
from accounts.profiles.service import ProfileService
from accounts.resets.service import ResetService
from accounts.service import AccountService, now_utc
from accounts.sessions.service import SessionService
from accounts.single_sign_on.model import PendingSignOn
from accounts.single_sign_on.service import SignOnService
from accounts.sites.service import SiteService
from accounts.users.service import UserService
from chat.files.pictures import square_of
from chat.files.quota import GIGABYTE
from chat.files.service import FileService
from chat.keeping.service import ExportService, RetentionService
from chat.noticing import NoticingAnnouncer
from chat.notifying.service import DigestService, NotificationService
from chat.push.service import PushService
from chat.service import ChatService
from chat.sms.provider import HttpSmsProvider
from chat.sms.service import SmsService
from connections.admission import Admission, AdmissionMetrics
from connections.attendance import Attendance
from connections.commands import ConnectionService
from connections.dispatch import Dispatcher
from connections.draining import drain
from connections.endpoint import WebSocketEndpoint
from connections.hub import Hub
from connections.metrics import GatewayMetrics
from connections.starting import Starter, server_version
from connections.statuses import StatusesOfView
from connections.upkeep import Upkeep
from contacts.imports.service import ImportService
from contacts.listing import PeopleLists
from contacts.rights import ContactRights
from contacts.service import ContactService
from contacts.trash import empty_trash_forever
from mail.smtp import SmtpSender, SmtpServer
from pbx.commands import CommandService
from pbx.metrics import CommandMetrics
from pbx.service import Patience, SwitchService
from pbx.sources.service import SourceService
from presence.service import PresenceService
from presence.view import Target
from settings import SettingError, Settings
from storage.embedded import default_data_folder
from storage.metrics import StoreMetrics
from storage.objects import ObjectFileContents, open_objects
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.administration import PostgresAdministrationKeyStore
from storage.postgres.api_keys import PostgresKeyStore
from storage.postgres.audit import PostgresAuditStore
from storage.postgres.chat import PostgresChatStore
from storage.postgres.contact_imports import PostgresImportStore
from storage.postgres.contacts import PostgresContactStore
from storage.postgres.domains import PostgresDomainStore
from storage.postgres.emails import PostgresEmailStore
from storage.postgres.factors import PostgresFactorStore
from storage.postgres.files import PostgresFileStore
from storage.postgres.keeping import PostgresKeepingStore
from storage.postgres.masks import PostgresMaskStore
from storage.postgres.migrate import is_current
from storage.postgres.notifying import PostgresNotifyingStore
from storage.postgres.own_password import PostgresOwnPasswordStore
from storage.postgres.passkeys import PostgresPasskeyStore
from storage.postgres.password_links import PostgresLinkStore
from storage.postgres.pbx_sources import PostgresSourceStore
from storage.postgres.people import PostgresPeopleStore
from storage.postgres.photos import PostgresPhotoStore
from storage.postgres.pool import Pool, close_pool, open_pool
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.postgres.profiles import PostgresProfileStore
from storage.postgres.push import PostgresPushStore
from storage.postgres.resets import PostgresResetStore
from storage.postgres.sessions import PostgresSessionStore
from storage.postgres.single_sign_on import PostgresSignOnStore
from storage.postgres.sites import PostgresSiteStore
from storage.postgres.sms import PostgresSmsStore
from storage.postgres.switch_commands import PostgresCommandStore
from storage.postgres.users import PostgresUserStore
from storage.postgres.webhooks import PostgresWebhookStore
from storage.redis import keys
from storage.redis.begin_throttle import RedisBeginThrottle
from storage.redis.bus import RedisBus
from storage.redis.client import Client, make_client, make_subscriber_client
from storage.redis.code_throttle import RedisCodeThrottle
from storage.redis.forgetting import RedisLiveState
from storage.redis.kept_mail import RedisMailKeeper
from storage.redis.kept_once import RedisOnce
from storage.redis.leases import RedisLease
from storage.redis.link_throttle import RedisLinkThrottle
from storage.redis.login_throttle import RedisLoginThrottle
from storage.redis.peers import RedisPeers
from storage.redis.presence import RedisPresenceStore, Silence
from storage.redis.sources import RedisSourceMemory
from storage.redis.tickets import RedisTicketStore
from web.application import make_application
from web.docs_page import docs_routes
from web.health import Check, health_operations, metrics_route
from web.mail_page import mail_routes
from web.openid import OpenIdProviders
from web.origins import OriginRule
from web.outgoing import HttpOutgoing
from web.routes import make_routes
from web.static import PortalFiles, portal_routes
from webhooks.metrics import WebhookMetrics
from webhooks.service import WebhookService
from wire.ending import end
from wire.identity import Caller, GatewayId
from wire.operations import Operation

if TYPE_CHECKING:
    from tracing.exporting import Tracing

PORTAL = Path(__file__).parent / "portal"

CONTACT_RIGHTS = ContactRights(
    may_see_unlisted=may_see_unlisted,
    may_manage_own=lambda caller: may(caller, Permission.MANAGE_OWN_CONTACTS),
    may_read_shared=lambda caller: may(caller, Permission.READ_SHARED_CONTACTS),
    may_manage_shared=lambda caller: may(caller, Permission.MANAGE_SHARED_CONTACTS),
)


@dataclass(slots=True)
class Services:
    """A running gateway."""

    presence: PresenceService
    chat: ChatService
    files: FileService
    exports: ExportService
    notifications: NotificationService
    push: PushService
    sms: SmsService
    kept_mail: RedisMailKeeper
    contacts: ContactService
    people: PeopleLists
    imports: ImportService
    accounts: AccountService
    profiles: ProfileService
    users: UserService
    domains: DomainService
    administrators: AdministrationKeyService
    sites: SiteService
    resets: ResetService
    emails: EmailService
    masks: MaskService
    audit: AuditService
    photos: PhotoService
    links: LinkService
    logins: SessionService
    own_password: OwnPasswordService
    factors: FactorService
    second_step: SecondStepService
    passkeys: PasskeyService
    api_keys: ApiKeyService
    sign_on: SignOnService
    bearers: Bearers
    switches: SwitchService
    sources: SourceService
    hub: Hub
    endpoint: WebSocketEndpoint
    checks: dict[str, Check]

    async def drain(self) -> None:
        """Takes no new connection and sends the others on their way."""
        self.endpoint.draining = True
        await drain(self.hub)


@asynccontextmanager
async def build_services(
    settings: Settings, registry: CollectorRegistry, address: str = "", tracing: "Tracing | None" = None
) -> AsyncGenerator[Services]:
    """Opens the stores, plugs the services together and runs what runs in the background; ends all of it on exit.

    `address`: where we listen, for links in mails that are only kept. Who sends mails names a public address.
    """
    async with AsyncExitStack() as stack:
        shared = await _open_shared(settings, registry, stack, _parts_with(tracing))
        presence_service = _build_presence(shared)
        chat_parts = _build_chat(shared)
        contact_parts = _build_contacts(shared)
        account_parts = _build_accounts(shared, presence_service, links_begin_with(settings, address))
        switch_service, *about_switches = _build_switches(shared, presence_service)
        live = _build_connections(shared, presence_service, chat_parts, contact_parts, account_parts)
        background = (
            shared.bus.run(),
            *chat_parts.background,
            *contact_parts.background,
            *account_parts.background,
            *about_switches,
            *live.background,
            RedisPeers(shared.redis, shared.life, live.upkeep.gateway_died).run(),
        )
        for work in background:
            stack.push_async_callback(_cancel, asyncio.create_task(work))
        stack.push_async_callback(live.attendance.leave_all)
        yield Services(
            presence=presence_service,
            chat=chat_parts.chat,
            files=chat_parts.files,
            exports=chat_parts.exports,
            notifications=chat_parts.notifications,
            push=chat_parts.push,
            sms=chat_parts.sms,
            kept_mail=shared.kept_mail,
            contacts=contact_parts.contacts,
            people=live.people,
            imports=contact_parts.imports,
            accounts=account_parts.accounts,
            profiles=account_parts.profiles,
            users=account_parts.users,
            domains=account_parts.domains,
            administrators=AdministrationKeyService(PostgresAdministrationKeyStore(shared.pool)),
            sites=account_parts.sites,
            resets=account_parts.resets,
            emails=account_parts.emails,
            masks=account_parts.masks,
            audit=AuditService(PostgresAuditStore(shared.pool)),
            photos=PhotoService(PostgresPhotoStore(shared.pool), square_of, account_parts.profiles.photo_changed),
            links=account_parts.links,
            logins=account_parts.logins,
            own_password=account_parts.own_password,
            factors=account_parts.factors,
            second_step=account_parts.second_step,
            passkeys=account_parts.passkeys,
            api_keys=account_parts.api_keys,
            sign_on=account_parts.sign_on,
            bearers=account_parts.bearers,
            switches=switch_service,
            sources=SourceService(
                PostgresSourceStore(shared.pool, seal=_seal_of(shared)), RedisSourceMemory(shared.redis)
            ),
            hub=live.hub,
            endpoint=live.endpoint,
            checks=_checks_of(shared),
        )


Work = Coroutine[Any, Any, None]
"""What runs in the background until the gateway ends."""


@dataclass(slots=True)
class _Shared:
    """What several of the services are made of. What has to be closed is closed by `stack`, last opened first."""

    settings: Settings
    parts: "Parts"
    registry: CollectorRegistry
    stack: AsyncExitStack
    gateway: GatewayId
    life: GatewayId
    """Names this process: not the same after a restart, as `gateway` may be."""
    pool: Pool
    redis: Client
    bus: RedisBus
    lease: RedisLease
    outgoing: HttpOutgoing
    kept_mail: RedisMailKeeper


@dataclass(frozen=True, slots=True)
class Parts:
    """What may be another one, which does the same and tells more of it (tracing/parts.py)."""

    bus: Callable[..., RedisBus] = RedisBus
    chat_store: Callable[..., PostgresChatStore] = PostgresChatStore
    dispatcher: Callable[..., Dispatcher] = Dispatcher
    presence_store: Callable[..., RedisPresenceStore] = RedisPresenceStore
    switches: Callable[..., SwitchService] = SwitchService


async def _open_shared(
    settings: Settings, registry: CollectorRegistry, stack: AsyncExitStack, parts: "Parts"
) -> _Shared:
    gateway = GatewayId(settings.gateway_id)
    life = GatewayId(f"{gateway}:{secrets.token_hex(4)}")
    pool = await open_pool(settings.database_url)
    stack.push_async_callback(close_pool, pool)
    redis, subscriber = make_client(settings.redis_url), make_subscriber_client(settings.redis_url)
    stack.push_async_callback(redis.aclose)
    stack.push_async_callback(subscriber.aclose)
    outgoing = HttpOutgoing(f"presence-gateway/{server_version()}")
    stack.push_async_callback(outgoing.close)
    return _Shared(
        settings=settings,
        parts=parts,
        registry=registry,
        stack=stack,
        gateway=gateway,
        life=life,
        pool=pool,
        redis=redis,
        bus=parts.bus(redis, subscriber, life),
        lease=RedisLease(redis, gateway),
        outgoing=outgoing,
        kept_mail=RedisMailKeeper(redis),
    )


def _checks_of(shared: _Shared) -> dict[str, Check]:
    async def redis_answers() -> None:
        await shared.redis.ping()

    async def database_is_current() -> None:
        if not await is_current(shared.pool):
            raise RuntimeError("the database needs `presence migrate`")

    return {"redis": redis_answers, "database": database_is_current}


def _build_presence(shared: _Shared) -> PresenceService:
    settings = shared.settings
    silence = Silence(int(settings.switch_silent_seconds * 1000), int(settings.calls_silent_seconds * 1000))
    store = shared.parts.presence_store(shared.redis, silence=silence)
    return PresenceService(store, PostgresPresenceSettingsStore(shared.pool), _may_see_target, _may_explain)


@dataclass(slots=True)
class _ChatParts:
    chat: ChatService
    files: FileService
    exports: ExportService
    notifications: NotificationService
    push: PushService
    sms: SmsService
    background: Sequence[Work]


def _build_chat(shared: _Shared) -> _ChatParts:
    settings, pool, outgoing = shared.settings, shared.pool, shared.outgoing
    push = PushService(PostgresPushStore(pool), outgoing, settings.push_services, f"mailto:{mail_from(settings)}")
    store = shared.parts.chat_store(pool)
    provider = HttpSmsProvider(outgoing, settings.sms_url, settings.sms_secret) if settings.sms_url else None
    noticed = NoticingAnnouncer(shared.bus, push.notice)
    sms = SmsService(PostgresSmsStore(pool), store, noticed, provider, settings.sms_secret)
    chat_service = ChatService(store, NoticingAnnouncer(shared.bus, push.notice, sms.notice), may_see_unlisted)
    shared.stack.push_async_callback(chat_service.close)
    contents = ObjectFileContents(open_objects(files_url_of(settings)))
    files = FileService(PostgresFileStore(pool), contents, int(settings.files_quota_gb * GIGABYTE))
    keeping, notifying = PostgresKeepingStore(pool), PostgresNotifyingStore(pool)
    retention = RetentionService(keeping, shared.bus, shared.lease)
    digests = DigestService(notifying, _mail_sender(shared), shared.lease, settings.public_url)
    return _ChatParts(
        chat=chat_service,
        files=files,
        exports=ExportService(keeping),
        notifications=NotificationService(notifying),
        push=push,
        sms=sms,
        background=(
            files.run(),
            retention.run(),
            digests.run(),
            push.run(),
            sms.run(),
            chat_service.indexer.run(),
            chat_service.marks.run(),
        ),
    )


def _mail_sender(shared: _Shared) -> SmtpSender | RedisMailKeeper:
    """Without a server for mail, mails are kept and shown."""
    settings = shared.settings
    if not settings.smtp_url:
        return shared.kept_mail
    return SmtpSender(SmtpServer.of(settings.smtp_url), mail_from(settings))


@dataclass(slots=True)
class _ContactParts:
    store: PostgresContactStore
    contacts: ContactService
    imports: ImportService
    background: Sequence[Work]


def _build_contacts(shared: _Shared) -> _ContactParts:
    store = PostgresContactStore(shared.pool)
    shared.stack.push_async_callback(store.close)
    service = ContactService(store, shared.bus, CONTACT_RIGHTS)
    imports = ImportService(PostgresImportStore(shared.pool), store, shared.bus, CONTACT_RIGHTS, service)
    shared.stack.push_async_callback(imports.close)
    return _ContactParts(store, service, imports, [empty_trash_forever(service.empty_trash, imports.forget_old)])


@dataclass(slots=True)
class _AccountParts:
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


def _build_accounts(shared: _Shared, presence_service: PresenceService, links_begin: str) -> _AccountParts:
    pool, bus = shared.pool, shared.bus
    store, passwords = PostgresAccountStore(pool), Passwords()
    shared.stack.push_async_callback(store.close)
    check = PasswordCheck(store, RedisLoginThrottle(shared.redis), passwords)
    mails, throttle = MailQueue(_mail_sender(shared)), RedisLinkThrottle(shared.redis)
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
    return _AccountParts(
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
    shared: _Shared, accounts_store: PostgresAccountStore, check: PasswordCheck, address: str, alerts: Alerts
) -> _Factors:
    store, seal = PostgresFactorStore(shared.pool), _seal_of(shared)
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


def _build_sign_on(shared: _Shared, accounts_store: PostgresAccountStore, address: str) -> SignOnService:
    providers = OpenIdProviders(f"presence-gateway/{server_version()}")
    shared.stack.push_async_callback(providers.close)
    return SignOnService(
        PostgresSignOnStore(shared.pool),
        RedisOnce(shared.redis, PendingSignOn, keys.pending_sign_on),
        providers,
        accounts_store,
        SessionStarter(accounts_store, now_utc),
        RedisBeginThrottle(shared.redis),
        _seal_of(shared),
        address,
    )


def _seal_of(shared: _Shared) -> Seal:
    return Seal([base64.b64decode(key) for key in shared.settings.sealing_keys])


def _build_switches(shared: _Shared, presence_service: PresenceService) -> tuple[SwitchService, Work, Work]:
    """What switches tell, and what runs to tell them and other programs."""
    settings, registry, outgoing = shared.settings, shared.registry, shared.outgoing
    switches = shared.parts.switches(
        PostgresSourceStore(shared.pool),
        RedisSourceMemory(shared.redis),
        presence_service,
        registry,
        Patience(silent=settings.switch_silent_seconds, call=settings.call_seconds),
    )
    to_switches = CommandService(
        PostgresCommandStore(shared.pool, _seal_of(shared)), presence_service, outgoing, CommandMetrics(registry)
    )
    presence_service.on_wish = to_switches.wake
    to_programs = WebhookService(
        PostgresWebhookStore(shared.pool, _seal_of(shared)),
        presence_service,
        outgoing,
        WebhookMetrics(registry),
        shared.gateway,
    )
    return switches, to_switches.run(), to_programs.run()


@dataclass(slots=True)
class _Live:
    hub: Hub
    attendance: Attendance
    endpoint: WebSocketEndpoint
    people: PeopleLists
    upkeep: Upkeep
    background: Sequence[Work]


def _build_connections(
    shared: _Shared,
    presence_service: PresenceService,
    chat_parts: _ChatParts,
    contact_parts: _ContactParts,
    account_parts: _AccountParts,
) -> _Live:
    settings = shared.settings
    hub = Hub(shared.bus, presence_service, time.monotonic, settings.heartbeat_seconds)
    GatewayMetrics(hub, shared.registry)
    StoreMetrics(shared.pool, shared.bus, shared.registry)
    ProcessCollector(registry=shared.registry)
    people = PeopleLists(
        contact_parts.store, PostgresPeopleStore(shared.pool), CONTACT_RIGHTS, StatusesOfView(hub, presence_service)
    )
    attendance = Attendance(presence_service, shared.gateway)
    attendance.connected_users = hub.connected_users
    shared.bus.on_return = presence_service.store_returned
    hub.certain_at = lambda domain: min(shared.bus.heard_at(domain), attendance.failing_since(domain))
    hub.on_unloaded = lambda channel: attendance.forget(channel.domain)
    hub.on_new_epoch = lambda channel: attendance.hurry(channel.domain)
    dispatcher = shared.parts.dispatcher(
        ConnectionService(attendance),
        presence_service,
        chat_parts.chat,
        people,
        account_parts.masks.note,
        time.monotonic,
    )
    admission = Admission(
        time.monotonic,
        per_domain=settings.connections_per_domain,
        per_address=settings.connections_per_address,
        proxies=settings.forwarded_allow_ips,
    )
    AdmissionMetrics(admission, dispatcher, shared.registry)
    endpoint = WebSocketEndpoint(
        hub=hub,
        attendance=attendance,
        dispatcher=dispatcher,
        admission=admission,
        starter=Starter(chat_parts.chat, people, contact_parts.contacts, settings.heartbeat_seconds),
        authenticator=account_parts.bearers,
        origins=OriginRule.of(settings.public_url, settings.allowed_origins),
        clock=time.monotonic,
    )
    upkeep = Upkeep(hub, account_parts.bearers, chat_parts.chat, people, contact_parts.contacts)
    return _Live(hub, attendance, endpoint, people, upkeep, (hub.run(), upkeep.run()))


def mail_from(settings: Settings) -> str:
    """The address that e-mail comes from."""
    return settings.mail_from or f"presence@{urlsplit(settings.public_url).hostname or 'localhost'}"


def links_begin_with(settings: Settings, address: str) -> str:
    """Empty: links that let somebody in cannot be made. Where we listen is not where people reach us."""
    return settings.public_url or ("" if settings.smtp_url else address)


def files_url_of(settings: Settings) -> str:
    """Where files of conversations are kept."""
    return settings.files_url or ((settings.data_dir or default_data_folder()) / "files").absolute().as_uri()


def operations_of(services: Services) -> list[Operation]:
    """Every HTTP operation of the gateway, for its routes and its documents."""
    of_accounts = _operations_of_accounts(services)
    return [
        *of_accounts,
        *for_administrators(of_accounts),
        *chat.files.routes.operations(services.files),
        *contacts.routes.operations(services.contacts, services.people),
        *chat.keeping.routes.operations(services.exports),
        *contacts.imports.routes.operations(services.imports, services.people),
        *chat.notifying.routes.operations(services.notifications),
        *chat.push.routes.operations(services.push),
        *chat.sms.routes.operations(services.sms),
        *presence.routes.operations(services.presence),
        *pbx.routes.operations(services.switches),
        *pbx.sources.routes.operations(services.sources),
        *health_operations(server_version(), services.checks, is_draining=lambda: services.endpoint.draining),
    ]


def _operations_of_accounts(services: Services) -> list[Operation]:
    return [
        *accounts.routes.operations(services.accounts),
        *accounts.profiles.routes.operations(services.profiles),
        *accounts.users.routes.operations(services.users),
        *accounts.domains.routes.operations(services.domains),
        *accounts.sites.routes.operations(services.sites),
        *accounts.resets.routes.operations(services.resets),
        *accounts.emails.routes.operations(services.emails),
        *accounts.masks.routes.operations(services.masks),
        *accounts.audit.routes.operations(services.audit),
        *accounts.photos.routes.operations(services.photos),
        *accounts.links.routes.operations(services.links),
        *accounts.sessions.routes.operations(services.logins),
        *accounts.own_password.routes.operations(services.own_password),
        *accounts.factors.routes.operations(services.factors, services.second_step),
        *accounts.passkeys.routes.operations(services.passkeys),
        *accounts.api_keys.routes.operations(services.api_keys),
        *accounts.single_sign_on.routes.operations(services.sign_on),
    ]


def routes_of(services: Services, settings: Settings, registry: CollectorRegistry) -> list[BaseRoute]:
    operations = operations_of(services)
    return [
        WebSocketRoute("/ws", services.endpoint),
        metrics_route(registry, settings.metrics_token),
        *docs_routes(operations, server_version()),
        *([] if settings.smtp_url else mail_routes(services.kept_mail.kept)),
        *make_routes(
            operations,
            services.bearers,
            services.administrators,
            allowed_origins=settings.allowed_origins,
            public_url=settings.public_url,
        ),
        *portal_routes(PortalFiles(PORTAL), allowed_origins=settings.allowed_origins),
    ]


def _parts_with(tracing: "Tracing | None") -> Parts:
    if tracing is None:
        return Parts()
    from tracing.parts import traced_parts

    return Parts(**traced_parts(tracing.tracer))


def tracing_of(settings: Settings) -> "Tracing | None":
    """None unless an endpoint for traces is set. Raises `SettingError` if what they need is not installed."""
    if not settings.otel_exporter_otlp_endpoint:
        return None
    try:
        from tracing.exporting import Tracing
    except ImportError as error:
        raise SettingError(
            "OTEL_EXPORTER_OTLP_ENDPOINT", "is set, but what it needs is not installed: presence-gateway[tracing]"
        ) from error
    return Tracing(settings.otel_exporter_otlp_endpoint, settings.gateway_id, server_version())


def create_app(settings: Settings, *, switch_port: int | None = None, address: str = "") -> Starlette:
    """The ASGI application. `app.state.services` is there while it runs.

    `switch_port`: where telephone switches come in, if not where everybody does. `address`: as for `build_services`.
    """
    registry, tracing = CollectorRegistry(), tracing_of(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with build_services(settings, registry, address, tracing) as services:
            app.state.services = services
            app.router.routes.extend(routes_of(services, settings, registry))
            yield
        if tracing is not None:
            await tracing.close()

    return make_application(
        [],
        registry=registry,
        allowed_origins=settings.allowed_origins,
        switch_port=switch_port,
        lifespan=lifespan,
        around=() if tracing is None else [_around_requests(tracing)],
    )


def _around_requests(tracing: "Tracing") -> Middleware:
    from tracing.requests import TracedRequests

    return Middleware(TracedRequests, tracing.tracer)


def _may_see_target(caller: Caller, target: Target) -> bool:
    return may_see_unlisted(caller, target.user, target.scope, target.site or None)


def _may_explain(caller: Caller, target: Target) -> bool:
    person = Person(caller.domain, target.user, target.scope, target.site or None, listed=target.listed)
    return may(caller, Permission.EXPLAIN_PRESENCE, person)


async def _cancel(task: asyncio.Task[None]) -> None:
    await end(task)
    if not task.cancelled():
        task.result()  # it ended before, by an error that somebody should see
