"""Events on their way to the gateway: numbered, in order, and never more than fit. Pure.

What does not fit is not sent late but never: the whole queue is dropped, and a snapshot takes its place.
"""

from collections import deque
from collections.abc import Sequence

import msgspec

from wire.ingest import MAX_BATCH_BYTES, MAX_EVENTS, AnySwitchEvent

MOST_WAITING = 20_000
"""About five minutes of a switch that tells 60 events a second, and some 10 MB."""
ENVELOPE_BYTES = 4_096
"""Room for what surrounds the events of a batch."""

Sealed = tuple[int, bytes]
"""An event's number, and the event as JSON."""

_encode = msgspec.json.Encoder().encode


class Outbox:
    """`next_seq` is the number that the next event has to have."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._most_waiting = most_waiting
        self._waiting: deque[Sealed] = deque()
        self.last_seq = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def next_seq(self) -> int:
        return self.last_seq + 1

    @property
    def settled_seq(self) -> int:
        """Nothing up to this number is waiting."""
        return self._waiting[0][0] - 1 if self._waiting else self.last_seq

    def put(self, event: AnySwitchEvent) -> bool:
        """False: there was no room, and everything that waited has been dropped with it; send a snapshot."""
        assert event.seq == self.next_seq
        self.last_seq = event.seq
        if len(self._waiting) >= self._most_waiting:
            self.dropped += len(self._waiting) + 1
            self._waiting.clear()
            return False
        self._waiting.append((event.seq, _encode(event)))
        return True

    def batch(self) -> Sequence[Sealed]:
        """The oldest events, as many as one message may have. They stay here until they are settled."""
        taken: list[Sealed] = []
        room = MAX_BATCH_BYTES - ENVELOPE_BYTES
        for sealed in self._waiting:
            room -= len(sealed[1]) + 1
            if room < 0 or len(taken) == MAX_EVENTS:
                break
            taken.append(sealed)
        return taken

    def settle(self, seq: int) -> None:
        """Everything up to this number has arrived, is in a snapshot that has, or never will."""
        while self._waiting and self._waiting[0][0] <= seq:
            self._waiting.popleft()
