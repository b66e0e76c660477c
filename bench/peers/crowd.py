"""The clients of one server (programs/load.c), in a process of their own on a processor of their own."""

import asyncio
import os
from pathlib import Path

from msgspec import Struct, json

from bench.machine import CLIENTS_ON
from bench.peers.running import Running, Scene


class Answer(Struct, frozen=True):
    """Seconds and microseconds; `busy` is the part of the time in which the clients had something to do."""

    sent: int = 0
    expected: int = 0
    delivered: int = 0
    repeated: int = 0
    lost: int = 0
    failed: int = 0
    seconds: float = 0
    p50: float = 0
    p99: float = 0
    worst: float = 0
    busy: float = 0


class Failed(Exception):
    """A client was refused or lost, or something was not delivered."""


class Crowd:
    """Raises Failed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(cls, executable: Path, scene: Scene, running: Running) -> "Crowd":
        process = await asyncio.create_subprocess_exec(
            executable,
            *(running.protocol, scene.play, str(running.port), str(scene.people), *running.options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        os.sched_setaffinity(process.pid, {CLIENTS_ON})
        return cls(process)

    async def order(self, line: str) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line.encode() + b"\n")
        answer = await self._process.stdout.readline()
        if not answer:
            raise Failed(f"the clients ended during: {line}")
        told = json.decode(answer, type=Answer)
        if told.failed or told.lost:
            raise Failed(f"{line}: {told.failed} were not let in, {told.lost} were lost")
        if told.delivered < told.expected:
            raise Failed(f"{line}: {told.expected - told.delivered} of {told.expected} were not delivered")
        return told

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
