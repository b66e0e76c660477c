"""All domains that somebody on this gateway is looking at, and the beat that keeps their connections honest."""

import asyncio
import time
from collections.abc import Callable
from math import inf

import structlog

from connections.channel import Channel
from connections.session import Session
from presence.service import PresenceService
from wire.announce import Bus
from wire.errors import CloseCode, Refused
from wire.identity import DomainId, UserId

log = structlog.get_logger(__name__)

HEARTBEAT_INTERVAL = 20
"""Seconds between heartbeats of a domain; told to the client at connect."""
SILENCE_MORE = 5.0
"""Seconds beyond two heartbeats after which a client is gone that answered none: its radio died without a word."""
BEAT = 1.0
DOUBT_AFTER = 5.0
"""Seconds for which the presence store may not answer or not be heard; then nobody here knows any colour any more."""
LINGER = 30.0
"""Seconds a domain stays loaded after its last session left, so that a reload finds it ready."""
HEAL_AGAIN = 0.5

Lost = Callable[[Channel], None]


def _nobody_cares(_channel: Channel) -> None:
    return None


def _always_certain(_domain: DomainId) -> float:
    return inf


class Hub:
    """`on_lost(channel)`: announcements may have been lost, besides presence, which the hub heals itself.
    `on_new_epoch(channel)`: the store had forgotten the domain. `on_unloaded(channel)`: nobody here looks at it.
    `certain_at(domain)`: when (by the clock) its store was last known to be heard and to answer.
    """

    def __init__(
        self,
        bus: Bus,
        presence: PresenceService,
        clock: Callable[[], float],
        heartbeat_interval: int = HEARTBEAT_INTERVAL,
    ) -> None:
        self._bus = bus
        self._presence = presence
        self._clock = clock
        self.heartbeat_interval = heartbeat_interval
        self.certain_at: Callable[[DomainId], float] = _always_certain
        self._channels: dict[DomainId, Channel] = {}
        self._loading: dict[DomainId, asyncio.Task[Channel]] = {}
        self._healing: dict[DomainId, asyncio.Task[None]] = {}
        self._healing_since: dict[DomainId, float] = {}
        self._heal_again: set[DomainId] = set()
        self._unloading: dict[DomainId, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._deliveries_of_unloaded = 0
        self.heals = 0
        self.late = 0.0
        """Seconds by which the newest beat came too late: nothing else was done so long."""
        self.on_lost: Lost = _nobody_cares
        self.on_new_epoch: Lost = _nobody_cares
        self.on_unloaded: Lost = _nobody_cares

    @property
    def deliveries(self) -> int:
        return self._deliveries_of_unloaded + sum(channel.deliveries for channel in self._channels.values())

    def connected_users(self, domain: DomainId) -> set[UserId]:
        channel = self._channels.get(domain)
        return {session.caller.user for session in channel.sessions} if channel is not None else set()

    def channel(self, domain: DomainId) -> Channel | None:
        """The domain's channel, if somebody here follows it."""
        return self._channels.get(domain)

    def channels(self) -> list[Channel]:
        return list(self._channels.values())

    # ------------------------------------------------------------ entering and leaving a domain

    async def enter(self, domain: DomainId) -> Channel:
        """The domain's channel, following and complete. Raises `Unavailable`."""
        unloading = self._unloading.pop(domain, None)
        if unloading is not None:
            unloading.cancel()
        channel = self._channels.get(domain)
        if channel is not None:
            return channel
        loading = self._loading.get(domain)
        if loading is None:
            loading = self._loading[domain] = asyncio.create_task(self._load(domain))
            loading.add_done_callback(lambda _: self._loading.pop(domain, None))
        # One client that gives up must not spoil it for the others who wait for the same.
        return await asyncio.shield(loading)

    async def _load(self, domain: DomainId) -> Channel:
        """Follow first, read second: what changes in between arrives as messages that the view puts in order."""
        channel = Channel(domain, self._presence.may_manage, self._start_healing)
        try:
            await self._bus.follow(domain, channel)
            channel.replace(await self._presence.read(domain))
        except BaseException:
            await self._bus.unfollow(domain)
            raise
        self._channels[domain] = channel
        self._unload_later(channel)
        return channel

    def leave(self, channel: Channel, session: Session) -> None:
        channel.remove(session)
        if not channel.sessions:
            self._unload_later(channel)

    def _unload_later(self, channel: Channel) -> None:
        loop = asyncio.get_running_loop()
        self._unloading[channel.domain] = loop.call_later(LINGER, self._unload, channel)

    def _unload(self, channel: Channel) -> None:
        self._unloading.pop(channel.domain, None)
        if not channel.sessions and self._channels.get(channel.domain) is channel:
            del self._channels[channel.domain]
            self._deliveries_of_unloaded += channel.deliveries
            self._spawn(self._bus.unfollow(channel.domain))
            self.on_unloaded(channel)

    # ------------------------------------------------------------ healing

    def _start_healing(self, channel: Channel) -> None:
        """A gap, or a subscription that was lost: read again. One reading at a time, once more if asked meanwhile."""
        if channel.domain in self._healing:
            self._heal_again.add(channel.domain)
            return
        task = asyncio.create_task(self._heal(channel))
        self._healing[channel.domain] = task
        self._healing_since[channel.domain] = self._clock()
        task.add_done_callback(lambda _: self._healed(channel.domain))

    def _healed(self, domain: DomainId) -> None:
        self._healing.pop(domain, None)
        self._healing_since.pop(domain, None)

    async def _heal(self, channel: Channel) -> None:
        while True:
            self._heal_again.discard(channel.domain)
            self.heals += 1
            try:
                await self._reread(channel)
            except Refused:
                await asyncio.sleep(HEAL_AGAIN)  # the store is away; nothing true can be told until it is back
                continue
            self.on_lost(channel)
            if channel.domain not in self._heal_again:
                return

    async def _reread(self, channel: Channel) -> None:
        view = channel.view
        epoch = view.epoch
        missed = await self._presence.read_since(channel.domain, epoch, view.version) if epoch else None
        if missed is not None:
            channel.presence(missed)
        else:
            channel.replace(await self._presence.read(channel.domain))
            if view.epoch != epoch:
                self.on_new_epoch(channel)

    def heal_all(self) -> None:
        for channel in self.channels():
            self._start_healing(channel)

    def begin_anew(self) -> None:
        """Another database took over: nothing of it is told to those who know the numbers of the one before."""
        for channel in self.channels():
            for session in tuple(channel.sessions):
                session.close(CloseCode.TIMELINE_CHANGED, "another database took over")
        self.heal_all()

    # ------------------------------------------------------------ the beat

    async def run(self) -> None:
        """Each second a share of the domains gets its heartbeat, so that the load is even."""
        beat = 0
        while True:
            due = self._clock() + BEAT
            await asyncio.sleep(BEAT)
            self.late = max(0.0, self._clock() - due)
            beat = (beat + 1) % self.heartbeat_interval
            now = self._clock()
            for channel in self.channels():
                self._doubt(channel, now)
                if hash(channel.domain) % self.heartbeat_interval == beat:
                    self._end_the_silent(channel, now)
                    channel.heartbeat()

    def _doubt(self, channel: Channel, now: float) -> None:
        """Nothing is told as if it were known that may have changed without our hearing of it."""
        certain_at = min(self.certain_at(channel.domain), self._healing_since.get(channel.domain, inf))
        if now - certain_at <= DOUBT_AFTER:
            channel.doubt_since(0)
        elif not channel.doubted_since:
            log.warning("presence_in_doubt", domain=channel.domain, seconds=round(now - certain_at, 1))
            channel.doubt_since(int(time.time() - (now - certain_at)))

    def _end_the_silent(self, channel: Channel, now: float) -> None:
        for session in tuple(channel.sessions):
            if session.is_stuck(now):
                log.info("session_stuck", connection=session.connection)
                session.close(CloseCode.SLOW_READER, "nothing was read")
            elif now - session.last_heard > 2 * self.heartbeat_interval + SILENCE_MORE:
                session.close(CloseCode.NOT_ALIVE, "nothing was heard")

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
