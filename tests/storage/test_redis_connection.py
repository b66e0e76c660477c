"""Commands leave at once, without a task for each; one that cannot leave does not wait for ever."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from redis.exceptions import TimeoutError as TookTooLong

from storage.embedded import EmbeddedServers
from storage.redis.client import make_client
from tests.support.cable import Cable

LARGE = b"x" * 10_000_000


async def test_a_command_makes_no_task(servers: EmbeddedServers) -> None:
    client = make_client(servers.redis_url)
    await client.ping()
    made: list[str] = []

    def factory(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **rest: Any) -> asyncio.Task[Any]:
        made.append(str(work))
        return asyncio.Task(work, loop=loop, **rest)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(factory)  # type: ignore[arg-type]
    try:
        await client.ping()
    finally:
        loop.set_task_factory(None)
    await client.aclose()
    assert made == []


async def test_a_large_command_arrives_whole_and_one_that_nobody_takes_ends_in_time(
    servers: EmbeddedServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.redis.client.COMMAND_TIMEOUT", 5.0)
    async with Cable(servers.redis_url) as cable:
        client = make_client(cable.url)
        assert await client.echo(LARGE) == LARGE
        await client.aclose()
        monkeypatch.setattr("storage.redis.client.COMMAND_TIMEOUT", 0.5)
        hasty = make_client(cable.url)
        await hasty.ping()
        cable.freeze()
        async with asyncio.timeout(60):
            with pytest.raises(TookTooLong):
                await hasty.echo(LARGE)
        assert await hasty.echo(b"again") == b"again", "by a connection of its own"
        await hasty.aclose()
