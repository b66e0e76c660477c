"""Which other gateways are there, and which of them has died without a word.

Whoever dies between a commit and its telling leaves something that nobody was told of, and that no number gives away.
So the others have to know of a death, at once. A gateway listens to a probe of its own (bus.py), and that ends with its
process; if its machine goes with it, or its network, its beat ends. Who goes in order signs off before.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping

import structlog
from redis.asyncio import Redis

from storage.redis import keys
from storage.redis.client import errors_translated
from wire.errors import Refused
from wire.identity import GatewayId

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
ABSENT_FOR = 3.0
"""Seconds without a subscription that make a death: one that was cut is made anew within two."""
BEATLESS_FOR = 10.0
FORGOTTEN_AFTER = 3_600.0
"""Seconds after which nobody needs to know any more who was here."""


_BEAT = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
redis.call('ZADD', KEYS[1], string.format('%.6f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.6f', now - ARGV[2]))
local found = {}
for _, each in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  found[#found + 1] = each
  found[#found + 1] = redis.call('ZSCORE', KEYS[1], each)
end
return found
"""


class _Peer:
    __slots__ = ("absent_since", "beat", "beat_at", "is_here")

    def __init__(self, beat: float, now: float) -> None:
        self.beat, self.beat_at = beat, now
        self.absent_since: float | None = None
        self.is_here = False
        """Seen to live. What somebody left behind before we came concerns nobody who came later."""


class Roll:
    """Who is here, by what one sees at each look: pure (time comes in)."""

    def __init__(self) -> None:
        self._peers: dict[GatewayId, _Peer] = {}

    def call(
        self, beats: Mapping[GatewayId, float], listening: Collection[GatewayId], now: float
    ) -> tuple[list[GatewayId], list[GatewayId]]:
        """Who has come since the last call, and who has died. `beats`: of all who did not sign off."""
        self._peers = {gateway: self._peers.get(gateway) or _Peer(beat, now) for gateway, beat in beats.items()}
        came, died = [], []
        for gateway, peer in self._peers.items():
            has_beaten = beats[gateway] != peer.beat
            if has_beaten:
                peer.beat, peer.beat_at = beats[gateway], now
            if gateway in listening:
                peer.absent_since = None
            elif peer.absent_since is None:
                peer.absent_since = now
            if not peer.is_here and has_beaten and gateway in listening:
                peer.is_here = True
                came.append(gateway)
            elif peer.is_here and _is_dead(peer, now):
                peer.is_here = False
                died.append(gateway)
        return came, died

    def interrupted(self, now: float) -> None:
        """Nothing can be seen: nobody is away for that."""
        for peer in self._peers.values():
            peer.absent_since, peer.beat_at = None, now


def _is_dead(peer: _Peer, now: float) -> bool:
    absent = 0.0 if peer.absent_since is None else now - peer.absent_since
    return absent >= ABSENT_FOR or now - peer.beat_at >= BEATLESS_FOR


class RedisPeers:
    """`life` names this process, and its bus: not the same after a restart, or nobody would see that it died.
    `on_death()` is called for each death of another one, on every gateway that saw it alive.
    """

    def __init__(self, client: Redis, life: GatewayId, on_death: Callable[[], None]) -> None:
        self._client = client
        self._life = life
        self._beat = client.register_script(_BEAT)
        self._on_death = on_death
        self._roll = Roll()

    async def run(self) -> None:
        """Until cancelled, which signs off."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self._sign_off()

    async def _look(self) -> None:
        try:
            async with errors_translated():
                beats = await self.beat()
                listening = await self.listening_of(beats)
        except Refused:
            self._roll.interrupted(time.monotonic())
            return
        came, died = self._roll.call(beats, listening, time.monotonic())
        for gateway in came:
            log.info("gateway_came", gateway=gateway)
        for gateway in died:
            log.warning("gateway_died", gateway=gateway)
            self._on_death()

    async def beat(self) -> dict[GatewayId, float]:
        """Says that we live; the last beats of the others, by the clock of Redis: gateways' own may differ."""
        found = await self._beat(keys=[keys.GATEWAYS], args=[self._life, FORGOTTEN_AFTER])
        beats = {name.decode(): float(beat) for name, beat in zip(found[::2], found[1::2], strict=True)}
        return {GatewayId(name): beat for name, beat in beats.items() if name != self._life}

    async def listening_of(self, gateways: Collection[GatewayId]) -> set[GatewayId]:
        """Those whose process is there, as far as Redis has heard."""
        if not gateways:
            return set()
        by_channel = {keys.probe_channel(gateway).encode(): gateway for gateway in gateways}
        counts = await self._client.pubsub_shardnumsub(*by_channel)
        return {by_channel[channel] for channel, count in counts if count}  # type: ignore[index]  # bytes, as they came

    async def _sign_off(self) -> None:
        try:
            async with errors_translated():
                await self._client.zrem(keys.GATEWAYS, self._life)
        except Refused:
            log.warning("not_signed_off")  # the others will think that we died, and tell everybody afresh
