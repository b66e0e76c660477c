"""Which life of the database we talk to: found by each connection before anything else is asked on it."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from storage.postgres.pool import Pool, close_pool, connection, open_pool, transaction
from storage.postgres.timeline import DatabaseTimeline, Superseded, name_of, supersedes
from wire.ending import end
from wire.errors import Unavailable

FIRST, SECOND, RESTORED = "7001/16384/00000001", "7001/16384/00000002", "7002/16384/00000001"


class Server:
    """What a connection to it is told. `error`: it does not say."""

    def __init__(self, told: str | None, error: Exception | None = None) -> None:
        self._told, self._error = told, error

    async def fetchval(self, _query: str) -> str | None:
        if self._error is not None:
            raise self._error
        return self._told


def watched() -> tuple[DatabaseTimeline, list[str]]:
    timeline, changes = DatabaseTimeline(), list[str]()
    timeline.on_change = lambda: changes.append(timeline.name)
    return timeline, changes


def test_a_name_shows_the_timeline_and_hides_the_number_of_the_cluster() -> None:
    assert name_of(FIRST).endswith(".00000001")
    assert "7001" not in name_of(FIRST)
    assert name_of(FIRST) == name_of(FIRST) != name_of(RESTORED)


def test_a_later_timeline_supersedes_one_of_the_same_database_only() -> None:
    assert supersedes(name_of(SECOND), name_of(FIRST))
    assert not supersedes(name_of(FIRST), name_of(SECOND))
    assert not supersedes(name_of(SECOND), name_of(RESTORED))


@pytest.mark.parametrize("another", [SECOND, RESTORED])
async def test_another_one_is_told_once_and_the_first_is_not(another: str) -> None:
    timeline, changes = watched()
    for told in (FIRST, FIRST, another, another):
        await timeline.look(Server(told))
    assert changes == [name_of(another)]
    assert timeline.changes == 1


async def test_a_server_from_which_another_one_took_over_is_not_talked_to_any_more() -> None:
    timeline, changes = watched()
    await timeline.look(Server(FIRST))
    await timeline.look(Server(SECOND))
    with pytest.raises(Superseded):
        await timeline.look(Server(FIRST))
    assert (timeline.name, changes) == (name_of(SECOND), [name_of(SECOND)])


async def test_a_replica_says_nothing_of_it() -> None:
    timeline, changes = watched()
    await timeline.look(Server(FIRST))
    await timeline.look(Server(None))
    assert (timeline.name, changes) == (name_of(FIRST), [])


async def test_where_the_server_does_not_tell_it_is_not_known_and_nothing_fails() -> None:
    timeline, changes = watched()
    await timeline.look(Server("", asyncpg.InsufficientPrivilegeError("permission denied")))
    assert (timeline.name, changes) == ("", [])


async def test_each_database_of_a_server_has_its_own(database_url: str, empty_database: str) -> None:
    names = []
    for url in (database_url, database_url, empty_database):
        timeline = DatabaseTimeline()
        await close_pool(await open_pool(url, max_size=1, on_connect=timeline.look))
        names.append(timeline.name)
    assert names[0] == names[1] != names[2]
    assert "" not in names


async def test_whoever_may_log_in_to_the_database_may_ask(pool: Pool) -> None:
    timeline = DatabaseTimeline()
    with suppress(ZeroDivisionError):
        async with transaction(pool) as conn:
            await conn.execute("CREATE ROLE nobody_special")
            await conn.execute("SET LOCAL ROLE nobody_special")
            await timeline.look(conn)
            raise ZeroDivisionError
    assert timeline.name


async def test_a_connection_to_a_server_that_was_superseded_is_given_to_nobody(database_url: str) -> None:
    timeline = DatabaseTimeline()
    pool = timeline.pool = await open_pool(database_url, min_size=1, max_size=1, on_connect=timeline.look)
    database, _, _ = timeline.name.rpartition(".")
    timeline.name = f"{database}.FFFFFFFF"
    await pool.expire_connections()
    with pytest.raises(Unavailable):
        async with connection(pool):
            pass
    await close_pool(pool)


async def test_behind_a_proxy_it_is_looked_at_again_and_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.postgres.timeline.LOOK_EVERY", 0.01)
    timeline, changes = watched()
    pool = timeline.pool = await open_pool(database_url, min_size=1, max_size=1, on_connect=timeline.look)
    truth, timeline.name = timeline.name, "another.00000009"
    looking = asyncio.create_task(timeline.run())
    async with asyncio.timeout(30):
        while not changes:  # noqa: ASYNC110 - it is told by nobody else
            await asyncio.sleep(0.01)
    await end(looking)
    await close_pool(pool)
    assert changes == [truth]
