"""How one gets in and where one is: the page about one's own logins."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.support.gateway import PASSWORD, People
from tests.support.windows import DESK, PHONE, OpenWindow, Window, login_of

PageOf = Callable[..., Awaitable[Window]]
NEW = "Better-than-3"
SCREENSHOTS = os.environ.get("SCREENSHOTS")


async def show(window: Window, name: str) -> None:
    if SCREENSHOTS:
        await window.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["light desk", "dark phone"])
async def test_one_sees_and_ends_ones_other_logins(
    people: People, page_of: PageOf, size: dict[str, int], scheme: str
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    await people.token(anna)
    elsewhere = await page_of(anna, user_agent="Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
    window = await page_of(anna, path="/app/security", viewport=size, color_scheme=scheme)
    page = window.page
    rows = page.locator("login-list li")
    await expect(rows).to_have_count(3)
    await expect(rows.filter(has_text="This window").get_by_role("button")).to_have_count(0)
    await show(window, f"security-{scheme}")
    await page.get_by_role("button", name="End Firefox on Windows").click()
    await expect(elsewhere.page.get_by_text("Your session was ended. Please log in again.")).to_be_visible()
    await expect(rows).to_have_count(2)
    await expect(page.get_by_text("Firefox on Windows was logged out.")).to_be_visible()
    await page.get_by_role("button", name="End all others").click()
    await expect(rows).to_have_count(1)
    await expect(page.get_by_text("One other login was ended.")).to_be_visible()
    await window.is_live()


async def test_the_keyboard_alone_changes_the_password(
    people: People, page_of: PageOf, open_window: OpenWindow
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    elsewhere = await page_of(anna)
    window = await page_of(anna, path="/app/profile")
    window.expects("422")
    page, keyboard = window.page, window.page.keyboard
    await page.get_by_role("button", name="Password and logins").press("Enter")
    await expect(page.get_by_role("heading", name="Security")).to_be_focused()
    await keyboard.press("Tab")
    current = page.get_by_label("Current password")
    for typed in ("Wrong123", NEW, NEW):
        await keyboard.type(typed)
        await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(current).to_have_accessible_description("This is not your current password")
    await expect(current).to_be_focused()
    await current.fill(PASSWORD)
    await keyboard.press("Enter")
    await expect(page.get_by_text("Your password is changed.")).to_be_visible()
    await expect(current).to_have_value("")
    await expect(elsewhere.page.get_by_text("Your session was ended. Please log in again.")).to_be_visible()
    await window.is_live()
    again = await open_window(people.gateway.url)
    await again.log_in(login_of(people, anna), NEW)
