"""Who is here and available for chat: this gateway's lease in every domain, and what hangs on it.

Ten thousand idle sessions cost one lease a domain, renewed every ten seconds, not a timer each. If this process dies,
the lease ends and any other gateway takes its users' blue away; if Redis forgets, the next renewal says so and
everything is reported again. The same tick ends whatever else is over in the domain, at the moment it is.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Collection
from math import inf

import structlog

from presence.service import PresenceService
from presence.store import Ticked
from wire.errors import Refused
from wire.identity import DomainId, GatewayId, UserId

log = structlog.get_logger(__name__)

LEASE_MS = 30_000
RENEW_EVERY = 10.0
"""Seconds; two renewals may fail before the lease ends."""
LEAVE_GRACE = 3.0
"""Seconds before a closed session takes the blue away: a page that is reloaded must not make the dot flap."""
SETTINGS_EVERY = 300.0
"""Seconds after which the users' settings are brought from Postgres again: what a dead Redis did not hear of heals."""
RETRY = 1.0
END_WITHIN = 2.0
"""Seconds that a drain waits for what is under way."""
DEADLINES_APART = 0.25
"""Seconds between two ticks for deadlines: when a site goes dark, its phones run out within seconds of each other, and
watchers shall get a few large updates, not one for each phone. A single one is not delayed."""
DEADLINE_SLACK = 0.02
"""Seconds after a deadline at which to tick, so that it has surely passed."""


class _Domain:
    """What this gateway knows of one domain."""

    __slots__ = ("changed", "counts", "epoch", "failing_since", "reporting", "settings_due", "told", "unsure")

    def __init__(self) -> None:
        self.counts: Counter[UserId] = Counter()
        self.told: set[UserId] = set()
        self.unsure: set[UserId] = set()
        """Of whom the store may know something else than it was told: told again whatever it is."""
        self.changed: set[UserId] = set()
        self.reporting: asyncio.Task[None] | None = None
        self.settings_due = 0.0
        self.epoch = ""
        self.failing_since = inf


def _nobody(_domain: DomainId) -> Collection[UserId]:
    return ()


class Attendance:
    """`connected_users(domain)`: everybody with a session here, available or not; hub.py knows them."""

    def __init__(self, presence: PresenceService, gateway: GatewayId, *, grace: float = LEAVE_GRACE) -> None:
        self._presence = presence
        self._gateway = gateway
        self._grace = grace
        self._domains: dict[DomainId, _Domain] = {}
        self._ticks: dict[DomainId, tuple[float, asyncio.TimerHandle]] = {}
        self._ticked_at: dict[DomainId, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.connected_users: Callable[[DomainId], Collection[UserId]] = _nobody
        presence.on_deadline = self._deadline_known

    def failing_since(self, domain: DomainId) -> float:
        """By the monotonic clock: since when the store refuses what has to be written; infinite: it does not."""
        of = self._domains.get(domain)
        return of.failing_since if of is not None else inf

    # ------------------------------------------------------------ sessions come and go

    def enter(self, domain: DomainId) -> None:
        """Somebody connected, available or not: take the lease and keep the domain swept."""
        if domain not in self._domains:
            self._domains[domain] = _Domain()
            self._tick_in(domain, 0.0)

    def arrived(self, domain: DomainId, user: UserId) -> None:
        """A session of the user that is available for chat."""
        self.enter(domain)
        of = self._domains[domain]
        of.counts[user] += 1
        if of.counts[user] == 1:
            self._report(domain, user)

    def left(self, domain: DomainId, user: UserId, *, for_good: bool = False) -> None:
        """`for_good`: the user said so (logged out, switched off), so nobody waits for a return."""
        of = self._domains.get(domain)
        if of is None:
            return
        if for_good:
            self._count_down(domain, user)
        else:
            asyncio.get_running_loop().call_later(self._grace, self._count_down, domain, user)

    def _count_down(self, domain: DomainId, user: UserId) -> None:
        of = self._domains.get(domain)
        if of is None or of.counts[user] == 0:
            return
        of.counts[user] -= 1
        if of.counts[user] == 0:
            del of.counts[user]
            self._report(domain, user)

    # ------------------------------------------------------------ reporting

    def _report(self, domain: DomainId, user: UserId) -> None:
        of = self._domains[domain]
        of.changed.add(user)
        if of.reporting is None:
            of.reporting = self._spawn(self._report_changes(domain, of))

    async def _report_changes(self, domain: DomainId, of: _Domain) -> None:
        try:
            while of.changed:
                changed, of.changed = of.changed, set()
                # Taken before the request: what becomes unsure while it is under way has to be told once more.
                unsure = of.unsure & changed
                of.unsure -= unsure
                truth = {
                    user: of.counts[user] > 0
                    for user in changed
                    if user in unsure or (of.counts[user] > 0) != (user in of.told)
                }
                try:
                    await self._presence.report_sessions(domain, self._gateway, truth)
                except Refused:
                    of.changed |= changed
                    of.unsure |= unsure
                    await asyncio.sleep(RETRY)
                else:
                    of.told = (of.told | {u for u, here in truth.items() if here}) - {
                        u for u, here in truth.items() if not here
                    }
        finally:
            of.reporting = None

    # ------------------------------------------------------------ ticking

    def _deadline_known(self, domain: DomainId, in_ms: int) -> None:
        if in_ms < 0:
            return
        since_last = asyncio.get_running_loop().time() - self._ticked_at.get(domain, 0.0)
        self._tick_in(domain, max(in_ms / 1000 + DEADLINE_SLACK, DEADLINES_APART - since_last))

    def _tick_in(self, domain: DomainId, delay: float) -> None:
        """The earliest wish wins."""
        loop = asyncio.get_running_loop()
        at = loop.time() + delay
        planned = self._ticks.get(domain)
        if planned is not None:
            if planned[0] <= at:
                return
            planned[1].cancel()
        self._ticks[domain] = (at, loop.call_later(delay, self._start_tick, domain))

    def _start_tick(self, domain: DomainId) -> None:
        self._ticks.pop(domain, None)
        self._ticked_at[domain] = asyncio.get_running_loop().time()
        self._spawn(self._tick(domain))

    async def _tick(self, domain: DomainId) -> None:
        of = self._domains.get(domain)
        try:
            if of is None:
                ticked = await self._presence.sweep(domain)
            else:
                ticked = await self._presence.tick(domain, self._gateway, LEASE_MS)
                if of.epoch == ticked.outcome.epoch:
                    await self._refresh_settings(domain, of)
        except Refused:
            if of is not None:
                of.settings_due = 0.0  # what was set while the store was away, here or elsewhere, it has not heard
                of.failing_since = min(of.failing_since, time.monotonic())
            self._tick_in(domain, RETRY)
            return
        if of is not None:
            of.failing_since = inf
            await self._make_sure(domain, of, ticked)
            self._tick_in(domain, RENEW_EVERY * random.uniform(0.9, 1.0))  # noqa: S311  spreads load, hides nothing
        self._deadline_known(domain, ticked.outcome.deadline_in_ms)

    async def _make_sure(self, domain: DomainId, of: _Domain, ticked: Ticked) -> None:
        """Says again what the store has forgotten: our sessions with our lease, everything of ours with the epoch."""
        is_forgotten = of.epoch != ticked.outcome.epoch
        if ticked.lost or is_forgotten:
            log.info("reported_again", domain=domain, users=len(of.counts), lost=ticked.lost)
            of.unsure |= of.told | of.counts.keys()
            for user in tuple(of.unsure):
                self._report(domain, user)
        if is_forgotten:
            of.epoch, of.settings_due = ticked.outcome.epoch, 0.0
            self._tick_in(domain, 0.0)  # for the settings
            try:
                await self._presence.report_again(domain, self.connected_users(domain))
            except Refused:
                of.epoch = ""

    def hurry(self, domain: DomainId) -> None:
        """The domain has a new epoch: find out at once what of ours was forgotten."""
        if domain in self._domains:
            self._tick_in(domain, 0.0)

    async def _refresh_settings(self, domain: DomainId, of: _Domain) -> None:
        now = asyncio.get_running_loop().time()
        if now >= of.settings_due:
            await self._presence.seed(domain)
            of.settings_due = now + SETTINGS_EVERY * random.uniform(0.8, 1.2)  # noqa: S311  spreads load

    # ------------------------------------------------------------ the end

    async def leave_all(self) -> None:
        """Gives every lease back at once: the last act of a drain."""
        domains = list(self._domains)
        self._domains.clear()
        self._plan_nothing()
        # A tick that is under way would take the lease again after it was given back.
        await self._end_what_is_under_way()
        self._plan_nothing()
        for domain in domains:
            await self._give_back(domain)

    def _plan_nothing(self) -> None:
        for _, timer in self._ticks.values():
            timer.cancel()
        self._ticks.clear()

    async def _end_what_is_under_way(self) -> None:
        if self._tasks:
            _, still = await asyncio.wait(set(self._tasks), timeout=END_WITHIN)
            for task in still:  # a store that is away; its leases end by themselves
                task.cancel()
            await asyncio.gather(*still, return_exceptions=True)

    def forget(self, domain: DomainId) -> None:
        """Nobody of the domain has been connected for a while: gives the lease back, and plans nothing any more."""
        held = self._domains.pop(domain, None)
        self._ticked_at.pop(domain, None)
        planned = self._ticks.pop(domain, None)
        if planned is not None:
            planned[1].cancel()
        if held is not None:  # else nobody entered, or every lease was given back at the end
            self._spawn(self._give_back(domain))

    async def _give_back(self, domain: DomainId) -> None:
        try:
            await self._presence.tick(domain, self._gateway, 0)
        except Refused:
            log.warning("lease_not_given_back", domain=domain)  # it ends by itself

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
