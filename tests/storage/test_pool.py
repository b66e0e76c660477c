import asyncio
from contextlib import suppress

import asyncpg
import pytest

from storage.postgres.pool import Pool, close_pool, connection, open_pool, split_url, transaction, translated
from tests.support.cable import Cable
from wire.errors import Conflict, Unavailable


@pytest.mark.parametrize(
    ("url", "plain", "behind_proxy"),
    [
        ("postgresql://u:p@h:5432/d", "postgresql://u:p@h:5432/d", False),
        ("postgresql://h/d?pgbouncer=true", "postgresql://h/d", True),
        ("postgresql://h/d?pgbouncer=false", "postgresql://h/d", False),
        ("postgresql://h/d?sslmode=require&pgbouncer=1", "postgresql://h/d?sslmode=require", True),
        ("postgresql:///d?host=/var/run&port=6432", "postgresql:///d?host=/var/run&port=6432", False),
    ],
)
def test_the_url_says_whether_a_proxy_stands_in_between(url: str, plain: str, behind_proxy: bool) -> None:
    assert split_url(url) == (plain, behind_proxy)


async def test_jsonb_is_python_in_both_directions(pool: Pool) -> None:
    value = {"name": "Zoë", "list": [1, 2.5, None, True], "nested": {"a": {}}}
    async with connection(pool) as conn:
        assert await conn.fetchval("SELECT $1::jsonb", value) == value
        assert await conn.fetchval("SELECT NULL::jsonb") is None


async def test_a_transaction_that_fails_leaves_nothing(pool: Pool) -> None:
    with suppress(ZeroDivisionError):
        async with transaction(pool) as conn:
            await conn.execute("CREATE TABLE never_there (a int)")
            raise ZeroDivisionError
    async with connection(pool) as conn:
        assert await conn.fetchval("SELECT to_regclass('never_there')") is None


async def test_behind_a_proxy_nothing_is_prepared_by_name_and_nothing_set(database_url: str) -> None:
    separator = "&" if "?" in database_url else "?"
    proxied = await open_pool(f"{database_url}{separator}pgbouncer=true", max_size=1)
    try:
        async with connection(proxied) as conn:
            for _ in range(3):
                assert await conn.fetchval("SELECT $1::int + 1", 1) == 2
            assert await conn.fetchval("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''") == 0
            assert await conn.fetchval("SHOW statement_timeout") == "0"
    finally:
        await proxied.close()


async def test_a_server_that_does_not_let_go_of_its_connections_keeps_nobody_from_ending(database_url: str) -> None:
    """Seen once at the end of a test run on a busy machine: closing raised TimeoutError."""
    async with Cable(database_url) as cable:
        held = await open_pool(cable.url, min_size=2, max_size=2, command_timeout=3)
        cable.is_dead = True
        await close_pool(held)
        with pytest.raises(asyncpg.InterfaceError):
            await held.fetchval("SELECT 1")


async def test_a_direct_connection_is_limited_by_the_server_too(pool: Pool) -> None:
    async with connection(pool) as conn:
        assert await conn.fetchval("SHOW statement_timeout") == "15s"


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable) as refused:
        await open_pool("postgresql://nobody@127.0.0.1:1/nothing")
    assert refused.value.retry_after


async def test_a_statement_that_takes_too_long_is_given_up(database_url: str) -> None:
    impatient = await open_pool(database_url, max_size=1, command_timeout=3)
    try:
        with pytest.raises(Unavailable):
            async with connection(impatient) as conn:
                await conn.execute("SELECT pg_sleep(60)")
        async with connection(impatient) as conn:
            assert await conn.fetchval("SELECT 1") == 1
    finally:
        await impatient.close()


async def test_a_connection_that_the_server_ended_is_replaced(database_url: str, pool: Pool) -> None:
    small = await open_pool(database_url, max_size=1)
    try:
        async with connection(small) as conn:
            ended = await conn.fetchval("SELECT pg_backend_pid()")
        async with connection(pool) as conn:
            await conn.execute("SELECT pg_terminate_backend($1, 5000)", ended)
        answered = 0
        for _ in range(2):
            try:
                async with connection(small) as conn:
                    answered = await conn.fetchval("SELECT 1")
            except Unavailable:
                await asyncio.sleep(0)
        assert answered == 1
    finally:
        await small.close()


async def test_what_exists_already_is_a_conflict(pool: Pool) -> None:
    with pytest.raises(Conflict):
        async with connection(pool) as conn:
            await conn.execute("INSERT INTO domains (domain_id) VALUES ('twice.test'), ('twice.test')")


def test_our_own_mistakes_are_not_called_unavailable() -> None:
    for mistake in (
        asyncpg.UndefinedTableError("no table"),
        asyncpg.InterfaceError("another operation is in progress"),
    ):
        with pytest.raises(type(mistake)), translated():
            raise mistake
    with pytest.raises(Unavailable), translated():
        raise asyncpg.InterfaceError("connection is closed")
