"""Both embedded servers as one thing: the first process to come owns them, every other one shares them.

The owner starts the servers and stops them with itself, however it ends. Processes that share keep working while the
owner lives; the next owner of the same folder takes the same ports again if it can, and then they reconnect.
"""

import os
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.embedded import postgres, valkey
from storage.embedded.account import choose_account, reachable
from storage.embedded.binaries import find_postgres, find_valkey
from storage.embedded.data_folder import DataFolder, Runtime, Secrets
from storage.embedded.errors import EmbeddedError, PortTaken
from storage.embedded.postgres import EmbeddedPostgres
from storage.embedded.process import POLL
from storage.embedded.valkey import EmbeddedValkey

_PORTS = range(23_000, 32_000)
"""Below those which the system gives out by itself: else, while a server is away, any connection could be given its
port; even one that is tried to that very server, which then would be connected to itself."""
_TRIES_TO_FIND_A_PORT = 1_000
_ATTEMPTS_AT_A_PORT = 10
_OWNER_READY_WITHIN = 120.0


class EmbeddedServers:
    """A running PostgreSQL and a running Valkey. Made by `start`; a context manager which stops them."""

    def __init__(self, folder: DataFolder, runtime: Runtime, secrets: Secrets, owned: "_Owned | None") -> None:
        self.data_folder = folder.path
        self.database_url = postgres.url(runtime.postgres_port, secrets.postgres)
        self.redis_url = valkey.url(runtime.valkey_port, secrets.valkey)
        self.owner_pid = runtime.owner
        self._folder = folder
        self._runtime = runtime
        self._owned = owned

    @classmethod
    def start(cls, data_folder: Path, *, durable: bool = True) -> Self:
        """Starts the servers over a data folder, or joins the process which already runs them there.

        Blocks until both serve: about a second the first time, a fraction of that later. May be called from any thread.
        Data which is not `durable` survives the death of every process but not of the machine: quicker, for tests.
        Raises EmbeddedError, whose text is one line for the person at the keyboard.
        """
        folder = DataFolder(data_folder)
        folder.create()
        deadline = time.monotonic() + _OWNER_READY_WITHIN
        while True:
            if folder.try_lock():
                try:
                    owned, runtime, secrets = _start_both(folder, durable=durable)
                except BaseException:
                    folder.unlock()
                    raise
                return cls(folder, runtime, secrets, owned)
            shared, known = folder.running(), folder.read_secrets()
            if shared and known:
                return cls(folder, shared, known, None)
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"another process holds {folder.path} but offers no servers (in another container?)"
                )
            time.sleep(10 * POLL)

    @property
    def is_owner(self) -> bool:
        """Whether the servers stop with this process; otherwise they belong to another one on the same data folder."""
        return self._owned is not None

    def stop(self) -> None:
        """Stops both servers and frees the data folder. Does nothing the second time, or when they are another's."""
        if self._owned is None:
            return
        owned, self._owned = self._owned, None
        self._folder.withdraw()
        owned.stop()
        self._folder.unlock()

    def restart_postgres(self) -> None:
        """Stops PostgreSQL if it runs and starts it again on the same port and data. For tests of faults."""
        server = self._own().postgres
        server.stop()
        server.start(self._runtime.postgres_port)

    def kill_postgres(self) -> None:
        """Ends PostgreSQL as a power cut would. For tests of faults; `restart_postgres` brings it back."""
        self._own().postgres.kill()

    def restart_valkey(self) -> None:
        """Stops Valkey if it runs and starts it again on the same port and data. For tests of faults."""
        server = self._own().valkey
        server.stop()
        server.start(self._runtime.valkey_port)

    def kill_valkey(self) -> None:
        """Ends Valkey as a power cut would. For tests of faults; `restart_valkey` brings it back."""
        self._own().valkey.kill()

    def pids(self) -> tuple[int, ...]:
        """The processes of the servers which run and are ours."""
        if self._owned is None:
            return ()
        return tuple(pid for pid in (self._owned.postgres.pid, self._owned.valkey.pid) if pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _own(self) -> "_Owned":
        if self._owned is None:
            raise EmbeddedError("the servers are stopped, or belong to another process")
        return self._owned


class _Owned:
    """The two servers in the hands of their owner."""

    def __init__(self, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
        self.postgres = postgres
        self.valkey = valkey

    def stop(self) -> None:
        self.postgres.ask_to_stop()
        self.valkey.ask_to_stop()
        self.postgres.stop()
        self.valkey.stop()


def _start_both(folder: DataFolder, *, durable: bool) -> tuple[_Owned, Runtime, Secrets]:
    folder.withdraw()
    last = folder.last_runtime()
    account = choose_account(folder.postgres)
    folder.open_for(account)
    known = folder.read_secrets()
    secrets = known or Secrets.generate()
    owned = _Owned(
        EmbeddedPostgres(
            reachable(find_postgres(), account, "postgres", folder.binaries),
            account,
            folder.postgres,
            folder.logs / "postgres.log",
            secrets.postgres,
            durable=durable,
        ),
        EmbeddedValkey(
            reachable(find_valkey(), account, "valkey-server", folder.binaries),
            account,
            folder.valkey,
            folder.logs / "valkey.log",
            secrets.valkey,
        ),
    )
    try:
        owned.valkey.prepare()
        owned.postgres.prepare(password_is_new=known is None)
        if known is None:
            # Only now: had the password been kept before it was set, an interruption in between would lock us out.
            folder.write_secrets(secrets)
        valkey_port = _start_on_free_port(owned.valkey.start, last.valkey_port if last else 0)
        postgres_port = _start_on_free_port(owned.postgres.start, last.postgres_port if last else 0)
    except BaseException:
        owned.stop()
        raise
    runtime = Runtime(owner=os.getpid(), postgres_port=postgres_port, valkey_port=valkey_port)
    folder.publish(runtime)
    return owned, runtime, secrets


def _start_on_free_port(start: Callable[[int], None], preferred: int) -> int:
    """Starts a server on the preferred port if it is free, else on another one; returns the port."""
    port = preferred if preferred and _is_free(preferred) else _free_port()
    for _ in range(_ATTEMPTS_AT_A_PORT):
        try:
            start(port)
        except PortTaken:
            port = _free_port()
        else:
            return port
    raise EmbeddedError("no free port on the loopback interface")


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    chance = random.SystemRandom()
    for _ in range(_TRIES_TO_FIND_A_PORT):
        if _is_free(port := chance.choice(_PORTS)):
            return port
    raise EmbeddedError("no free port on the loopback interface")
