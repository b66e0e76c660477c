"""A real Kamailio with our configuration, and phones played by sipp. Everything on loopback and on free ports."""

import asyncio
import hashlib
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from accounts.tokens import hash_token
from storage.postgres.pbx_sources import PostgresSourceStore
from tests.support.gateway import People
from tests.support.ports import free_port
from wire.identity import SourceId

_ROOT = Path(__file__).parents[2]
_CONFIGURATION = _ROOT / "pbx" / "kamailio"
_SCENARIOS = _ROOT / "tests" / "journeys" / "sipp"
_TABLES = Path("/usr/share/kamailio/db_sqlite")
_MODULES = ("jansson", "uuid", "http_client", "outbound", "stun", "db_sqlite")
_START_SECONDS = 60.0
_SIPP_SECONDS = 120.0


def _missing() -> str | None:
    """What is not installed here and needed; None if all is there."""
    for program in ("kamailio", "sipp"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    modules = next(iter(Path("/usr/lib").glob("*/kamailio/modules")), Path("/usr/lib64/kamailio/modules"))
    absent = [name for name in _MODULES if not (modules / f"{name}.so").exists()]
    if absent:
        return f"Kamailio's modules {', '.join(absent)} are not installed"
    return None if _TABLES.is_dir() else f"{_TABLES} is not there"


_reason = _missing()
needs_kamailio = pytest.mark.skipif(_reason is not None, reason=str(_reason))
"""Skips a test, and says why, where there is no Kamailio or nothing to play phones."""


class Kamailio:
    """A registrar for `domain` that reports to `presence_url` as `source`. Passwords are `secret-<user>`."""

    def __init__(self, domain: str, users: Iterable[str], *, presence_url: str, source: str, token: str) -> None:
        self.domain = domain
        self.source = source
        self.folder = Path(tempfile.mkdtemp(prefix="kamailio-"))
        self.port = free_port()
        self.command_port, self.command_token = free_port(), secrets.token_urlsafe(32)
        self.commands_url = f"http://127.0.0.1:{self.command_port}"
        self._make_database(users)
        self._write_settings(f"{presence_url}/ingest/v1/adapters/kamailio/{source}", source, token)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    async def start(self) -> None:
        await asyncio.to_thread(self._start)

    async def stop(self) -> None:
        """SIGTERM: the children follow, and what is only in memory is written."""
        await asyncio.to_thread(self._stop)

    async def kill(self) -> None:
        """As when the power is cut: nothing is written any more."""
        await asyncio.to_thread(self._kill)

    async def command(self, *words: str) -> None:
        """What an operator types to a running Kamailio (kamcmd). Raises AssertionError with what it complains about."""
        process = await asyncio.create_subprocess_exec(
            "kamcmd",
            *("-s", f"unix:{self.folder / 'control'}", *words),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode(errors="replace")

    async def until_kept(self, user: str) -> None:
        """Until a registration is in the database: rows follow once a second."""
        async with asyncio.timeout(_START_SECONDS):
            while not await asyncio.to_thread(self._is_kept, user):  # noqa: ASYNC110 - nor does a database
                await asyncio.sleep(0.05)

    def _is_kept(self, user: str) -> bool:
        with closing(sqlite3.connect(self.folder / "kamailio.db", timeout=1)) as database:
            return bool(database.execute("SELECT 1 FROM location WHERE username = ?", (user,)).fetchone())

    async def until_logged(self, words: str) -> None:
        async with asyncio.timeout(_START_SECONDS):
            while words not in self.log:  # noqa: ASYNC110 - a file tells nobody that it has grown
                await asyncio.sleep(0.02)

    async def remove(self) -> None:
        await self.stop()
        self._database.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        places = ("-P", str(self.folder / "pid"), "-Y", str(self.folder))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["kamailio", "-f", str(self.folder / "kamailio.cfg"), "-DD", "-E", "-m", "64", "-M", "16", *places],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _kill(self) -> None:
        """The whole group: Kamailio is a family of processes, and each would go on without the first."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    # ------------------------------------------------------------ files

    def _make_database(self, users: Iterable[str]) -> None:
        # Open until the end: whoever closes a file last, or opens it first, needs it for itself for a moment, and a
        # process of Kamailio that starts just then would end with all others ("database is locked").
        self._database = sqlite3.connect(self.folder / "kamailio.db", check_same_thread=False)
        with self._database as database:
            # Kept in the file: set by each process at its start, it would need the file for itself each time.
            database.execute("PRAGMA journal_mode=WAL")
            for name in ("standard", "usrloc", "dialog", "auth_db", "htable"):
                database.executescript((_TABLES / f"{name}-create.sql").read_text())
            for user in users:
                ha1 = hashlib.md5(f"{user}:{self.domain}:secret-{user}".encode()).hexdigest()  # noqa: S324
                database.execute(
                    "INSERT INTO subscriber (username, domain, password, ha1, ha1b) VALUES (?, ?, '', ?, '')",
                    (user, self.domain, ha1),
                )

    def _write_settings(self, presence_url: str, source: str, token: str) -> None:
        for name in ("kamailio.cfg", "presence.cfg", "commands.cfg", "trunks.list"):
            shutil.copy(_CONFIGURATION / name, self.folder)
        database = self.folder / "kamailio.db"
        values = {
            "SQLITE_FILE": database,
            "DATABASE": f"sqlite:///{database}",
            "PRESENCE_URL": presence_url,
            "PRESENCE_SOURCE": source,
            "PRESENCE_TOKEN": token,
            "COMMAND_PORT": self.command_port,
            "COMMAND_TOKEN": self.command_token,
            "FEATURE_CONTACT": f"127.0.0.1:{self.port}",
            "TRUNK_FILE": self.folder / "trunks.list",
            "CONTROL_SOCKET": self.folder / "control",
        }
        lines = [
            f"listen=udp:127.0.0.1:{self.port}",
            f"listen=tcp:127.0.0.1:{self.port}",
            f"listen=tcp:127.0.0.1:{self.command_port}",
            f'alias="{self.domain}"',
            "children=2",
            "tcp_children=1",
            "#!define WITH_SQLITE",
            "#!define WITH_COMMANDS",
            "#!define MIN_EXPIRES 1",
            "#!define MAX_EXPIRES 3600",
            "#!define PRESENCE_HEARTBEAT 1",
            *(f'#!substdef "!{name}!{value}!g"' for name, value in values.items()),
        ]
        (self.folder / "settings.cfg").write_text("\n".join(lines) + "\n")

    def _wait_until_it_answers(self) -> None:
        """Over TCP, too: workers for that are its last processes, and if one does not start, all end again."""
        deadline = time.monotonic() + _START_SECONDS
        knocks = [self._answers_options, self._answers_http]
        while knocks and time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            if knocks[0]():
                del knocks[0]
        if knocks:
            raise AssertionError(f"Kamailio did not start:\n{self.log[-2_000:]}")

    def _answers_options(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knock:
            knock.bind(("127.0.0.1", 0))
            knock.settimeout(0.2)
            via = f"SIP/2.0/UDP 127.0.0.1:{knock.getsockname()[1]};branch=z9hG4bK-ready;rport"
            request = (
                f"OPTIONS sip:{self.domain} SIP/2.0\r\nVia: {via}\r\nMax-Forwards: 5\r\n"
                f"From: <sip:test@{self.domain}>;tag=1\r\nTo: <sip:{self.domain}>\r\n"
                "Call-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
            )
            with suppress(OSError):
                knock.connect(("127.0.0.1", self.port))
                knock.send(request.encode())
                return knock.recv(4_096).startswith(b"SIP/2.0 200")
        time.sleep(0.02)  # until the next knock: before it listens, the system refuses at once
        return False

    def _answers_http(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as knock:
            knock.sendall(b"GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")
            knock.settimeout(5)
            return knock.recv(4_096).startswith(b"HTTP/1.1 404")
        return False


class Phone:
    """A phone of `user`, with an address of its own."""

    def __init__(self, kamailio: Kamailio, user: str, *, password: str | None = None) -> None:
        self._kamailio = kamailio
        self._user = user
        self._password = password or f"secret-{user}"
        self._device = _uuid()
        self._port = free_port()

    async def register(self, expires: int, *, user: str | None = None, answer: int = 200) -> None:
        """Registers for `expires` seconds (0: unregisters), for another user's address if one is given."""
        keys = {"device": self._device, "expires": str(expires), "agent": "TestPhone/1"}
        await self._play("register", answer, keys, user=user)

    async def dial_code(self, code: str, *, user: str | None = None, answer: int = 603) -> None:
        await self._play("feature_code", answer, {"code": code}, user=user)

    async def call(self, callee: str, *, pause_ms: int) -> None:
        """Calls, talks, holds, talks and hangs up, each for `pause_ms`."""
        await self._play("caller", 200, {"callee": callee}, "-d", str(pause_ms))

    async def give_up_calling(self, callee: str, *, ring_ms: int) -> None:
        """Calls, lets it ring for so long, and cancels."""
        await self._play("cancelling_caller", 487, {"callee": callee}, "-d", str(ring_ms))

    async def ring_until_cancelled(self) -> None:
        await self._play("cancelled_callee", 487, {})

    async def refuse_a_call(self, *, ring_ms: int) -> None:
        """Rings for so long and says that it is busy."""
        await self._play("busy_callee", 486, {}, "-d", str(ring_ms))

    async def hear_of_dnd(self, expected: bool) -> None:
        """Subscribes to its user's features, and hears their state, and then that Do Not Disturb is as expected."""
        await self._play("features", 200, {"expected": str(expected).lower()})

    async def hear_of_a_resync(self) -> None:
        await self._play("resynced", 200, {})

    async def answer_a_call(self, *, ring_ms: int) -> None:
        await self._play("callee", 200, {}, "-d", str(ring_ms))

    async def _play(
        self, scenario: str, answer: int, keys: dict[str, str], *options: str, user: str | None = None
    ) -> None:
        """sipp expands its keys everywhere but in the number of an expected answer: that is written into a copy."""
        script = self._kamailio.folder / f"{scenario}-{self._port}.xml"
        script.write_text(
            (_SCENARIOS / f"{scenario}.xml")
            .read_text()
            .replace("[answer]", str(answer))
            .replace("[expected]", keys.get("expected", ""))
        )
        named = {"user": user or self._user, "domain": self._kamailio.domain, **keys}
        await _sipp(
            self._kamailio,
            script,
            named,
            *("-m", "1", "-p", str(self._port), "-au", self._user, "-ap", self._password),
            *options,
        )


async def register_all(kamailio: Kamailio, users: Sequence[str], *, agent: str) -> None:
    """Everybody's phone, all at one address, registers for ten minutes: as many at once as sipp can."""
    people = kamailio.folder / "people.csv"
    rows = [f"{user};[authentication username={user} password=secret-{user}];{_uuid()}" for user in users]
    people.write_text("\n".join(["SEQUENTIAL", *rows]) + "\n")
    script = kamailio.folder / "register_all.xml"
    scenario = (_SCENARIOS / "register.xml").read_text()
    for key, field in (("[user]", "[field0]"), ("[authentication]", "[field1]"), ("[device]", "[field2]")):
        scenario = scenario.replace(key, field)
    script.write_text(scenario.replace("[answer]", "200"))
    await _sipp(
        kamailio,
        script,
        {"domain": kamailio.domain, "expires": "600", "agent": agent},
        *("-inf", people, "-m", str(len(users)), "-r", "1000", "-p", str(free_port())),
    )


async def _sipp(kamailio: Kamailio, script: Path, keys: dict[str, str], *options: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(
        "sipp",
        f"127.0.0.1:{kamailio.port}",
        *("-sf", script, "-i", "127.0.0.1", "-nostdin", "-timeout", f"{_SIPP_SECONDS:.0f}s", "-timeout_error"),
        *(word for name, value in keys.items() for word in ("-key", name, value)),
        *options,
        cwd=kamailio.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, (
        f"{script.name} {keys}: {output.decode(errors='replace')[-2_000:]}\nKamailio: {kamailio.log[-2_000:]}"
    )


@asynccontextmanager
async def kamailio_of(people: People, extensions: Iterable[str], *, url: str = "") -> AsyncIterator[Kamailio]:
    """A running Kamailio that reports about the company of a test to its gateway, or to what answers at `url`."""
    source, token = SourceId(f"kamailio-{secrets.token_hex(4)}"), secrets.token_urlsafe(32)
    store = PostgresSourceStore(people.pool)
    await store.add(source, hash_token(token), [people.company.domain])
    kamailio = Kamailio(
        people.company.domain, extensions, presence_url=url or people.gateway.url, source=source, token=token
    )
    await store.set_commands(source, kamailio.commands_url, kamailio.command_token)
    try:
        await kamailio.start()
        yield kamailio
    finally:
        await kamailio.remove()


def _uuid() -> str:
    digits = secrets.token_hex(16)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
