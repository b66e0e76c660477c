"""Fan-out: the gateway's CPU time per delivered update, over that of a C program that only sends.

Through the whole path: changes go into the store, Redis publishes, the gateway frames and writes, every client reads.
Gateway and C program take turns within one run, in random order, on as many sockets, with the same bytes.
"""

import random
import time
from collections.abc import Sequence

from bench.clients import GATEWAY, LIMIT, Clients
from bench.company import Company
from bench.gateway_process import GatewayProcess
from bench.machine import cpu_seconds
from bench.report import Row, Table, middle, spread
from bench.sender import Sender
from bench.stage import Stage
from connections.frames import frame
from presence.facts import SettingsChanged

USERS = 500
WARM_UP = 40
"""Frames: the first ones on a new connection cost nearly double, since the receiver acknowledges each at once."""
_GOALS = {1: 1.15, 4: 0.35, 16: 0.10}


class _Rounds:
    """Takes turns between the gateway and the C program, and remembers what each delivery cost."""

    def __init__(
        self, stage: Stage, company: Company, gateway: GatewayProcess, clients: Clients, sender: Sender
    ) -> None:
        self._stage = stage
        self._company = company
        self._gateway = gateway
        self._clients = clients
        self._sender = sender
        self._rev = time.time_ns() // 1_000_000  # settings only go forward, also from one size of crowd to the next
        self._sent = 1_000
        self.watchers = 0

    async def through_the_gateway(self, changes: int) -> float:
        """CPU seconds per delivered update. The changes are separate reports, sent at once."""
        before = cpu_seconds(self._gateway.pid)
        await self._clients.wait_for(await self._change(changes))
        return (cpu_seconds(self._gateway.pid) - before) / (self.watchers * changes)

    async def by_the_limit(self) -> float:
        self._sent += 1
        one = await self._frame_of_last_change(self._sent)
        before = cpu_seconds(self._sender.pid)
        taken = await self._sender.send(one)
        if taken != self.watchers:
            raise RuntimeError(f"only {taken} sockets of the C program took its frame")
        await self._clients.wait_for(self._sent, LIMIT)
        return (cpu_seconds(self._sender.pid) - before) / self.watchers

    async def _change(self, changes: int) -> int:
        self._rev += 1
        on = bool(self._rev % 2)
        users = [self._company.users[number] for number in range(changes)]
        return await self._stage.report_apart(
            self._company, [SettingsChanged(user, self._rev, dnd=on, message=f"{self._rev}") for user in users]
        )

    async def _frame_of_last_change(self, version: int) -> bytes:
        """As the gateway sent it, but with the C program's own version, so that its arrival can be seen."""
        epoch, _ = await self._stage.position(self._company)
        record = await self._stage.record(self._company, self._company.users[0])
        return frame(
            b'{"op":"presence_changed","epoch":"%b","version":%d,"users":[%b]}' % (epoch.encode(), version, record)
        )


async def run(stage: Stage, watchers: Sequence[int] = (100, 1_000, 5_000)) -> Table:
    company = await stage.company(USERS)
    gateway = stage.gateway()
    rows: list[Row] = []
    for count in watchers:
        rows += await _measure(stage, company, gateway, count)
    return Table("Fan-out: CPU per delivered update, over a C program that only sends", rows)


async def _measure(stage: Stage, company: Company, gateway: GatewayProcess, watchers: int) -> list[Row]:
    clients = await stage.crowd(gateway)
    await clients.be_available(False)
    await clients.add_tokens(await stage.tokens(company, watchers))
    await clients.open(GATEWAY, watchers)
    sender = await stage.sender(clients, watchers)
    rounds = _Rounds(stage, company, gateway, clients, sender)
    rounds.watchers = watchers
    for _ in range(WARM_UP):
        await rounds.through_the_gateway(1)
        await rounds.by_the_limit()
    rows = []
    for changes in (1, 4, 16):
        ratios, ours, limit = await _compare(rounds, changes, 60 if watchers <= 1_000 else 24)
        rows.append(
            Row(
                f"{changes} change{'s at once' if changes > 1 else ''}, {watchers} watchers",
                middle(ratios),
                "x limit",
                _GOALS[changes] if watchers >= 1_000 else None,
                note=f"{middle(ours) * 1e6:.2f} us over {middle(limit) * 1e6:.2f}; half within {spread(ratios)}",
            )
        )
    counts = await clients.counts()
    rows.append(Row(f"older state after a newer one, {watchers} watchers", counts.stepped_back, "times", 0))
    await clients.stop()
    await sender.stop()
    return rows


async def _compare(rounds: _Rounds, changes: int, repeat: int) -> tuple[list[float], list[float], list[float]]:
    ours, limit = [], []
    for _ in range(repeat):
        for is_ours in random.sample([True, False], 2):
            if is_ours:
                ours.append(await rounds.through_the_gateway(changes))
            else:
                limit.append(await rounds.by_the_limit())
    return [a / b for a, b in zip(ours, limit, strict=True)], ours, limit
