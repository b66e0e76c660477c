"""`presence serve` from start to end, with servers of its own: everything comes up, and nothing is left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import dying_with_us, gone_within, servers_of, started_from

CHECKOUT = Path(__file__).parents[2]
StartServe = Callable[..., "Serve"]


class Serve:
    """A running command over embedded servers."""

    def __init__(self, data_folder: Path, *arguments: str, in_background: bool = False, **environment: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with started_from(background=in_background):
            self.process = subprocess.Popen(
                dying_with_us("-m", "cli.main", "serve", *arguments),
                cwd=CHECKOUT,
                env={**kept, "PRESENCE_DATA_DIR": str(data_folder), "LOG_FORMAT": "json", **environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self.said: list[str] = []
        self.events: list[dict[str, Any]] = []
        self._reader: threading.Thread | None = None

    def until(self, event: str) -> dict[str, Any]:
        """Reads what it says until it logs this event."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("{"):
                self.events.append(json.loads(line))
                if self.events[-1]["event"] == event:
                    # Read on in the background: a pipe nobody reads stops whoever writes to it.
                    self._reader = threading.Thread(target=self._read_rest, daemon=True)
                    self._reader.start()
                    return self.events[-1]
        raise AssertionError(f"it ended with {self.process.wait()} and never logged {event}:\n{''.join(self.said)}")

    def end(self, number: int) -> int:
        """Signals it and waits for its exit code; everything it said is in `said` then."""
        self.process.send_signal(number)
        code = self.process.wait()
        if self._reader:
            self._reader.join()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
        assert self.process.stdout
        self.process.stdout.close()

    def _read_rest(self) -> None:
        assert self.process.stdout
        self.said.extend(self.process.stdout)


@pytest.fixture
def serve(prepared_folder: Path) -> Iterator[StartServe]:
    started: list[Serve] = []

    def start(*arguments: str, **options: Any) -> Serve:
        started.append(Serve(prepared_folder, *arguments, **options))
        return started[-1]

    yield start
    for each in started:
        each.close()


def answer_of(port: int, path: str) -> tuple[int, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as response:
        return response.status, json.load(response)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_it_serves_and_ends_in_order(serve: StartServe, prepared_folder: Path, number: signal.Signals) -> None:
    running = serve("--port", "0")
    port = running.until("serving")["port"]
    assert answer_of(port, "/readyz")[0] == 200
    pids = servers_of(prepared_folder)
    assert len(pids) == 2
    assert running.end(number) == 0, "".join(running.said)
    assert gone_within(0, *pids)
    assert "Traceback" not in "".join(running.said)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start cleans up")
def test_killed_it_leaves_no_server_and_the_next_one_serves(serve: StartServe, prepared_folder: Path) -> None:
    running = serve("--port", "0")
    running.until("serving")
    pids = servers_of(prepared_folder)
    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    assert gone_within(60, *pids)
    assert answer_of(serve("--port", "0").until("serving")["port"], "/readyz")[0] == 200


def test_a_second_one_shares_the_servers_and_takes_another_port(serve: StartServe, prepared_folder: Path) -> None:
    first, second = serve("--port", "0"), None
    port = first.until("serving")["port"]
    second = serve(PORT="")
    other_port = second.until("serving")["port"]
    assert other_port != port
    assert answer_of(other_port, "/readyz")[0] == 200
    assert len(servers_of(prepared_folder)) == 2
    assert second.end(signal.SIGTERM) == 0
    assert answer_of(port, "/readyz")[0] == 200


def test_with_a_demo_it_tells_where_to_go_and_who_to_be(serve: StartServe, prepared_folder: Path) -> None:
    running = serve("--demo", "--port", "0")
    port = running.until("serving")["port"]
    assert running.end(signal.SIGINT) == 0
    said = "".join(running.said)
    assert f"\n  Open    http://127.0.0.1:{port}\n" in said
    assert re.search(r"\n  Log in  \S+@\S+  \S+  \S+", said)
    assert f"\n  Data    {prepared_folder}\n" in said


@pytest.mark.parametrize("in_background", [False, True])
def test_interrupted_while_it_starts_it_leaves_nothing(
    serve: StartServe, prepared_folder: Path, in_background: bool
) -> None:
    running = serve("--port", "0", "--demo", in_background=in_background)
    running.until("migrated")
    pids = servers_of(prepared_folder)
    assert running.end(signal.SIGTERM) == 128 + signal.SIGTERM, "".join(running.said)
    assert len(pids) == 2
    assert gone_within(0, *pids)
