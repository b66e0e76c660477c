"""What several parts of a gateway are made of: connections to the stores, and what the settings amount to."""

import base64
import secrets
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry

from accounts.factors.sealing import Seal
from connections.dispatch import Dispatcher
from connections.starting import server_version
from mail.smtp import SmtpSender, SmtpServer
from pbx.service import SwitchService
from settings import Settings
from storage.embedded import default_data_folder
from storage.postgres.chat import PostgresChatStore
from storage.postgres.migrate import is_current
from storage.postgres.pool import Pool, close_pool, open_pool
from storage.postgres.timeline import DatabaseTimeline
from storage.redis.bus import RedisBus
from storage.redis.client import Client, make_client, make_subscriber_client
from storage.redis.kept_mail import RedisMailKeeper
from storage.redis.leases import RedisLease
from storage.redis.presence import RedisPresenceStore
from web.health import Check
from web.outgoing import HttpOutgoing
from wire.identity import GatewayId

Work = Coroutine[Any, Any, None]
"""What runs in the background until the gateway ends."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What may be another one, which does the same and tells more of it (tracing/parts.py)."""

    bus: Callable[..., RedisBus] = RedisBus
    chat_store: Callable[..., PostgresChatStore] = PostgresChatStore
    dispatcher: Callable[..., Dispatcher] = Dispatcher
    presence_store: Callable[..., RedisPresenceStore] = RedisPresenceStore
    switches: Callable[..., SwitchService] = SwitchService


@dataclass(slots=True)
class Shared:
    """What several of the services are made of. What has to be closed is closed by `stack`, last opened first."""

    settings: Settings
    parts: Parts
    registry: CollectorRegistry
    stack: AsyncExitStack
    gateway: GatewayId
    life: GatewayId
    """Names this process: not the same after a restart, as `gateway` may be."""
    pool: Pool
    timeline: DatabaseTimeline
    redis: Client
    bus: RedisBus
    lease: RedisLease
    outgoing: HttpOutgoing
    kept_mail: RedisMailKeeper


async def open_shared(settings: Settings, registry: CollectorRegistry, stack: AsyncExitStack, parts: Parts) -> Shared:
    gateway = GatewayId(settings.gateway_id)
    life = GatewayId(f"{gateway}:{secrets.token_hex(4)}")
    timeline = DatabaseTimeline()
    pool = timeline.pool = await open_pool(settings.database_url, on_connect=timeline.look)
    stack.push_async_callback(close_pool, pool)
    redis, subscriber = make_client(settings.redis_url), make_subscriber_client(settings.redis_url)
    stack.push_async_callback(redis.aclose)
    stack.push_async_callback(subscriber.aclose)
    outgoing = HttpOutgoing(f"presence-gateway/{server_version()}")
    stack.push_async_callback(outgoing.close)
    return Shared(
        settings=settings,
        parts=parts,
        registry=registry,
        stack=stack,
        gateway=gateway,
        life=life,
        pool=pool,
        timeline=timeline,
        redis=redis,
        bus=parts.bus(redis, subscriber, life),
        lease=RedisLease(redis, gateway),
        outgoing=outgoing,
        kept_mail=RedisMailKeeper(redis),
    )


def checks_of(shared: Shared) -> dict[str, Check]:
    async def redis_answers() -> None:
        await shared.redis.ping()

    async def database_is_current() -> None:
        if not await is_current(shared.pool):
            raise RuntimeError("the database needs `presence migrate`")

    return {"redis": redis_answers, "database": database_is_current}


def mail_sender(shared: Shared) -> SmtpSender | RedisMailKeeper:
    """Without a server for mail, mails are kept and shown."""
    settings = shared.settings
    if not settings.smtp_url:
        return shared.kept_mail
    return SmtpSender(SmtpServer.of(settings.smtp_url), mail_from(settings))


def seal_of(shared: Shared) -> Seal:
    return Seal([base64.b64decode(key) for key in shared.settings.sealing_keys])


def mail_from(settings: Settings) -> str:
    """The address that e-mail comes from."""
    return settings.mail_from or f"presence@{urlsplit(settings.public_url).hostname or 'localhost'}"


def links_begin_with(settings: Settings, address: str) -> str:
    """Empty: links that let somebody in cannot be made. Where we listen is not where people reach us."""
    return settings.public_url or ("" if settings.smtp_url else address)


def files_url_of(settings: Settings) -> str:
    """Where files of conversations are kept."""
    return settings.files_url or ((settings.data_dir or default_data_folder()) / "files").absolute().as_uri()
