"""The crowd: thousands of WebSocket clients in a process of their own (programs/clients.c), told what to do."""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, convert

from bench.machine import CLIENTS_ON

GATEWAY = 0
"""The group of clients that are logged in to the gateway."""
LIMIT = 1
"""The group that reads from programs/sender.c."""


class Opened(Struct, frozen=True):
    ready: int
    lost: int
    seconds: float
    bytes: int
    frames: int
    close_code: int
    close_reason: str


class Counts(Struct, frozen=True):
    open: int
    lost: int
    close_code: int
    frames: int
    presence_frames: int
    heartbeats: int
    replies: int
    bytes: int
    stepped_back: int


class Latencies(Struct, frozen=True):
    """In microseconds."""

    count: int
    p50: float
    p99: float
    max: float


class Clients:
    """Raises RuntimeError when clients are lost that should not be, or something does not come within a minute."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, executable: Path) -> "Clients":
        process = await asyncio.create_subprocess_exec(
            executable, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        os.sched_setaffinity(process.pid, {CLIENTS_ON})
        return cls(process)

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def order(self, line: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line.encode() + b"\n")
        answer = await self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the clients ended during: {line}")
        return json.loads(answer)

    async def use_port(self, group: int, port: int) -> None:
        await self.order(f"group {group} {port} {'plain' if group == LIMIT else 'ws'}")

    async def add_tokens(self, tokens: Sequence[str]) -> None:
        assert self._process.stdin is not None
        for token in tokens:
            self._process.stdin.write(f"token {token}\n".encode())
        await self._process.stdin.drain()

    async def be_available(self, available: bool) -> None:
        await self.order(f"available {int(available)}")

    async def open(self, group: int, count: int, window: int = 100) -> Opened:
        """Opens `count` more; the starting state of each has arrived afterwards."""
        opened = convert(await self.order(f"open {group} {count} {window}"), Opened)
        if opened.ready != count:
            raise RuntimeError(f"only {opened.ready} of {count} were let in: {opened.close_code} {opened.close_reason}")
        return opened

    async def wait_for(self, version: int, group: int = GATEWAY, milliseconds: int = 60_000) -> float:
        """Until all that read are at this version; the seconds it took."""
        answer = await self.order(f"wait {group} {version} {milliseconds}")
        if answer["behind"]:
            raise RuntimeError(f"{answer['behind']} clients did not get version {version}")
        return float(answer["seconds"])

    async def counts(self, group: int = GATEWAY) -> Counts:
        return convert(await self.order(f"counts {group}"), Counts)

    async def latencies(self) -> Latencies:
        return convert(await self.order("tags"), Latencies)

    async def reset(self) -> None:
        await self.order("reset")
