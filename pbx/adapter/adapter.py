"""An adapter: one switch, one source, until it is told to stop."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress

import httpx2
import structlog

from pbx.adapter.board import Board
from pbx.adapter.clock import SteadyClock
from pbx.adapter.commands import Commands
from pbx.adapter.connection import first_to_fail
from pbx.adapter.delivery import ANSWER_SECONDS, HEARTBEAT_SECONDS, Delivery
from pbx.adapter.line import Line, LineState, SwitchReader, keep_line
from pbx.adapter.outbox import Outbox

log = structlog.get_logger(__name__)

HEALTH_SECONDS = 60.0
LAST_SECONDS = 3.0
"""For what is still to be sent when the adapter is stopped."""


class Adapter:
    """Raises `LineRefused` or `GatewayRefused` if one of both never took us; everything else it waits out."""

    def __init__(
        self,
        reader: SwitchReader,
        http: httpx2.AsyncClient,
        source: str,
        *,
        knows_dnd: bool,
        clock: Callable[[], float] | None = None,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        first_pause: float = 1.0,
        on_status: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._reader = reader
        self._clock = clock or SteadyClock()
        self._wake = asyncio.Event()
        self._first_pause = first_pause
        self._on_status = on_status
        self.board = Board(Outbox(), knows_dnd=knows_dnd, on_told=self._wake.set)
        self.line = Line(self._clock, self._line_changed, self._want_snapshot)
        self.commands = Commands(reader, self.board, self.line)
        self.delivery = Delivery(
            http,
            source,
            self.board,
            self.line,
            self._clock,
            self._wake,
            heartbeat_seconds=heartbeat_seconds,
            first_pause=first_pause,
        )

    async def run(self) -> None:
        """Until it is cancelled; what was said before is still sent, for three seconds at most."""
        try:
            await first_to_fail(
                lambda: keep_line(self._reader, self.board, self.line, first_pause=self._first_pause),
                self.delivery.run,
                self._report_health,
            )
        except asyncio.CancelledError:
            with suppress(asyncio.CancelledError):
                await self.delivery.flush(LAST_SECONDS)
            log.info("adapter_stopped", not_sent=len(self.board.outbox))
            raise

    def health(self) -> dict[str, object]:
        """What an operator asks first, flat and in figures."""
        return {
            "line": self.line.state.value,
            "line_since_seconds": round(self._clock() - self.line.since),
            "gateway": self.delivery.trouble or "ok",
            "devices": self.board.devices,
            "calls": self.board.legs,
            "waiting": len(self.board.outbox),
            "told": self.board.outbox.last_seq,
            "dropped": self.board.outbox.dropped,
            "overfull": self.board.overfull,
            "snapshots": self.delivery.counts.snapshots,
            "resyncs": self.delivery.counts.resyncs,
            "retries": self.delivery.counts.retries,
            "line_lost": self.line.times_lost,
        }

    async def _report_health(self) -> None:
        while True:
            await asyncio.sleep(HEALTH_SECONDS)
            health = self.health()
            is_well = self.line.state is LineState.UP and not self.delivery.trouble
            (log.info if is_well else log.warning)("adapter_health", **health)
            self._on_status(self._status())

    def _line_changed(self) -> None:
        self._wake.set()
        log.info("switch_line", state=self.line.state.value, switch=self._reader.where)
        self._on_status(self._status())

    def _want_snapshot(self) -> None:
        self.board.must_snapshot = True
        self._wake.set()

    def _status(self) -> str:
        gateway = f", gateway: {self.delivery.trouble}" if self.delivery.trouble else ""
        known = f"{self.board.devices} devices, {self.board.legs} calls"
        return f"line to {self._reader.where} {self.line.state.value}, {known}{gateway}"


def gateway_client(url: str, token: str, tls: ssl.SSLContext | None = None) -> httpx2.AsyncClient:
    """Speaks to the gateway at `url` with the source's token. `tls`: what to trust, if not what everybody does."""
    return httpx2.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=ANSWER_SECONDS,
        trust_env=False,
        verify=tls or True,
    )
