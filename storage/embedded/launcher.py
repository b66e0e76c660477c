"""Becomes a server program: gives up privileges, ties its life to its parent's, and executes the program.

Run as a file of its own (`python -I -S launcher.py parent user group signal program arguments...`) instead of as code
between fork and exec, because that code would run in a copy of a process with threads, where any lock may be held for
ever. Imports nothing of ours: it runs without our packages on its path. `user` is -1 when nothing is to be given up.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_CANNOT_EXECUTE = 126


def become(parent: int, user: int, group: int, death_signal: int, command: list[str]) -> None:
    """Replaces this process by the command. Returns only by an exception."""
    if user >= 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    if sys.platform == "linux":
        # After setuid: changing the user clears the setting. Elsewhere the next start stops what was left over.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the parent ended before its server started")
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    try:
        numbers = [int(argument) for argument in sys.argv[1:5]]
        become(numbers[0], numbers[1], numbers[2], numbers[3], sys.argv[5:])
    except OSError as error:
        sys.stderr.write(f"cannot execute {sys.argv[5]}: {error}\n")
        sys.exit(_CANNOT_EXECUTE)
