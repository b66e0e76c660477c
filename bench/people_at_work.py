"""Thousands of people at work, in a process of their own: the clients of bench/comers.py, and what people do.

    {"do": "work", "seconds": 40, "every": 60}

For so long each of them, at random and every so many seconds on average, changes presence (by turns the words beside
the dot, and a call that begins or ends), and writes to the one with whom they have a conversation, who reads it. Words
and messages carry the moment at which they were asked for; screens compare it with the same clock.
"""

import asyncio
import itertools
import os
import random
import re
import secrets
import sys
import time
from collections.abc import Sequence

import uvloop

from bench.comers import Comer, Crowd, serve
from bench.settling import settle

_TAG = re.compile(rb"~T([0-9a-f]{16})~")
_MESSAGE = b'"op":"message_added"'
_SEQ = re.compile(rb'"seq":(\d+)')
_LOOKS_CLOSELY = 20
"""One of so many: every delivery is received, but to compare clocks for each would be a load of its own."""
_FINISH_WITHIN = 30.0


def _tag() -> str:
    return f"~T{int(time.monotonic() * 1e6):016x}~"


class Worker(Comer):
    def __init__(self, crowd: "Office", token: str, conversation: int) -> None:
        super().__init__(crowd, token, conversation)
        self._office = crowd
        self._number = next(crowd.numbers)
        self._turn = self._number
        self._words_seen: set[bytes] = set()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._office.is_at_work:
            if _MESSAGE in data:
                self._got_message(data)
            elif self._number % _LOOKS_CLOSELY == 0:
                # With whatever else changes of somebody, the words come once more.
                fresh = set(_TAG.findall(data)) - self._words_seen
                self._words_seen |= fresh
                self._office.changes_seen += map(_age, fresh)

    def _got_message(self, data: bytes) -> None:
        added = data[data.index(_MESSAGE) :]
        tag, seq = _TAG.search(added), _SEQ.search(added)
        # The sender is told too, by the same event; what it has written itself it does not read.
        if tag and seq and int(tag[1], 16) not in self._office.said_by(self):
            self._office.messages_seen.append(_age(tag[1]))
            asyncio.get_running_loop().call_later(random.uniform(0.2, 2), self._read, int(seq[1]))

    def _read(self, seq: int) -> None:
        self._write(f'{{"op":"mark_read","id":3,"conversation":{self.conversation},"seq":{seq}}}'.encode())
        self._office.reads += 1

    def _command(self, kind: str) -> bytes:
        if kind == "say":
            tag = _tag()
            self._office.said_by(self).add(int(tag[2:-1], 16))
            return (
                f'{{"op":"send_message","id":2,"conversation":{self.conversation},'
                f'"client_id":"{secrets.token_hex(12)}","body":"Could you take the call? {tag}"}}'
            ).encode()
        self._turn += 1
        if self._turn % 2:
            return f'{{"op":"set_status","id":2,"message":"{_tag()}"}}'.encode()
        phase = "active" if self._turn % 4 else "ended"
        return f'{{"op":"report_call","id":2,"call":"call-{self._turn // 4}","phase":"{phase}"}}'.encode()


def _age(tag: bytes) -> float:
    return time.monotonic() - int(tag, 16) / 1e6


class Office(Crowd):
    client = Worker

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count()
        self.is_at_work = False
        self.changes_seen: list[float] = []
        self.messages_seen: list[float] = []
        self.reads = self._asked = 0
        self._said: dict[Worker, set[int]] = {}
        self._busy: set[Comer] = set()

    def said_by(self, worker: Worker) -> set[int]:
        return self._said.setdefault(worker, set())

    async def work(self, seconds: float, every: float) -> dict[str, float]:
        self.is_at_work, self.reads, self._asked = True, 0, 0
        self.changes_seen, self.messages_seen = [], []
        changes: list[float] = []
        said: list[float] = []
        async with asyncio.timeout(seconds + _FINISH_WITHIN), asyncio.TaskGroup() as group:
            for kind, delays in (("change", changes), ("say", said)):
                group.create_task(self._all_act(kind, seconds, len(self._comers) / every, delays))
        await settle(2)  # what was asked last is still on its way to screens
        self.is_at_work = False
        return {
            "asked": self._asked,
            "changes": len(changes),
            "messages": len(said),
            "seen": len(self.messages_seen),
            "reads": self.reads,
            **_quantiles("change_confirmed", changes),
            **_quantiles("change_seen", self.changes_seen),
            **_quantiles("message_kept", said),
            **_quantiles("message_seen", self.messages_seen),
        }

    async def _all_act(self, kind: str, seconds: float, rate: float, delays: list[float]) -> None:
        """Delays count from when it was due, however long the one before took."""
        start, due = time.perf_counter(), 0.0
        async with asyncio.TaskGroup() as group:
            while (due := due + random.expovariate(rate)) < seconds:
                await asyncio.sleep(max(0.0, start + due - time.perf_counter()))
                self._asked += 1
                group.create_task(self._act(self._somebody_idle(), kind, start + due, delays))

    def _somebody_idle(self) -> Comer:
        while (found := random.choice(self._comers)) in self._busy or not found.is_ready:
            pass
        self._busy.add(found)
        return found

    async def _act(self, worker: Comer, kind: str, due: float, delays: list[float]) -> None:
        if await worker.ask(kind):
            delays.append(time.perf_counter() - due)
        self._busy.discard(worker)


def _quantiles(name: str, values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    return {f"{name}_p50": ordered[len(ordered) // 2], f"{name}_p99": ordered[int(len(ordered) * 0.99)]}


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[1])})
    uvloop.run(serve(Office()))
