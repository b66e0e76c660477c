"""The page, and another database that takes over: what it has is shown, and nothing else under the same numbers."""

from urllib.parse import urlsplit

import asyncpg
from playwright.async_api import expect

from tests.browser.test_restart import BACK_MS, Installation, installation, own_people
from tests.support.gateway import People
from tests.support.windows import OpenWindow, login_of

__all__ = ["installation", "own_people"]


async def put_back(database_url: str, *, messages: int) -> None:
    """In the place of the database is one as it was restored from a backup, with so many messages."""
    parts = urlsplit(database_url)
    admin = await asyncpg.connect(parts._replace(path="/template1").geturl())
    name = parts.path[1:]
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1", name)
        await admin.execute(f"CREATE DATABASE restored TEMPLATE {name}")
        restored = await asyncpg.connect(parts._replace(path="/restored").geturl())
        await restored.execute("DELETE FROM messages WHERE seq > $1", messages)
        await restored.execute("UPDATE conversations SET last_seq = $1", messages)
        await restored.close()
        await admin.execute(f"ALTER DATABASE {name} RENAME TO gone")
        await admin.execute(f"ALTER DATABASE restored RENAME TO {name}")
    finally:
        await admin.close()


async def test_an_open_conversation_shows_what_the_new_database_has(
    installation: Installation, own_people: People, open_window: OpenWindow
) -> None:
    await own_people.add("1001", first_name="Anna", last_name="Berg")
    ben = await own_people.add("1002", first_name="Ben", last_name="Ode")
    window = await open_window(installation.gateway.url)
    window.expects("WebSocket connection to")
    window.expects("fetching the script")
    window.expects("Failed to load resource: net::ERR_")
    await window.log_in(login_of(own_people, ben))
    await window.person("Anna Berg").click()
    for number in range(6):
        await window.write(f"number {number}")
        await expect(window.messages).to_have_count(number + 1)
    await put_back(installation.servers.database_url, messages=4)
    await expect(window.messages).to_have_text([f"number {each}" for each in range(4)], timeout=BACK_MS)
    await window.write("number 4 anew")
    await expect(window.messages).to_have_text([*(f"number {each}" for each in range(4)), "number 4 anew"])
