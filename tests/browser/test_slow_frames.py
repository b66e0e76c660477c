"""What one sees on a machine that is slow to draw: whatever can be typed into and clicked is what it shows."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, expect

from tests.support.gateway import People
from tests.support.windows import PHONE, Window, answered_late, frames_held
from wire.commands import SetStatus
from wire.identity import Scope, UserId
from wire.replies import Done

PageOf = Callable[..., Awaitable[Window]]
ANNA, BEN = re.compile("Anna Berg"), re.compile("Ben Ode")


@dataclass
class Office:
    mara: UserId
    anna: UserId


@pytest.fixture
async def office(people: People) -> Office:
    """Mara manages Anna and Ben, and is at lunch."""
    mara = await people.add("1900", first_name="Mara", last_name="Lind", scope=Scope.OFFICE_MANAGER, pin_hash="x")
    anna = await people.add("1001", first_name="Anna", last_name="Berg", pin_hash="x")
    await people.add("1002", first_name="Ben", last_name="Ode", pin_hash="x")
    async with await people.connect(mara) as client:
        await client.ask(SetStatus(message="Lunch"), Done)
    return Office(mara, anna)


class Visit:
    """To a place where one writes: what was seen before, the step, and the field with what it holds."""

    path = "/app/people"
    holds = ""

    async def before(self, window: Window) -> None: ...

    async def step(self, window: Window) -> None: ...

    def field(self, window: Window) -> Locator:
        return window.page.locator("profile-form").get_by_label("First name")


class OwnProfile(Visit):
    """Open for the second time: what it holds is known."""

    holds = "Mara"

    async def before(self, window: Window) -> None:
        await self.step(window)
        await expect(self.field(window)).to_have_value(self.holds)
        await window.page.locator("profile-form").get_by_role("button", name="Back").click()
        await expect(self.field(window)).to_have_count(0)

    async def step(self, window: Window) -> None:
        await window.page.get_by_role("button", name="Profile", exact=True).click()


class AnotherUser(Visit):
    """Whose profile was open before, while somebody else's is in front."""

    path = "/app/users"
    holds = "Ben"

    async def before(self, window: Window) -> None:
        for name, first in ((BEN, "Ben"), (ANNA, "Anna")):
            await window.page.locator("user-list").get_by_role("button", name=name).click()
            await expect(self.field(window)).to_have_value(first)

    async def step(self, window: Window) -> None:
        await window.page.locator("user-list").get_by_role("button", name=BEN).click()


class NewContact(Visit):
    """While a new contact that was given up has been typed into the same form."""

    async def before(self, window: Window) -> None:
        await self.step(window)
        await self.field(window).fill("Given up")
        await window.page.locator("contact-page").get_by_role("button", name="Cancel").click()
        await expect(window.page.locator("contact-page")).to_have_count(0)

    async def step(self, window: Window) -> None:
        await window.page.get_by_role("button", name="Add a contact").click()

    def field(self, window: Window) -> Locator:
        return window.page.locator("contact-page").get_by_label("First name")


class Status(Visit):
    holds = "Lunch"

    async def step(self, window: Window) -> None:
        await window.page.get_by_role("link", name="You").click()

    def field(self, window: Window) -> Locator:
        return window.page.locator("status-form").get_by_role("textbox")


@pytest.mark.parametrize(
    ("visit", "size"),
    [(OwnProfile(), None), (AnotherUser(), None), (NewContact(), None), (Status(), PHONE)],
    ids=["one's own profile", "another user", "a new contact", "one's own status"],
)
async def test_one_can_write_as_soon_as_a_form_is_seen(
    office: Office, page_of: PageOf, visit: Visit, size: dict[str, int] | None
) -> None:
    options = {"viewport": size} if size else {}
    window = await page_of(office.mara, path=visit.path, **options)
    await visit.before(window)
    field = visit.field(window)
    async with frames_held(window.page):
        await visit.step(window)
        await expect(field).to_have_value(visit.holds)
        await field.click()
        await field.press("End")
        await window.page.keyboard.type("Z")
    # Nothing is filled in afterwards, and nothing takes the keys away.
    await window.page.keyboard.type("Y")
    await expect(field).to_have_value(f"{visit.holds}ZY")


async def test_what_can_be_done_is_done_to_whom_the_page_shows(office: Office, page_of: PageOf) -> None:
    window = await page_of(office.mara, path=f"/app/users/{office.anna}")
    page = window.page
    await page.get_by_role("tab", name="Advanced").click()
    act = page.locator("user-advanced").get_by_role("button", name=re.compile("Act as"))
    await expect(act).to_have_text("Act as Anna Berg")
    ben = page.locator("user-list").get_by_role("button", name=BEN)
    await expect(ben).to_be_visible()  # while frames are held no row is drawn
    async with answered_late(page, "**/v1/users/*"), frames_held(page):
        await ben.click()
        await expect(page.get_by_role("heading", name="Anna Berg")).to_have_count(0)
        await expect(act).to_be_hidden()
    await expect(act).to_have_text("Act as Ben Ode")


async def test_what_was_saved_is_told_only_where_it_was_typed(office: Office, page_of: PageOf) -> None:
    window = await page_of(office.mara, path="/app/users")
    page = window.page
    users, form = page.locator("user-list"), page.locator("profile-form[user]")
    for name, first in ((BEN, "Ben"), (ANNA, "Anna")):
        await users.get_by_role("button", name=name).click()
        await expect(form.get_by_label("First name")).to_have_value(first)
    await form.get_by_label("First name").fill("Annika")
    async with answered_late(page, f"**/v1/users/{office.anna}") as answered:
        await form.get_by_role("button", name="Save", exact=True).click()
        await answered.wait()
        await users.get_by_role("button", name=BEN).click()
        await page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        await expect(form.get_by_label("First name")).to_have_value("Ben")
    await expect(form.get_by_role("button", name="Save", exact=True)).to_be_visible()  # and no longer "Saving"
    assert await form.get_by_role("status").filter(has_text="Saved.").count() == 0
    await expect(form.get_by_label("First name")).to_have_value("Ben")
