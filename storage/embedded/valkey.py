"""An embedded Valkey: writes its configuration, starts it on a port of the loopback interface, knows when it is ready.

Its password stands in a private file, not on its command line, which every user of the machine can read.
"""

import os
import signal
import time
from pathlib import Path
from urllib.parse import quote

from storage.embedded.errors import PortTaken, ServerFailed
from storage.embedded.process import POLL, Server, ServerProcess, stop_left_over

NAME = "Valkey"

_STOP = (signal.SIGTERM, signal.SIGKILL)
_READY_WITHIN = 60.0  # reading a large append-only file


def url(port: int, password: str) -> str:
    """What REDIS_URL would be for this server."""
    return f"redis://:{quote(password, safe='')}@127.0.0.1:{port}/0"


class EmbeddedValkey(Server):
    """One Valkey server over one data folder, started and stopped any number of times."""

    def prepare(self) -> None:
        """Makes the data folder if there is none, and stops what a killed owner left over."""
        stop_left_over(self._data / "valkey.pid", self._data, _STOP)
        if not self._data.exists():
            self._data.mkdir(mode=0o700)
            self._account.give(self._data)

    def start(self, port: int) -> None:
        """Starts the server and returns when it answers. Raises PortTaken, ServerFailed."""
        self._write_configuration(port)
        process = self._spawn("valkey-server", self._data / "valkey.conf", stop_signals=_STOP)
        if self._becomes_ready(process):
            return
        process.stop()
        output = process.output()
        failure = PortTaken if "Address already in use" in output else ServerFailed
        raise failure(NAME, "did not start", output, self._log)

    def _write_configuration(self, port: int) -> None:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "requirepass": self._password,
            "dir": _quoted(self._data),
            "pidfile": _quoted(self._data / "valkey.pid"),
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

    def _becomes_ready(self, process: ServerProcess) -> bool:
        """Reads what the server says instead of asking: a stranger on the port must not be told the password."""
        deadline = time.monotonic() + _READY_WITHIN
        while process.is_alive and time.monotonic() < deadline:
            if "Ready to accept connections" in process.output():
                return True
            time.sleep(POLL)
        return False


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", r"\\").replace('"', r"\"") + '"'
