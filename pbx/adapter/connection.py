"""A TCP connection to a switch that notices when the other end has silently gone."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from pbx.adapter.errors import LineLost

T = TypeVar("T")

CONNECT_SECONDS = 10.0
WRITE_SECONDS = 10.0
SILENCE_SECONDS = 15.0
"""A switch that is asked and says nothing for so long is not there, whatever the kernel believes."""
PINGS = 3
"""So often is it asked within that time."""
_CHUNK = 65_536


class Connection:
    """Bytes to and from a switch. Whatever goes wrong is a `LineLost` that says what."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, silence_seconds: float = SILENCE_SECONDS
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._silence_seconds = silence_seconds

    async def read(self) -> bytes:
        """Whatever has arrived, at least one byte."""
        try:
            async with asyncio.timeout(self._silence_seconds):
                chunk = await self._reader.read(_CHUNK)
        except TimeoutError:
            raise LineLost(f"the switch has said nothing for {self._silence_seconds:g} seconds") from None
        except OSError as error:
            raise LineLost(f"the connection broke ({reason_of(error)})") from error
        if not chunk:
            raise LineLost("the switch has closed the connection")
        return chunk

    async def follow(self, take: Callable[[bytes], None]) -> None:
        """Hands on what arrives, for ever. Raises `LineLost`, or what `take` raises."""
        try:
            while True:
                take(await self.read())
        except LineLost:
            # Who waits for the answer that came just before may know better why the other end has closed.
            await asyncio.sleep(0)
            raise

    async def write(self, payload: bytes) -> None:
        try:
            self._writer.write(payload)
            async with asyncio.timeout(WRITE_SECONDS):
                await self._writer.drain()
        except TimeoutError:
            raise LineLost("the switch does not read what it is sent") from None
        except (OSError, RuntimeError) as error:
            raise LineLost(f"the connection broke ({reason_of(error)})") from error

    def abort(self) -> None:
        self._writer.transport.abort()


@asynccontextmanager
async def connect(
    host: str, port: int, tls: ssl.SSLContext | None = None, *, silence_seconds: float = SILENCE_SECONDS
) -> AsyncIterator[Connection]:
    """A connection for as long as the block runs. Raises `LineLost` if there is none within ten seconds."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls)
    except TimeoutError:
        raise LineLost(f"no answer within {CONNECT_SECONDS:g} seconds") from None
    except OSError as error:
        raise LineLost(f"cannot connect ({reason_of(error)})") from error
    connection = Connection(reader, writer, silence_seconds)
    try:
        yield connection
    finally:
        connection.abort()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await writer.wait_closed()


def reason_of(error: BaseException) -> str:
    """Of several addresses that were tried asyncio makes one long text; the operator's own words are shorter."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def fail(future: "asyncio.Future[T]", error: Exception) -> None:
    """Whoever waits for it hears this; nobody has to."""
    if not future.done():
        future.set_exception(error)
        future.exception()


async def first_to_fail(*work: Callable[[], Awaitable[None]]) -> None:
    """Runs all of it at the same time until one raises; that is raised, and the others are cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(_run(each))
    except BaseExceptionGroup as failed:
        raise _first_of(failed) from None


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def _first_of(failed: BaseException) -> BaseException:
    while isinstance(failed, BaseExceptionGroup):
        failed = failed.exceptions[0]
    return failed
