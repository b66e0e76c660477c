"""Groups, and what can be done with messages: in two windows, by keyboard and by touch."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, expect

from chat.model import NewMessage
from storage.postgres.chat import PostgresChatStore
from storage.postgres.pool import transaction
from tests.support.chat import make_group, message
from tests.support.gateway import People
from tests.support.windows import DESK, PHONE, Window, answered_late
from wire.identity import UserId
from wire.limits import LIMITS

PageOf = Callable[..., Awaitable[Window]]


@dataclass
class Office:
    people: People
    anna: UserId
    ben: UserId
    cleo: UserId


@pytest.fixture
async def office(people: People) -> Office:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    cleo = await people.add("1003", first_name="Cleo", last_name="Pratt")
    return Office(people, anna, ben, cleo)


def bubble(window: Window, text: str) -> Locator:
    return window.page.locator("chat-window .message").filter(has_text=text)


_HIDES_HISTORY = """() => {
    const { threads } = document.querySelector("portal-shell").client.conversations.state;
    return [...threads.values()].some(({ history }) => history === "joined");
}"""
KNOWS_PEOPLE = """() => {
    const { client } = document.querySelector("portal-shell");
    return client.isLarge || client.coworkers.state.people.size >= 3;
}"""


async def begin_group(window: Window, name: str) -> None:
    await window.page.wait_for_function(KNOWS_PEOPLE)  # whom Enter shall choose
    await window.page.get_by_role("button", name="New conversation").first.click()
    dialog = window.page.get_by_role("dialog")
    await dialog.get_by_label("Find people").fill("1002")
    await dialog.get_by_label("Find people").press("Enter")
    await dialog.get_by_label("Find people").fill("cleo")
    await dialog.get_by_role("button", name="Cleo Pratt").click()
    await dialog.get_by_label("Name of the group").fill(name)
    await dialog.get_by_role("button", name="Create the group").click()
    await expect(window.page.locator("chat-window h2")).to_have_text(name)


async def choose(window: Window, text: str, action: str) -> None:
    """From the menu of a message, by keyboard alone."""
    await bubble(window, text).focus()
    await bubble(window, text).press("Enter")
    await window.page.get_by_role("menuitem", name=action, exact=True).click()


async def test_a_group_is_begun_by_name_and_extension_and_everybody_has_it_at_once(
    office: Office, page_of: PageOf
) -> None:
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    await begin_group(at_anna, "Summer party")
    await expect(at_ben.conversation("Summer party")).to_be_visible()
    await at_ben.conversation("Summer party").click()
    line = "Anna Berg created the group “Summer party” with you and Cleo Pratt."
    await expect(at_ben.page.locator("chat-window .told")).to_have_text(line)
    await at_ben.write("I bring the cake")
    await expect(bubble(at_anna, "I bring the cake")).to_be_visible()
    await expect(bubble(at_anna, "I bring the cake").locator(".sender")).to_have_text("Ben Ode")


async def test_in_a_large_domain_those_are_found_and_named_whom_nobody_has_loaded(
    office: Office, page_of: PageOf
) -> None:
    async with transaction(office.people.pool) as conn:
        await conn.execute(
            """
            INSERT INTO users (domain_id, user_id, extension, login_name, first_name, last_name, scope)
            SELECT $1, n, (n + 10000)::text, (n + 10000)::text, 'Many', n::text, 2 FROM generate_series(100, 2200) n
            """,
            office.people.company.domain,
        )
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    known = "document.querySelector('portal-shell').client.coworkers.state.people.size"
    await begin_group(at_anna, "Summer party")
    await at_ben.conversation("Summer party").click()
    line = "Anna Berg created the group “Summer party” with you and Cleo Pratt."
    await expect(at_ben.page.locator("chat-window .told")).to_have_text(line)
    assert await at_anna.page.evaluate(known) <= 150
    await at_anna.write("Who brings the cake?")
    await at_anna.page.get_by_role("searchbox", name="Search messages").fill("cake from:12100")
    await expect(at_anna.page.get_by_text("Nothing was found for “cake from:12100”.")).to_be_visible()
    profile = await (await at_ben.page.context.request.get(f"{at_ben.url}/v1/profile")).json()
    renamed = await at_ben.page.context.request.patch(
        f"{at_ben.url}/v1/profile",
        data={"rev": profile["rev"], "first_name": "Beth"},
        headers={"Origin": at_ben.url},
    )
    assert renamed.ok, await renamed.text()
    await at_ben.write("I do")
    await expect(bubble(at_anna, "I do").locator(".sender")).to_have_text("Beth Ode")


async def test_who_was_renamed_is_called_so_everywhere_but_in_what_others_read(office: Office, page_of: PageOf) -> None:
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    await begin_group(at_anna, "Summer party")
    answer = await at_anna.page.context.request.put(
        f"{at_anna.url}/v1/overlays/{office.cleo}",
        data={"rev": 0, "first_name": "Aunt", "last_name": "Clementine"},
        headers={"Origin": at_anna.url},
    )
    assert answer.ok, await answer.text()
    await expect(at_anna.page.locator("chat-window .told")).to_contain_text("with Ben Ode and Aunt Clementine")
    await at_anna.text.press_sequentially("Hello @aunt")
    await at_anna.page.get_by_role("option", name="Aunt Clementine").click()
    await expect(at_anna.text).to_have_value("Hello @Cleo Pratt ")
    await at_anna.text.press("Enter")
    await expect(at_anna.page.locator("chat-window .mention")).to_have_text("@Cleo Pratt")
    await at_ben.conversation("Summer party").click()
    await expect(bubble(at_ben, "Hello @Cleo Pratt")).to_be_visible()
    await at_anna.page.get_by_role("button", name="New conversation").first.click()
    dialog = at_anna.page.get_by_role("dialog")
    await dialog.get_by_label("Find people").fill("clem")
    await dialog.get_by_label("Find people").press("Enter")
    await dialog.get_by_role("button", name="Start the chat").click()
    await expect(at_anna.page.locator("chat-window h2").last).to_have_text("Aunt Clementine")


async def test_members_are_removed_and_leave_and_lose_the_conversation(office: Office, page_of: PageOf) -> None:
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    at_cleo = await page_of(office.cleo, path="/app/chats")
    await begin_group(at_anna, "Summer party")
    await at_anna.page.get_by_role("button", name="About this conversation").click()
    await at_anna.page.get_by_role("menuitem", name="Members and settings").click()
    dialog = at_anna.page.get_by_role("dialog")
    await dialog.get_by_label("Name of the group").fill("Winter party")
    await dialog.get_by_role("button", name="Rename").click()
    await expect(at_ben.conversation("Winter party")).to_be_visible()
    await dialog.get_by_label("Who joins later sees").select_option("only what comes from then on")
    await at_anna.page.wait_for_function(_HIDES_HISTORY)
    await dialog.get_by_role("button", name="Remove Cleo Pratt").click()
    await expect(dialog.get_by_text("2 members")).to_be_visible()
    await expect(at_cleo.conversation("Winter party")).to_have_count(0)

    await at_ben.conversation("Winter party").click()
    await at_ben.page.get_by_role("button", name="About this conversation").click()
    await at_ben.page.get_by_role("menuitem", name="Members and settings").click()
    await at_ben.page.get_by_role("dialog").get_by_role("button", name="Leave the group").click()
    await at_ben.page.get_by_role("button", name="Leave the group").last.click()
    await expect(at_ben.conversation("Winter party")).to_have_count(0)
    await expect(at_anna.page.locator("chat-window .told").last).to_have_text("Ben Ode left.")


async def test_who_looks_at_a_group_finds_the_list_of_people_as_it_was(office: Office, page_of: PageOf) -> None:
    window = await page_of(office.anna, path="/app/people")
    await expect(window.person("Cleo Pratt")).to_be_visible()
    await window.page.get_by_role("link", name="Chats").first.click()
    await begin_group(window, "Summer party")
    await window.page.get_by_role("button", name="About this conversation").click()
    await window.page.get_by_role("menuitem", name="Members and settings").click()
    await expect(window.page.get_by_role("dialog").get_by_text("3 members")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await window.page.get_by_role("link", name="People").first.click()
    await expect(window.person("Cleo Pratt")).to_be_visible()


async def test_messages_are_answered_edited_reacted_to_and_deleted_by_keyboard(office: Office, page_of: PageOf) -> None:
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    await begin_group(at_anna, "Sales")
    await at_ben.conversation("Sales").click()
    await at_anna.write("Shall we meet at nine?")

    await choose(at_ben, "Shall we meet", "Reply")
    await at_ben.write("Ten is better")
    await expect(bubble(at_anna, "Ten is better").locator(".quote")).to_contain_text("Shall we meet at nine?")

    await choose(at_ben, "Ten is better", "React with 👍")
    await expect(at_anna.page.get_by_role("button", name="👍 by Ben Ode")).to_be_visible()
    await at_anna.page.get_by_role("button", name="👍 by Ben Ode").click()
    await expect(at_ben.page.get_by_role("button", name="👍 by You and Anna Berg")).to_be_visible()

    await at_ben.text.press("ArrowUp")
    await expect(at_ben.text).to_have_value("Ten is better")
    await at_ben.write("Eleven is better")
    await expect(bubble(at_anna, "Eleven is better")).to_contain_text("Edited")

    await choose(at_ben, "Eleven is better", "Delete")
    await at_ben.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(at_anna.page.locator("chat-window .gone")).to_contain_text("This message was deleted.")
    await expect(bubble(at_anna, "Eleven is better")).to_have_count(0)


async def test_who_is_mentioned_is_chosen_from_a_list_and_sees_it_marked(office: Office, page_of: PageOf) -> None:
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    await begin_group(at_anna, "Sales")
    await at_ben.conversation("Sales").click()
    await at_anna.text.press_sequentially("Ask @od")
    await expect(at_anna.page.locator("chat-window .mentions li")).to_have_text("Ben Ode")
    await at_anna.text.press("Tab")
    await expect(at_anna.text).to_have_value("Ask @Ben Ode ")
    await at_anna.text.press("Enter")
    await expect(at_ben.page.locator("chat-window .mention.me")).to_have_text("@Ben Ode")


async def test_somebody_who_writes_is_shown_until_the_message_comes(office: Office, page_of: PageOf) -> None:
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    await begin_group(at_anna, "Sales")
    await at_ben.conversation("Sales").click()
    await at_anna.text.press_sequentially("Hello")
    await expect(at_ben.page.locator("chat-window .typing")).to_have_text("Anna Berg is writing…")
    await at_anna.text.press("Enter")
    await expect(bubble(at_ben, "Hello")).to_be_visible()
    await expect(at_ben.page.locator("chat-window .typing")).to_have_text("")


async def test_the_sender_sees_for_each_person_what_was_delivered_and_read(office: Office, page_of: PageOf) -> None:
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    await begin_group(at_anna, "Sales")
    await at_anna.write("Who is there?")
    await expect(bubble(at_anna, "Who is there?")).to_contain_text("Sent")
    await at_ben.page.bring_to_front()
    await at_ben.conversation("Sales").click()
    await expect(at_ben.conversation("Sales")).not_to_contain_text("unread")
    await bubble(at_anna, "Who is there?").focus()
    await bubble(at_anna, "Who is there?").press("Enter")
    await expect(at_anna.page.get_by_text("Read by Ben Ode")).to_be_visible()
    await expect(at_anna.page.get_by_text("Not yet with Cleo Pratt")).to_be_visible()


async def test_in_a_large_group_whoever_has_it_open_sees_who_writes_and_who_has_read(
    office: Office, page_of: PageOf
) -> None:
    crowd = [await office.people.add(str(2001 + nth)) for nth in range(LIMITS.told_marks_members)]
    domain = office.people.company.domain
    group = await make_group(office.people.pool, domain, [office.anna, office.ben, *crowd])
    store = PostgresChatStore(office.people.pool)
    await store.append(message(domain, group, crowd[0], "Welcome"))
    await store.close()
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    for window in (at_anna, at_ben):
        await window.conversation("A Group").click()
    await at_anna.write("Good morning")
    await expect(at_ben.messages).to_have_text(["Welcome", "Good morning"])
    await at_ben.text.press_sequentially("Good")
    await expect(at_anna.page.locator("chat-window .typing")).to_have_text("Ben Ode is writing…")
    await bubble(at_anna, "Good morning").focus()
    await bubble(at_anna, "Good morning").press("Enter")
    marks = at_anna.page.locator("chat-window .menu")
    await expect(marks).to_contain_text("by Ben Ode")
    await expect(marks).to_contain_text("Not yet with 50 people")


async def test_what_is_searched_opens_in_its_place_and_one_comes_back_to_the_newest(
    office: Office, page_of: PageOf
) -> None:
    store = PostgresChatStore(office.people.pool)
    domain = office.people.company.domain
    opened = await store.open_direct(domain, office.anna, office.ben)
    conversation = opened.conversation.conversation
    for number in range(1, 301):
        body = "The café in Größenbach" if number == 40 else f"Message {number}"
        await store.append(NewMessage(domain, conversation, office.ben, f"history-{number}", body))
    await store.close()
    window = await page_of(office.anna, path="/app/chats")
    hit = window.page.locator("message-search .hit")
    async with answered_late(window.page, "**/v1/directory?*") as answered:
        await window.page.reload()
        await answered.wait()
        # Before it is known who can be meant.
        await window.page.get_by_label("Search messages").fill("from:ben cafe grossen")
        await expect(window.page.get_by_text("There is nobody named “ben”.")).to_be_visible()
    await expect(hit).to_have_count(1)
    assert await hit.locator("mark").all_inner_texts() == ["café", "Größenbach"]
    await hit.click()
    await expect(bubble(window, "The café in Größenbach")).to_be_in_viewport()
    await expect(bubble(window, "Message 300")).to_have_count(0)
    await window.page.get_by_role("button", name="Back to the newest").click()
    await expect(bubble(window, "Message 300")).to_be_in_viewport()


async def test_conversations_are_kept_open_side_by_side_on_a_desk(office: Office, page_of: PageOf) -> None:
    window = await page_of(office.anna, path="/app/people", viewport={"width": 1600, "height": 900})
    await window.person("Ben Ode").click()
    await window.page.get_by_role("button", name="About this conversation").click()
    await window.page.get_by_role("menuitem", name="Keep open beside others").click()
    await window.person("Cleo Pratt").click()
    await expect(window.page.locator("chat-window h2")).to_have_text(["Cleo Pratt", "Ben Ode"])
    await window.page.locator(".dock chat-window").get_by_role("textbox").fill("To Ben")
    await window.page.locator(".dock chat-window").get_by_role("textbox").press("Enter")
    await expect(window.page.locator(".dock chat-window .bubble")).to_have_text("To Ben")
    await window.page.locator(".dock chat-window").get_by_role("button", name="Close the conversation").click()
    await expect(window.page.locator("chat-window h2")).to_have_text(["Cleo Pratt"])


async def test_a_muted_conversation_asks_for_no_attention(office: Office, page_of: PageOf) -> None:
    at_anna = await page_of(office.anna, path="/app/chats")
    at_ben = await page_of(office.ben, path="/app/chats")
    await begin_group(at_anna, "Sales")
    await at_ben.conversation("Sales").click()
    await at_ben.page.get_by_role("button", name="About this conversation").click()
    await at_ben.page.get_by_role("menuitem", name="Mute").click()
    await expect(at_ben.conversation("Sales, muted")).to_be_visible()
    await at_ben.page.get_by_role("link", name="People").click()
    await at_ben.page.get_by_role("button", name="Close the conversation").click()
    await at_anna.write("Nothing urgent")
    await at_ben.page.get_by_role("link", name="Chats").click()
    await expect(at_ben.conversation("Sales, muted, 1 unread message")).to_be_visible()
    await expect(at_ben.page).to_have_title("Chats · Presence")


async def test_on_a_phone_a_tap_opens_what_can_be_done_with_a_message(office: Office, page_of: PageOf) -> None:
    at_anna = await page_of(office.anna, path="/app/chats", viewport=DESK)
    at_ben = await page_of(office.ben, path="/app/chats", viewport=PHONE, has_touch=True, is_mobile=True)
    await begin_group(at_anna, "Sales")
    await at_anna.write("Can you hear me?")
    await at_ben.conversation("Sales").tap()
    await bubble(at_ben, "Can you hear me?").locator(".bubble").tap()
    await at_ben.page.get_by_role("menuitem", name="React with ❤️").tap()
    await expect(at_anna.page.get_by_role("button", name="❤️ by Ben Ode")).to_be_visible()
