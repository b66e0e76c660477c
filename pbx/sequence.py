"""Which of a source's numbered events have been seen, and whether some are missing. Pure: time is an argument.

Numbers arrive late and twice: workers of a switch overtake each other, and a batch whose answer was lost is sent again.
So it is not enough to remember the highest: the watermark is the number up to which nothing is missing, and a bitmap
remembers what was seen above it. State that lies in a gap is not lost for long, since the source is asked for a
snapshot (`needs_resync`) until one arrives; nothing is ever blanked while waiting for it.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

WINDOW = 1_000
"""So many numbers above the watermark are remembered; what falls out of it below is given up to the snapshot.

A number this far below the watermark is no repetition, since a source has one batch on its way: it counts anew."""
GAP_PATIENCE = 2.0
"""Seconds after which a missing number is taken for lost, not late."""
SNAPSHOT_INTERVAL = 600.0
"""Seconds between snapshots even if nothing was lost: an operator may have removed a device without an event."""
SECOND_LOOK = 5.0
"""Seconds after a snapshot that healed a loss until the next one: what had come up within the last two seconds before
the first is spared by it, since it may have been overtaken, and so may have ended in the part that was lost."""
HEARD_INTERVAL = 4.0
"""Seconds between two words to presence that the source is there; presence waits for more than three of them."""
FORMER_EPOCHS = 4
"""So many past lives of the source are remembered, so that a late batch of one of them is not taken for a new start."""


class Position(Struct, frozen=True, omit_defaults=True):
    """How far a source has been heard. Moments are seconds by the clock of the store.

    Bit i of `seen` stands for the number watermark + 1 + i. `synced`: a snapshot of this epoch was taken, and nothing
    has been lost since. `beats`: it sends heartbeats, so that its silence means something.
    """

    epoch: str = ""
    watermark: int = 0
    seen: int = 0
    synced: bool = False
    gap_since: float | None = None
    heard_at: float = 0.0
    snapshot_at: float = 0.0
    beats: bool = False
    announced_at: float = 0.0
    former: tuple[str, ...] = ()

    @property
    def must_announce(self) -> bool:
        """Whether presence is to hear now that the source is there and that all it said has been applied."""
        return self.announced_at > 0 and self.announced_at == self.heard_at

    def needs_resync(self, now: float) -> bool:
        """Whether to ask the source for a snapshot: something was lost, or nobody has compared for a while."""
        return not self.synced or now - self.snapshot_at >= SNAPSHOT_INTERVAL

    def is_former(self, epoch: str) -> bool:
        """Whether `epoch` is one that this source has left behind."""
        return epoch in self.former

    def has_seen(self, epoch: str, number: int) -> bool:
        """Whether an event needs no second look. False does no harm: facts may be told twice."""
        if epoch != self.epoch:
            return self.is_former(epoch)
        distance = number - self.watermark
        if distance <= 0:
            return distance > -WINDOW
        return bool(self.seen >> (distance - 1) & 1)


def after_batch(
    position: Position,
    epoch: str,
    numbers: Iterable[int],
    last_seq: int,
    now: float,
    heard_interval: float = HEARD_INTERVAL,
) -> Position:
    """The position once the events with these numbers have been applied; `last_seq` and `epoch` as the batch says.

    Without numbers it was a heartbeat: nothing is on its way then, so what `last_seq` has above the watermark is lost.
    Marking the same numbers again changes nothing, so that two gateways may do it in any order.
    """
    if position.is_former(epoch):
        return position
    position = replace(_enter(position, epoch), heard_at=now)
    told = list(numbers)
    for number in told:
        position = _mark(position, number)
    if told:
        return _announce(_watch_gap(position, now), last_seq, now, heard_interval)
    position = replace(position, beats=True)
    if last_seq != position.watermark:
        return replace(_restart(position) if last_seq < position.watermark else position, synced=False)
    return _announce(_watch_gap(position, now), last_seq, now, heard_interval)


def after_snapshot(position: Position, epoch: str, as_of_seq: int, now: float) -> Position:
    """The position once a snapshot has been applied: everything up to `as_of_seq` is in it."""
    if position.is_former(epoch):
        return position
    position = _enter(position, epoch)
    if as_of_seq <= position.watermark - WINDOW:
        position = _restart(position)
    looks_again = 0.0 if position.synced else SNAPSHOT_INTERVAL - SECOND_LOOK
    position = replace(position, heard_at=now, snapshot_at=now - looks_again, announced_at=0.0, synced=True)
    return _announce(_watch_gap(_raise_watermark(position, as_of_seq), now), as_of_seq, now, HEARD_INTERVAL)


def doubted(position: Position) -> Position:
    """The position once somebody says that what we know may be wrong: the source's next answer asks for a snapshot."""
    return replace(position, synced=False)


def _announce(position: Position, last_seq: int, now: float, heard_interval: float) -> Position:
    """Not while anything is missing or on its way: what ran out during a silence ends once the source is back."""
    caught_up = position.synced and position.watermark >= last_seq
    if position.beats and caught_up and now - position.announced_at >= heard_interval:
        return replace(position, announced_at=now)
    return position


def _enter(position: Position, epoch: str) -> Position:
    if epoch == position.epoch:
        return position
    former = (*position.former, position.epoch)[-FORMER_EPOCHS:] if position.epoch else ()
    return Position(epoch=epoch, former=former)


def _restart(position: Position) -> Position:
    """The source counts from the start again, without saying so by a new epoch."""
    return replace(position, watermark=0, seen=0, synced=False, gap_since=None)


def _mark(position: Position, number: int) -> Position:
    distance = number - position.watermark
    if distance <= -WINDOW:
        return _mark(_restart(position), number)
    if distance <= 0:
        return position
    if distance > WINDOW:
        position = replace(_raise_watermark(position, number - WINDOW), synced=False)
        distance = WINDOW
    return _advance(replace(position, seen=position.seen | 1 << (distance - 1)))


def _raise_watermark(position: Position, number: int) -> Position:
    distance = number - position.watermark
    if distance <= 0:
        return position
    return _advance(replace(position, watermark=number, seen=position.seen >> distance, gap_since=None))


def _advance(position: Position) -> Position:
    """Moves the watermark over all numbers that follow it without a hole."""
    run = (~position.seen & (position.seen + 1)).bit_length() - 1
    if not run:
        return position
    return replace(position, watermark=position.watermark + run, seen=position.seen >> run, gap_since=None)


def _watch_gap(position: Position, now: float) -> Position:
    """A gap is old if the watermark has not moved for a while: under load there is always some younger one."""
    if not position.seen:
        return replace(position, gap_since=None)
    if position.gap_since is None:
        return replace(position, gap_since=now)
    if now - position.gap_since >= GAP_PATIENCE:
        return replace(position, synced=False)
    return position
