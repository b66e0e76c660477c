"""One logged-in connection: who it is, and what still has to reach it.

Nobody waits for a client. One that takes everything is in a section of its channel, and told together with others.
While its outlet is blocked, presence is not queued at all: the session remembers up to which version it was told, and
gets one coalesced message (newest per user) when it can take it. Everything else, chat above all, is queued within a
limit; beyond it the client is sent away with a code that says "come back and resume".
"""

from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from connections.frames import Delivery
from connections.outlet import Outlet
from connections.rate import TokenBucket
from wire.codec import Subprotocol, encode
from wire.errors import CloseCode
from wire.events import AnyEvent
from wire.identity import Caller, ConnectionId, ConversationId, UserId
from wire.limits import LIMITS
from wire.replies import AnyReply

if TYPE_CHECKING:
    from connections.section import Section

QUEUE_BYTES = 262_144
"""What may wait for one client besides presence: some hundred chat messages; a client that needs more resumes."""
BLOCKED_SECONDS = 30.0
"""A client that took nothing for this long is gone, whatever TCP says."""

_NONE: frozenset[ConversationId] = frozenset()

NOTHING = -1
"""Up to which version somebody was told who needs a snapshot."""


class Audience(Protocol):
    """connections/channel.py, as a session sees it."""

    def position(self) -> int:
        """The version at which the presence is."""

    def catch_up(self, session: "Session", version: int) -> bytes | None:
        """The presence since `version` (`NOTHING`: all of it), or None."""

    def moved(self, session: "Session") -> None:
        """`takes_what_all_get` may have changed. If it is true now, the session is up to date."""


class Session:
    """`release()` must be called once, when the client has been told its starting state: until then all is queued.

    `told`: up to which version of the presence the client was told, while it is in no section.
    """

    __slots__ = (
        "_holding",
        "_queue",
        "_queued_bytes",
        "available",
        "blocked_since",
        "bucket",
        "caller",
        "channel",
        "clock",
        "close_code",
        "connection",
        "last_heard",
        "network",
        "outlet",
        "refusals",
        "section",
        "shown",
        "subprotocol",
        "told",
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
        channel: Audience,
    ) -> None:
        self.connection = connection
        self.caller = caller
        self.outlet = outlet
        self.subprotocol = subprotocol
        self.clock = clock
        self.available = available
        self.watched: set[UserId] | None = None
        """Whom the client looks at; None: everybody."""
        self.shown: frozenset[ConversationId] = _NONE
        """The conversations that the client shows just now."""
        self.channel = channel
        self.section: Section | None = None
        self.told = NOTHING
        self.last_heard = clock()
        self.blocked_since = 0.0
        self.close_code: int | None = None
        self.bucket = TokenBucket.full(LIMITS.commands_per_second, LIMITS.command_burst, self.last_heard)
        self.network = ""
        """Under which it is counted (admission.py)."""
        self.refusals: TokenBucket | None = None
        """How often it may yet be told that it is too fast; made when it is told so for the first time."""
        self._queue: deque[Delivery] | None = None
        """What waits for the client; made when something does, since an empty one is as large as all the rest."""
        self._queued_bytes = 0
        self._holding = True
        outlet.follower = self

    @property
    def takes_what_all_get(self) -> bool:
        """Whether there is nothing in the way of what is sent to a whole section."""
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
        self.told = self.channel.position()
        self._flush()

    def send(self, message: AnyReply | AnyEvent) -> None:
        self.deliver(Delivery(encode(message)))

    def deliver(self, delivery: Delivery) -> None:
        """A message that must arrive."""
        if self.close_code is not None:
            return
        if self.takes_what_all_get and not self._queue:
            self.outlet.write(delivery, self.subprotocol)
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append(delivery)
        self._queued_bytes += len(delivery.payload)
        if self._queued_bytes > QUEUE_BYTES:
            self.close(CloseCode.SLOW_READER, "too much was waiting for you")

    def catch_up(self) -> None:
        """Tells the presence that was missed, and joins those who are told together."""
        missed = self.channel.catch_up(self, self.told)
        self.told = self.channel.position()
        if missed is not None:
            self.outlet.write(Delivery(missed), self.subprotocol)
        self.channel.moved(self)

    # ------------------------------------------------------------ the outlet's voice

    def outlet_blocked(self) -> None:
        self.blocked_since = self.clock()
        self.channel.moved(self)

    def outlet_cleared(self) -> None:
        self.blocked_since = 0.0
        self._flush()

    def _flush(self) -> None:
        """Writes what waited, until the outlet is blocked again; last the presence that was missed meanwhile."""
        while self._queue and self.takes_what_all_get:
            delivery = self._queue.popleft()
            self._queued_bytes -= len(delivery.payload)
            self.outlet.write(delivery, self.subprotocol)
        if not self._queue:
            self._queue = None
        if self.takes_what_all_get and self.section is None:
            self.catch_up()

    def bind_to_log(self) -> None:
        """What is logged from here on, in this task, says whom it concerns."""
        _AT_WORK.set(self)

    # ------------------------------------------------------------ ending

    @property
    def queued_bytes(self) -> int:
        """What waits for a client that does not read."""
        return self._queued_bytes

    def is_stuck(self, now: float) -> bool:
        return self.blocked_since > 0 and now - self.blocked_since > BLOCKED_SECONDS

    def close(self, code: int, reason: str) -> None:
        """No more is sent; the client is told why, if it still listens."""
        if self.close_code is not None:
            return
        self.close_code = code
        self._queue = None
        self._queued_bytes = 0
        if self.is_stuck(self.clock()):
            self.outlet.abort()  # a close frame behind a full buffer would never be read
        else:
            self.outlet.close(code, reason)
        self.channel.moved(self)


# One variable, read only when something is logged: three that are set for each command cost a tenth of a chat message.
_AT_WORK: ContextVar[Session | None] = ContextVar("at_work", default=None)


def whom_it_concerns() -> dict[str, Any]:
    """The fields of a log line that tell for whom the task is at work."""
    session = _AT_WORK.get()
    if session is None:
        return {}
    return {"connection": session.connection, "domain": session.caller.domain, "user": session.caller.user}
