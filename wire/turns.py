"""Whose turn it is: only so many at a time, and of those who wait, each domain by turns.

First come, first served would let the crowd of one domain make everybody else wait behind it. Here a domain that comes
alone waits for one turn of each other domain that waits, however many each of them has.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from typing import Generic, TypeVar

from wire.errors import TooMany

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")


class FairQueue(Generic[Key, Item]):
    """Pure: items under keys; `take` gives the oldest item of the key that has waited longest for a turn."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Key, deque[Item]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def keys(self) -> int:
        return len(self._waiting)

    def waiting_of(self, key: Key) -> int:
        return len(self._waiting.get(key, ()))

    def put(self, key: Key, item: Item) -> None:
        self._waiting.setdefault(key, deque()).append(item)
        self._count += 1

    def take(self) -> Item:
        """Raises KeyError if nothing waits."""
        key, items = self._waiting.popitem(last=False)
        item = items.popleft()
        if items:
            self._waiting[key] = items  # behind all others
        self._count -= 1
        return item

    def remove(self, key: Key, item: Item) -> None:
        """Raises ValueError if it does not wait."""
        items = self._waiting.get(key)
        if items is None:
            raise ValueError("it does not wait")
        items.remove(item)
        self._count -= 1
        if not items:
            del self._waiting[key]


class Turns(Generic[Key]):
    """`at_once` may be at work, `most_waiting` wait; a domain that few others compete with may have all of these."""

    def __init__(self, at_once: int, most_waiting: int, clock: Callable[[], float]) -> None:
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._clock = clock
        self._queue: FairQueue[Key, asyncio.Future[None]] = FairQueue()
        self._at_work = 0
        self._pace = Pace()
        self.refused = 0

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def at_work(self) -> int:
        return self._at_work

    @asynccontextmanager
    async def turn(self, key: Key) -> AsyncIterator[None]:
        """Raises `TooMany`, with the seconds after which it is worth coming back, if too many wait already."""
        if not self.take_now():
            await self.wait(key)
        try:
            yield
        finally:
            self.give_back()

    def take_now(self) -> bool:
        """Whether there was a turn to be had at once; then it has to be given back."""
        if self._at_work >= self._at_once or self._queue:
            return False
        self._at_work += 1
        return True

    async def wait(self, key: Key) -> None:
        """Returns with a turn, which has to be given back. Raises `TooMany`."""
        if not self._may_wait(key):
            self.refused += 1
            raise TooMany("Too many come at the same time; come back in a moment", retry_after=self.expected_wait())
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put(key, granted)
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.give_back()
            else:
                with suppress(ValueError):  # passed over already, between the cancellation and here
                    self._queue.remove(key, granted)
            raise

    def give_back(self) -> None:
        self._at_work -= 1
        self._pace.note(self._clock())
        while self._queue and self._at_work < self._at_once:
            granted = self._queue.take()
            if not granted.done():
                granted.set_result(None)
                self._at_work += 1

    def _may_wait(self, key: Key) -> bool:
        if len(self._queue) < self._most_waiting:
            return True
        # Others have filled the queue: a domain that has hardly anybody in it still gets in.
        return self._queue.waiting_of(key) < self._most_waiting // (2 * (self._queue.keys + 1))

    def expected_wait(self) -> float:
        """Seconds until those who wait now have had their turn, at the pace of the last ones."""
        return self._pace.seconds_for(len(self._queue) + 1)


class Pace:
    """How many turns end in a second, of late. Pure: time comes in."""

    FORGETTING = 0.02
    """The weight of the newest turn; the last fifty count."""

    def __init__(self) -> None:
        self._each: float | None = None
        self._last: float | None = None

    def note(self, now: float) -> None:
        if self._last is not None:
            # Nothing to do for a while says nothing of how fast it would go.
            took = min(now - self._last, 0.1)
            self._each = took if self._each is None else self._each + (took - self._each) * self.FORGETTING
        self._last = now

    def seconds_for(self, count: int) -> float:
        """At least one, at most a minute."""
        return min(max(count * (self._each or 0.0), 1.0), 60.0)
