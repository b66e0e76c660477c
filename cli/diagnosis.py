"""What is to be said of a deployment: pure judgements of what was found. `presence doctor` finds it."""

from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from storage.postgres.about import DatabaseAbout
from storage.redis.about import StoreAbout

OLDEST_POSTGRES = 17
OLDEST_VALKEY, OLDEST_REDIS = 8, 7
CLOCKS_APART = 2.0
"""Seconds; more than that is a clock which nobody sets."""
FILES_WANTED = 16_384
CERTIFICATE_DAYS = 14
MEMORY_FULL = 0.85


class Level(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    """Works, and will be regretted."""
    BAD = "bad"


class Finding(Struct, frozen=True):
    """`says` what was found, and where it is not good what to do."""

    level: Level
    what: str
    says: str


def of_database(about: DatabaseAbout, now: float, url: str) -> list[Finding]:
    what = "PostgreSQL"
    found = [
        _judge(about.major >= OLDEST_POSTGRES, what, f"version {about.major}", f"{OLDEST_POSTGRES} or newer is needed"),
        _judge(not about.is_replica, what, "takes writes", "is a replica: DATABASE_URL has to lead to the primary"),
        _judge(
            not about.missing,
            "schema",
            f"at {about.revision}",
            f"lacks {', '.join(about.missing)}: run `presence migrate`",
        ),
        _clock(what, about.clock, now),
    ]
    if not about.is_encrypted and not is_this_machine(url):
        found.append(
            Finding(Level.DOUBTFUL, what, "is spoken to in the clear: add ?sslmode=verify-full to DATABASE_URL")
        )
    return found


def of_redis(about: StoreAbout, now: float, url: str) -> list[Finding]:
    found: list[Finding] = []
    for server in about.servers:
        what = f"Redis {server.host}".strip()
        oldest = OLDEST_VALKEY if server.name == "valkey" else OLDEST_REDIS
        major = int(server.version.split(".")[0])
        found += [
            _judge(major >= oldest, what, f"{server.name} {server.version}", f"{oldest} or newer is needed"),
            _clock(what, server.clock, now),
            _judge(
                server.eviction in ("", "noeviction") or not server.memory_limit,
                what,
                "evicts nothing",
                f"forgets colours when it is full: set maxmemory-policy noeviction (is {server.eviction})",
            ),
        ]
        if server.memory_limit and server.memory_used > MEMORY_FULL * server.memory_limit:
            share = round(100 * server.memory_used / server.memory_limit)
            found.append(Finding(Level.DOUBTFUL, what, f"{share} % of its memory is used: raise maxmemory"))
    if about.slots_missing:
        found.append(Finding(Level.BAD, "Redis", f"{about.slots_missing} slots of the cluster are nobody's"))
    if not url.lower().startswith(("rediss", "unix")) and not is_this_machine(url):
        found.append(Finding(Level.DOUBTFUL, "Redis", "is spoken to in the clear: use rediss in REDIS_URL"))
    return found


def of_files_limit(limit: int) -> Finding:
    return _judge(
        limit >= FILES_WANTED,
        "open files",
        f"{limit} at most",
        f"{limit} at most, and each client takes one: LimitNOFILE={FILES_WANTED} or more",
        Level.DOUBTFUL,
    )


def of_certificate(days: float) -> Finding:
    return _judge(
        days > CERTIFICATE_DAYS,
        "certificate",
        f"good for {days:.0f} days",
        f"runs out in {days:.0f} days: renew it",
        Level.DOUBTFUL if days > 0 else Level.BAD,
    )


def of_secret_file(variable: str, path: str, mode: int) -> Finding:
    return _judge(
        not mode & 0o007,
        variable,
        f"{path} is read by its owner and group only",
        f"{path} can be read by everybody on this machine: chmod o= {path}",
        Level.DOUBTFUL,
    )


def worst(findings: list[Finding]) -> Level:
    levels = {each.level for each in findings}
    return Level.BAD if Level.BAD in levels else Level.DOUBTFUL if Level.DOUBTFUL in levels else Level.GOOD


def is_this_machine(url: str) -> bool:
    """Whether what is said to this address stays on this machine."""
    host = urlsplit(url).hostname if "," not in url else None
    if host is None:
        return url.partition("://")[2].startswith("/") or url.startswith("unix:")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _clock(what: str, theirs: float, ours: float) -> Finding:
    apart = theirs - ours
    return _judge(
        abs(apart) <= CLOCKS_APART,
        what,
        f"its clock and ours agree ({apart:+.1f} s)",
        f"its clock and ours are {apart:+.1f} s apart: run a time service on both machines",
        Level.DOUBTFUL,
    )


def _judge(is_good: bool, what: str, good: str, bad: str, level: Level = Level.BAD) -> Finding:
    return Finding(Level.GOOD if is_good else level, what, good if is_good else bad)
