"""From the outbox to the gateway: at least once, in order, one message on its way at a time.

Whatever is sent also says "what you know of this switch is true". So nothing is while the line to the switch is down,
but for its last words; nor while its lists are being read after it came back: half of the truth would pass for all.
"""

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import httpx2
import msgspec
import structlog
from msgspec import Raw
from msgspec.structs import replace

from pbx.adapter.backoff import REFUSED_SECONDS, pause_before
from pbx.adapter.board import Board
from pbx.adapter.errors import GatewayRefused
from pbx.adapter.line import Line, LineState
from pbx.adapter.outbox import Sealed
from pbx.adapter.parts import parts_of
from wire.ingest import Batch, BatchTaken, SnapshotPart, SnapshotTaken

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
SNAPSHOT_PAUSE = 5.0
"""Seconds between two snapshots, whatever is asked for."""
LAST_WORDS = 3.0
"""Seconds after the loss of the line in which what the switch had said before may still be sent."""
_NEVER_TAKEN = frozenset({400, 413, 422})
_REFUSED = frozenset({401, 403, 404})

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode
_decode_taken = msgspec.json.Decoder(BatchTaken).decode
_decode_snapshot_taken = msgspec.json.Decoder(SnapshotTaken).decode


class GivenUp(Exception):
    """The gateway understood the message and will never take it; a snapshot heals what was in it."""


class NotNow(Exception):
    """The line to the switch was lost meanwhile: what was to be sent may not be true any more."""


@dataclass(slots=True)
class Counts:
    """What became of all that was sent, for the log."""

    events: int = 0
    batches: int = 0
    retries: int = 0
    snapshots: int = 0
    resyncs: int = 0
    refused_batches: int = 0


class Delivery:
    """Sends what the board has told, heartbeats between, and snapshots when one is due."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        source: str,
        board: Board,
        line: Line,
        clock: Callable[[], float],
        wake: asyncio.Event,
        *,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        first_pause: float = 1.0,
        snapshot_pause: float = SNAPSHOT_PAUSE,
    ) -> None:
        self._http = http
        self._source = source
        self._board = board
        self._line = line
        self._clock = clock
        self._wake = wake
        self._heartbeat_seconds = heartbeat_seconds
        self._first_pause = first_pause
        self._snapshot_pause = snapshot_pause
        self._sent_at = 0.0
        self._snapshot_at: float | None = None
        self._is_accepted = False
        self._has_beaten = False
        self.epoch = secrets.token_hex(16)
        self.counts = Counts()
        self.trouble = ""
        """Why nothing arrives, if nothing does."""

    async def run(self) -> None:
        """For ever. Raises `GatewayRefused` only if the gateway has never taken anything from us."""
        while True:
            self._wake.clear()
            try:
                if not await self._send_what_is_due():
                    await self._wait()
            except NotNow:
                continue

    async def flush(self, seconds: float) -> bool:
        """Before the end: whether everything that was known could be sent in this time."""
        try:
            async with asyncio.timeout(seconds):
                while self._is_accepted and (batch := self._board.outbox.batch()):
                    await self._send_batch(batch)
        except (TimeoutError, NotNow):
            return False
        return not len(self._board.outbox)

    async def _send_what_is_due(self) -> bool:
        if self._is_up() and self._snapshot_is_due():
            await self._send_snapshot()
        elif self._snapshot_at is None:  # nothing to add to
            return False
        elif self._is_up() and not self._has_beaten:
            # Only a source that has sent a heartbeat is missed when it falls silent, however much it has told.
            await self._send_batch(())
            self._has_beaten = True
        elif self._may_send_events() and (batch := self._board.outbox.batch()):
            await self._send_batch(batch)
        elif self._is_up() and self._clock() - self._sent_at >= self._heartbeat_seconds:
            await self._send_batch(())
        else:
            return False
        return True

    def _is_up(self) -> bool:
        return self._line.state is LineState.UP

    def _may_send_events(self) -> bool:
        are_last_words = self._line.state is LineState.DOWN and self._clock() - self._line.since < LAST_WORDS
        return self._is_up() or are_last_words

    def _snapshot_is_due(self) -> bool:
        now = self._clock()
        if self._snapshot_at is not None and now - self._snapshot_at < self._snapshot_pause:
            return False
        return self._board.must_snapshot

    async def _wait(self) -> None:
        """Until something is told, the line changes, or a heartbeat is due."""
        try:
            async with asyncio.timeout(self._until_due()):
                await self._wake.wait()
        except TimeoutError:
            return

    def _until_due(self) -> float | None:
        if not self._is_up():
            return None
        now = self._clock()
        moments = [self._sent_at + self._heartbeat_seconds]
        if self._board.must_snapshot and self._snapshot_at is not None:
            moments.append(self._snapshot_at + self._snapshot_pause)
        return max(0.0, min(moments) - now)

    # ------------------------------------------------------------ batches

    async def _send_batch(self, batch: Sequence[Sealed]) -> None:
        """Without events it is a heartbeat, which says that everything up to `last_seq` has been sent."""
        last_seq = self._board.outbox.last_seq if batch else self._board.outbox.settled_seq
        events = [Raw(encoded) for _, encoded in batch]

        def body() -> bytes:
            return _encode(
                Batch(source=self._source, epoch=self.epoch, sent_at=self._clock(), last_seq=last_seq, events=events)
            )

        try:
            is_true = self._may_send_events if batch else self._is_up
            taken = await self._post("events", body, _decode_taken, is_true)
        except GivenUp as error:
            self.counts.refused_batches += 1
            log.error("batch_not_taken", events=len(batch), reason=str(error))
        else:
            self.counts.batches += 1
            self.counts.events += len(batch)
            self._note(taken)
        if batch:
            self._board.outbox.settle(batch[-1][0])

    def _note(self, taken: BatchTaken) -> None:
        if taken.bad:
            log.warning("events_not_understood", problems=msgspec.to_builtins(taken.problems))
        if taken.resync and not self._line.reread_wanted.is_set() and not self._board.must_snapshot:
            self.counts.resyncs += 1
            log.info("snapshot_asked_for", ack=taken.ack)
            self._line.reread_wanted.set()

    # ------------------------------------------------------------ snapshots

    async def _send_snapshot(self) -> None:
        """All parts, or as many as are taken; events that were told before wait until it has arrived."""
        self._board.must_snapshot = False
        now = self._clock()
        snapshot = self._board.snapshot(now)
        self._snapshot_at = now
        try:
            parts = parts_of(snapshot, self._source, self.epoch, secrets.token_hex(8))
            taken = await self._send_parts(parts)
        except NotNow:
            self._board.must_snapshot = True
            raise
        except GivenUp as error:
            log.error("snapshot_not_taken", reason=str(error))
            self._board.must_snapshot = True
            return
        if not taken.complete:
            # It took too long, and the gateway has thrown the first parts away.
            self._board.must_snapshot = True
            return
        self.counts.snapshots += 1
        self._board.outbox.settle(snapshot.as_of_seq)
        log.info(
            "snapshot_taken",
            parts=len(parts),
            devices=taken.devices,
            calls=taken.calls,
            dnd=taken.dnd,
            unknown_users=taken.ignored,
        )

    async def _send_parts(self, parts: Sequence[SnapshotPart]) -> SnapshotTaken:
        """The answer to the last one."""
        taken = SnapshotTaken(complete=False)
        for part in parts:
            taken = await self._post("snapshots", partial(self._sealed, part), _decode_snapshot_taken, self._is_up)
        return taken

    def _sealed(self, part: SnapshotPart) -> bytes:
        return _encode(replace(part, sent_at=self._clock()))

    # ------------------------------------------------------------ one message

    async def _post(
        self, what: str, body: Callable[[], bytes], decode: Callable[[bytes], T], is_true: Callable[[], bool]
    ) -> T:
        """Until it has been taken; the answer.

        Raises `GivenUp` for what never will be, `NotNow` once it is not true any more, and `GatewayRefused` if nothing
        of ours has ever been taken.
        """
        attempt = 0
        while True:
            attempt += 1
            if not is_true():
                raise NotNow
            try:
                answer = await self._http.post(
                    f"/ingest/v1/{self._source}/{what}",
                    content=body(),
                    headers={"Content-Type": "application/json"},
                )
                if answer.status_code == 200:
                    return self._taken(decode(answer.content))
            except httpx2.HTTPError as error:
                trouble, pause = str(error) or type(error).__name__, self._pause(attempt)
            except msgspec.DecodeError:
                trouble, pause = "this is not a gateway: its answer is something else", self._pause(attempt)
            else:
                trouble = f"{answer.status_code} {_reason_in(answer)}".strip()
                if answer.status_code in _NEVER_TAKEN:
                    self._sent_at = self._clock()
                    raise GivenUp(trouble)
                if answer.status_code in _REFUSED and not self._is_accepted:
                    raise GatewayRefused(trouble)
                pause = self._pause(attempt, answer)
            self.counts.retries += 1
            self._complain(trouble, pause)
            await asyncio.sleep(pause)

    def _taken(self, answer: T) -> T:
        if self.trouble:
            log.info("gateway_answers_again")
        self.trouble = ""
        self._is_accepted = True
        self._sent_at = self._clock()
        return answer

    def _pause(self, attempt: int, answer: httpx2.Response | None = None) -> float:
        if answer is not None:
            if answer.status_code in _REFUSED:
                return REFUSED_SECONDS
            wanted = answer.headers.get("Retry-After", "")
            if wanted.isdecimal():
                return min(float(wanted), REFUSED_SECONDS)
        return pause_before(attempt, random.random(), first=self._first_pause)  # noqa: S311 - spreads, protects nothing

    def _complain(self, trouble: str, pause: float) -> None:
        """Once for each trouble, and then only to those who look closely."""
        say = log.debug if trouble == self.trouble else log.error if pause >= REFUSED_SECONDS else log.warning
        say("gateway_does_not_take", reason=trouble, retry_after=round(pause, 1), waiting=len(self._board.outbox))
        self.trouble = trouble


def _reason_in(answer: httpx2.Response) -> str:
    """The detail of a problem document, or what the status means."""
    try:
        document = answer.json()
    except ValueError:
        return answer.reason_phrase
    detail = document.get("detail") or document.get("title") if isinstance(document, dict) else None
    return str(detail or answer.reason_phrase)[:200]
