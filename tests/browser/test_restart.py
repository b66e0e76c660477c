"""The page and a service that goes away: what is shown stays marked as past, and nothing that was written is lost."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

import pytest
from playwright.async_api import TimeoutError as PlaywrightTimeout
from playwright.async_api import expect

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from storage.postgres.pool import open_pool
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from tests.support.windows import OpenWindow, login_of

KEPT = re.compile("^(Sent|Delivered|Read)$")
"""What stands under one's last message once it is kept, and perhaps has arrived already."""
BACK_MS = 40_000
"""Servers and gateway start, and the pages may just have begun their longest wait."""


class Installation:
    """A gateway with servers of its own, which can be stopped and started again as a whole. Always at the same port."""

    def __init__(self, start_servers: Callable[[], EmbeddedServers]) -> None:
        self._start_servers = start_servers
        self.servers = start_servers()
        migrate(self.servers.database_url)
        self.gateway = self._start_gateway(port=0)

    def _start_gateway(self, port: int) -> GatewayProcess:
        return GatewayProcess(self.servers.database_url, self.servers.redis_url, port)

    def stop(self) -> None:
        self.gateway.stop()
        self.servers.stop()

    def start(self) -> None:
        self.servers = self._start_servers()
        self.gateway = self._start_gateway(self.gateway.port)


@pytest.fixture
def installation(clean_servers: Callable[[], EmbeddedServers]) -> Iterator[Installation]:
    running = Installation(clean_servers)
    yield running
    running.gateway.kill()


@pytest.fixture
async def own_people(installation: Installation, password_hash: str) -> AsyncIterator[People]:
    pool = await open_pool(installation.servers.database_url, max_size=2)
    yield People(pool, await Company.make(pool), installation.gateway, password_hash)
    pool.terminate()


async def test_messages_and_states_are_still_there_after_everything_was_restarted(
    installation: Installation, own_people: People, open_window: OpenWindow
) -> None:
    anna = await own_people.add("1001", first_name="Anna", last_name="Berg")
    ben = await own_people.add("1002", first_name="Ben", last_name="Ode")
    at_anna, at_ben = await open_window(installation.gateway.url), await open_window(installation.gateway.url)
    for window, user in ((at_anna, anna), (at_ben, ben)):
        window.expects("WebSocket connection to")
        window.expects("fetching the script")  # of the worker, which may come while there is nobody
        window.expects("Failed to load resource: net::ERR_")  # so may any other request
        await window.log_in(login_of(own_people, user))
    await at_anna.page.get_by_role("switch", name="Do not disturb").click()
    await expect(at_ben.person("Anna Berg, Do not disturb since")).to_be_visible()
    await at_ben.person("Anna Berg").click()
    await at_ben.write("before")
    await expect(at_ben.page.get_by_text(KEPT)).to_be_visible()

    installation.stop()
    await expect(at_ben.page.get_by_text("Showing how things were at")).to_be_visible()
    await expect(at_ben.page.get_by_text("Live", exact=True)).to_have_count(0)
    await expect(at_anna.page.get_by_role("switch", name="Do not disturb")).to_be_disabled()
    await at_ben.write("meanwhile")
    await expect(at_ben.page.get_by_text("Waiting for the connection")).to_be_visible()

    installation.start()
    await expect(at_ben.page.get_by_text("Live", exact=True)).to_be_visible(timeout=BACK_MS)
    await expect(at_ben.messages).to_have_text(["before", "meanwhile"])
    await expect(at_ben.page.get_by_text(KEPT)).to_be_visible()
    await expect(at_anna.page.get_by_text("Live", exact=True)).to_be_visible(timeout=BACK_MS)
    await expect(at_ben.person("Anna Berg, Do not disturb since")).to_be_visible()
    await at_anna.page.get_by_role("link", name="Chats").click()
    await at_anna.conversation("Ben Ode").click()
    await expect(at_anna.messages).to_have_text(["before", "meanwhile"])
    await at_anna.page.reload()
    await expect(at_anna.messages).to_have_text(["before", "meanwhile"])
    await expect(at_anna.page.get_by_text("Showing how things were")).to_have_count(0)


async def test_a_gateway_that_dies_without_a_word_is_noticed_and_found_again(
    installation: Installation, own_people: People, open_window: OpenWindow
) -> None:
    anna = await own_people.add("1001", first_name="Anna", last_name="Berg")
    window = await open_window(installation.gateway.url)
    window.expects("WebSocket connection to")
    window.expects("fetching the script")
    window.expects("Failed to load resource: net::ERR_")  # the kill may meet a request that is on its way
    await window.log_in(login_of(own_people, anna))
    installation.gateway.kill()
    await expect(window.page.get_by_text("Offline", exact=True).first).to_be_visible()
    await expect(window.page.get_by_text("Reconnecting in")).to_be_visible()
    installation.gateway = installation._start_gateway(installation.gateway.port)
    try_now = window.page.get_by_role("button", name="Try now")
    with suppress(PlaywrightTimeout):  # it may have come back by itself meanwhile
        await try_now.click(timeout=2_000)
    await expect(window.page.get_by_text("Live", exact=True)).to_be_visible(timeout=BACK_MS)
    await expect(try_now).to_have_count(0)
