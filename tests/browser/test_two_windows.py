"""What the service is for: two people in two browsers see each other's state change, and talk."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from tests.support.gateway import GatewayProcess, People
from tests.support.windows import WAIT_MS, Window, answered_late
from wire.identity import UserId

PageOf = Callable[..., Awaitable[Window]]
AT_ONCE_MS = 10_000
"""A busy machine shows it late; a page that has to ask for it shows it later than this."""


async def _anna_and_ben(people: People) -> tuple[UserId, UserId]:
    return (
        await people.add("1001", first_name="Anna", last_name="Berg"),
        await people.add("1002", first_name="Ben", last_name="Ode"),
    )


async def test_do_not_disturb_is_red_with_its_reason_in_the_other_window_at_once(
    people: People, page_of: PageOf
) -> None:
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    await expect(at_ben.person("Anna Berg, Available by chat")).to_be_visible()
    seen = await at_ben.when_dot_is("Anna Berg", "dnd")
    switch = at_anna.page.get_by_role("switch", name="Do not disturb")
    clicked = await switch.evaluate("(element) => { const now = Date.now(); element.click(); return now; }")
    assert await seen - clicked < AT_ONCE_MS
    await expect(at_ben.person("Anna Berg, Do not disturb since")).to_be_visible()
    await expect(at_ben.page.get_by_text("Do not disturb since")).to_be_visible()
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(at_ben.person("Anna Berg, Available by chat")).to_be_visible()


async def test_who_closes_the_window_is_seen_to_leave(people: People, page_of: PageOf) -> None:
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    await expect(at_ben.person("Anna Berg, Available by chat")).to_be_visible()
    await at_anna.page.close()
    await expect(at_ben.person("Anna Berg, Offline")).to_be_visible()
    await expect(at_ben.dot("Anna Berg")).to_have_attribute("shape", "offline")


async def test_a_telephone_in_a_closed_window_does_not_ring(people: People, page_of: PageOf) -> None:
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    await at_anna.page.get_by_role("switch", name="Ring here").click()
    await expect(at_ben.person("Anna Berg, Available by phone and chat")).to_be_visible()
    await at_anna.page.close(run_before_unload=True)
    await expect(at_ben.person("Anna Berg, Offline")).to_be_visible(timeout=2 * WAIT_MS)


async def test_a_call_is_seen_from_ringing_to_its_end(people: People, page_of: PageOf) -> None:
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    panel = at_anna.page.locator("softphone-panel")
    await panel.get_by_role("switch").click()
    await panel.get_by_role("button", name="Let it ring").click()
    await expect(at_ben.person("Anna Berg, Ringing")).to_be_visible()
    await panel.get_by_role("button", name="Answer").click()
    await expect(at_ben.person("Anna Berg, On the phone since")).to_be_visible()
    await expect(at_ben.dot("Anna Berg")).to_have_attribute("shape", "phone")
    await panel.get_by_role("button", name="Hold").click()
    await panel.get_by_role("button", name="Hang up").click()
    await expect(at_ben.person("Anna Berg, Available by phone and chat")).to_be_visible()


async def test_a_message_is_written_in_one_window_and_read_in_the_other(people: People, page_of: PageOf) -> None:
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    await at_anna.page.evaluate("navigator.setAppBadge = async (count) => { window.onIcon = count; }")
    await at_ben.person("Anna Berg").click()
    await at_ben.write("Hello Anna")
    await expect(at_ben.page.get_by_text(re.compile("^(Sent|Delivered)$"))).to_be_visible()
    await expect(at_anna.page).to_have_title("(1) People · Presence")
    await at_anna.page.wait_for_function("() => window.onIcon === 1")
    await at_anna.page.get_by_role("link", name="Chats").click()
    await expect(at_anna.conversation("Ben Ode, Available by chat, 1 unread message")).to_contain_text("Hello Anna")
    await at_anna.conversation("Ben Ode").click()
    await expect(at_anna.messages).to_have_text(["Hello Anna"])
    await expect(at_ben.page.get_by_text("Read", exact=True)).to_be_visible()
    await at_anna.write("Hello Ben")
    await expect(at_ben.messages).to_have_text(["Hello Anna", "Hello Ben"])
    await expect(at_anna.page).to_have_title("Ben Ode · Presence")


async def test_two_windows_on_two_gateways_see_the_same(
    people: People, page_of: PageOf, start_gateway: Callable[..., GatewayProcess]
) -> None:
    other = start_gateway()
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben, url=other.url)
    seen = await at_ben.when_dot_is("Anna Berg", "dnd")
    switch = at_anna.page.get_by_role("switch", name="Do not disturb")
    clicked = await switch.evaluate("(element) => { const now = Date.now(); element.click(); return now; }")
    assert await seen - clicked < AT_ONCE_MS
    await at_ben.person("Anna Berg").click()
    await at_ben.write("From the other gateway")
    await at_anna.page.get_by_role("link", name="Chats").click()
    await expect(at_anna.conversation("Ben Ode")).to_contain_text("From the other gateway")


async def test_two_windows_of_one_person_show_the_same(people: People, page_of: PageOf) -> None:
    anna, ben = await _anna_and_ben(people)
    desk, phone, at_ben = await page_of(anna), await page_of(anna), await page_of(ben)
    for window in (desk, phone):
        await window.person("Ben Ode").click()
    await desk.write("From the desk")
    await expect(phone.messages).to_have_text(["From the desk"])
    await at_ben.person("Anna Berg").click()
    await at_ben.write("Got it")
    for window in (desk, phone):
        await expect(window.messages).to_have_text(["From the desk", "Got it"])
        await expect(window.page).to_have_title("Ben Ode · Presence")


async def test_a_new_name_is_seen_by_coworkers_without_a_reload(people: People, page_of: PageOf) -> None:
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    await at_anna.page.get_by_role("button", name="Profile").click()
    await at_anna.page.get_by_label("Last name").fill("Berg-Sørensen")
    await at_anna.page.get_by_role("button", name="Save").click()
    await expect(at_anna.page.get_by_text("Saved.")).to_be_visible()
    await expect(at_ben.person("Anna Berg-Sørensen")).to_be_visible()
    await expect(at_anna.page.locator("you-panel").get_by_role("heading", name="Anna Berg-Sørensen")).to_be_visible()


async def test_what_is_entered_while_a_profile_is_being_saved_stays(people: People, page_of: PageOf) -> None:
    anna, _ = await _anna_and_ben(people)
    page = (await page_of(anna)).page
    await page.get_by_role("button", name="Profile").click()
    listing = page.get_by_role("switch", name="List in directory")
    await listing.click()
    await page.get_by_label("First name").fill("Anne")
    async with answered_late(page, "**/v1/profile") as answered:
        await page.get_by_role("button", name="Save").click()
        await answered.wait()
        await listing.click()
        await page.get_by_label("Last name").fill("Bergson")
    await expect(page.get_by_role("button", name="Save")).to_be_enabled()
    await expect(listing).to_be_checked()
    await expect(page.get_by_label("First name")).to_have_value("Anne")
    await expect(page.get_by_label("Last name")).to_have_value("Bergson")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    other = await page_of(anna)
    await other.page.get_by_role("button", name="Profile").click()
    await expect(other.page.get_by_label("Last name")).to_have_value("Bergson")
    await expect(other.page.get_by_label("First name")).to_have_value("Anne")
    await expect(other.page.get_by_role("switch", name="List in directory")).to_be_checked()


async def test_who_leaves_the_directory_leaves_the_list(people: People, page_of: PageOf) -> None:
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    await expect(at_ben.person("Anna Berg")).to_be_visible()
    await at_anna.page.get_by_role("button", name="Profile").click()
    listing = at_anna.page.get_by_role("switch", name="List in directory")
    await listing.click()
    await at_anna.page.get_by_role("button", name="Save").click()
    await expect(at_anna.page.get_by_text("Saved.")).to_be_visible()
    await expect(at_ben.person("Anna Berg")).to_have_count(0)
    await listing.click()
    await at_anna.page.get_by_role("button", name="Save").click()
    await expect(at_ben.person("Anna Berg, Available by chat")).to_be_visible()
