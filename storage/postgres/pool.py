"""The connection pool, and the border where a driver's error becomes one of ours.

Stores use `connection` and `transaction` from here and see nothing else of asyncpg but the connection. No statement of
ours depends on session state, so a transaction-pooling proxy may stand in between: say so with `?pgbouncer=true` in the
URL, which turns off everything that a proxy would mix up (named prepared statements, startup parameters).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg
import asyncpg.pool
import msgspec

from wire.errors import Conflict, Unavailable

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.pool.PoolConnectionProxy

COMMAND_TIMEOUT = 10.0
"""Seconds a statement may take before we give it up; a request that waits longer has lost its client anyway."""
STATEMENT_TIMEOUT = 15.0
"""The server's own limit, for when we could not cancel (our machine or the network died)."""
ACQUIRE_TIMEOUT = 5.0
"""Seconds to wait for a free connection: under overload it is better to refuse than to queue without end."""

_PROXY_PARAMETER = "pgbouncer"
_RETRY_AFTER = 1.0

_encode_json = msgspec.json.Encoder().encode
_decode_json = msgspec.json.Decoder().decode


async def open_pool(
    database_url: str,
    *,
    min_size: int = 1,
    max_size: int = 10,
    command_timeout: float = COMMAND_TIMEOUT,
    application_name: str = "presence",
    on_connect: Callable[[Any], Awaitable[None]] | None = None,
) -> Pool:
    """Opens and checks a pool; close it with `await pool.close()`. Raises `Unavailable` if the server is away.

    `on_connect(connection)` sees each new connection before anybody else does; if it raises, that is not used.
    """

    async def prepare(connection: Any) -> None:
        await _teach_json(connection)
        if on_connect is not None:
            await on_connect(connection)

    url, behind_proxy = split_url(database_url)
    server_settings = {"application_name": application_name}
    if not behind_proxy:
        milliseconds = str(int(STATEMENT_TIMEOUT * 1000))
        server_settings |= {
            "statement_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            # Compiling pays off for reports that run for seconds; it costs our short statements tens of milliseconds.
            "jit": "off",
        }
    with translated():
        return await asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=max_size,
            timeout=ACQUIRE_TIMEOUT,
            command_timeout=command_timeout,
            statement_cache_size=0 if behind_proxy else 100,
            server_settings=server_settings,
            init=prepare,
            reset=_nothing_to_reset,
        )


async def close_pool(pool: Pool) -> None:
    """Ends its connections, those at once that the server does not let go of within the time of a command."""
    with suppress(TimeoutError):  # the driver has cut them off before it says so
        await pool.close()


def split_url(database_url: str) -> tuple[str, bool]:
    """The URL without our own parameter `pgbouncer`, and whether a transaction-pooling proxy stands in between."""
    # By hand: urllib would lose the empty host of postgresql:///name, which means a Unix socket.
    address, _, query = database_url.partition("?")
    parameters = query.split("&") if query else []
    kept = [each for each in parameters if each.partition("=")[0] != _PROXY_PARAMETER]
    values = {each.partition("=")[2].lower() for each in parameters if each not in kept}
    return "?".join([address, "&".join(kept)] if kept else [address]), bool(values & {"true", "1", "yes"})


@asynccontextmanager
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """A connection on which each statement commits by itself. Raises `Unavailable` if the server does not answer."""
    with translated():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as acquired:
            yield acquired


@asynccontextmanager
async def transaction(pool: Pool, *, snapshot: bool = False) -> AsyncIterator[Connection]:
    """A connection inside a transaction: committed at the end of the block, rolled back by an exception.

    `snapshot`: for reading only; all of its statements see the same moment.
    """
    isolation: Any = "repeatable_read" if snapshot else None
    with translated():
        async with (
            pool.acquire(timeout=ACQUIRE_TIMEOUT) as acquired,
            acquired.transaction(isolation=isolation, readonly=snapshot),
        ):
            yield acquired


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors that a caller can do something about into ours; our own faults stay what they are."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Conflict("This exists already") from error
    except (
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,  # shut down, starting up, cancelled
        asyncpg.InsufficientResourcesError,  # too many connections, disk full, out of memory
        asyncpg.TransactionRollbackError,  # deadlock, serialization
        asyncpg.LockNotAvailableError,
        asyncpg.ReadOnlySQLTransactionError,  # the primary became a replica
        asyncpg.InvalidCachedStatementError,  # a migration ran meanwhile
        # The driver stumbles over the server's last words on a dying connection ("terminating connection because of
        # crash of another server process"); that connection is closed a moment later.
        asyncpg.InternalClientError,
        OSError,
        TimeoutError,
        asyncio.IncompleteReadError,
    ) as error:
        raise _unavailable() from error
    except asyncpg.InterfaceError as error:
        if "clos" not in str(error):  # "connection is closed", "pool is closing": anything else is our mistake
            raise
        raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("The database does not answer; try again in a moment", retry_after=_RETRY_AFTER)


async def _teach_json(connection: Any) -> None:
    """jsonb is Python objects in both directions; stores turn them into structs with `msgspec.convert`."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + _encode_json(value),
        decoder=lambda payload: _decode_json(memoryview(payload)[1:]),
    )


async def _nothing_to_reset(connection: Any) -> None:
    """Saves a round trip for each use: nothing we run leaves anything behind in a session."""
