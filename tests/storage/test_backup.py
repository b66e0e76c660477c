"""What docs/operations/backup.md says, done: a dump of a database in use, restored beside it."""

import asyncio
import random
import secrets
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from storage.embedded import EmbeddedServers
from storage.embedded.binaries import find_postgres
from storage.postgres.migrate import is_current, migrate
from storage.postgres.pool import Pool, open_pool
from storage.redis import keys
from storage.redis.client import make_client
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People, password_hash
from tests.support.talker import Talker
from wire.commands import GetMessages, OpenConversation, SetDnd
from wire.replies import ConversationOpened, Done, MessagesListed

__all__ = ["password_hash"]
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"


def program(name: str) -> Path:
    found = find_postgres().program(name)
    if not found.exists():
        pytest.skip(f"this PostgreSQL has no {name}")
    return found


async def contents(pool: Pool) -> dict[str, list[str]]:
    """Each table's rows as text, in an order of their own; but for how far the words of messages are indexed."""
    tables = [row["table_name"] for row in await pool.fetch(_TABLES)]
    line = "(to_jsonb(t) - 'indexed_seq')::text"
    return {
        table: sorted(row["line"] for row in await pool.fetch(f"SELECT {line} AS line FROM {table} t"))  # noqa: S608
        for table in tables
    }


def run(*command: str | Path) -> None:
    finished = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


async def test_a_dump_of_a_database_in_use_is_restored_whole_and_serves(
    servers: EmbeddedServers, empty_database: str, password_hash: str, tmp_path: Path
) -> None:
    dump, restore = program("pg_dump"), program("pg_restore")
    await asyncio.to_thread(migrate, empty_database)
    gateway = await asyncio.to_thread(GatewayProcess, empty_database, servers.redis_url)
    pool = await open_pool(empty_database)
    people = People(pool, await Company.make(pool), gateway, password_hash)
    anna, ben = await people.add("1001"), await people.add("1002")
    token = await people.token(anna)
    writer = Talker(anna, token, lambda: [gateway], random.Random(1))  # noqa: S311
    opened = await writer.ask(OpenConversation(user=ben))
    assert isinstance(opened, ConversationOpened)
    conversation = opened.conversation.conversation
    for nth in range(20):
        await writer.send(conversation, f"message {nth} 早上好")
    assert isinstance(await writer.ask(SetDnd(on=True)), Done)
    await asyncio.to_thread(run, dump, "--format=custom", f"--file={tmp_path / 'presence.dump'}", empty_database)
    await writer.close()
    gateway.kill()

    name = f"restored_{secrets.token_hex(4)}"
    await pool.execute(f"CREATE DATABASE {name}")
    restored = urlunsplit(urlsplit(empty_database)._replace(path=f"/{name}"))
    command = (restore, "--exit-on-error", "--no-owner", f"--dbname={restored}", tmp_path / "presence.dump")
    await asyncio.to_thread(run, *command)
    again = await open_pool(restored)
    before, after = await contents(pool), await contents(again)
    assert before.keys() == after.keys()
    assert len(after["messages"]) == 20
    changing = {"sessions", "message_words"}  # a gateway writes there by itself, also after the dump
    assert {table for table in before if before[table] != after[table]} <= changing
    assert await is_current(again)

    redis = make_client(servers.redis_url)
    kept = [key async for key in redis.scan_iter(match=f"{keys.presence_prefix(people.company.domain)}*")]
    assert await redis.delete(*kept) > 1
    await redis.aclose()

    gateway = await asyncio.to_thread(GatewayProcess, restored, servers.redis_url)
    try:
        people = People(again, people.company, gateway, password_hash)
        async with await people.connect(ben) as client:
            await client.sees(anna, dnd=True)
            listed = await client.ask(GetMessages(conversation=conversation, after=0), MessagesListed)
            assert [each.body for each in listed.messages] == [f"message {nth} 早上好" for nth in range(20)]
    finally:
        gateway.kill()
        await again.close()
        await pool.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await pool.close()
