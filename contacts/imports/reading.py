"""A file on its way through the worker process: frames, as they come, without blocking anybody here."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from contacts.imports.worker import Frame, Order, Turned

log = structlog.get_logger(__name__)

READ_SECONDS = 300.0
_ROOT = Path(__file__).parents[2]
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from contacts.imports.worker import main; main()"
"""The worker, wherever we were started from."""
_decode = msgspec.msgpack.Decoder(Frame).decode
_PIECE_OF_STDIN = 262_144


async def read_in_process(order: Order, parts: AsyncIterator[bytes]) -> AsyncIterator[Frame]:
    """What the worker says of the file, whose bytes are handed on as `parts` gives them.

    A worker that dies (of its limits, say) is told as a refused file. The process is gone when the iterator is closed.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        str(_ROOT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    feeding = asyncio.create_task(_feed(process.stdin, order, parts))
    try:
        async with asyncio.timeout(READ_SECONDS):
            while True:
                try:
                    size = int.from_bytes(await process.stdout.readexactly(4), "big")
                except asyncio.IncompleteReadError:
                    break
                yield _decode(await process.stdout.readexactly(size))
            if await process.wait():
                log.warning("import_worker_died", code=process.returncode)
                yield Turned("The file could not be read: it asks for more than there is room for", "file")
    except TimeoutError:
        yield Turned("The file takes too long to be read", "file")
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await feeding
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _feed(stdin: asyncio.StreamWriter, order: Order, parts: AsyncIterator[bytes]) -> None:
    head = msgspec.msgpack.encode(order)
    stdin.write(len(head).to_bytes(4, "big") + head)
    with suppress(ConnectionError):  # the worker has seen enough
        async for part in parts:
            for start in range(0, len(part), _PIECE_OF_STDIN):
                stdin.write(part[start : start + _PIECE_OF_STDIN])
                await stdin.drain()
        stdin.close()
