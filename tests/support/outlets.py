"""The other end of a session: an outlet whose reader can be made slow."""

from collections.abc import Callable

from connections.frames import Delivery
from wire.codec import Subprotocol, decode_server_message
from wire.events import AnyEvent
from wire.replies import AnyReply


class RecordingOutlet:
    """Keeps what was written. `block()` and `clear()` are what a full and an emptied socket do."""

    fd = -1

    def __init__(self) -> None:
        self.is_clear = True
        self.on_blocked: Callable[[], None] = lambda: None
        self.on_clear: Callable[[], None] = lambda: None
        self.payloads: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self.blocks_after_each = False

    def write(self, delivery: Delivery, subprotocol: Subprotocol) -> None:
        self.payloads.append(delivery.payload_for(subprotocol))
        if self.blocks_after_each:
            self.block()

    def write_rest(self, _rest: bytes) -> None:
        raise AssertionError("there is no socket")

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def abort(self) -> None:
        self.aborted = True

    def allow_messages_of(self, _size: int) -> None:
        return None

    def block(self) -> None:
        self.is_clear = False
        self.on_blocked()

    def clear(self) -> None:
        self.is_clear = True
        self.on_clear()

    def messages(self) -> list[AnyReply | AnyEvent]:
        """All so far, decoded; forgets them."""
        payloads, self.payloads = self.payloads, []
        return [decode_server_message(payload) for payload in payloads]
