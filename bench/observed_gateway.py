"""`presence` as it is, but it tells on a signal how long a full garbage collection takes. Run by gateway_process.py."""

import gc
import json
import signal
import sys
import time
from types import FrameType


def _collect(_number: int, _frame: FrameType | None) -> None:
    objects = len(gc.get_objects())
    started = time.perf_counter()
    gc.collect()
    seconds = time.perf_counter() - started
    sys.stdout.write(json.dumps({"event": "collected", "seconds": seconds, "objects": objects}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    from cli.main import main

    signal.signal(signal.SIGUSR2, _collect)
    main(prog_name="presence")
