"""Many callers, one statement: rows that wait while a statement runs travel together in the next one.

There is no timer. Alone, a row leaves at once; under load, batches grow by themselves to what arrives in the time of a
commit. One batch is in flight at a time, so rows are carried out in the order in which they came.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from wire.errors import Unavailable

LARGEST_BATCH = 500
"""Rows in one statement: some 15 ms of the database, for which its locks are held."""
LONGEST_QUEUE = 20_000
"""Rows that may wait: about a second's work. Beyond it, callers are better off being told to come back."""

Row = TypeVar("Row")
Result = TypeVar("Result")


class MicroBatcher(Generic[Row, Result]):
    """`run(rows)` gives one result or exception for each row, in their order; what it raises, every row gets.

    Rows with the same `key` never travel in one batch: `run` need not think of rows that depend on each other.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Row]], Awaitable[Sequence[Result | Exception]]],
        key: Callable[[Row], Hashable],
        *,
        largest: int = LARGEST_BATCH,
        longest_queue: int = LONGEST_QUEUE,
    ) -> None:
        self._run = run
        self._key = key
        self._largest = largest
        self._longest_queue = longest_queue
        self._queue: deque[tuple[Row, asyncio.Future[Result]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def add(self, row: Row) -> Result:
        """Returns when the row's batch is committed. Raises `Unavailable` at once if too much is waiting.

        If the caller is cancelled, the row is carried out all the same unless it was still waiting.
        """
        if len(self._queue) >= self._longest_queue:
            raise Unavailable("Too much is waiting to be kept; try again in a moment", retry_after=1.0)
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self._queue.append((row, result))
        if self._working is None:
            # In a context of its own: log lines of the batch belong to none of its callers.
            self._working = loop.create_task(self._work(), context=Context())
        return await result

    async def close(self) -> None:
        """Waits until nothing waits any more."""
        while self._working is not None:
            await asyncio.wait([self._working])

    async def _work(self) -> None:
        batch: list[tuple[Row, asyncio.Future[Result]]] = []
        try:
            while self._queue:
                batch = self._take()
                await self._carry_out(batch)
        except asyncio.CancelledError:  # the gateway ends; nobody may wait for ever
            for _, result in (*batch, *self._queue):
                result.cancel()
            self._queue.clear()
            raise
        finally:
            self._working = None

    def _take(self) -> list[tuple[Row, asyncio.Future[Result]]]:
        """The next batch, from the front of the queue; what shares a key with it goes back there."""
        batch: list[tuple[Row, asyncio.Future[Result]]] = []
        keys: set[Hashable] = set()
        put_back = []
        while self._queue and len(batch) < self._largest:
            waiting = self._queue.popleft()
            if waiting[1].cancelled():
                continue
            key = self._key(waiting[0])
            if key in keys:
                put_back.append(waiting)
            else:
                keys.add(key)
                batch.append(waiting)
        self._queue.extendleft(reversed(put_back))
        return batch

    async def _carry_out(self, batch: list[tuple[Row, asyncio.Future[Result]]]) -> None:
        if not batch:
            return
        try:
            results = await self._run([row for row, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is the callers' to handle
            results = [error] * len(batch)
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
