"""The folder in which the embedded servers keep everything, and the agreement between processes that want the same one.

lock           held by the owner for as long as it lives
runtime.json   the owner and its addresses, for those who share; readable by nobody else
secrets.json   the generated passwords; readable by nobody else
postgres/      PostgreSQL's data
valkey/        Valkey's configuration and append-only file
logs/          what both had to say
binaries/      copies of the programs, only where their account could not reach the installed ones
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from storage.embedded.account import Account
from storage.embedded.errors import DataFolderUnusable
from storage.embedded.process import is_running

Content = TypeVar("Content", bound=msgspec.Struct)

_NOBODY = 0
_PRIVATE = 0o600


class Secrets(msgspec.Struct, frozen=True):
    """The passwords of the two servers. Other users of the machine can reach the ports, so the ports need them."""

    postgres: str
    valkey: str

    @classmethod
    def generate(cls) -> Self:
        return cls(postgres=secrets.token_urlsafe(32), valkey=secrets.token_urlsafe(32))


class Runtime(msgspec.Struct, frozen=True):
    """Who owns the servers, and where they listen."""

    owner: int
    postgres_port: int
    valkey_port: int


def default_data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """One folder for each user of the machine, not one for each checkout.

    An installed command has no checkout, and people expect their data to survive moving or replacing the source.
    Whoever wants a second, separate system names a folder in PRESENCE_DATA_DIR.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/presence-gateway")
    state = environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local/state") / "presence-gateway"


class DataFolder:
    """The paths below the data folder and the lock on it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.postgres = self.path / "postgres"
        self.valkey = self.path / "valkey"
        self.logs = self.path / "logs"
        self.binaries = self.path / "binaries"
        self._runtime = self.path / "runtime.json"
        self._secrets = self.path / "secrets.json"
        self._lock: int | None = None

    def create(self) -> None:
        """Makes the folder, private to us. Raises DataFolderUnusable where that is not possible."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DataFolderUnusable(
                f"cannot create the data folder {self.path} ({error.strerror}); name another one in PRESENCE_DATA_DIR"
            ) from error
        if self.path.stat().st_uid != os.geteuid():
            raise DataFolderUnusable(
                f"the data folder {self.path} belongs to another user; name another one in PRESENCE_DATA_DIR"
            )

    def open_for(self, account: Account) -> None:
        """Lets the account of the servers pass through the folder to its own part.

        Raises DataFolderUnusable where a folder above ours is closed to it: those are not ours to open.
        """
        if account.is_other and not account.can_enter(self.path):
            self.path.chmod(stat.S_IMODE(self.path.stat().st_mode) | 0o011)  # may be passed, not listed
        if not account.can_enter(self.path):
            raise DataFolderUnusable(
                f"the account '{account.name}', which runs the servers when root starts them, cannot reach {self.path};"
                " name a folder it can reach in PRESENCE_DATA_DIR"
            )

    def try_lock(self) -> bool:
        """Becomes the owner, unless somebody else is. The lock ends with the process, however it ends."""
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def publish(self, runtime: Runtime) -> None:
        """Tells those who share where the servers listen."""
        _write_private(self._runtime, msgspec.json.encode(runtime))

    def withdraw(self) -> None:
        """Takes back what `publish` told, except the ports: the next owner prefers them, so that sharers find it."""
        last = self.last_runtime()
        if last:
            self.publish(msgspec.structs.replace(last, owner=_NOBODY))

    def last_runtime(self) -> Runtime | None:
        """What the present or last owner published. Its owner may be dead."""
        return _read(self._runtime, Runtime)

    def running(self) -> Runtime | None:
        """What the present owner published, if it is still there."""
        runtime = self.last_runtime()
        return runtime if runtime and runtime.owner != _NOBODY and is_running(runtime.owner) else None

    def read_secrets(self) -> Secrets | None:
        return _read(self._secrets, Secrets)

    def write_secrets(self, value: Secrets) -> None:
        _write_private(self._secrets, msgspec.json.encode(value))


def _read(path: Path, kind: type[Content]) -> Content | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None


def _write_private(path: Path, content: bytes) -> None:
    """Replaces a file in one step; a reader sees the old or the new content, and nobody else sees any."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(file, "wb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())
    unfinished.replace(path)
