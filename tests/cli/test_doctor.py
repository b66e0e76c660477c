"""`presence doctor` on deployments that are well, that are ill, and what it says of what it finds."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from accounts.model import AuditLine
from accounts.single_sign_on.model import HandOverIssuer, Names
from cli.diagnosis import (
    Level,
    is_this_machine,
    of_certificate,
    of_database,
    of_files_limit,
    of_redis,
    of_secret_file,
    worst,
)
from storage.embedded import EmbeddedServers
from storage.postgres.about import DatabaseAbout
from storage.postgres.pool import Pool
from storage.postgres.single_sign_on import PostgresSignOnStore
from storage.redis.about import RedisAbout, StoreAbout
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, gateway, start_gateway

__all__ = ["gateway", "start_gateway"]

CHECKOUT = Path(__file__).parents[2]
DATABASE = DatabaseAbout(major=18, is_replica=False, clock=1_000.0, is_encrypted=True, revision="0100_last", missing=[])
SERVER = RedisAbout(
    host="one:6379", name="valkey", version="9.1.2", clock=1_000.0, eviction="noeviction", memory_limit=0, memory_used=1
)
FAR = "redis+cluster://one,two"


def doctor(**environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "doctor"],
        cwd=CHECKOUT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_a_deployment_that_works_is_told_what_could_be_better_and_passes(
    gateway: GatewayProcess, servers: EmbeddedServers, tmp_path: Path, pool: Pool
) -> None:
    await hand_over_from(pool, "http://127.0.0.1:9/keys")
    secret = tmp_path / "redis_url"
    secret.write_text(servers.redis_url)
    secret.chmod(0o644)
    finished = await asyncio.to_thread(
        doctor,
        DATABASE_URL=servers.database_url,
        REDIS_URL_FILE=str(secret),
        PRESENCE_PUBLIC_URL=gateway.url,
        PRESENCE_FILES_URL=(tmp_path / "files").as_uri(),
        PRESENCE_PROT="1",
    )
    lines = finished.stdout.splitlines()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert not [line for line in lines if line.startswith("BAD")]
    for told in (
        "ok    schema: at ",
        "ok    Redis: valkey ",
        f"ok    public address: {gateway.url}/readyz answers 200",
        "ok    WebSocket: passes through the proxy",
        "ok    files: can be kept and deleted in file://",
        "WARN  keys of portals: http://127.0.0.1:9/keys cannot be read (ConnectError): the keys of 2026-11-26 08:30",
        "WARN  PRESENCE_PROT: is set, but is no setting",
        f"WARN  REDIS_URL_FILE: {secret} can be read by everybody",
        "WARN  mail: SMTP_URL is not set",
    ):
        assert any(line.startswith(told) for line in lines), f"{told} in\n{finished.stdout}"
    assert not list((tmp_path / "files").iterdir())


async def hand_over_from(pool: Pool, keys_url: str) -> None:
    """A portal whose keys were read some time ago."""
    issuer = HandOverIssuer(
        domain=(await Company.make(pool)).domain,
        issuer="https://portal.example",
        keys=b'{"keys": []}',
        names=Names.LOGIN,
        keys_url=keys_url,
        keys_read_at=datetime(2026, 11, 26, 8, 30, tzinfo=UTC),
    )
    line = AuditLine(at=datetime.now(UTC), user=None, operator=None, action="test", target="test")
    await PostgresSignOnStore(pool).set_hand_over_issuer(issuer, line)


def test_a_deployment_that_does_not_work_fails_and_every_part_is_looked_at(
    servers: EmbeddedServers, empty_database: str, tmp_path: Path
) -> None:
    finished = doctor(
        DATABASE_URL=empty_database,
        REDIS_URL="redis://:hidden@127.0.0.1:1",
        PRESENCE_PUBLIC_URL="http://127.0.0.1:1",
        SMTP_URL="smtp://me:hidden@127.0.0.1:1",
        PRESENCE_FILES_URL="file:///proc/presence-files",
    )
    assert finished.returncode == 1
    bad = [line.split(":")[0] for line in finished.stdout.splitlines() if line.startswith("BAD")]
    assert bad == ["BAD   schema", "BAD   Redis", "BAD   public address", "BAD   mail", "BAD   files"]
    assert "run `presence migrate`" in finished.stdout
    assert "hidden" not in finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"major": 16}, "17 or newer"),
        ({"is_replica": True}, "is a replica"),
        ({"missing": ["0101_more"]}, "lacks 0101_more"),
        ({"clock": 1_007.5}, "+7.5 s apart"),
        ({"is_encrypted": False}, "in the clear"),
    ],
)
def test_what_is_wrong_with_a_database_is_said_and_nothing_else(change: dict[str, object], says: str) -> None:
    assert worst(of_database(DATABASE, 1_000.0, "postgresql://db/x")) is Level.GOOD
    found = of_database(msgspec.structs.replace(DATABASE, **change), 1_000.0, "postgresql://db/x")
    [wrong] = [each for each in found if each.level is not Level.GOOD]
    assert says in wrong.says


@pytest.mark.parametrize(
    ("change", "slots_missing", "url", "says"),
    [
        ({"version": "7.2.4"}, 0, "rediss+cluster://one", "8 or newer"),
        ({"name": "redis", "version": "6.2"}, 0, "rediss+cluster://one", "7 or newer"),
        ({"eviction": "allkeys-lru", "memory_limit": 100}, 0, "rediss+cluster://one", "forgets colours"),
        ({"memory_limit": 100, "memory_used": 90}, 0, "rediss+cluster://one", "90 % of its memory"),
        ({"clock": 995.0}, 0, "rediss+cluster://one", "-5.0 s apart"),
        ({}, 5_461, "rediss+cluster://one", "5461 slots"),
        ({}, 0, FAR, "in the clear"),
    ],
)
def test_what_is_wrong_with_redis_is_said_and_nothing_else(
    change: dict[str, object], slots_missing: int, url: str, says: str
) -> None:
    assert worst(of_redis(StoreAbout([SERVER], 0), 1_000.0, "rediss+cluster://one")) is Level.GOOD
    about = StoreAbout([msgspec.structs.replace(SERVER, **change)], slots_missing)
    [wrong] = [each for each in of_redis(about, 1_000.0, url) if each.level is not Level.GOOD]
    assert says in wrong.says


def test_limits_certificates_and_files_of_secrets_are_judged() -> None:
    assert of_files_limit(1_024).level is Level.DOUBTFUL
    assert of_files_limit(65_536).level is Level.GOOD
    assert [of_certificate(days).level for days in (80, 3, -1)] == [Level.GOOD, Level.DOUBTFUL, Level.BAD]
    assert of_secret_file("REDIS_URL_FILE", "/run/secrets/redis", 0o100640).level is Level.GOOD
    assert of_secret_file("REDIS_URL_FILE", "/run/secrets/redis", 0o100604).level is Level.DOUBTFUL


def test_only_what_stays_on_this_machine_may_be_in_the_clear() -> None:
    here = ["redis://127.0.0.1:1", "redis://[::1]:1/0", "postgresql://localhost/x", "postgresql:///x", "unix:///run/v"]
    assert all(is_this_machine(url) for url in here)
    assert not any(is_this_machine(url) for url in ("redis://db", "postgresql://10.0.0.1/x", FAR))
