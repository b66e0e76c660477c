"""The list of people: groups, search, order, and a list that does not move under a hand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from playwright.async_api import expect

from presence.facts import PORTAL, DeviceUp
from storage.redis.client import make_client
from storage.redis.presence import RedisPresenceStore
from tests.support.gateway import People
from tests.support.windows import PHONE, Window
from wire.commands import RegisterDevice, SetDnd
from wire.identity import DeviceId
from wire.replies import DeviceRegistered, Done

PageOf = Callable[..., Awaitable[Window]]


@asynccontextmanager
async def presence_of(people: People) -> AsyncIterator[RedisPresenceStore]:
    """Where everybody's presence is kept."""
    redis = make_client(people.gateway.redis_url)
    yield RedisPresenceStore(redis)
    await redis.aclose()


async def _shown(window: Window) -> list[str]:
    return await window.page.locator("contact-list .name").all_text_contents()


async def test_people_are_found_without_regard_to_accents_and_case(people: People, page_of: PageOf) -> None:
    await people.add("1002", first_name="Łukasz", last_name="Wójcik", department="Engineering")
    await people.add("1003", first_name="Zoë", last_name="Adams", department="Sales")
    window = await page_of(await people.add("1001"))
    search = window.page.get_by_role("searchbox")
    for text, found in (("lukasz woj", ["Łukasz Wójcik"]), ("SALES", ["Zoë Adams"]), ("1002", ["Łukasz Wójcik"])):
        await search.fill(text)
        await expect(window.page.locator("contact-list .name")).to_have_text(found)
    await search.fill("nobody at all")
    await expect(window.page.get_by_text("Nobody matches “nobody at all”.")).to_be_visible()
    await window.page.get_by_role("button", name="Show everybody").click()
    await expect(window.page.locator("contact-list .name")).to_have_text(["Łukasz Wójcik", "Zoë Adams"])


async def test_groups_follow_the_colours_live(people: People, page_of: PageOf) -> None:
    ben = await people.add("1002", first_name="Ben", last_name="Ode", department="Sales")
    await people.add("1003", first_name="Cleo", last_name="Pratt")
    window = await page_of(await people.add("1001"))
    await expect(window.page.get_by_label("2 All")).to_be_checked()
    async with await people.connect(ben, available=False) as client:
        await client.ask(RegisterDevice(device="desk"), DeviceRegistered)
        await window.page.get_by_label("1 Available").check()
        await expect(window.page.locator("contact-list .name")).to_have_text(["Ben Ode"])
        await client.ask(SetDnd(on=True), Done)
        await expect(window.page.get_by_label("0 Available")).to_be_checked()
        await window.page.get_by_label("1 Busy").check()
        await expect(window.page.locator("contact-list .name")).to_have_text(["Ben Ode"])
    await window.page.get_by_label("2 All").check()
    await window.page.get_by_role("combobox", name="Group").select_option("Sales")
    await expect(window.page.locator("contact-list .name")).to_have_text(["Ben Ode"])


async def test_nobody_moves_while_a_pointer_is_over_the_list(people: People, page_of: PageOf) -> None:
    await people.add("1002", first_name="Ben", last_name="Ode")
    cleo = await people.add("1003", first_name="Cleo", last_name="Pratt")
    window = await page_of(await people.add("1001"))
    await window.page.get_by_label("Sort by").select_option("Status")
    await expect(window.page.locator("contact-list .name")).to_have_text(["Ben Ode", "Cleo Pratt"])
    await window.person("Ben Ode").hover()
    async with await people.connect(cleo):
        await expect(window.person("Cleo Pratt, Available by chat")).to_be_visible()
        assert await _shown(window) == ["Ben Ode", "Cleo Pratt"]
        await expect(window.page.get_by_role("button", name="Update order")).to_be_visible()
        await window.page.mouse.move(700, 20)
        await expect(window.page.locator("contact-list .name")).to_have_text(["Cleo Pratt", "Ben Ode"])
        await expect(window.page.get_by_role("button", name="Update order")).to_be_hidden()


async def test_where_there_are_fingers_nobody_moves_until_one_asks_for_it(people: People, page_of: PageOf) -> None:
    await people.add("1002", first_name="Ben", last_name="Ode")
    cleo = await people.add("1003", first_name="Cleo", last_name="Pratt")
    window = await page_of(await people.add("1001"), viewport=PHONE, has_touch=True, is_mobile=True)
    page = window.page
    await page.get_by_label("Sort by").select_option("Status")
    await expect(page.locator("contact-list .name")).to_have_text(["Ben Ode", "Cleo Pratt"])
    sort = await page.get_by_label("Sort by").bounding_box()
    async with await people.connect(cleo):
        await expect(window.person("Cleo Pratt, Available by chat")).to_be_visible()
        await expect(page.get_by_role("button", name="Update order")).to_be_visible()
        assert await _shown(window) == ["Ben Ode", "Cleo Pratt"]
        assert await page.get_by_label("Sort by").bounding_box() == sort
        await expect(page.get_by_role("button", name="More", exact=True)).to_be_in_viewport(ratio=1)
        await page.get_by_role("button", name="Update order").tap()
        await expect(page.locator("contact-list .name")).to_have_text(["Cleo Pratt", "Ben Ode"])
        await expect(page.get_by_role("button", name="Update order")).to_be_hidden()


_WATCH_SHIFTS = """() => {
    window.shifts = [];
    const told = ({ value, sources }) => [value, ...sources.map((one) => one.currentRect)];
    const take = (list) => window.shifts.push(...list.map(told));
    const observer = new PerformanceObserver((list) => take(list.getEntries()));
    observer.observe({ type: "layout-shift" });
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    window.shiftsSeen = async () => {
        await frame();
        await frame();
        take(observer.takeRecords());
        return window.shifts;
    };
}"""


async def test_nothing_that_stays_moves_when_presence_does(people: People, page_of: PageOf) -> None:
    crowd = [await people.add(str(1100 + at), first_name="P", last_name=f"{at:02}") for at in range(40)]
    window = await page_of(await people.add("1001"))
    page = window.page
    await expect(page.get_by_label("40 All")).to_be_checked()
    await page.get_by_label("Sort by").select_option("Status")
    await page.locator("contact-list .scroll").evaluate("(scroll) => scroll.scrollTo(0, 900)")
    row = page.locator("contact-list li", has=page.get_by_role("button", name="P 20,"))
    await expect(row).to_have_attribute("aria-posinset", "21")
    before = await row.bounding_box()
    await page.evaluate(_WATCH_SHIFTS)
    async with presence_of(people) as store:
        phones = [DeviceUp(user, PORTAL, DeviceId("desk"), 600_000) for user in crowd[30:]]
        await store.report(people.company.domain, phones)
        # Ten people go to the top, when nobody scrolls any more; their number has one digit more than before.
        await expect(row).to_have_attribute("aria-posinset", "31")
    await expect(page.get_by_label("10 Available")).to_be_visible()
    assert await row.bounding_box() == before
    assert await page.evaluate("shiftsSeen()") == []


async def test_a_field_that_is_wrong_is_told_beside_it(people: People, page_of: PageOf) -> None:
    window = await page_of(await people.add("1001"), path="/app/profile")
    window.expects("422")
    zone = window.page.get_by_label("Time zone")
    await zone.fill("Nowhere/Land")
    await window.page.get_by_role("button", name="Save").click()
    await expect(zone).to_be_focused()
    await expect(zone).to_have_attribute("aria-invalid", "true")
    await window.page.get_by_role("button", name="Discard changes").click()
    await expect(zone).to_have_value("UTC")
    await expect(zone).not_to_have_attribute("aria-invalid", "true")
    await window.page.get_by_role("button", name="Add an address").click()
    await window.page.get_by_label("E-mail address 1").fill("no address")
    await window.page.get_by_role("button", name="Save").click()
    await expect(window.page.get_by_label("E-mail address 1")).to_have_attribute("aria-invalid", "true")
    await window.page.get_by_label("E-mail address 1").fill("me@company.example")
    await window.page.get_by_role("button", name="Save").click()
    await expect(window.page.get_by_text("Saved.")).to_be_visible()
