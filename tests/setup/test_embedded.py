"""The embedded servers: who runs them, who shares them, and what is left after a sudden death."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis

from storage.embedded import EmbeddedError, EmbeddedServers, default_data_folder
from storage.embedded.account import Account, choose_account, reachable
from storage.embedded.binaries import Binaries, find_postgres, find_valkey
from storage.embedded.errors import BinaryMissing, DataFolderUnusable
from storage.embedded.process import stop_left_over
from tests.support.folders import make_data_folder
from tests.support.other_user import CHECKOUT, as_user, python_for
from tests.support.processes import gone_within, is_there

StartServers = Callable[[], EmbeddedServers]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a program as another user")


async def run_sql(url: str, *statements: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        value = None
        for statement in statements:
            value = await connection.fetchval(statement)
        return value
    finally:
        await connection.close()


def valkey(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, decode_responses=True)


class Owner:
    """A process of its own which owns or shares servers."""

    def __init__(self, folder: Path, *options: str, user: str | None = None) -> None:
        interpreter, environment = sys.executable, tuple(os.environ.items())
        if user:
            found = python_for(user)
            if found is None:
                pytest.skip(f"the user {user} can run no Python of this version, or cannot reach the checkout")
            interpreter, environment = found
        self.process = subprocess.Popen(
            [interpreter, "-m", "tests.support.embedded_owner", str(folder), *options],
            cwd=CHECKOUT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **(as_user(user) if user else {}),
        )

    def about(self) -> dict[str, Any]:
        assert self.process.stdout
        about: dict[str, Any] = json.loads(self.process.stdout.readline())
        return about

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.end()
        assert self.process.stdout
        assert self.process.stdin
        self.process.stdout.close()
        self.process.stdin.close()


@pytest.fixture
def owner(data_folder: Path) -> Iterator[Callable[..., Owner]]:
    started: list[Owner] = []

    def start(*options: str, folder: Path = data_folder, user: str | None = None) -> Owner:
        started.append(Owner(folder, *options, user=user))
        return started[-1]

    yield start
    for each in started:
        each.close()


async def test_both_servers_answer(servers: EmbeddedServers) -> None:
    assert await run_sql(servers.database_url, "SELECT current_setting('server_version_num')::int >= 180000")
    with valkey(servers.redis_url) as client:
        assert client.ping()


def test_no_connection_is_given_a_port_of_theirs_while_they_are_away(servers: EmbeddedServers) -> None:
    given_out = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not given_out.exists() or (first := int(given_out.read_text().split()[0])) < 32_000:
        pytest.skip("this system gives out other ports than usual")
    assert all(int(urlsplit(url).port or 0) < first for url in (servers.database_url, servers.redis_url))


async def test_text_behaves_the_same_on_every_machine(servers: EmbeddedServers) -> None:
    assert await run_sql(servers.database_url, "SELECT lower('ÉÀ') || casefold('Ünal')") == "éàünal"
    assert await run_sql(servers.database_url, "SELECT current_setting('TimeZone')") == "UTC"


async def test_a_neighbour_on_the_machine_gets_in_nowhere(servers: EmbeddedServers) -> None:
    postgres, cache = urlsplit(servers.database_url), urlsplit(servers.redis_url)
    assert (postgres.hostname, cache.hostname) == ("127.0.0.1", "127.0.0.1")
    for guess in ("", ":presence"):
        with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)):
            await run_sql(f"postgresql://presence{guess}@127.0.0.1:{postgres.port}/presence", "SELECT 1")
    with valkey(f"redis://127.0.0.1:{cache.port}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_passwords_are_in_private_files_only(servers: EmbeddedServers) -> None:
    passwords = [str(urlsplit(url).password) for url in (servers.database_url, servers.redis_url)]
    command_lines = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in servers.pids())
    for password in passwords:
        assert password.encode() not in command_lines
    for file in ("secrets.json", "runtime.json", "valkey/valkey.conf"):
        assert stat.S_IMODE((servers.data_folder / file).stat().st_mode) == 0o600


async def test_data_survives_a_stop_and_the_ports_stay(clean_servers: StartServers) -> None:
    first = clean_servers()
    await run_sql(first.database_url, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('here')")
    with valkey(first.redis_url) as client:
        client.set("word", "here")
    first.stop()
    second = clean_servers()
    assert (second.database_url, second.redis_url) == (first.database_url, first.redis_url)
    assert await run_sql(second.database_url, "SELECT word FROM kept") == "here"
    with valkey(second.redis_url) as client:
        assert client.get("word") == "here"


async def test_a_killed_server_comes_back_at_the_same_address_with_its_data(clean_servers: StartServers) -> None:
    running = clean_servers()
    await run_sql(running.database_url, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('here')")
    with valkey(running.redis_url) as client:
        client.set("word", "here")
        client.execute_command("WAITAOF", 1, 0, 5_000)
    running.kill_postgres()
    running.kill_valkey()
    assert running.pids() == ()
    # From a thread which ends: the servers must not end with it.
    await asyncio.gather(asyncio.to_thread(running.restart_postgres), asyncio.to_thread(running.restart_valkey))
    assert await run_sql(running.database_url, "SELECT word FROM kept") == "here"
    with valkey(running.redis_url) as client:
        assert client.get("word") == "here"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start cleans up")
def test_a_killed_owner_leaves_no_server_behind(owner: Callable[..., Owner], prepared_folder: Path) -> None:
    doomed = owner(folder=prepared_folder)
    pids = doomed.about()["pids"]
    assert all(is_there(pid) for pid in pids)
    doomed.kill()
    assert gone_within(60, *pids)


async def test_after_a_killed_owner_the_next_one_has_the_data(
    owner: Callable[..., Owner], prepared_folder: Path
) -> None:
    doomed = owner(folder=prepared_folder)
    url = doomed.about()["database_url"]
    await run_sql(url, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('here')")
    doomed.kill()
    about = owner(folder=prepared_folder).about()
    assert about["is_owner"]
    assert await run_sql(about["database_url"], "SELECT word FROM kept") == "here"


def test_an_owner_which_forgets_to_stop_leaves_no_server_behind(
    owner: Callable[..., Owner], prepared_folder: Path
) -> None:
    forgetful = owner("--leave", folder=prepared_folder)
    pids = forgetful.about()["pids"]
    assert forgetful.process.wait() == 0
    assert gone_within(60, *pids)


def test_a_left_over_server_is_stopped_but_no_innocent_process(data_folder: Path) -> None:
    marker = data_folder / "postgres"
    left_over = subprocess.Popen(["sleep", "60"])
    pid_file = data_folder / "pid"
    pid_file.write_text(f"{left_over.pid}\n")
    try:
        stop_left_over(pid_file, marker, (signal.SIGINT, signal.SIGKILL))
        assert left_over.poll() is None
    finally:
        left_over.kill()
        left_over.wait()
    program = "import sys, time; print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program, str(marker)], stdout=subprocess.PIPE) as left_over:
        assert left_over.stdout
        left_over.stdout.readline()
        pid_file.write_text(f"{left_over.pid}\n")
        stop_left_over(pid_file, marker, (signal.SIGTERM, signal.SIGKILL))
        assert left_over.wait() == -signal.SIGTERM


async def test_of_four_who_start_at_once_one_owns_and_the_others_share(owner: Callable[..., Owner]) -> None:
    four = [owner() for _ in range(4)]
    told = [each.about() for each in four]
    assert [about["is_owner"] for about in told].count(True) == 1
    assert len({(about["database_url"], about["redis_url"], about["owner"]) for about in told}) == 1
    assert await run_sql(told[0]["database_url"], "SELECT 1") == 1


def test_who_shares_cannot_stop_the_servers(clean_servers: StartServers, owner: Callable[..., Owner]) -> None:
    running = clean_servers()
    sharer = owner()
    assert not sharer.about()["is_owner"]
    sharer.end()
    assert len(running.pids()) == 2


async def test_a_very_long_path_serves(data_folder: Path) -> None:
    folder = data_folder / ("a" * 60) / ("b" * 60) / 'with "quotes" and spaces'
    for ancestor in (*reversed(folder.relative_to(data_folder).parents[:-1]), folder.relative_to(data_folder)):
        (data_folder / ancestor).mkdir(mode=0o711)
    with EmbeddedServers.start(folder, durable=False) as running:
        assert await run_sql(running.database_url, "SELECT 1") == 1
        with valkey(running.redis_url) as client:
            assert client.ping()


async def test_an_interrupted_first_start_does_no_harm(data_folder: Path) -> None:
    unfinished = data_folder / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("half")
    (data_folder / "postgres.password").write_text("old")
    with EmbeddedServers.start(data_folder, durable=False) as running:
        assert await run_sql(running.database_url, "SELECT 1") == 1
    assert not unfinished.exists()
    assert not (data_folder / "postgres.password").exists()


async def test_lost_passwords_are_made_anew(clean_servers: StartServers, data_folder: Path) -> None:
    first = clean_servers()
    first.stop()
    (data_folder / "secrets.json").unlink()
    second = clean_servers()
    assert second.database_url != first.database_url
    assert await run_sql(second.database_url, "SELECT 1") == 1


def test_a_taken_port_is_left_to_who_has_it(clean_servers: StartServers) -> None:
    first = clean_servers()
    first.stop()
    port = urlsplit(first.redis_url).port
    program = f"import socket; s = socket.create_server(('127.0.0.1', {port})); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout
        stranger.stdout.readline()
        with valkey(clean_servers().redis_url) as client:
            assert client.ping()
        stranger.communicate(b"\n")
    assert stranger.returncode == 0


def test_a_server_which_does_not_start_gives_its_reason_in_one_line(
    clean_servers: StartServers, data_folder: Path
) -> None:
    clean_servers().stop()
    (data_folder / "postgres/PG_VERSION").write_text("12\n")
    with pytest.raises(
        EmbeddedError, match=r"incompatible with server.*initialized by PostgreSQL version 12"
    ) as failed:
        clean_servers()
    assert "\n" not in str(failed.value)
    assert str(data_folder / "logs/postgres.log") in str(failed.value)


def test_a_failed_start_frees_the_folder(clean_servers: StartServers, data_folder: Path) -> None:
    clean_servers().stop()
    (data_folder / "postgres/PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError):
        clean_servers()
    (data_folder / "postgres/PG_VERSION").write_text("18\n")
    assert clean_servers().is_owner


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> None:
    monkeypatch.setenv("PRESENCE_PG_BIN", str(data_folder))
    monkeypatch.setenv("PRESENCE_VALKEY_BIN", str(data_folder))
    with pytest.raises(BinaryMissing, match="PRESENCE_PG_BIN"):
        find_postgres()
    with pytest.raises(BinaryMissing, match="PRESENCE_VALKEY_BIN"):
        find_valkey()


def test_programs_named_by_the_environment_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = find_postgres().folder
    monkeypatch.setenv("PRESENCE_PG_BIN", str(folder))
    assert find_postgres() == Binaries(folder.resolve(), "", folder, ())


def test_the_data_folder_is_one_for_each_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default_data_folder({"XDG_STATE_HOME": "/state"}) == Path("/state/presence-gateway")
    assert default_data_folder({}) == Path.home() / ".local/state/presence-gateway"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_data_folder({"XDG_STATE_HOME": "/state"}) == Path("/var/lib/presence-gateway")


@needs_root
def test_root_gives_its_privileges_up(servers: EmbeddedServers) -> None:
    for pid in servers.pids():
        assert Path(f"/proc/{pid}").stat().st_uid != 0


@needs_root
def test_a_normal_user_runs_the_servers_itself(owner: Callable[..., Owner], data_folder: Path) -> None:
    data_folder.chmod(0o755)
    folder = data_folder / "of-nobody"
    folder.mkdir()
    shutil.chown(folder, "nobody")
    about = owner(folder=folder, user="nobody").about()
    assert "error" not in about, about
    assert {Path(f"/proc/{pid}").stat().st_uid for pid in about["pids"]} == {pwd.getpwnam("nobody").pw_uid}
    assert asyncio.run(run_sql(about["database_url"], "SELECT 1")) == 1
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


@needs_root
def test_a_folder_of_somebody_else_is_refused(owner: Callable[..., Owner], data_folder: Path) -> None:
    (data_folder / "logs").mkdir(mode=0o777)
    about = owner(user="nobody").about()
    assert "belongs to another user" in about["error"]


@needs_root
def test_folders_above_ours_are_never_opened() -> None:
    closed = make_data_folder()
    closed.chmod(0o700)
    try:
        with pytest.raises(DataFolderUnusable, match="cannot reach"):
            EmbeddedServers.start(closed / "data")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(closed)


@needs_root
def test_our_folder_is_opened_as_little_as_needed(data_folder: Path) -> None:
    new, existing = data_folder / "new", data_folder / "existing"
    existing.mkdir(mode=0o755)
    for folder in (new, existing):
        EmbeddedServers.start(folder, durable=False).stop()
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (new, existing)] == [0o711, 0o755]


@needs_root
def test_data_keeps_its_account_when_another_one_appears(data_folder: Path) -> None:
    existing = data_folder / "postgres"
    existing.mkdir()
    shutil.chown(existing, "nobody")
    assert choose_account(existing).user == pwd.getpwnam("nobody").pw_uid


@needs_root
def test_programs_which_the_account_cannot_reach_are_copied(data_folder: Path) -> None:
    """As when root's virtual environment lies below its private home."""
    nobody = pwd.getpwnam("nobody")
    account = Account("nobody", nobody.pw_uid, nobody.pw_gid, is_other=True)
    private = data_folder / "private"
    private.mkdir(mode=0o700)
    installed = find_valkey()
    shutil.copytree(installed.folder, private / "valkey")
    hidden = Binaries(private / "valkey", "valkey-1", private, (private / "valkey",))
    copy = reachable(hidden, account, "valkey-server", data_folder / "binaries")
    assert copy.folder == data_folder / "binaries/valkey-1/valkey"
    assert account.can_execute(copy.program("valkey-server"))
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
