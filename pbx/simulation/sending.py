"""Plays steps in their time, and tells a gateway of them as docs/switch-contract.md says."""

import asyncio
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress

import httpx2
import msgspec
import structlog

from pbx.simulation.script import AnyStep
from pbx.simulation.switch import SimulatedSwitch
from wire.ending import end
from wire.ingest import Batch, BatchTaken, SnapshotTaken

log = structlog.get_logger(__name__)

HEARTBEAT = 5.0
AT_ONCE = 200
BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
SNAPSHOT_PAUSE = 5.0
"""Seconds between two snapshots, whatever is asked for."""
_NEVER_TAKEN = frozenset({400, 413, 422})
_REFUSED = frozenset({401, 403, 404})


class RefusedByGateway(Exception):
    """The gateway does not know this switch, or not with this token."""


class Player:
    """`http` has the gateway's address and the source's token. `speed`: how many times faster than told; 0: at once."""

    def __init__(self, switch: SimulatedSwitch, http: httpx2.AsyncClient, *, heartbeat: float = HEARTBEAT) -> None:
        self._switch = switch
        self._http = http
        self._heartbeat = heartbeat
        self._wake = asyncio.Event()
        self._snapshot_at = 0.0
        self.told = 0

    async def run(self, steps: Iterable[AnyStep], *, speed: float = 1.0, linger: float = 0.0) -> None:
        """Returns when everything was played and told, and `linger` seconds have passed. Raises `RefusedByGateway`."""
        sending = asyncio.create_task(self._send_for_ever())
        playing = asyncio.create_task(self._play(steps, speed, linger))
        try:
            await asyncio.wait({sending, playing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(sending, playing)
        for task in (sending, playing):
            if not task.cancelled():
                task.result()

    async def go_home(self) -> None:
        """The last that is told: nobody is left as they were. Gives up if the gateway is away."""
        self._switch.silent_until = 0.0
        self._switch.go_home(time.time())
        while self._switch.queue and await self._send_batch():
            pass

    # ------------------------------------------------------------ playing

    async def _play(self, steps: Iterable[AnyStep], speed: float, linger: float) -> None:
        at = time.time()
        for step in steps:
            at += step.after / speed if speed > 0 else 0.0
            await self._pass_time_until(at)
            self._switch.play(step, time.time())
            self._wake.set()
        await self._pass_time_until(time.time() + linger)
        while self._switch.queue:
            await self._pass_time_until(time.time() + 0.05)

    async def _pass_time_until(self, at: float) -> None:
        while (now := time.time()) < at:
            due = self._switch.next_due
            if due is not None and due <= now:
                self._switch.pass_time(now)
                self._wake.set()
                continue
            await asyncio.sleep(min(at - now, due - now if due is not None else at - now))

    # ------------------------------------------------------------ telling

    async def _send_for_ever(self) -> None:
        attempts = 0
        while True:
            if (silent := self._switch.silent_until - time.time()) > 0:
                await asyncio.sleep(silent)
            if await self._send_batch():
                attempts = 0
            else:
                attempts += 1
                await asyncio.sleep(BACKOFF[min(attempts, len(BACKOFF)) - 1])
            if not self._switch.queue:
                self._wake.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._heartbeat):
                        await self._wake.wait()

    async def _send_batch(self) -> bool:
        """Whether the gateway has taken it, or never will."""
        batch, count = self._switch.batch(time.time(), AT_ONCE)
        answer = await self._post("events", batch)
        if answer is None:
            return False
        if batch.epoch == self._switch.epoch:
            self._switch.taken(count)
        if answer.status_code == 200:
            self.told += count
            if msgspec.json.decode(answer.content, type=BatchTaken).resync:
                await self._send_snapshot()
        return True

    async def _send_snapshot(self) -> None:
        now = time.time()
        if now - self._snapshot_at < SNAPSHOT_PAUSE:
            return
        self._snapshot_at = now
        for part in self._switch.snapshot(now, secrets.token_hex(8)):
            answer = await self._post("snapshots", part)
            if answer is None or answer.status_code != 200:
                self._snapshot_at = 0.0
                return
            if msgspec.json.decode(answer.content, type=SnapshotTaken).complete:
                log.info("snapshot_taken", parts=part.parts)

    async def _post(self, what: str, message: Batch | msgspec.Struct) -> httpx2.Response | None:
        """None: to be tried again. Raises `RefusedByGateway`."""
        try:
            answer = await self._http.post(
                f"/ingest/v1/{self._switch.source}/{what}",
                content=msgspec.json.encode(message),
                headers={"Content-Type": "application/json"},
            )
        except httpx2.HTTPError as error:
            log.warning("gateway_not_reached", reason=type(error).__name__)
            return None
        if answer.status_code in _REFUSED:
            raise RefusedByGateway(f"The gateway answers {answer.status_code}: {answer.text[:200]}")
        if answer.status_code != 200 and answer.status_code not in _NEVER_TAKEN:
            log.warning("gateway_does_not_take", status=answer.status_code)
            return None
        return answer
