"""Clients in a process of their own that come back when they are cut off, ask, and flood: on bare asyncio protocols.

They keep the rules of every client: the wait of client/backoff.py after a loss, `reconnect` where they are told when.
Told what to do by one JSON object a line on standard input, each answered by one:

    {"do": "open", "port": 8000, "tokens": [...], "conversations": [...]}
    {"do": "cut", "away": 1.0}      all connections end, none is possible for so long; until all are current again
    {"do": "ask", "seconds": 10, "rate": 50, "kind": "say"}     one after the other asks, when it is due
    {"do": "flood", "seconds": 10, "kind": "say"}               everybody asks again as soon as there is an answer
    {"do": "log_in_again", "seconds": 10}                       fifty end their connections and come back, over and over
"""

import asyncio
import json
import os
import random
import secrets
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import uvloop

from bench.talkers import frame
from client.backoff import wait_before

_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: presence.v1.json\r\n\r\n"
)
_UPGRADED = b"\r\n\r\n"
_READY = b'"op":"conversations_snapshot"'
_HEARTBEAT = b'"op":"heartbeat"'
_RECONNECT = b'"op":"reconnect","after":'
_REPLY = b'"id":2'
_REFUSED = b'"op":"failed"'
_OPENING_AT_ONCE = 100
_PATIENCE = 120.0


class Comer(asyncio.Protocol):
    """One client over all of its connections."""

    def __init__(self, crowd: "Crowd", token: str, conversation: int) -> None:
        self._crowd = crowd
        self._hello = frame(json.dumps({"op": "connect", "id": 1, "token": token, "available": True}).encode())
        self.conversation = conversation
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._attempt = 0
        self._come_back_after: float | None = None
        self._is_upgraded = False
        self.is_ready = False
        self.answer: asyncio.Future[bool] | None = None

    def connect_in(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._crowd.spawn, self.connect())

    async def connect(self) -> None:
        self._crowd.attempts += 1
        self._rest, self._come_back_after, self._is_upgraded = b"", None, False
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._crowd.port)
        except OSError:
            self._try_again()

    def _try_again(self) -> None:
        told = self._come_back_after
        self.connect_in(wait_before(self._attempt, random.random()) if told is None else told)
        self._attempt += 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._crowd.is_cut:
            self._transport.abort()
            return
        self._transport.write(_UPGRADE)

    def data_received(self, data: bytes) -> None:
        seen = self._rest + data
        self._rest = seen[-64:]
        if not self._is_upgraded and _UPGRADED in seen:
            self._is_upgraded = True
            assert self._transport is not None
            self._transport.write(self._hello)
        if not self.is_ready and _READY in seen:
            self.is_ready, self._attempt, self._rest = True, 0, b""
            self._crowd.became_ready()
            return
        if _RECONNECT in seen:
            self._crowd.sent_away += 1
            self._come_back_after = float(seen.split(_RECONNECT, 1)[1].split(b"}", 1)[0])
            assert self._transport is not None
            self._transport.close()
        if _HEARTBEAT in data:
            self._write(b'{"op":"alive"}')
        if self.answer is not None and _REPLY in seen:
            answer, self.answer, self._rest = self.answer, None, b""
            if not answer.done():
                answer.set_result(_REFUSED not in seen)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport, self.is_ready = None, False
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(False)
        self._try_again()

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _write(self, payload: bytes) -> None:
        if self._transport is not None:
            self._transport.write(frame(payload))

    async def ask(self, kind: str) -> bool:
        """Whether it was done, and not refused."""
        self.answer = asyncio.get_running_loop().create_future()
        self._write(self._command(kind))
        return await self.answer

    def _command(self, kind: str) -> bytes:
        if kind == "say":
            client_id = secrets.token_hex(12)
            return (
                f'{{"op":"send_message","id":2,"conversation":{self.conversation},"client_id":"{client_id}",'
                f'"body":"Could you take the call?"}}'
            ).encode()
        return f'{{"op":"set_status","id":2,"message":"{random.randrange(10**6)}"}}'.encode()


class Crowd:
    client: "Callable[[Any, str, int], Comer]" = Comer

    def __init__(self) -> None:
        self.port = 0
        self.is_cut = False
        self.attempts = self.sent_away = 0
        self._comers: list[Comer] = []
        self._ready = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def became_ready(self) -> None:
        self._ready.set()

    async def _all_ready(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            while not all(comer.is_ready for comer in self._comers):
                self._ready.clear()
                await self._ready.wait()

    async def open(self, port: int, tokens: list[str], conversations: list[int]) -> dict[str, float]:
        self.port = port
        fresh = [self.client(self, token, number) for token, number in zip(tokens, conversations, strict=True)]
        self._comers += fresh
        for first in range(0, len(fresh), _OPENING_AT_ONCE):
            batch = fresh[first : first + _OPENING_AT_ONCE]
            await asyncio.gather(*(comer.connect() for comer in batch))
            async with asyncio.timeout(_PATIENCE):
                while not all(comer.is_ready for comer in batch):  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
        return {}

    async def cut(self, away: float) -> dict[str, float]:
        self.attempts = self.sent_away = 0
        self.is_cut = True
        for comer in self._comers:
            comer.cut()
        await asyncio.sleep(away)
        self.is_cut, began = False, time.perf_counter()
        first_half = asyncio.get_running_loop().create_task(self._half_ready())
        await self._all_ready()
        seconds = time.perf_counter() - began
        return {
            "seconds": seconds,
            "half": await first_half - began,
            "attempts": self.attempts,
            "sent_away": self.sent_away,
        }

    async def _half_ready(self) -> float:
        while sum(comer.is_ready for comer in self._comers) < len(self._comers) / 2:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return time.perf_counter()

    async def ask(self, seconds: float, rate: float, kind: str) -> dict[str, float]:
        """Delays count from when it was due, however long the one before took."""
        delays: list[float] = []
        refused = 0
        idle = deque(self._comers)

        async def one(comer: Comer, due: float) -> None:
            nonlocal refused
            if await comer.ask(kind):
                delays.append(time.perf_counter() - due)
            else:
                refused += 1
            idle.append(comer)

        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(seconds * rate)):
                due = start + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                while not idle:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
                group.create_task(one(idle.popleft(), due))
        delays.sort()
        return {
            "done": len(delays),
            "refused": refused,
            "p50": delays[len(delays) // 2],
            "p99": delays[int(len(delays) * 0.99)],
            "max": delays[-1],
        }

    async def flood(self, seconds: float, kind: str) -> dict[str, float]:
        end = time.perf_counter() + seconds
        done = refused = 0

        async def one(comer: Comer) -> None:
            nonlocal done, refused
            while time.perf_counter() < end:
                if comer.is_ready and await comer.ask(kind):
                    done += 1
                else:
                    refused += 1
                    await asyncio.sleep(0.05)

        await asyncio.gather(*(one(comer) for comer in self._comers))
        return {"done": done, "refused": refused}

    async def log_in_again(self, seconds: float) -> dict[str, float]:
        end, count = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            for comer in self._comers[:50]:
                if comer.is_ready:
                    comer.cut()
                    count += 1
            await asyncio.sleep(0.05)
        return {"done": count}


async def serve(crowd: Crowd) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        answer = await getattr(crowd, order.pop("do"))(**order)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[1])})
    uvloop.run(serve(Crowd()))
