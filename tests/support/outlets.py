"""The other end of a session: an outlet whose reader can be made slow."""

from connections.frames import Delivery
from connections.outlet import NOBODY, Follower, Receiver
from wire.codec import Subprotocol, decode_server_message
from wire.events import AnyEvent
from wire.replies import AnyReply


class RecordingOutlet:
    """Keeps what was written. `block()` and `clear()` are what a full and an emptied socket do."""

    fd = -1

    def __init__(self) -> None:
        self.is_clear = True
        self.follower: Follower = NOBODY
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

    def detach(self, _receiver: Receiver) -> bool:
        return False

    def hold_reading(self, _hold: bool) -> None:
        return None

    def block(self) -> None:
        self.is_clear = False
        self.follower.outlet_blocked()

    def clear(self) -> None:
        self.is_clear = True
        self.follower.outlet_cleared()

    def messages(self) -> list[AnyReply | AnyEvent]:
        """All so far, decoded; forgets them."""
        payloads, self.payloads = self.payloads, []
        return [decode_server_message(payload) for payload in payloads]
