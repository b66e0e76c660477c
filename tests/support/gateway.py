"""Real gateway processes, started as an operator starts them, and a company whose people can log in to them."""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from accounts.passwords import Passwords
from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool
from tests.support.accounts import CountingHasher
from tests.support.client import Client, log_in
from tests.support.company import Company
from tests.support.ports import free_port
from tests.support.stores import database_url, pool
from wire.codec import Subprotocol
from wire.identity import DomainId, UserId
from wire.records import Position

__all__ = ["GatewayProcess", "People", "database_url", "gateway", "people", "pool", "start_gateway"]

PASSWORD = "Secret12"
START_SECONDS = 90.0
_FILES = TemporaryDirectory(prefix="presence-test-files-", ignore_cleanup_errors=True)
"""Of all gateways of the run, as they would share a bucket."""
atexit.register(_FILES.cleanup)
ROOT = Path(__file__).parents[2]


class GatewayProcess:
    """`python -m cli.main serve` with a port of its own, unless one is given. `url` is where it serves.

    Its own one stays free when it is gone: another gateway may start there.
    """

    checkout: Path = ROOT

    def __init__(self, database_url: str, redis_url: str, port: int = 0, **environment: str) -> None:
        self.database_url, self.redis_url, self.environment = database_url, redis_url, environment
        self.log: deque[dict[str, object]] = deque(maxlen=2_000)
        self._logged = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "serve", "--port", str(port or free_port())],
            cwd=self.checkout,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("PRESENCE_")},
                "DATABASE_URL": database_url,
                "PRESENCE_FILES_URL": Path(_FILES.name).as_uri(),
                "REDIS_URL": redis_url,
                "LOG_FORMAT": "json",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # Reads to the end, since a pipe that nobody reads would stop the gateway once it is full.
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        self.port = self._wait_for_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def another(self, **environment: str) -> "GatewayProcess":
        """One more gateway on the same stores."""
        return GatewayProcess(self.database_url, self.redis_url, 0, **environment)

    @property
    def pid(self) -> int:
        return self._process.pid

    def logged(self, event: str) -> dict[str, object] | None:
        return next((entry for entry in list(self.log) if entry.get("event") == event), None)

    def _wait_for_port(self) -> int:
        with self._logged:
            is_over = self._logged.wait_for(
                lambda: self.logged("serving") or not self._reader.is_alive(), START_SECONDS
            )
        serving = self.logged("serving") if is_over else None
        if serving is None:
            self.kill()
            raise AssertionError(f"the gateway did not start: {list(self.log)[-5:]}")
        return int(str(serving["port"]))

    def _read_log(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as out:
            for line in out:
                try:
                    entry = json.loads(line)
                except ValueError:
                    entry = {"event": line.decode(errors="replace")}
                with self._logged:
                    self.log.append(entry)
                    self._logged.notify_all()
        with self._logged:
            self._logged.notify_all()

    def stop(self) -> int:
        """SIGTERM and the orderly end; the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._wait()

    def kill(self) -> int:
        self._process.kill()
        return self._wait()

    def suspend(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _wait(self) -> int:
        code = self._process.wait(timeout=START_SECONDS)
        self._reader.join(timeout=30)
        return code


class People:
    """A company of its own for a test, whose people log in and connect to gateways."""

    def __init__(self, pool: Pool, company: Company, gateway: GatewayProcess, password_hash: str) -> None:
        self.pool = pool
        self.company = company
        self.gateway = gateway
        self.password_hash = password_hash
        self._tokens: dict[UserId, str] = {}

    async def add(self, extension: str, **fields: object) -> UserId:
        return await self.company.add(extension, password_hash=self.password_hash, **fields)

    async def token(self, user: UserId) -> str:
        if user not in self._tokens:
            extension = self.company.caller(user).extension
            login = f"{extension}@{self.company.domain}"
            self._tokens[user] = await log_in(self.gateway.url, login, PASSWORD)
        return self._tokens[user]

    async def connect(
        self,
        user: UserId,
        gateway: GatewayProcess | None = None,
        *,
        available: bool = True,
        position: Position | None = None,
        subprotocol: Subprotocol = Subprotocol.JSON,
    ) -> Client:
        return await Client.open(
            (gateway or self.gateway).url,
            await self.token(user),
            available=available,
            position=position,
            subprotocol=subprotocol,
        )


@pytest.fixture(scope="module")
def start_gateway(database_url: str, servers: EmbeddedServers) -> Iterator[Callable[..., GatewayProcess]]:
    """Starts further gateways on the stores of the whole run; all are gone at the end of the file, since also one that
    has nothing to do takes its part of a small machine."""
    started: list[GatewayProcess] = []

    def start(port: int = 0, **environment: str) -> GatewayProcess:
        started.append(GatewayProcess(database_url, servers.redis_url, port, **environment))
        return started[-1]

    yield start
    for each in started:
        each.kill()


@pytest.fixture(scope="session")
def gateway(database_url: str, servers: EmbeddedServers) -> Iterator[GatewayProcess]:
    """One gateway for the whole run. Do not stop it: others are using it."""
    running = GatewayProcess(database_url, servers.redis_url)
    yield running
    running.kill()


@pytest.fixture(scope="session")
async def password_hash() -> str:
    return await Passwords(CountingHasher()).hash(DomainId("any.test"), PASSWORD)


@pytest.fixture
async def people(gateway: GatewayProcess, pool: Pool, password_hash: str) -> People:
    return People(pool, await Company.make(pool), gateway, password_hash)
