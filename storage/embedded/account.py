"""Decides under which system account the servers run, and makes their programs reachable for it.

PostgreSQL refuses to run as root. Started by root, both servers run as `postgres` where that account exists, else as
`nobody`, which exists everywhere. No account is created, and no folder which is not ours changes its mode.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from storage.embedded.binaries import Binaries
from storage.embedded.errors import DataFolderUnusable, EmbeddedError

_ACCOUNTS_FOR_ROOT = ("postgres", "nobody")
_LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, slots=True)
class Account:
    """The system account of the servers; `is_other` when it is not the one this process runs under."""

    name: str
    user: int
    group: int
    is_other: bool

    def command(self, program: Path, *arguments: str | Path, death_signal: int) -> list[str]:
        """The command which runs a program under this account and ends it with the calling process."""
        user, group = (self.user, self.group) if self.is_other else (-1, -1)
        numbers = (os.getpid(), user, group, int(death_signal))
        words = (_LAUNCHER, *numbers, program, *arguments)
        return [sys.executable, "-I", "-S", *(str(word) for word in words)]

    def give(self, path: Path) -> None:
        """Hands a file or folder of ours over to this account."""
        if self.is_other:
            os.chown(path, self.user, self.group)

    def can_execute(self, program: Path) -> bool:
        """Whether this account can reach and run a program. Asked by trying: modes, ACLs and mounts all have a say."""
        try:
            finished = subprocess.run(
                self.command(program, "--version", death_signal=signal.SIGKILL),
                check=False,
                capture_output=True,
                cwd="/",
                env=clean_environment(),
            )
        except OSError:
            return False
        return finished.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        """Whether this account can reach a folder by its full path."""
        if not self.is_other:
            return os.access(folder, os.X_OK)
        return all(_may_pass(ancestor, self) for ancestor in (folder, *folder.parents))


def choose_account(existing_data: Path) -> Account:
    """The account of data which is already there, else the current user, else for root the first of the usual ones.

    Raises EmbeddedError where root finds no account to give its privileges up to.
    """
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid(), is_other=False)
    if existing_data.exists():
        status = existing_data.stat()
        if status.st_uid != 0:
            return Account(_name_of(status.st_uid), status.st_uid, status.st_gid, is_other=True)
    for name in _ACCOUNTS_FOR_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, is_other=True)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and there is neither an account 'postgres' nor 'nobody' to run it"
    )


def reachable(binaries: Binaries, account: Account, program: str, copies: Path) -> Binaries:
    """The same programs where the account can run them; copied below `copies` if it cannot reach them where they are.

    Root may have its virtual environment below a private folder, which stays private.
    """
    if not account.is_other or account.can_execute(binaries.program(program)):
        return binaries
    if not binaries.parts:
        raise EmbeddedError(f"{binaries.program(program)} cannot be run by the account '{account.name}'")
    home = copies / binaries.name
    if not home.is_dir():
        _copy(binaries, home)
    copied = Binaries(home / binaries.folder.relative_to(binaries.root), binaries.name, home, ())
    if not account.can_execute(copied.program(program)):
        raise DataFolderUnusable(
            f"programs in {copies} cannot be run by the account '{account.name}' (mounted noexec?)"
        )
    return copied


def clean_environment() -> dict[str, str]:
    """The environment of the servers: nothing of the caller's locale, time zone or PG* variables leaks into them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def _copy(binaries: Binaries, home: Path) -> None:
    unfinished = home.with_name(home.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o755, parents=True)
    for part in binaries.parts:
        shutil.copytree(part, unfinished / part.relative_to(binaries.root), symlinks=True)
    for folder, _, _ in os.walk(unfinished):
        # Programs and libraries only; the account of the servers has to read them.
        Path(folder).chmod(0o755)
    unfinished.rename(home)


def _may_pass(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.user:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.group:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
