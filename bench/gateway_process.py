"""One gateway, started as an operator starts it, on the servers' processor."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any

_ROOT = Path(__file__).parents[1]
_PATIENCE = 60.0


class GatewayProcess:
    """`presence serve` on a free port, under bench/observed_gateway.py. Raises RuntimeError if it does not start."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.observed_gateway", "serve", "--port", "0"],
            cwd=_ROOT,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("PRESENCE_")},
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "LOG_FORMAT": "json",
                "LOG_LEVEL": "info",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.pid = self._process.pid
        self.complaints: list[str] = []
        self._events: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._read_log, daemon=True).start()
        self.port = int(self._wait_for("serving")["port"])

    def collect_garbage(self) -> tuple[float, int]:
        """A full collection: how many seconds the gateway stood still, and how many objects it looked at."""
        os.kill(self.pid, signal.SIGUSR2)
        collected = self._wait_for("collected")
        return float(collected["seconds"]), int(collected["objects"])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(_PATIENCE)

    def _wait_for(self, event: str) -> dict[str, Any]:
        while True:
            try:
                entry = self._events.get(timeout=_PATIENCE)
            except Empty:
                raise RuntimeError(f"the gateway did not say {event}") from None
            if entry.get("event") == event:
                return entry
            if entry.get("event") == "ended":
                raise RuntimeError("the gateway ended: " + " | ".join(self.complaints[-5:]))

    def _read_log(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"event": line.decode(errors="replace"), "level": "error"}
            if entry.get("level") not in ("debug", "info", None):
                self.complaints.append(line.decode(errors="replace").rstrip())
            self._events.put(entry)
        self._events.put({"event": "ended"})
