"""What a screen reader and a keyboard find on every page: names for all controls, one order, focus that can be seen."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import CDPSession, Locator, expect

from tests.support.gateway import People
from tests.support.windows import DESK, PHONE, Window
from wire.identity import Scope

PageOf = Callable[..., Awaitable[Window]]
CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "radio", "checkbox", "switch", "spinbutton"}
PATHS = (
    "/app/people",
    "/app/chats",
    "/app/you",
    "/app/profile",
    "/app/security",
    "/app/users",
    "/app/users/2",
    "/app/sites",
    "/app/audit",
)


async def _nodes(session: CDPSession) -> list[dict[str, Any]]:
    tree = await session.send("Accessibility.getFullAXTree")
    return [node for node in tree["nodes"] if not node.get("ignored")]


def _text(node: dict[str, Any], part: str) -> str:
    return str(node.get(part, {}).get("value", ""))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_every_control_of_every_page_has_a_name(people: People, page_of: PageOf, size: dict[str, int]) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg", scope=Scope.OFFICE_MANAGER)
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna, viewport=size)
    session = await window.page.context.new_cdp_session(window.page)
    for path in PATHS:
        await window.open(path)
        await window.is_live()
        await expect(window.page.get_by_role("main").first).to_be_attached()
        nodes = await _nodes(session)
        nameless = [node for node in nodes if _text(node, "role") in CONTROLS and not _text(node, "name").strip()]
        assert nameless == [], path
        assert sum(_text(node, "role") == "main" for node in nodes) <= 1


async def test_tab_visits_every_part_of_the_page_and_shows_where_it_is(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna)
    await window.person("Ben Ode").click()
    await expect(window.text).to_be_focused()
    await window.page.get_by_role("link", name="Skip to the conversation").focus()
    visited: list[str] = []
    for _ in range(40):
        await window.page.keyboard.press("Tab")
        name, is_outlined = await window.page.evaluate(
            """() => {
                let element = document.activeElement;
                const hosts = [];
                while (element?.shadowRoot?.activeElement) {
                    hosts.push(element.localName);
                    element = element.shadowRoot.activeElement;
                }
                const isOutlined = [element, element.closest("label")].some(
                    (shown) => shown && getComputedStyle(shown).outlineStyle !== "none",
                );
                return [hosts.at(-1) ?? element.className, isOutlined];
            }"""
        )
        if name == "":
            break
        visited.append(name)
        assert is_outlined, name
    for part in ("contact-list", "chat-window", "dnd-switch", "available-switch", "status-form", "softphone-panel"):
        assert part in visited


async def test_by_keyboard_a_dialog_is_opened_left_and_leads_back_to_where_one_was(
    people: People, page_of: PageOf
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    window = await page_of(anna)
    page = window.page

    async def leads_back(opener: Locator, dialog: str, *keys: str) -> None:
        await opener.focus()
        for key in ("Enter", *keys):
            await page.keyboard.press(key)
        opened = page.locator(f"{dialog} dialog[open]")
        await expect(opened).to_be_visible()
        await expect(opened.locator(":focus")).to_be_attached()
        await page.keyboard.press("Escape")
        await expect(opened).to_have_count(0)
        await expect(opener).to_be_focused()

    await leads_back(page.get_by_role("button", name="Why this colour?"), "why-dialog")
    more = page.locator("contact-list").get_by_role("button", name="More", exact=True)
    await leads_back(more, "import-dialog", "Enter")
    await leads_back(more, "trash-dialog", "ArrowDown", "ArrowDown", "Enter")
    await page.get_by_role("link", name="Chats").press("Enter")
    await leads_back(page.get_by_role("button", name="New conversation"), "group-dialog")


async def test_new_messages_are_announced_and_older_ones_are_not(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001")
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna)
    await window.person("Ben Ode").click()
    log = window.page.get_by_role("log", name="Messages with Ben Ode")
    await expect(log).to_be_visible()
    await window.write("Hello")
    await expect(log).to_contain_text("You: Hello")
    await expect(log).not_to_have_attribute("aria-busy", "true")


async def test_the_page_works_at_twice_the_text_size(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001")
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna, viewport={"width": 640, "height": 400})
    await window.person("Ben Ode").click()
    await window.write("Large")
    await expect(window.messages).to_have_text(["Large"])
    assert await window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
