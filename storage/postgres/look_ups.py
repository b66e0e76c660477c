"""Many look-ups, one statement: what is asked for at the same time, by everybody who logs in at nine, is read together.

Nothing is remembered: every answer was read after it was asked for.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from storage.micro_batch import MicroBatcher

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class LookUps(Generic[Key, Found]):
    """`find(keys)` gives what there is for each of some keys, all different. Close it before its pool."""

    def __init__(self, find: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Found]]]) -> None:
        self._find = find
        # No two of these tuples are the same object, so that the same key may be asked for twice in a batch.
        self._batches: MicroBatcher[tuple[Key], Found | None] = MicroBatcher(self._read, id)

    async def get(self, key: Key) -> Found | None:
        """None if there is nothing."""
        return await self._batches.add((key,))

    async def close(self) -> None:
        await self._batches.close()

    async def _read(self, rows: Sequence[tuple[Key]]) -> Sequence[Found | None]:
        keys = [key for (key,) in rows]
        found = await self._find(list(dict.fromkeys(keys)))
        return [found.get(key) for key in keys]
