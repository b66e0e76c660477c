"""One logged-in connection: who it is, and what still has to reach it.

Nobody waits for a client. While its outlet is blocked, presence is not queued at all: the session remembers up to which
version it was told, and gets one coalesced message (newest per user) when it can take it. Everything else, chat above
all, is queued within a limit; beyond it the client is sent away with a code that says "come back and resume".
"""

from collections import deque
from collections.abc import Callable

from connections.frames import Delivery
from connections.outlet import Outlet
from connections.rate import TokenBucket
from wire.codec import Subprotocol, encode
from wire.errors import CloseCode
from wire.events import AnyEvent
from wire.identity import Caller, ConnectionId, UserId
from wire.limits import LIMITS
from wire.replies import AnyReply

QUEUE_BYTES = 262_144
"""What may wait for one client besides presence: some hundred chat messages; a client that needs more resumes."""
BLOCKED_SECONDS = 30.0
"""A client that took nothing for this long is gone, whatever TCP says."""


class Session:
    """`release()` must be called once, when the client has been told its starting state: until then all is queued.

    `catch_up(session, version)` gives the presence since `version`, or None; `moved(session)` hears that
    `takes_direct_writes` may have changed.
    """

    __slots__ = (
        "_behind",
        "_holding",
        "_queue",
        "_queued_bytes",
        "available",
        "blocked_since",
        "bucket",
        "caller",
        "catch_up",
        "clock",
        "close_code",
        "connection",
        "last_heard",
        "moved",
        "outlet",
        "subprotocol",
        "watched",
    )

    def __init__(
        self,
        connection: ConnectionId,
        caller: Caller,
        outlet: Outlet,
        subprotocol: Subprotocol,
        clock: Callable[[], float],
        *,
        available: bool,
        catch_up: Callable[["Session", int], bytes | None],
        moved: Callable[["Session"], None],
    ) -> None:
        self.connection = connection
        self.caller = caller
        self.outlet = outlet
        self.subprotocol = subprotocol
        self.clock = clock
        self.available = available
        self.watched: set[UserId] | None = None
        """Whom the client looks at; None: everybody."""
        self.catch_up = catch_up
        self.moved = moved
        self.last_heard = clock()
        self.blocked_since = 0.0
        self.close_code: int | None = None
        self.bucket = TokenBucket(LIMITS.commands_per_second, LIMITS.command_burst, self.last_heard)
        self._queue: deque[Delivery] = deque()
        self._queued_bytes = 0
        self._holding = True
        self._behind: int | None = None
        outlet.on_blocked = self._on_blocked
        outlet.on_clear = self._on_clear

    @property
    def takes_direct_writes(self) -> bool:
        """Whether the hub may write frames of shared JSON straight to `outlet.fd`."""
        return (
            self.outlet.fd >= 0
            and self.outlet.is_clear
            and not self._holding
            and self.close_code is None
            and self.subprotocol is Subprotocol.JSON
            and self.watched is None
        )

    @property
    def _can_write(self) -> bool:
        return self.outlet.is_clear and not self._holding and self.close_code is None

    # ------------------------------------------------------------ sending

    def send_now(self, message: AnyReply | AnyEvent) -> None:
        """Ahead of everything that is held back: the starting state."""
        self._write(Delivery(encode(message)))

    def send_starting_state(self, payload: bytes) -> None:
        self._write(Delivery(payload))

    def _write(self, delivery: Delivery) -> None:
        if self.close_code is None:
            self.outlet.write(delivery, self.subprotocol)

    def release(self) -> None:
        self._holding = False
        self._flush()

    def send(self, message: AnyReply | AnyEvent) -> None:
        self.deliver(Delivery(encode(message)))

    def deliver(self, delivery: Delivery) -> None:
        """A message that must arrive."""
        if self.close_code is not None:
            return
        if self._can_write and not self._queue:
            self.outlet.write(delivery, self.subprotocol)
            return
        self._queue.append(delivery)
        self._queued_bytes += len(delivery.payload)
        if self._queued_bytes > QUEUE_BYTES:
            self.close(CloseCode.SLOW_READER, "too much was waiting for you")

    def deliver_presence(self, delivery: Delivery, version_before: int) -> None:
        """A message of the presence stream, which the client may as well get later and coalesced."""
        if self._can_write and not self._queue:
            self.outlet.write(delivery, self.subprotocol)
        else:
            self.missed_presence(version_before)

    def start_over(self, snapshot: Delivery) -> None:
        """Another epoch: what was missed of the old one is of no interest any more.

        Whoever still waits for the starting state gets it from the view, and so newer than this.
        """
        self._behind = None
        if not self._holding:
            self.deliver(snapshot)

    def missed_presence(self, version_before: int) -> None:
        if self._behind is None:
            self._behind = version_before

    # ------------------------------------------------------------ the outlet's voice

    def _on_blocked(self) -> None:
        self.blocked_since = self.clock()
        self.moved(self)

    def _on_clear(self) -> None:
        self.blocked_since = 0.0
        self._flush()

    def _flush(self) -> None:
        """Writes what waited, until the outlet is blocked again; last the presence that was missed meanwhile."""
        while self._queue and self._can_write:
            delivery = self._queue.popleft()
            self._queued_bytes -= len(delivery.payload)
            self.outlet.write(delivery, self.subprotocol)
        if self._behind is not None and self._can_write:
            behind, self._behind = self._behind, None
            missed = self.catch_up(self, behind)
            if missed is not None:
                self.outlet.write(Delivery(missed), self.subprotocol)
        self.moved(self)

    # ------------------------------------------------------------ ending

    def is_stuck(self, now: float) -> bool:
        return self.blocked_since > 0 and now - self.blocked_since > BLOCKED_SECONDS

    def close(self, code: int, reason: str) -> None:
        """No more is sent; the client is told why, if it still listens."""
        if self.close_code is not None:
            return
        self.close_code = code
        self._queue.clear()
        self._queued_bytes = 0
        if self.outlet.is_clear:
            self.outlet.close(code, reason)
        else:
            # A close frame behind a full buffer would never be read.
            self.outlet.abort()
        self.moved(self)
