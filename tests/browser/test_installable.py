"""What an installed app is asked for on a telephone: that it opens without a network, fits, and is hit by a thumb."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, expect

from tests.support.gateway import People
from tests.support.windows import PHONE, Window, until
from wire.identity import Scope

PageOf = Callable[..., Awaitable[Window]]
PAGES = {
    "/app/people": "contact-list .person",
    "/app/chats": "conversation-list",
    "/app/you": "you-panel h2",
    "/app/profile": "profile-form h3",
    "/app/security": "password-change input[type=password]",
    "/app/users": "user-list li",
    "/app/audit": "audit-page h2",
}
SMALL = """
() => {
    // WCAG 2.5.8: 24 by 24 CSS pixels, but for links in a sentence and for what a label makes larger.
    const CONTROLS = "button, a[href], input, select, textarea, summary, [role=button], [role=switch]";
    const SEEN = { visibilityProperty: true, opacityProperty: true };
    const found = [];
    const examine = (element) => {
        const { display, clipPath } = getComputedStyle(element);
        if (!element.checkVisibility(SEEN) || element.disabled || display === "inline" || clipPath !== "none") return;
        const boxes = [element, ...(element.labels ?? [])].map((each) => each.getBoundingClientRect());
        const width = Math.max(...boxes.map((box) => box.width));
        const height = Math.max(...boxes.map((box) => box.height));
        if (boxes[0].width <= 1 || (width >= 24 && height >= 24)) return;
        found.push(`${element.localName} ${element.textContent || element.ariaLabel}: ${width} x ${height}`);
    };
    const look = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) look(element.shadowRoot);
            if (element.matches(CONTROLS)) examine(element);
        }
    };
    look(document);
    return found;
}
"""
HEAD = """
async () => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const themes = Object.fromEntries(all("meta[name=theme-color]").map(({ media, content }) => [media, content]));
    const touch = document.querySelector("link[rel=apple-touch-icon]").href;
    return {
        viewport: document.querySelector("meta[name=viewport]").content,
        themes,
        touch: await fetch(touch).then((answer) => [answer.status, answer.headers.get("content-type")]),
    };
}
"""

IS_REMEMBERED = """() => new Promise((resolve) => {
    const opening = indexedDB.open("presence", 1);
    opening.onsuccess = () => {
        const asked = opening.result.transaction("parts").objectStore("parts").get("me");
        asked.onsuccess = () => {
            opening.result.close();
            resolve(asked.result !== undefined);
        };
    };
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => resolve(false);
})"""


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    return whole_browser


async def test_on_a_telephone_every_page_fits_and_everything_can_be_hit(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg", scope=Scope.OFFICE_MANAGER)
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    small: dict[str, list[str]] = {}
    for path, what in PAGES.items():
        await window.open(path)
        await window.is_live()
        await expect(window.page.locator(what).first).to_be_attached()
        small[path] = await window.page.evaluate(SMALL)
        assert await window.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert {path: found for path, found in small.items() if found} == {}


async def test_the_page_says_what_an_installed_app_needs_and_opens_without_a_network(
    people: People, page_of: PageOf
) -> None:
    window = await page_of(await people.add("1001"), viewport=PHONE)
    page = window.page
    said = await page.evaluate(HEAD)
    assert "width=device-width" in said["viewport"]
    assert "user-scalable=no" not in said["viewport"]
    assert set(said["themes"]) == {"(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"}
    assert said["touch"] == [200, "image/png"]
    await page.wait_for_function("() => navigator.serviceWorker.controller")
    await until(page, IS_REMEMBERED, True)
    for complaint in ("ERR_INTERNET_DISCONNECTED", "fetching the script"):
        window.expects(complaint)
    await page.context.set_offline(True)
    answer = await page.goto(f"{window.url}/app")
    assert answer is not None
    assert (answer.status, answer.from_service_worker) == (200, True)
    await expect(page.locator("contact-list .person, contact-list .empty").first).to_be_attached()
    await page.context.set_offline(False)
    await window.is_live()
