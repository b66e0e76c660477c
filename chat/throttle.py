"""Lets the same thing pass once in a while: pure (time comes in)."""

from collections.abc import Hashable


class Throttle:
    """Each key passes at most once in `every` seconds."""

    def __init__(self, every: float, most: int = 10_000) -> None:
        self._every = every
        self._most = most
        self._passed: dict[Hashable, float] = {}

    def passes(self, key: Hashable, now: float) -> bool:
        if now - self._passed.get(key, float("-inf")) < self._every:
            return False
        self._passed.pop(key, None)  # in the order in which they passed
        self._passed[key] = now
        self._forget(now)
        return True

    def _forget(self, now: float) -> None:
        for key, at in list(self._passed.items())[:2]:
            if now - at >= self._every or len(self._passed) > self._most:
                del self._passed[key]
