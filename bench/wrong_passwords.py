"""Guessing at passwords: what answers tell of who exists, what a storm of wrong ones costs, and who waits meanwhile.

Everything but the clients that watch shares one processor, hashing included: the worst place for a storm.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from itertools import count
from typing import Any

import httpx2
from argon2 import PasswordHasher

from accounts.passwords import Passwords
from bench.clients import GATEWAY, Clients
from bench.company import Company
from bench.machine import cpu_seconds
from bench.report import Row, Table, middle
from bench.stage import Stage
from presence.facts import SettingsChanged
from presence.store import Outcome
from storage.postgres.pool import connection

USERS = 100
TIMED = 300
"""Wrong logins of each kind whose time is taken, by turns."""
STORM = 10_000
AT_ONCE = 100
A_SECOND = 20
SECONDS = 15


async def run(stage: Stage) -> Table:
    company, gateway = await stage.company(USERS), stage.gateway()
    await _give_passwords(stage, company)
    clients = await stage.crowd(gateway)
    await clients.add_tokens(await stage.tokens(company, USERS))
    await clients.open(GATEWAY, USERS)
    limits = httpx2.Limits(max_connections=AT_ONCE)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{gateway.port}", limits=limits, timeout=120) as http:
        known, unknown, without = await _times(http, company)
        rows = [
            Row("wrong password, middle: users that exist", middle(known), "ms"),
            Row("  users that do not exist", middle(unknown), "ms"),
            Row("  domains that do not exist", middle(without), "ms"),
            Row("  95 of 100: users that exist", _at(known, 0.95), "ms"),
            Row("  users that do not exist", _at(unknown, 0.95), "ms"),
            Row("  domains that do not exist", _at(without, 0.95), "ms"),
            Row("chance to tell from one answer who exists (0.5: a coin)", _advantage(known, unknown), "", 0.55),
        ]
        rows += await _one_attacker(http, company, gateway.pid)
        calm = await _delays(stage, company, clients, asyncio.sleep(0))
        stormy = await _delays(stage, company, clients, _from_everywhere(http, company))
        rows += [
            Row("a change to the screens of 100 watchers, middle: nobody guesses", calm[0], "ms"),
            Row("  while 100 at a time guess from everywhere", stormy[0], "ms", 10.0),
            Row("  99 of 100: nobody guesses", calm[1], "ms"),
            Row("  while 100 at a time guess from everywhere", stormy[1], "ms", 50.0),
        ]
    return Table("Wrong passwords, one processor for everything but the watchers", rows)


async def _give_passwords(stage: Stage, company: Company) -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    hashed = await Passwords(hasher).hash(company.domain, "Secret12")
    async with connection(stage.pool) as conn:
        await conn.execute("UPDATE users SET password_hash = $2 WHERE domain_id = $1", company.domain, hashed)


def _networks() -> Iterator[dict[str, str]]:
    """Headers of a proxy; each from a network of its own."""
    run = secrets.token_hex(2)
    return ({"X-Forwarded-For": f"2001:db8:{run}:{number:x}::1"} for number in count())


async def _guess(http: httpx2.AsyncClient, login: str, headers: dict[str, str]) -> int:
    return (await http.post("/v1/login", json={"login": login, "password": "Wrong123"}, headers=headers)).status_code


async def _times(http: httpx2.AsyncClient, company: Company) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each wrong login, one after the other and by turns."""
    networks = _networks()
    kinds: tuple[list[float], list[float], list[float]] = ([], [], [])
    for number in range(TIMED + 20):
        logins = (
            f"{10_000 + number % USERS}@{company.domain}",
            f"{50_000 + number % USERS}@{company.domain}",
            f"{10_000 + number % USERS}@{secrets.token_hex(6)}.bench.test",
        )
        for kind, login in zip(kinds, logins, strict=True):
            began = time.perf_counter()
            status = await _guess(http, login, next(networks))
            kind.append((time.perf_counter() - began) * 1_000)
            if status != 401:
                raise RuntimeError(f"a wrong password was answered with {status}")
    known, unknown, without = (kind[20:] for kind in kinds)  # the first ones warm up
    return known, unknown, without


async def _one_attacker(http: httpx2.AsyncClient, company: Company, pid: int) -> list[Row]:
    """10,000 guesses from one place at everybody's passwords."""
    here = next(_networks())
    logins = iter([f"{10_000 + number % USERS}@{company.domain}" for number in range(STORM)])
    statuses: Counter[int] = Counter()

    async def guess_on() -> None:
        for login in logins:
            statuses[await _guess(http, login, here)] += 1

    before, began = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(guess_on() for _ in range(AT_ONCE)))
    seconds, cpu = time.perf_counter() - began, cpu_seconds(pid) - before
    checked, refused = statuses[401], statuses[429]
    if checked + refused != STORM:
        raise RuntimeError(f"other answers: {set(statuses)}")
    return [
        Row("10,000 guesses from one place: passwords that were looked at", checked, "", 200),
        Row("  refused without looking", refused, ""),
        Row("  seconds, 100 at a time", seconds, "s"),
        Row("  CPU of the gateway for each", cpu / STORM * 1_000, "ms"),
    ]


async def _from_everywhere(http: httpx2.AsyncClient, company: Company) -> None:
    """Each guess from another network, at another account: every one of them costs a hash. Until it is cancelled."""
    networks = _networks()
    logins = (f"{secrets.token_hex(4)}@{company.domain}" for _ in count())

    async def guess_on() -> None:
        for login in logins:
            await _guess(http, login, next(networks))

    await asyncio.gather(*(guess_on() for _ in range(AT_ONCE)))


async def _delays(
    stage: Stage, company: Company, clients: Clients, storm: Coroutine[Any, Any, None]
) -> tuple[float, float]:
    """Milliseconds from a change to a screen, the middle and 99 of 100, while `storm` goes on."""
    raging = asyncio.create_task(storm)
    await asyncio.sleep(
        1.0
    )  # until as many guesses are under way as there will be: what is measured is the middle of it
    await clients.reset()
    polling = asyncio.create_task(clients.order(f"poll {SECONDS + 2}"))
    await asyncio.sleep(0.5)
    await _changes(stage, company)
    await polling
    raging.cancel()
    await asyncio.gather(raging, return_exceptions=True)
    seen = await clients.latencies()
    return seen.p50 / 1_000, seen.p99 / 1_000


async def _changes(stage: Stage, company: Company) -> None:
    rev, first = time.time_ns() // 1_000_000, time.monotonic()
    reports: set[asyncio.Task[Outcome]] = set()
    for number in range(A_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, first + number / A_SECOND - time.monotonic()))
        tag = f"~T{int(time.monotonic() * 1e6):016x}~"
        fact = SettingsChanged(company.users[number % USERS], rev + number, message=tag)
        reports.add(report := asyncio.create_task(stage.presence.report(company.domain, [fact])))
        report.add_done_callback(reports.discard)


def _at(times: list[float], fraction: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * fraction))]


def _advantage(ones: list[float], others: list[float]) -> float:
    """How often, of one time of each kind, the longer is of the kind whose times are mostly longer."""
    longer = sum(one > other for one in ones for other in others) / (len(ones) * len(others))
    return max(longer, 1 - longer)
