"""Start reading here: this file and its parts (`assembly/`) plug everything together, and do nothing else.

`build_services` makes the services from the settings with plain constructor arguments; `create_app` puts them behind
HTTP and `/ws`. The command line runs the app; tests call the same two functions.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
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
from accounts.api_keys.service import ApiKeyService, Bearers
from accounts.audit.service import AuditService
from accounts.domains.service import DomainService
from accounts.emails.service import EmailService
from accounts.factors.second_step import SecondStepService
from accounts.factors.service import FactorService
from accounts.links.service import LinkService
from accounts.masks.service import MaskService
from accounts.own_password.service import OwnPasswordService
from accounts.passkeys.service import PasskeyService
from accounts.photos.service import PhotoService
from accounts.profiles.service import ProfileService
from accounts.resets.service import ResetService
from accounts.service import AccountService
from accounts.sessions.service import SessionService
from accounts.single_sign_on.service import SignOnService
from accounts.sites.service import SiteService
from accounts.users.service import UserService
from assembly.accounts import build_accounts
from assembly.chat import build_chat
from assembly.connections import build_connections
from assembly.contacts import build_contacts
from assembly.presence import build_presence
from assembly.shared import (
    Parts,
    checks_of,
    links_begin_with,
    open_shared,
    seal_of,
)
from assembly.switches import build_switches
from chat.files.pictures import square_of
from chat.files.service import FileService
from chat.keeping.service import ExportService
from chat.notifying.service import NotificationService
from chat.push.service import PushService
from chat.service import ChatService
from chat.sms.service import SmsService
from connections.draining import drain
from connections.endpoint import WebSocketEndpoint
from connections.hub import Hub
from connections.starting import server_version
from contacts.imports.service import ImportService
from contacts.listing import PeopleLists
from contacts.service import ContactService
from pbx.service import SwitchService
from pbx.sources.service import SourceService
from presence.service import PresenceService
from settings import SettingError, Settings
from storage.postgres.administration import PostgresAdministrationKeyStore
from storage.postgres.audit import PostgresAuditStore
from storage.postgres.pbx_sources import PostgresSourceStore
from storage.postgres.photos import PostgresPhotoStore
from storage.redis.kept_mail import RedisMailKeeper
from storage.redis.peers import RedisPeers
from storage.redis.sources import RedisSourceMemory
from web.application import make_application
from web.docs_page import docs_routes
from web.health import Check, health_operations, metrics_route
from web.mail_page import mail_routes
from web.routes import make_routes
from web.static import PortalFiles, portal_routes
from wire.ending import end
from wire.operations import Operation

if TYPE_CHECKING:
    from tracing.exporting import Tracing

PORTAL = Path(__file__).parent / "portal"


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
        shared = await open_shared(settings, registry, stack, _parts_with(tracing))
        presence_service = build_presence(shared)
        chat_parts = build_chat(shared)
        contact_parts = build_contacts(shared)
        account_parts = build_accounts(shared, presence_service, links_begin_with(settings, address))
        switch_service, *about_switches = build_switches(shared, presence_service)
        live = build_connections(shared, presence_service, chat_parts, contact_parts, account_parts)
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
                PostgresSourceStore(shared.pool, seal=seal_of(shared)), RedisSourceMemory(shared.redis)
            ),
            hub=live.hub,
            endpoint=live.endpoint,
            checks=checks_of(shared),
        )


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


async def _cancel(task: asyncio.Task[None]) -> None:
    await end(task)
    if not task.cancelled():
        task.result()  # it ended before, by an error that somebody should see
