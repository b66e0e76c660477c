"""When this process collects garbage: not while it works.

What a gateway makes is freed by counting references; collections find next to nothing, look at every connection for
it, and stop everything meanwhile. So the automatic ones come rarely, and a full one when there is little else to do.
"""

import asyncio
import gc
import time

import structlog

log = structlog.get_logger(__name__)

YOUNG = 50_000
"""Objects made since the last look at young ones: that look costs a millisecond or two."""
LOOK_EVERY = 60.0
COLLECT_AFTER = 600.0
"""Seconds after which a full collection is due as soon as the process is idle, and overdue after six times as many."""
IDLE = 0.2
"""The share of a processor below which a process counts as idle."""


def expect_little() -> None:
    """Once everything is imported and built: what is there now stays, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 1_000)


async def collect_when_idle() -> None:
    """Runs until cancelled."""
    due = time.monotonic() + COLLECT_AFTER
    while True:
        before = time.process_time()
        await asyncio.sleep(LOOK_EVERY)
        busy = (time.process_time() - before) / LOOK_EVERY
        if is_time(time.monotonic() - due, busy):
            started = time.perf_counter()
            found = gc.collect()
            milliseconds = round((time.perf_counter() - started) * 1_000, 1)
            log.debug("garbage_collected", objects=found, milliseconds=milliseconds)
            due = time.monotonic() + COLLECT_AFTER


def is_time(overdue: float, busy: float) -> bool:
    """`overdue`: seconds since a collection became due; `busy`: the share of a processor that was used lately."""
    return overdue >= 0 and (busy < IDLE or overdue > 5 * COLLECT_AFTER)
