"""Plugs together what serves WebSockets: the hub, who is connected, what they may ask."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import ProcessCollector

from assembly.accounts import AccountParts
from assembly.chat import ChatParts
from assembly.contacts import CONTACT_RIGHTS, ContactParts
from assembly.shared import Shared, Work
from connections.admission import Admission, AdmissionMetrics
from connections.attendance import Attendance
from connections.commands import ConnectionService
from connections.endpoint import WebSocketEndpoint
from connections.hub import Hub
from connections.metrics import GatewayMetrics
from connections.starting import Starter
from connections.statuses import StatusesOfView
from connections.upkeep import Upkeep
from contacts.listing import PeopleLists
from presence.service import PresenceService
from storage.metrics import StoreMetrics
from storage.postgres.people import PostgresPeopleStore
from web.origins import OriginRule


@dataclass(slots=True)
class Live:
    hub: Hub
    attendance: Attendance
    endpoint: WebSocketEndpoint
    people: PeopleLists
    upkeep: Upkeep
    background: Sequence[Work]


def build_connections(
    shared: Shared,
    presence_service: PresenceService,
    chat_parts: ChatParts,
    contact_parts: ContactParts,
    account_parts: AccountParts,
) -> Live:
    settings = shared.settings
    hub = Hub(shared.bus, presence_service, time.monotonic, settings.heartbeat_seconds)
    GatewayMetrics(hub, shared.registry)
    StoreMetrics(shared.pool, shared.timeline, shared.bus, shared.registry)
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
        starter=Starter(
            chat_parts.chat,
            people,
            contact_parts.contacts,
            settings.heartbeat_seconds,
            lambda: shared.timeline.name,
        ),
        authenticator=account_parts.bearers,
        origins=OriginRule.of(settings.public_url, settings.allowed_origins),
        clock=time.monotonic,
    )
    upkeep = Upkeep(hub, account_parts.bearers, chat_parts.chat, people, contact_parts.contacts)
    shared.timeline.on_change = hub.begin_anew
    return Live(hub, attendance, endpoint, people, upkeep, (hub.run(), upkeep.run(), shared.timeline.run()))
