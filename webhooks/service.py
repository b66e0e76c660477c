"""Delivers webhooks: each by one gateway at a time, one message on its way, until the other end has heard everything.

Every gateway runs this and holds what it can get; a gateway that dies loses its webhooks to another one within half a
minute, which goes on where the store says that the other end stands. At least once, therefore, and in order.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

import structlog
from msgspec.structs import replace

from presence.view import DomainView
from webhooks.messages import AT_MOST, Prepared, due_presence, names_message, presence_message
from webhooks.metrics import WebhookMetrics
from webhooks.model import Standing, Topic, Webhook
from webhooks.signing import headers_of
from webhooks.store import WebhookStore
from wire.ending import end
from wire.errors import Refused
from wire.identity import DomainId, GatewayId
from wire.outgoing import Outgoing, Unreachable

log = structlog.get_logger(__name__)

HELD_SECONDS = 30.0
RENEW_EVERY = 5.0
"""Also how soon a new webhook is noticed, or that one is disabled."""
LOOK_EVERY = 0.25
"""Seconds between two looks for what is new: what changes in between is told as its newest."""
NAMES_EVERY = 2.0
SWEEP_EVERY = 5.0
"""Where nobody of the domain is connected to anything, nobody else ends what is over."""
LONGEST_WAIT = 300.0
"""Seconds between two attempts at an end that does not answer."""
GONE = 410


class PresenceStream(Protocol):
    """The part of presence/service.py that this package needs."""

    async def view(self, domain: DomainId) -> DomainView: ...

    async def read_since(self, domain: DomainId, epoch: str, version: int) -> bytes | None: ...

    async def sweep(self, domain: DomainId) -> object: ...


class WebhookService:
    """`run` until it is cancelled. `clock` in seconds of any kind that does not step back. `timeline`: of the database;
    empty: not known.
    """

    def __init__(
        self,
        store: WebhookStore,
        presence: PresenceStream,
        outgoing: Outgoing,
        metrics: WebhookMetrics,
        gateway: GatewayId,
        clock: Callable[[], float] = time.monotonic,
        *,
        held_seconds: float = HELD_SECONDS,
        renew_every: float = RENEW_EVERY,
        timeline: Callable[[], str] = lambda: "",
    ) -> None:
        self._timeline = timeline
        self._held_seconds, self._renew_every = held_seconds, renew_every
        self._store = store
        self._presence = presence
        self._outgoing = outgoing
        self._metrics = metrics
        self._gateway = gateway
        self._clock = clock
        self._couriers: dict[str, tuple[Webhook, asyncio.Task[None]]] = {}
        self._held_until = 0.0

    async def run(self) -> None:
        try:
            while not is_cancelled():
                asked_at = self._clock()
                try:
                    self._serve(await self._store.hold(self._gateway, self._held_seconds))
                    # From before the question: the answer may have been on its way for long.
                    self._held_until = asked_at + self._held_seconds
                except Refused:
                    pass  # what is held stays held for a while
                except Exception:
                    log.exception("webhooks_failed")
                await asyncio.sleep(self._renew_every)
        finally:
            await self._end(list(self._couriers))
            with suppress(Refused):
                await self._store.let_go(self._gateway)

    def _serve(self, held: Sequence[Webhook]) -> None:
        """Starts a courier for each that is new here or was changed, and ends the others."""
        wanted = {each.label: each for each in held}
        for label in [label for label in self._couriers if label not in wanted]:
            self._drop(label)
        for label, webhook in wanted.items():
            running = self._couriers.get(label)
            if running and (running[1].done() or not _is_same(running[0], webhook)):
                self._drop(label)
                running = None
            if running is None:
                self._couriers[label] = (webhook, asyncio.create_task(self._carry(webhook)))

    def _drop(self, label: str) -> None:
        _, task = self._couriers.pop(label)
        task.cancel()
        with suppress(KeyError):
            self._metrics.held_no_longer(label)

    async def _end(self, labels: Sequence[str]) -> None:
        tasks = [self._couriers[label][1] for label in labels]
        for label in labels:
            self._drop(label)
        await end(*tasks)

    async def _carry(self, webhook: Webhook) -> None:
        await asyncio.sleep(webhook.wait)
        courier = Courier(webhook, self._store, self._presence, self._clock, self._timeline)
        # Asked each time, since a driver may swallow a cancellation that comes just as its answer does.
        while not is_cancelled():
            try:
                prepared = await courier.next()
                if prepared is None:
                    await asyncio.sleep(LOOK_EVERY)
                elif not await self._deliver(courier, prepared):
                    return
            except Refused as refused:
                log.warning("webhook_waits", webhook=webhook.label, reason=refused.message)
                await asyncio.sleep(1.0)
            except Exception:
                # One that cannot be told of its changes must not take the others with it.
                log.exception("webhook_failed", webhook=webhook.label)
                await asyncio.sleep(LONGEST_WAIT)

    async def _deliver(self, courier: "Courier", prepared: Prepared) -> bool:
        """False: this gateway does not deliver it any more."""
        webhook = courier.webhook
        if self._clock() + self._held_seconds / 3 >= self._held_until:
            return False  # it could not be renewed, or this process stood still: another one may have it soon
        problem, wait, status = await self._send(webhook, prepared)
        if not problem:
            self._metrics.taken(webhook, len(prepared.data.users))
            courier.taken(prepared.standing)
            return await self._store.delivered(webhook, self._gateway, prepared.standing)
        courier.failures += 1
        self._metrics.failed(webhook, courier.failures)
        if status == GONE:
            log.warning("webhook_disabled", webhook=webhook.label, reason="its end says that it is gone for good")
            await self._store.disable(webhook, problem)
            return False
        wait = max(wait, pause_after(courier.failures))
        say = log.warning if courier.failures in (1, 5) or courier.failures % 50 == 0 else log.debug
        say("webhook_not_taken", webhook=webhook.label, problem=problem, failures=courier.failures, next_in=wait)
        await self._store.failed(webhook, self._gateway, problem, wait)
        await asyncio.sleep(wait)
        return True

    async def _send(self, webhook: Webhook, prepared: Prepared) -> tuple[str, float, int]:
        """The problem ("": it was taken), how long the other end wants us to wait, and its status."""
        now = datetime.now(UTC)
        body = prepared.body(now)
        headers = headers_of(prepared.id, int(now.timestamp()), body, webhook.secrets)
        try:
            answered = await self._outgoing.send("POST", webhook.url, body, headers)
        except Unreachable as reason:
            return str(reason), 0.0, 0
        return "" if answered.is_good else f"status {answered.status}", answered.retry_after, answered.status


class Courier:
    """What one webhook has heard, and what comes next."""

    def __init__(
        self,
        webhook: Webhook,
        store: WebhookStore,
        presence: PresenceStream,
        clock: Callable[[], float],
        timeline: Callable[[], str],
    ) -> None:
        self.webhook = webhook
        self.failures = webhook.failures
        self._standing = webhook.standing
        self._store = store
        self._presence = presence
        self._clock = clock
        self._timeline = timeline
        self._view: DomainView | None = None
        self._names_at = self._swept_at = float("-inf")

    def taken(self, standing: Standing) -> None:
        self._standing, self.failures = standing, 0

    async def next(self) -> Prepared | None:
        """Presence before names: it is what somebody waits for."""
        if Topic.PRESENCE in self.webhook.topics and (prepared := await self._next_presence()):
            return prepared
        if Topic.NAMES in self.webhook.topics:
            return await self._next_names()
        return None

    async def _next_presence(self) -> Prepared | None:
        view = await self._newest_view()
        due = due_presence(view, self._standing)
        if due is None:
            return None
        extensions = await self._store.extensions(self.webhook.domain, [record.user for record in due.records])
        return presence_message(self.webhook.domain, view, due, self._standing, extensions)

    async def _newest_view(self) -> DomainView:
        domain, now = self.webhook.domain, self._clock()
        if now - self._swept_at >= SWEEP_EVERY:
            await self._presence.sweep(domain)
            self._swept_at = now
        if self._view is not None:
            payload = await self._presence.read_since(domain, self._view.epoch, self._view.version)
            if payload is not None and isinstance(self._view.apply(payload), bool):
                return self._view
        self._view = await self._presence.view(domain)
        return self._view

    async def _next_names(self) -> Prepared | None:
        if self._clock() - self._names_at < NAMES_EVERY:
            return None
        timeline = self._timeline()
        standing = self._standing.within(timeline)
        users = await self._store.names_since(self.webhook.domain, standing.directory_rev, AT_MOST)
        if len(users) < AT_MOST:
            self._names_at = self._clock()
        return names_message(self.webhook.domain, users, standing, timeline)


def is_cancelled() -> bool:
    """Whether the running task is to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def pause_after(failures: int) -> float:
    """Seconds after so many failures in a row: 1, 2, 4, ... 300."""
    return min(2.0 ** min(failures - 1, 10), LONGEST_WAIT)


def _is_same(one: Webhook, other: Webhook) -> bool:
    """Whether an operator has changed nothing: what was heard and how it goes changes all the time."""
    return replace(one, standing=Standing(), failures=0, wait=0.0) == replace(
        other, standing=Standing(), failures=0, wait=0.0
    )
