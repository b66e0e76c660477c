"""The time as an adapter sees it: right once, at its start, and even from then on."""

import time


class SteadyClock:
    """Seconds since 1970 that never jump: the machine's clock may be set, and nobody's lease must change by that."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        return self._offset + time.monotonic()
