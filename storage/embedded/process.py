"""One server process: started so that it cannot outlive us, stopped politely, and found again if it did outlive us.

On Linux the kernel signals a child when the thread which started it ends. All servers are therefore started by one
thread that lives as long as this process, whoever asks for it.
"""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeAlias

from storage.embedded.account import Account, clean_environment
from storage.embedded.binaries import Binaries
from storage.embedded.errors import EmbeddedError

Process: TypeAlias = "subprocess.Popen[bytes]"
Start: TypeAlias = Callable[[], Process]

POLL = 0.005
_PATIENCE = 15.0
_LOG_KEPT = 5_000_000
_OUTPUT_SHOWN = 16_384


class _Starter:
    """Starts processes in a thread which does not end before this process does."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Start, Future[Process]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def run(self, start: Start) -> Process:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():  # not alive: this is a forked copy of the process
                self._thread = threading.Thread(target=self._serve, name="embedded-server-starter", daemon=True)
                self._thread.start()
        process: Future[Process] = Future()
        self._orders.put((start, process))
        return process.result()

    def _serve(self) -> None:
        while True:
            start, process = self._orders.get()
            try:
                process.set_result(start())
            except OSError as error:
                process.set_exception(error)


_starter = _Starter()


class ServerProcess:
    """A running server program. `stop_signals` go from polite to final; the last one is always obeyed."""

    def __init__(self, process: Process, stop_signals: tuple[signal.Signals, ...], log: Path, log_start: int) -> None:
        self._process = process
        self._stop_signals = stop_signals
        self._log = log
        self._log_start = log_start

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        """What the program has said since its start."""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read(_OUTPUT_SHOWN).decode("utf-8", "replace")

    def ask_to_stop(self) -> None:
        """Sends the polite signal and does not wait."""
        if self.is_alive:
            self._process.send_signal(self._stop_signals[0])

    def stop(self) -> None:
        """Stops the server and waits until it is gone, insisting more each time it takes too long."""
        for number in self._stop_signals:
            if not self.is_alive:
                return
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        self._process.kill()
        self._process.wait()


class Server:
    """What both servers have: programs, an account, a data folder, a log, a password, and at most one process."""

    def __init__(self, binaries: Binaries, account: Account, data: Path, log: Path, password: str) -> None:
        self._binaries = binaries
        self._account = account
        self._data = data
        self._log = log
        self._password = password
        self._process: ServerProcess | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process, None when there is none."""
        return self._process.pid if self._process and self._process.is_alive else None

    def ask_to_stop(self) -> None:
        """Asks politely and does not wait; `stop` afterwards does."""
        if self._process:
            self._process.ask_to_stop()

    def stop(self) -> None:
        """Stops the server and waits until it is gone. Does nothing when it does not run."""
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        if self._process:
            self._process.kill()

    def _spawn(self, program: str, *arguments: str | Path, stop_signals: tuple[signal.Signals, ...]) -> ServerProcess:
        command = self._account.command(self._binaries.program(program), *arguments, death_signal=stop_signals[0])
        _rotate(self._log)
        with self._log.open("ab") as output:
            log_start = output.seek(0, os.SEEK_END)

            def start() -> Process:
                # A session of its own: Ctrl-C in the terminal is for us; servers stop after the gateway has drained.
                return subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd="/",
                    env=clean_environment(),
                    start_new_session=True,
                )

            self._process = ServerProcess(_starter.run(start), stop_signals, self._log, log_start)
        return self._process


def stop_left_over(pid_file: Path, marker: Path, stop_signals: tuple[signal.Signals, ...]) -> None:
    """Stops the server of a former owner who was killed, if it is still there.

    A process counts as that server only if its command line names `marker`: the pid may belong to somebody else by now.
    Raises EmbeddedError if it does not go away.
    """
    pid = _read_pid(pid_file)
    if pid is None:
        return
    for number in stop_signals:
        if not _runs_for(pid, marker):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + _PATIENCE
        while _runs_for(pid, marker) and time.monotonic() < deadline:
            time.sleep(POLL)
    if _runs_for(pid, marker):
        raise EmbeddedError(f"process {pid} still uses {marker} and cannot be stopped")


def is_running(pid: int) -> bool:
    """Whether a process with this number exists, ours or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read_pid(pid_file: Path) -> int | None:
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if pid > 1 else None


def _runs_for(pid: int, marker: Path) -> bool:
    return is_running(pid) and str(marker) in _command_line(pid)


def _command_line(pid: int) -> str:
    """The command line of a process, empty for one that has ended and waits to be collected."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], check=False, capture_output=True, text=True).stdout


def _rotate(log: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_KEPT:
            log.replace(log.with_name(log.name + ".1"))
