"""Commands leave at once, without a task for each; one that cannot leave does not wait for ever."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import TimeoutError as TookTooLong

from storage.embedded import EmbeddedServers
from storage.redis.client import make_client
from tests.support.cable import Cable
from tests.support.encrypted import behind_tls, make_certificate

LARGE = b"x" * 10_000_000


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_command_makes_no_task(servers: EmbeddedServers, tmp_path: Path, encrypted: bool) -> None:
    async with AsyncExitStack() as stack:
        url = servers.redis_url
        if encrypted:
            certificate = make_certificate(tmp_path, "ours")
            address = await stack.enter_async_context(behind_tls(url, certificate))
            url = f"rediss:{address}?ssl_ca_certs={certificate}"
        assert await tasks_made_by_a_command(url) == []


async def tasks_made_by_a_command(url: str) -> list[str]:
    client = make_client(url)
    await client.ping()
    made: list[str] = []

    def factory(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **rest: Any) -> asyncio.Task[Any]:
        if "Connection" in (name := str(work)):  # the server of the test makes some of its own
            made.append(name)
        return asyncio.Task(work, loop=loop, **rest)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(factory)  # type: ignore[arg-type]
    try:
        await client.ping()
    finally:
        loop.set_task_factory(None)
    await client.aclose()
    return made


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
