"""An embedded PostgreSQL: makes its data once, starts it on a port of the loopback interface, knows when it is ready.

It listens on TCP like the servers of production, so that everything above is tried on the transport it will run on.
Other users of the machine can reach the port, and are asked for a password they do not have (SCRAM, nobody is trusted).
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from storage.embedded.account import Account, clean_environment
from storage.embedded.binaries import Binaries
from storage.embedded.errors import PortTaken, ServerFailed
from storage.embedded.process import POLL, Server, ServerProcess, stop_left_over

NAME = "PostgreSQL"
USER = "presence"
DATABASE = "presence"

# "Fast": disconnects everybody, rolls back, writes a checkpoint. Then without checkpoint, then as a power cut would.
_STOP = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
_READY_WITHIN = 60.0  # recovery of a large log after a crash
_SAME_ON_EVERY_MACHINE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_OWNER = (f"--username={USER}", "--auth=scram-sha-256")
# Shared memory in files of the data folder: they are gone with it, however a test has ended the server.
_NOT_DURABLE = {"fsync": "off", "dynamic_shared_memory_type": "mmap"}
_QUICKLY_MADE = ("--no-sync", "--wal-segsize=1")
_PORT_TAKEN = "could not create any TCP/IP sockets"
# The processes of a killed server notice within milliseconds that it is gone; a new one has to wait for them.
_OLD_PROCESSES_REMAIN = "pre-existing shared memory block"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def url(port: int, password: str) -> str:
    """What DATABASE_URL would be for this server."""
    return f"postgresql://{USER}:{quote(password, safe='')}@127.0.0.1:{port}/{DATABASE}"


class EmbeddedPostgres(Server):
    """One PostgreSQL server over one data folder, started and stopped any number of times.

    `settings`: in place of our own. For tests: one that others copy from has to write more down.
    """

    def __init__(
        self,
        binaries: Binaries,
        account: Account,
        data: Path,
        log: Path,
        password: str,
        *,
        durable: bool = True,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(binaries, account, data, log, password)
        self._durable = durable
        self._settings = {**_SETTINGS, **({} if durable else _NOT_DURABLE), **settings}

    def prepare(self, *, password_is_new: bool) -> None:
        """Makes the data if there is none; otherwise sets the password if that had to be made anew.

        Raises ServerFailed if a program fails.
        """
        stop_left_over(self._data / "postmaster.pid", self._data, _STOP)
        if not self._data.exists():
            self._make_data()
            return
        if password_is_new:
            self._run_alone(self._data, f"ALTER ROLE {USER} PASSWORD '{self._password}'")

    def start(self, port: int) -> None:
        """Starts the server and returns when it accepts connections. Raises PortTaken, ServerFailed."""
        deadline = time.monotonic() + _READY_WITHIN
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        while True:
            process = self._spawn("postgres", "-D", self._data, "-p", str(port), *settings, stop_signals=_STOP)
            if self._becomes_ready(process, deadline):
                return
            process.stop()
            output = process.output()
            if _OLD_PROCESSES_REMAIN not in output or time.monotonic() > deadline:
                failure = PortTaken if _PORT_TAKEN in output else ServerFailed
                raise failure(NAME, "did not start", output, self._log)
            time.sleep(10 * POLL)

    def _becomes_ready(self, process: ServerProcess, deadline: float) -> bool:
        """Follows the status which the server writes into its lock file; the same way pg_ctl waits."""
        while process.is_alive and time.monotonic() < deadline:
            try:
                lines = (self._data / "postmaster.pid").read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) > 7 and lines[0].strip() == str(process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(POLL)
        return False

    def _make_data(self) -> None:
        """Makes the data beside its place and moves it there complete: an interruption leaves nothing half-made."""
        unfinished = self._data.with_name(self._data.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._account.give(unfinished)
        password_file = self._data.with_name("postgres.password")
        password_file.unlink(missing_ok=True)
        with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self._password + "\n")
        self._account.give(password_file)
        try:
            options = (*_OWNER, f"--pwfile={password_file}", *_SAME_ON_EVERY_MACHINE)
            self._run("initdb", "-D", unfinished, *options, *(() if self._durable else _QUICKLY_MADE))
        finally:
            password_file.unlink()
        self._run_alone(unfinished, f"CREATE DATABASE {DATABASE}")
        unfinished.rename(self._data)

    def _run_alone(self, data: Path, statement: str) -> None:
        """One statement in single-user mode: before there is a server, and without its password."""
        hurry = () if self._durable else ("-F",)
        self._run("postgres", "--single", "-j", *hurry, "-D", data, "postgres", statement=statement + ";\n\n")

    def _run(self, program: str, *arguments: str | Path, statement: str = "") -> None:
        command = self._account.command(self._binaries.program(program), *arguments, death_signal=signal.SIGKILL)
        finished = subprocess.run(
            command,
            check=False,
            input=statement,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=clean_environment(),
        )
        with self._log.open("a") as log:
            log.write(finished.stdout)
        # In single-user mode a failed statement is told in the output only.
        if finished.returncode != 0 or (statement and "ERROR:" in finished.stdout):
            raise ServerFailed(NAME, f"could not be set up by {program}", finished.stdout, self._log)
