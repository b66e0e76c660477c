"""A proxy restarts: thousands of clients come back at once, and others go on working meanwhile."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.machine import CLIENTS_ON, cpu_seconds, resident_bytes
from bench.report import Row, Table
from bench.settling import settle
from bench.stage import Stage

COMPANIES = 10
USERS = 500
AT_WORK = 50
ASKS_A_SECOND = 20
CALM_SECONDS = 10
AWAY = 1.0


class Comers:
    """bench/comers.py in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def order(self, do: str, **fields: object) -> dict[str, float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the clients ended during: {do}")
        told: dict[str, float] = json.loads(answer)
        return told

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def comers(module: str = "bench.comers") -> AsyncIterator[Comers]:
    started = Comers(
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module, str(CLIENTS_ON)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 22,
        )
    )
    try:
        yield started
    finally:
        await started.stop()


async def run(stage: Stage) -> Table:
    gateway = stage.gateway()
    async with comers() as many, comers() as at_work:
        for _ in range(COMPANIES):
            company = await stage.company(USERS)
            tokens = await stage.tokens(company, USERS)
            await many.order("open", port=gateway.port, tokens=tokens, conversations=[0] * USERS)
        office = await stage.company(AT_WORK)
        tokens = await stage.tokens(office, AT_WORK)
        await at_work.order("open", port=gateway.port, tokens=tokens, conversations=[0] * AT_WORK)
        await settle(5)
        calm = await at_work.order("ask", seconds=CALM_SECONDS, rate=ASKS_A_SECOND, kind="status")
        before = resident_bytes(gateway.pid)
        _forget_peak(gateway.pid)
        spent = cpu_seconds(gateway.pid)
        asking = asyncio.create_task(at_work.order("ask", seconds=CALM_SECONDS, rate=ASKS_A_SECOND, kind="status"))
        back = await many.order("cut", away=AWAY)
        spent = cpu_seconds(gateway.pid) - spent
        peak = _peak(gateway.pid)
        meanwhile = await asking
    people = COMPANIES * USERS
    return Table(
        f"Coming back: {people:,} clients of {COMPANIES} companies at once, with {AT_WORK} of another at work",
        [
            Row("until half are current", back["half"], "s"),
            Row("until all are current", back["seconds"], "s"),
            Row("told to come back later", back["sent_away"], "", note=f"{back['attempts']:,.0f} attempts"),
            Row("CPU of the gateway for each", spent / people * 1e6, "us"),
            Row("memory of the gateway: peak above what all take when connected", (peak - before) / 2**20, "MB"),
            Row("the others wait for a confirmation: nobody comes, p50", calm["p50"] * 1e3, "ms"),
            Row("  99 of 100", calm["p99"] * 1e3, "ms"),
            Row("  while all come, p50", meanwhile["p50"] * 1e3, "ms"),
            Row("  99 of 100", meanwhile["p99"] * 1e3, "ms"),
            Row("  longest", meanwhile["max"] * 1e3, "ms"),
        ],
    )


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return 1_024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
