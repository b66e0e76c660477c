"""The page without its service: it opens from what the browser keeps, says of when it is, and goes on by itself; and a
newer release of it, which comes as a whole.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.support.gateway import ROOT, GatewayProcess, People
from tests.support.windows import OpenWindow, Window, login_of, until

BACK_MS = 40_000
"""A gateway starts, and the page may just have begun its longest wait."""

IS_KEPT = """async () => {
    const names = await caches.keys();
    const registration = await navigator.serviceWorker.getRegistration();
    const isActive = registration?.active?.state === "activated" && navigator.serviceWorker.controller !== null;
    return isActive && names.length > 0;
}"""
REMEMBERED = """() => new Promise((resolve) => {
    const opening = indexedDB.open("presence", 1);
    opening.onsuccess = () => {
        const asked = opening.result.transaction("parts").objectStore("parts").get("chat");
        asked.onsuccess = () => {
            opening.result.close();
            const threads = asked.result && [...asked.result.threads.values()];
            resolve(threads?.flatMap(({ run }) => run.map(({ body }) => body)) ?? null);
        };
    };
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => resolve(null);
})"""


async def is_kept(page: Page) -> None:
    await until(page, IS_KEPT, True)


@pytest.fixture
def own_gateway(gateway: GatewayProcess) -> Iterator[Callable[..., GatewayProcess]]:
    """Starts gateways that the test may stop, on the stores of the whole run."""
    started: list[GatewayProcess] = []

    def start(port: int = 0, made: type[GatewayProcess] = GatewayProcess) -> GatewayProcess:
        started.append(made(gateway.database_url, gateway.redis_url, port))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def quiet(window: Window) -> None:
    """The browser itself reports that nobody answers."""
    for complaint in ("WebSocket connection to", "Failed to load resource", "ERR_CONNECTION", "fetching the script"):
        window.expects(complaint)


async def test_without_the_service_the_page_opens_and_shows_how_things_were_and_sends_later(
    people: People, own_gateway: Callable[..., GatewayProcess], open_window: OpenWindow
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    await people.add("1002", first_name="Ben", last_name="Ode")
    gateway = own_gateway()
    window = await open_window(gateway.url)
    page = window.page
    quiet(window)
    await window.log_in(login_of(people, anna))
    await window.person("Ben Ode").click()
    await window.write("before")
    await expect(page.get_by_text(re.compile("^(Sent|Delivered)$"))).to_be_visible()
    await is_kept(page)
    await until(page, REMEMBERED, ["before"])

    gateway.kill()
    await window.open("/app/people")
    await expect(page.get_by_text("Showing how things were at")).to_be_visible()
    await expect(window.person("Ben Ode, Unknown since")).to_be_visible()
    await expect(window.dot("Ben Ode")).to_have_attribute("shape", "unknown")
    await page.get_by_role("link", name="Chats").click()
    await window.conversation("Ben Ode").click()
    await expect(window.messages).to_have_text(["before"])
    await window.write("meanwhile")
    await expect(page.get_by_text("Waiting for the connection")).to_be_visible()

    gateway = own_gateway(gateway.port)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=BACK_MS)
    await expect(page.get_by_text(re.compile("^(Sent|Delivered)$"))).to_be_visible()
    await expect(window.messages).to_have_text(["before", "meanwhile"])
    await page.get_by_role("link", name="People").click()
    await expect(window.person("Ben Ode, Offline")).to_be_visible()
    await until(page, REMEMBERED, ["before", "meanwhile"])

    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_label("Login name")).to_be_visible()
    gateway.kill()
    await window.open("/app/chats")
    await expect(page.get_by_text("The server cannot be reached.")).to_be_visible()
    await expect(page.get_by_text("Ben Ode")).to_have_count(0)
    assert await page.evaluate(REMEMBERED) is None


@pytest.fixture
def newer_gateway(tmp_path: Path) -> type[GatewayProcess]:
    """Of this checkout, but with a word changed in the portal."""
    for each in ROOT.iterdir():
        if each.name != "portal" and not each.name.startswith("."):
            (tmp_path / each.name).symlink_to(each)
    shutil.copytree(ROOT / "portal", tmp_path / "portal")
    words = tmp_path / "portal" / "words" / "en.js"
    changed = words.read_text().replace('"Log out"', '"Good night"')
    assert changed != words.read_text()
    words.write_text(changed)

    class Newer(GatewayProcess):
        checkout = tmp_path

    return Newer


async def test_a_newer_release_comes_as_a_whole_when_it_is_wanted_and_drafts_stay(
    people: People,
    own_gateway: Callable[..., GatewayProcess],
    open_window: OpenWindow,
    newer_gateway: type[GatewayProcess],
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    await people.add("1002", first_name="Ben", last_name="Ode")
    gateway = own_gateway()
    window = await open_window(gateway.url)
    page = window.page
    quiet(window)
    await window.log_in(login_of(people, anna))
    await window.person("Ben Ode").click()
    await window.text.fill("half a sentence")
    await is_kept(page)
    gateway.stop()

    own_gateway(gateway.port, newer_gateway)
    load = page.get_by_role("button", name="Load it")
    await expect(load).to_be_visible(timeout=BACK_MS)
    await expect(page.get_by_role("button", name="Log out")).to_be_visible()  # nothing changes under anybody's hands
    await expect(window.text).to_have_value("half a sentence")
    await load.click()
    await expect(page.get_by_role("button", name="Good night")).to_be_visible()
    await expect(window.text).to_have_value("half a sentence")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=BACK_MS)
    await expect(load).to_be_hidden()
    loaded: list[str] = await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    releases = {match[1] for each in loaded if (match := re.search(r"/portal/([0-9a-f]+)/", each))}
    assert len(releases) == 1


async def test_a_page_whose_modules_come_from_a_newer_gateway_works_and_keeps_none_of_them(
    people: People,
    own_gateway: Callable[..., GatewayProcess],
    open_window: OpenWindow,
    newer_gateway: type[GatewayProcess],
) -> None:
    """In the middle of an upgrade, behind a proxy that asks the one and the other."""
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    older, newer = own_gateway(), own_gateway(0, newer_gateway)
    window = await open_window(older.url)
    page = window.page
    quiet(window)

    async def by_the_newer(route: Route) -> None:
        await route.fulfill(response=await route.fetch(url=route.request.url.replace(older.url, newer.url)))

    await page.context.route(f"{older.url}/portal/**", by_the_newer)
    await window.log_in(login_of(people, anna))
    await expect(page.get_by_role("button", name="Good night")).to_be_visible()
    await page.context.unroute_all(behavior="wait")
    await page.reload()
    await window.is_live()
    await expect(page.get_by_role("button", name="Log out")).to_be_visible()
