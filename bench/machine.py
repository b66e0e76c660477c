"""What this machine is asked about processes, and where they run.

The servers share the first processor; the clients have the last one for themselves, since they poll without sleeping.
"""

import os
import platform
import resource
import time
from collections.abc import Iterator
from pathlib import Path

_PER_PROCESS_CPU_CLOCK = 2
"""linux/posix-timers.h: the clock of another process is `~pid << 3`, and which of its clocks."""


def processors() -> list[int]:
    return sorted(os.sched_getaffinity(0))


SERVERS_ON, CLIENTS_ON = processors()[0], processors()[-1]


def run_with_the_servers() -> None:
    """This process and those that it starts from now on."""
    os.sched_setaffinity(0, {SERVERS_ON})


def raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process so far, to the nanosecond."""
    return time.clock_gettime((~pid << 3) | _PER_PROCESS_CPU_CLOCK)


def cpu_seconds_of_family(pid: int) -> float:
    """The same of a process and its children, also of those that have ended."""
    total = cpu_seconds(pid) + _cpu_seconds_of_ended_children(pid)
    for child in _children(pid):
        try:
            total += cpu_seconds(child)
        except OSError:
            continue  # it ended meanwhile; the next look finds it among the ended
    return total


def busy_seconds() -> float:
    """What all processors have done so far for anybody, or had to leave to other machines of the same host."""
    user, nice, system, _idle, _waiting, *interrupts_and_stolen = map(int, _first_line_of_stat()[1:9])
    return (user + nice + system + sum(interrupts_and_stolen)) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """RSS, without the kernel's own memory for sockets."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def resident_bytes_of_family(pid: int) -> int:
    """The same of a process and its children; what they share counts for each."""
    return sum(map(resident_bytes, [pid, *_children(pid)]))


def describe() -> str:
    """The machine in neutral words."""
    model = next(_lines_of("/proc/cpuinfo", "model name"), platform.machine())
    system = f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"
    return f"{len(processors())} processors ({model}), {system}, Python {platform.python_version()}"


def _first_line_of_stat() -> list[str]:
    return Path("/proc/stat").read_text("ascii").partition("\n")[0].split()


def _lines_of(file: str, name: str) -> Iterator[str]:
    return (
        line.partition(":")[2].strip()
        for line in Path(file).read_text("utf-8").splitlines()
        if line.partition(":")[0].strip() == name
    )


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def _cpu_seconds_of_ended_children(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
