"""Start reading here: everything is plugged together in this file, and nothing else is done in it.

`build_services` makes the services from the settings with plain constructor arguments; `create_app` puts them behind
HTTP and `/ws`. The command line runs the app; tests call the same two functions.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import BaseRoute, WebSocketRoute

import accounts.links.routes
import accounts.routes
import chat.files.routes
import chat.keeping.routes
import chat.notifying.routes
import chat.push.routes
import chat.sms.routes
import contacts.imports.routes
import contacts.routes
import pbx.routes
import presence.routes
from accounts.links.service import LinkService
from accounts.passwords import Passwords
from accounts.permissions import Permission, Person, may, may_see_unlisted
from accounts.service import AccountService
from chat.files.service import FileService
from chat.keeping.service import ExportService, RetentionService
from chat.noticing import NoticingAnnouncer
from chat.notifying.service import DigestService, NotificationService
from chat.push.service import PushService
from chat.service import ChatService
from chat.sms.provider import HttpSmsProvider
from chat.sms.service import SmsService
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
from presence.service import PresenceService
from presence.view import Target
from settings import Settings
from storage.embedded import default_data_folder
from storage.objects import ObjectFileContents, open_objects
from storage.postgres.accounts import PostgresAccountStore
from storage.postgres.chat import PostgresChatStore
from storage.postgres.contact_imports import PostgresImportStore
from storage.postgres.contacts import PostgresContactStore
from storage.postgres.files import PostgresFileStore
from storage.postgres.keeping import PostgresKeepingStore
from storage.postgres.migrate import is_current
from storage.postgres.notifying import PostgresNotifyingStore
from storage.postgres.password_links import PostgresLinkStore
from storage.postgres.pbx_sources import PostgresSourceStore
from storage.postgres.people import PostgresPeopleStore
from storage.postgres.pool import open_pool
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.postgres.push import PostgresPushStore
from storage.postgres.sms import PostgresSmsStore
from storage.postgres.switch_commands import PostgresCommandStore
from storage.postgres.webhooks import PostgresWebhookStore
from storage.redis.bus import RedisBus
from storage.redis.client import make_client, make_subscriber_client
from storage.redis.kept_mail import RedisMailKeeper
from storage.redis.leases import RedisLease
from storage.redis.link_throttle import RedisLinkThrottle
from storage.redis.login_throttle import RedisLoginThrottle
from storage.redis.presence import RedisPresenceStore, Silence
from storage.redis.sources import RedisSourceMemory
from storage.redis.tickets import RedisTicketStore
from web.application import make_application
from web.docs_page import docs_routes
from web.health import Check, health_operations, metrics_route
from web.mail_page import mail_routes
from web.origins import OriginRule
from web.outgoing import HttpOutgoing
from web.routes import make_routes
from web.static import PortalFiles, portal_routes
from webhooks.metrics import WebhookMetrics
from webhooks.service import WebhookService
from wire.identity import Caller, GatewayId
from wire.operations import Operation

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
    links: LinkService
    switches: SwitchService
    hub: Hub
    endpoint: WebSocketEndpoint
    checks: dict[str, Check]

    async def drain(self) -> None:
        """Takes no new connection and sends the others on their way."""
        self.endpoint.draining = True
        await drain(self.hub)


@asynccontextmanager
async def build_services(
    settings: Settings, registry: CollectorRegistry, address: str = ""
) -> AsyncGenerator[Services]:
    """Opens the stores, plugs the services together and runs what runs in the background; ends all of it on exit.

    `address`: where we listen, for links in mails that are only kept. Who sends mails names a public address.
    """
    gateway = GatewayId(settings.gateway_id)
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url)
        stack.push_async_callback(pool.close)
        client, subscriber = make_client(settings.redis_url), make_subscriber_client(settings.redis_url)
        stack.push_async_callback(client.aclose)
        stack.push_async_callback(subscriber.aclose)
        bus = RedisBus(client, subscriber, gateway)

        silence = Silence(int(settings.switch_silent_seconds * 1000), int(settings.calls_silent_seconds * 1000))
        presence_service = PresenceService(
            RedisPresenceStore(client, silence=silence),
            PostgresPresenceSettingsStore(pool),
            _may_see_target,
            _may_explain,
        )
        outgoing = HttpOutgoing(f"presence-gateway/{server_version()}")
        stack.push_async_callback(outgoing.close)
        push = PushService(PostgresPushStore(pool), outgoing, settings.push_services, f"mailto:{mail_from(settings)}")
        chat_store = PostgresChatStore(pool)
        provider = HttpSmsProvider(outgoing, settings.sms_url, settings.sms_secret) if settings.sms_url else None
        sms = SmsService(
            PostgresSmsStore(pool), chat_store, NoticingAnnouncer(bus, push.notice), provider, settings.sms_secret
        )
        chat_service = ChatService(chat_store, NoticingAnnouncer(bus, push.notice, sms.notice), may_see_unlisted)
        stack.push_async_callback(chat_service.close)
        file_service = FileService(PostgresFileStore(pool), ObjectFileContents(open_objects(files_url_of(settings))))
        contact_store, account_store = PostgresContactStore(pool), PostgresAccountStore(pool)
        stack.push_async_callback(contact_store.close)
        stack.push_async_callback(account_store.close)
        contact_service = ContactService(contact_store, bus, CONTACT_RIGHTS)
        keeping = PostgresKeepingStore(pool)
        lease = RedisLease(client, gateway)
        retention = RetentionService(keeping, lease)
        keeper = RedisMailKeeper(client)
        sender = SmtpSender(SmtpServer.of(settings.smtp_url), mail_from(settings)) if settings.smtp_url else keeper
        notifying = PostgresNotifyingStore(pool)
        digests = DigestService(notifying, sender, lease, settings.public_url)
        passwords = Passwords()
        account_service = AccountService(
            account_store,
            RedisTicketStore(client),
            RedisLoginThrottle(client),
            passwords,
            bus,
            presence_service,
        )
        link_service = LinkService(
            PostgresLinkStore(pool),
            account_store,
            RedisLinkThrottle(client),
            passwords,
            sender,
            bus,
            links_begin_with(settings, address),
        )
        switch_service = SwitchService(
            PostgresSourceStore(pool),
            RedisSourceMemory(client),
            presence_service,
            registry,
            Patience(silent=settings.switch_silent_seconds, call=settings.call_seconds),
        )

        command_service = CommandService(
            PostgresCommandStore(pool), presence_service, outgoing, CommandMetrics(registry)
        )
        presence_service.on_wish = command_service.wake

        hub = Hub(bus, presence_service, time.monotonic)
        GatewayMetrics(hub, registry)
        import_service = ImportService(PostgresImportStore(pool), contact_store, bus, CONTACT_RIGHTS, contact_service)
        stack.push_async_callback(import_service.close)
        people = PeopleLists(
            contact_store, PostgresPeopleStore(pool), CONTACT_RIGHTS, StatusesOfView(hub, presence_service)
        )
        attendance = Attendance(presence_service, gateway)
        attendance.connected_users = hub.connected_users
        hub.on_unloaded = lambda channel: attendance.forget(channel.domain)
        hub.on_new_epoch = lambda channel: attendance.hurry(channel.domain)
        connection = ConnectionService(attendance)
        endpoint = WebSocketEndpoint(
            hub=hub,
            attendance=attendance,
            dispatcher=Dispatcher(connection, presence_service, chat_service, people),
            starter=Starter(chat_service, people, contact_service),
            authenticator=account_service,
            origins=OriginRule.of(settings.public_url, settings.allowed_origins),
            clock=time.monotonic,
        )
        upkeep = Upkeep(hub, account_service, chat_service, people, contact_service)
        webhook_service = WebhookService(
            PostgresWebhookStore(pool), presence_service, outgoing, WebhookMetrics(registry), gateway
        )
        background = (
            bus.run(),
            hub.run(),
            upkeep.run(),
            file_service.run(),
            retention.run(),
            digests.run(),
            link_service.run(),
            push.run(),
            sms.run(),
            command_service.run(),
            webhook_service.run(),
            chat_service.indexer.run(),
            empty_trash_forever(contact_service.empty_trash, import_service.forget_old),
        )
        for work in background:
            stack.push_async_callback(_cancel, asyncio.create_task(work))
        stack.push_async_callback(attendance.leave_all)

        async def redis_answers() -> None:
            await client.ping()

        async def database_is_current() -> None:
            if not await is_current(pool):
                raise RuntimeError("the database needs `presence migrate`")

        yield Services(
            presence=presence_service,
            chat=chat_service,
            files=file_service,
            exports=ExportService(keeping),
            notifications=NotificationService(notifying),
            push=push,
            sms=sms,
            kept_mail=keeper,
            contacts=contact_service,
            people=people,
            imports=import_service,
            accounts=account_service,
            links=link_service,
            switches=switch_service,
            hub=hub,
            endpoint=endpoint,
            checks={"redis": redis_answers, "database": database_is_current},
        )


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
    return [
        *accounts.routes.operations(services.accounts),
        *accounts.links.routes.operations(services.links),
        *chat.files.routes.operations(services.files),
        *contacts.routes.operations(services.contacts, services.people),
        *chat.keeping.routes.operations(services.exports),
        *contacts.imports.routes.operations(services.imports, services.people),
        *chat.notifying.routes.operations(services.notifications),
        *chat.push.routes.operations(services.push),
        *chat.sms.routes.operations(services.sms),
        *presence.routes.operations(services.presence),
        *pbx.routes.operations(services.switches),
        *health_operations(server_version(), services.checks, is_draining=lambda: services.endpoint.draining),
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
            services.accounts,
            allowed_origins=settings.allowed_origins,
            public_url=settings.public_url,
        ),
        *portal_routes(PortalFiles(PORTAL), allowed_origins=settings.allowed_origins),
    ]


def create_app(settings: Settings, *, switch_port: int | None = None, address: str = "") -> Starlette:
    """The ASGI application. `app.state.services` is there while it runs.

    `switch_port`: where telephone switches come in, if not where everybody does. `address`: as for `build_services`.
    """
    registry = CollectorRegistry()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with build_services(settings, registry, address) as services:
            app.state.services = services
            app.router.routes.extend(routes_of(services, settings, registry))
            yield

    return make_application(
        [], registry=registry, allowed_origins=settings.allowed_origins, switch_port=switch_port, lifespan=lifespan
    )


def _may_see_target(caller: Caller, target: Target) -> bool:
    return may_see_unlisted(caller, target.user, target.scope, target.site or None)


def _may_explain(caller: Caller, target: Target) -> bool:
    person = Person(caller.domain, target.user, target.scope, target.site or None, listed=target.listed)
    return may(caller, Permission.EXPLAIN_PRESENCE, person)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
