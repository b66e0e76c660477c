"""The chat window: history, what is new, what is dangerous to show, and what could not be sent."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from chat.model import NewMessage
from storage.postgres.chat import PostgresChatStore
from tests.support.chat import mark_read
from tests.support.gateway import People
from tests.support.windows import PHONE, Window, frames_held
from wire.identity import ConversationId, UserId

PageOf = Callable[..., Awaitable[Window]]


async def _history(people: People, sender: UserId, to: UserId, count: int) -> ConversationId:
    """So many messages, kept before any window is open."""
    store = PostgresChatStore(people.pool)
    domain = people.company.domain
    opened = await store.open_direct(domain, sender, to)
    conversation = opened.conversation.conversation
    for number in range(1, count + 1):
        await store.append(NewMessage(domain, conversation, sender, f"history-{number}", f"Message {number}"))
    await store.close()
    return conversation


async def _read_all(people: People, reader: UserId, conversation: ConversationId, last: int) -> None:
    store = PostgresChatStore(people.pool)
    await mark_read(store, people.company.domain, reader, conversation, last)
    await store.close()


async def test_older_messages_come_when_one_scrolls_up_and_nothing_jumps(people: People, page_of: PageOf) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    conversation = await _history(people, ben, anna, 120)
    window = await page_of(anna, path=f"/app/chats/{conversation}")
    log = window.page.get_by_role("log")
    await expect(window.messages.last).to_be_in_viewport()
    await expect(window.page.get_by_text("This is the beginning")).to_have_count(0)
    before = await window.messages.count()
    assert before < 120
    # Not by the wheel: the position is set, and a line is watched while the page before it comes in.
    mark = window.messages.nth(3)
    text = await mark.text_content()
    # In one step: the older ones may be there before anything else is asked.
    was = await mark.evaluate(
        """(line) => {
            line.closest("[role=log]").scrollTop = 40;
            return line.getBoundingClientRect().top;
        }"""
    )
    await expect(window.messages).not_to_have_count(before)
    before = await window.messages.count()
    now = await window.messages.get_by_text(text or "", exact=True).bounding_box()
    assert now is not None
    assert abs(now["y"] - was) < 40
    for _ in range(3):
        await log.evaluate("(element) => { element.scrollTop = 0; }")
        if await window.messages.count() == 120:
            break
        await expect(window.messages).not_to_have_count(before)
        before = await window.messages.count()
    await expect(window.messages).to_have_count(120)
    await expect(window.page.get_by_text("This is the beginning")).to_be_visible()


async def test_whoever_writes_several_lines_goes_on_seeing_the_last_message(people: People, page_of: PageOf) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    conversation = await _history(people, ben, anna, 30)
    await _read_all(people, anna, conversation, 30)
    window = await page_of(anna, path=f"/app/chats/{conversation}")
    await expect(window.messages.last).to_be_in_viewport()
    await window.text.fill("one\ntwo\nthree\nfour\nfive")
    await expect(window.messages.last).to_be_in_viewport(ratio=1)
    # Measuring how high the text is must not move what is above it: not even for a moment, which scrolls.
    await _after_two_frames(window.page)
    log = window.page.get_by_role("log")
    await log.evaluate("(log) => { log.scrolls = 0; log.addEventListener('scroll', () => log.scrolls++); }")
    await window.text.press_sequentially(" and more")
    await _after_two_frames(window.page)
    assert await log.evaluate("(log) => log.scrolls") == 0
    await expect(window.messages.last).to_be_in_viewport(ratio=1)


async def _after_two_frames(page: Page) -> None:
    await page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")


async def test_what_one_writes_goes_to_whom_the_window_shows(people: People, page_of: PageOf) -> None:
    """What is typed before the window has drawn who was chosen would go to whom it showed before, or nowhere."""
    anna = await people.add("1001")
    await people.add("1002", first_name="Ben", last_name="Ode")
    await people.add("1003", first_name="Cem", last_name="Kaya")
    window = await page_of(anna)
    for name in ("Ben Ode", "Cem Kaya"):
        first = name.split()[0]
        await expect(window.person(name)).to_be_visible()
        async with frames_held(window.page):
            address = window.page.url
            await window.person(name).click()
            await window.page.wait_for_url(lambda now, before=address: now != before)  # type: ignore[misc]
            await expect(window.page.locator("chat-window h2")).to_have_text(name)
            await expect(window.text).to_have_value("")
            await window.text.press_sequentially(f"for {first}")
        await expect(window.text).to_have_value(f"for {first}")
        await window.text.press("Enter")
        await expect(window.messages).to_have_text([f"for {first}"])


async def test_what_came_while_nobody_looked_stands_behind_a_line(people: People, page_of: PageOf) -> None:
    anna, ben = await people.add("1001"), await people.add("1002", first_name="Ben", last_name="Ode")
    await _history(people, ben, anna, 3)
    window = await page_of(anna, path="/app/chats")
    await expect(window.page.get_by_role("link", name="3 unread messages Chats")).to_be_visible()
    await window.conversation("Ben Ode").click()
    await expect(window.page.locator("chat-window li").filter(has_text="New").first).to_be_visible()
    lines = await window.page.locator("chat-window ol > li").all_inner_texts()
    day, new = (line.split("\n")[0] for line in lines[:2])
    assert (day in ("Today", "Yesterday"), new) == (True, "New"), "midnight may have passed since they were written"
    await expect(window.page).to_have_title("Ben Ode · Presence")
    await window.write("Thanks")
    await expect(window.page.locator("chat-window .divider")).to_have_count(0)


async def test_markup_stays_text_and_only_web_addresses_become_links(people: People, page_of: PageOf) -> None:
    anna, ben = await people.add("1001"), await people.add("1002", first_name="Ben", last_name="Ode")
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    await at_anna.person("Ben Ode").click()
    evil = "<img src=x onerror=alert(1)> javascript:alert(2) <a href='https://a.example/?q=1'>x</a>"
    await at_anna.write(evil)
    await at_ben.page.get_by_role("link", name="Chats").click()
    await at_ben.conversation("User 1001").click()
    await expect(at_ben.messages).to_have_text([evil])
    assert await at_ben.messages.locator("img").count() == 0
    links = at_ben.messages.get_by_role("link")
    assert await links.evaluate_all("(links) => links.map((link) => [link.href, link.rel, link.target])") == [
        ["https://a.example/?q=1", "noopener noreferrer", "_blank"]
    ]


async def test_a_message_that_is_too_long_is_not_sent_and_says_so(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001")
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna)
    await window.person("Ben Ode").click()
    await window.write("x" * 8_003)
    await expect(window.page.get_by_text("3 characters too long")).to_be_visible()
    await expect(window.page.get_by_role("button", name="Send")).to_be_disabled()
    await expect(window.messages).to_have_count(0)
    await window.write("x" * 7_990)
    await expect(window.messages).to_have_count(1)


async def test_reading_further_up_is_not_disturbed_by_what_arrives(people: People, page_of: PageOf) -> None:
    anna, ben = await people.add("1001"), await people.add("1002", first_name="Ben", last_name="Ode")
    conversation = await _history(people, ben, anna, 40)
    await _read_all(people, anna, conversation, 40)
    at_anna = await page_of(anna, path=f"/app/chats/{conversation}")
    log = at_anna.page.get_by_role("log")
    await expect(at_anna.messages).to_have_count(40)
    await log.evaluate("(element) => { element.scrollTop = 300; }")
    jump = at_anna.page.get_by_role("button", name="Newest")
    await expect(jump).to_be_visible()
    at_ben = await page_of(ben, path=f"/app/chats/{conversation}")
    await at_ben.write("Are you there?")
    jump = at_anna.page.get_by_role("button", name="1 new message")
    await expect(jump).to_be_visible()
    assert await log.evaluate("(element) => element.scrollTop") == 300
    await expect(at_anna.page).to_have_title("(1) Ben Ode · Presence")
    await jump.click()
    await expect(at_anna.messages.last).to_be_in_viewport()
    await expect(at_anna.page).to_have_title("Ben Ode · Presence")


async def test_a_phone_shows_one_thing_at_a_time_and_back_leads_back(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001")
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna, viewport=PHONE, has_touch=True, is_mobile=True)
    await expect(window.page.locator("chat-window")).to_have_count(0)
    await window.person("Ben Ode").tap()
    await expect(window.page.get_by_role("log")).to_be_visible()
    await expect(window.page.locator("contact-list")).to_be_hidden()
    await window.write("From the phone")
    await expect(window.messages).to_have_text(["From the phone"])
    await _fits(window.page)
    await window.page.get_by_role("button", name="Back").tap()
    await expect(window.person("Ben Ode")).to_be_visible()
    await expect(window.page.get_by_role("log")).to_be_hidden()
    for tab in ("Chats", "You", "People"):
        await window.page.get_by_role("link", name=tab).tap()
        await _fits(window.page)
    await window.page.go_back()
    await expect(window.page.get_by_role("switch", name="Do not disturb")).to_be_visible()


async def _fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_name_too_long_for_its_line_can_be_read_whole(people: People, page_of: PageOf) -> None:
    await people.add("1002", first_name="Maximiliane-Theodora", last_name="von und zu Hohenberg-Lichtenfels-Altenstein")
    await people.add("1003", first_name="Ben", last_name="Ode")
    window = await page_of(await people.add("1001"), viewport=PHONE)
    page = window.page
    await window.person("Maximiliane-Theodora").click()
    name, unfold = page.locator("chat-window h2"), page.get_by_role("button", name="Show the whole name")
    is_cut = "(name) => name.scrollWidth > name.clientWidth"
    await expect(unfold).to_have_attribute("aria-expanded", "false")
    assert await name.evaluate(is_cut)
    await unfold.click()
    await expect(unfold).to_have_attribute("aria-expanded", "true")
    assert not await name.evaluate(is_cut)
    await unfold.click()
    await expect(unfold).to_have_attribute("aria-expanded", "false")
    assert await name.evaluate(is_cut)
    await page.get_by_role("button", name="Back").click()
    await window.person("Ben Ode").click()
    await expect(name).to_have_text("Ben Ode")
    await expect(unfold).to_be_hidden()
