"""Subscriptions to web push, and what is pushed."""

import asyncio
import time
from collections.abc import Callable, Sequence
from math import inf
from urllib.parse import urlsplit

import msgspec
import structlog

from chat.admission import refuse_masked
from chat.push.encryption import (
    MOST_BYTES,
    SECRET_BYTES,
    authorization,
    base64url,
    encrypt,
    from_base64url,
    is_point,
    load_key,
    make_key,
    point_of,
)
from chat.push.errors import BadPushKey, NoPushService
from chat.push.model import NewSubscription, Notice, Noticed, Payload, Subscription
from chat.push.store import PushStore
from wire.errors import Refused
from wire.events import MessageAdded
from wire.http import PushKey, PushSubscription
from wire.identity import Caller, DomainId, UserId
from wire.outgoing import Outgoing, Unreachable

log = structlog.get_logger(__name__)

PATIENCE = 4.0
"""Seconds in which somebody who is looking reads a message, and is not told of it."""
SUBSCRIBERS_FOR = 60.0
"""Seconds for which a domain's subscribers are remembered, so that messages to others cost nothing."""
SUBSCRIPTIONS_PER_USER = 10
LONGEST_QUEUE = 10_000
PUSHES_AT_ONCE = 16
KEPT_BY_SERVICE = 86_400
"""Seconds for which a push service keeps it for a browser that is away."""
_GONE = frozenset({404, 410})


class PushService:
    """`services`: origins that we send to; `https://*.a.test` stands for all below. `subject`: whom to complain to."""

    def __init__(
        self,
        store: PushStore,
        outgoing: Outgoing,
        services: Sequence[str],
        subject: str,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steady = steady
        self._store = store
        self._outgoing = outgoing
        self._services = services
        self._subject = subject
        self._clock = clock
        self._queue: dict[DomainId, dict[tuple[int, int], Noticed]] = {}
        self._arrived = asyncio.Event()
        self._subscribers: dict[DomainId, tuple[float, frozenset[UserId]]] = {}

    # ------------------------------------------------------------ subscriptions

    async def key(self) -> PushKey:
        """For `pushManager.subscribe`."""
        return PushKey(public_key=base64url(point_of(load_key(await self._store.signing_key(make_key())))))

    async def subscribe(self, caller: Caller, given: PushSubscription) -> None:
        """Raises `NoPushService`, `BadPushKey`."""
        refuse_masked(caller)
        if not is_service(given.endpoint, self._services):
            raise NoPushService
        public_key, secret = _decoded(given.p256dh, "p256dh"), _decoded(given.auth, "auth")
        if not is_point(public_key):
            raise BadPushKey("p256dh")
        if len(secret) != SECRET_BYTES:
            raise BadPushKey("auth")
        subscription = Subscription(
            domain=caller.domain, user=caller.user, endpoint=given.endpoint, public_key=public_key, secret=secret
        )
        new = NewSubscription(subscription=subscription, session=caller.session)
        await self._store.subscribe(new, SUBSCRIPTIONS_PER_USER)
        self._subscribers.pop(caller.domain, None)

    async def unsubscribe(self, caller: Caller, endpoint: str) -> None:
        refuse_masked(caller)
        await self._store.unsubscribe(caller.domain, caller.user, endpoint)

    # ------------------------------------------------------------ pushing

    def notice(self, domain: DomainId, event: MessageAdded) -> None:
        """A message was sent. Costs nothing but a place in a queue that has an end."""
        if len(self._queue.get(domain, ())) >= LONGEST_QUEUE:
            return
        message = event.message
        noticed = Noticed(domain, message.conversation, message.seq)
        self._queue.setdefault(domain, {})[message.conversation, message.seq] = noticed
        self._arrived.set()

    async def run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await asyncio.sleep(PATIENCE)
            try:
                await self.push_noticed()
            except Refused as refused:
                log.warning("not_pushed", reason=refused.message)

    async def push_noticed(self) -> int:
        """Pushes what is to be told of everything that was noticed; how many a service took over."""
        queue, self._queue = self._queue, {}
        taken = 0
        for domain, noticed in queue.items():
            if await self._has_subscribers(domain):
                notices = await self._store.notices(list(noticed.values()))
                taken += await self._push(notices)
        return taken

    async def _has_subscribers(self, domain: DomainId) -> bool:
        until, users = self._subscribers.get(domain, (-inf, frozenset[UserId]()))
        if until < self._steady():
            users = frozenset(await self._store.subscribers(domain))
            self._subscribers[domain] = (self._steady() + SUBSCRIBERS_FOR, users)
        return bool(users)

    async def _push(self, notices: Sequence[Notice]) -> int:
        key = load_key(await self._store.signing_key(make_key())) if notices else None
        slots = asyncio.Semaphore(PUSHES_AT_ONCE)

        async def one(notice: Notice) -> bool:
            async with slots:
                assert key is not None
                header = authorization(key, notice.to.endpoint, self._subject, self._clock())
                return await self._push_one(notice, header)

        return sum(await asyncio.gather(*(one(notice) for notice in notices)))

    async def _push_one(self, notice: Notice, header: str) -> bool:
        content = encrypt(_payload(notice), notice.to.public_key, notice.to.secret)
        headers = {
            "Authorization": header,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_BY_SERVICE),
            "Urgency": "high",
            # Of one conversation only the newest is kept for a browser that is away.
            "Topic": f"conversation-{notice.conversation}"[:32],
        }
        try:
            answered = await self._outgoing.send("POST", notice.to.endpoint, content, headers)
        except Unreachable as error:
            log.info("push_service_unreachable", service=urlsplit(notice.to.endpoint).hostname, reason=str(error))
            return False
        if answered.status in _GONE:
            await self._store.forget(notice.to)
        elif not answered.is_good:
            log.warning("push_refused", service=urlsplit(notice.to.endpoint).hostname, status=answered.status)
        return answered.is_good


def is_service(endpoint: str, services: Sequence[str]) -> bool:
    """Whether the address is at one of the origins; `*.` in one stands for any name before it."""
    parts = urlsplit(endpoint)
    if not parts.hostname or parts.username is not None or parts.password is not None:
        return False
    for service in services:
        scheme, _, host = service.partition("://")
        is_host = parts.netloc.endswith(host[1:]) if host.startswith("*.") else parts.netloc == host
        if parts.scheme == scheme and is_host:
            return True
    return False


def _decoded(text: str, field: str) -> bytes:
    try:
        return from_base64url(text)
    except ValueError:
        raise BadPushKey(field) from None


def _payload(notice: Notice) -> bytes:
    """Shortened until it fits, since bytes are not characters."""
    body = notice.body
    while True:
        content = msgspec.json.encode(Payload(notice.conversation, notice.seq, notice.title, body))
        if len(content) <= MOST_BYTES or not body:
            return content[:MOST_BYTES]
        body = body[: len(body) // 2]
