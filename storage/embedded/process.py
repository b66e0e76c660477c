"""One server process: started so that it cannot outlive us, stopped politely, and found again if it did outlive us.

On Linux the kernel signals a child when the thread which started it ends. All servers are therefore started by one thread
that lives as long as this process, whoever asks for it.
"""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from storage.embedded.account import Account, clean_environment
from storage.embedded.errors import EmbeddedError

POLL = 0.005
_PATIENCE = 15.0
_LOG_KEPT = 5_000_000

_orders: "queue.SimpleQueue[tuple[Callable[[], subprocess.Popen[bytes]], queue.SimpleQueue[subprocess.Popen[bytes] | Exception]]]"
_orders = queue.SimpleQueue()
_starter: threading.Thread | None = None
_starter_lock = threading.Lock()


class ServerProcess:
    """A running server program. `stop_signals` go from polite to final; the last one is always obeyed."""

    def __init__(self, process: "subprocess.Popen[bytes]", stop_signals: tuple[signal.Signals, ...]) -> None:
        self._process = process
        self._stop_signals = stop_signals

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

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


def start_server(
    program: Path,
    *arguments: str | Path,
    account: Account,
    log: Path,
    stop_signals: tuple[signal.Signals, ...],
) -> ServerProcess:
    """Starts a server program under an account, its output appended to `log`. Callable from every thread."""
    command = account.command(program, *arguments, death_signal=stop_signals[0])
    _rotate(log)

    def start() -> "subprocess.Popen[bytes]":
        with log.open("ab") as output:
            # A session of its own: Ctrl-C in the terminal is for us, and the servers stop after the gateway has drained.
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=clean_environment(),
                start_new_session=True,
            )

    return ServerProcess(_start_in_lasting_thread(start), stop_signals)


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


def _start_in_lasting_thread(start: "Callable[[], subprocess.Popen[bytes]]") -> "subprocess.Popen[bytes]":
    global _starter
    with _starter_lock:
        if _starter is None or not _starter.is_alive():  # not alive: we are in a forked copy of the process
            _starter = threading.Thread(target=_serve_orders, name="embedded-server-starter", daemon=True)
            _starter.start()
    answer: queue.SimpleQueue[subprocess.Popen[bytes] | Exception] = queue.SimpleQueue()
    _orders.put((start, answer))
    outcome = answer.get()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _serve_orders() -> None:
    while True:
        start, answer = _orders.get()
        try:
            answer.put(start())
        except Exception as error:
            answer.put(error)


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
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout


def _rotate(log: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_KEPT:
            log.replace(log.with_name(log.name + ".1"))
