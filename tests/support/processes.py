"""Processes as the machine sees them: whether they are there, and whose servers they are."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.embedded.account import Account


def is_there(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected by its parent does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def gone_within(seconds: float, *pids: int) -> bool:
    deadline = time.monotonic() + seconds
    while any(is_there(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


@contextmanager
def started_from(*, background: bool) -> Iterator[None]:
    """A process inherits what is ignored. A terminal ignores nothing; a script's background ignores SIGINT."""
    wanted = {
        signal.SIGINT: signal.SIG_IGN if background else signal.default_int_handler,
        signal.SIGHUP: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def dying_with_us(*python_arguments: str) -> list[str]:
    """The command of a Python which is killed when this thread ends: an aborted test run leaves nothing behind."""
    account = Account("", os.geteuid(), os.getegid(), is_other=False)
    return account.command(Path(sys.executable), *python_arguments, death_signal=signal.SIGKILL)


def servers_of(data_folder: Path) -> tuple[int, ...]:
    """The embedded servers which run over a data folder."""
    pids = []
    for file in (data_folder / "postgres/postmaster.pid", data_folder / "valkey/valkey.pid"):
        try:
            pid = int(file.read_text().split()[0])
        except OSError:
            continue
        if is_there(pid):
            pids.append(pid)
    return tuple(pids)
