"""The limit: a C program that does nothing but send() the same bytes to as many sockets (programs/sender.c)."""

import asyncio
import struct
from pathlib import Path

from connections.websocket.protocol import KERNEL_SEND_BUFFER


class Sender:
    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.pid = process.pid
        self.port = port

    @classmethod
    async def start(cls, executable: Path, count: int) -> "Sender":
        process = await asyncio.create_subprocess_exec(
            executable,
            str(count),
            str(KERNEL_SEND_BUFFER),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        return cls(process, int(await process.stdout.readline()))

    async def send(self, frame: bytes) -> int:
        """To all; how many took the whole frame."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(struct.pack("=I", len(frame)) + frame)
        return int(await self._process.stdout.readline())

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
