"""An embedded Valkey: writes its configuration, starts it on a port of the loopback interface, knows when it is ready.

Its password stands in a private file, not on its command line, which every user of the machine can read.
"""

import contextlib
import os
import signal
import time
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from storage.embedded.account import Account
from storage.embedded.binaries import Binaries
from storage.embedded.errors import PortTaken, ServerFailed, read_tail
from storage.embedded.process import POLL, ServerProcess, start_server, stop_left_over

NAME = "Valkey"

_STOP = (signal.SIGTERM, signal.SIGKILL)
_READY_WITHIN = 60.0  # reading a large append-only file


def url(port: int, password: str) -> str:
    """What REDIS_URL would be for this server."""
    return f"redis://:{quote(password, safe='')}@127.0.0.1:{port}/0"


class EmbeddedValkey:
    """One Valkey server over one data folder, started and stopped any number of times."""

    def __init__(self, binaries: Binaries, account: Account, data: Path, log: Path, password: str) -> None:
        self._binaries = binaries
        self._account = account
        self._data = data
        self._log = log
        self._password = password
        self._process: ServerProcess | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.is_alive else None

    def prepare(self) -> None:
        """Makes the data folder if there is none, and stops what a killed owner left over."""
        stop_left_over(self._data / "valkey.pid", self._data, _STOP)
        if not self._data.exists():
            self._data.mkdir(mode=0o700)
            self._account.give(self._data)

    def start(self, port: int) -> None:
        """Starts the server and returns when it answers. Raises PortTaken, ServerFailed."""
        self._write_configuration(port)
        self._process = start_server(
            self._binaries.program("valkey-server"),
            self._data / "valkey.conf",
            account=self._account,
            log=self._log,
            stop_signals=_STOP,
        )
        if self._becomes_ready(self._process, port):
            return
        self._process.stop()
        failure = PortTaken if "Address already in use" in read_tail(self._log, 2_048) else ServerFailed
        raise failure(NAME, "did not start", self._log)

    def ask_to_stop(self) -> None:
        if self._process:
            self._process.ask_to_stop()

    def stop(self) -> None:
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        if self._process:
            self._process.kill()

    def _write_configuration(self, port: int) -> None:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "requirepass": self._password,
            "dir": f'"{self._data}"',
            "pidfile": f'"{self._data / "valkey.pid"}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            # The command line is how a later owner recognises a server which was left over.
            "set-proc-title": "no",
            "daemonize": "no",
        }
        path = self._data / "valkey.conf"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{name} {value}\n" for name, value in settings.items())
        self._account.give(path)

    def _becomes_ready(self, process: ServerProcess, port: int) -> bool:
        """Asks until the server answers us. A stranger on the same port does not know the password."""
        client = redis.Redis(host="127.0.0.1", port=port, password=self._password, retry=Retry(NoBackoff(), 0))
        deadline = time.monotonic() + _READY_WITHIN
        with contextlib.closing(client):
            while process.is_alive and time.monotonic() < deadline:
                with contextlib.suppress(redis.RedisError):
                    if client.info("server")["process_id"] == process.pid:
                        return True
                time.sleep(POLL)
        return False
