"""What a screen reader says by itself: a new message and a lost connection, once, and nothing of who comes and goes."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from tests.support.announcements import Announcements
from tests.support.gateway import People
from tests.support.windows import Window
from wire.commands import OpenConversation, SendMessage, SetDnd
from wire.identity import UserId
from wire.replies import ConversationOpened, Done, MessageSent

PageOf = Callable[..., Awaitable[Window]]
COWORKERS = 10
TURNS = 5


async def test_a_new_message_is_said_once(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna)
    async with await people.connect(ben) as at_ben:
        opened = await at_ben.ask(OpenConversation(user=anna), ConversationOpened)

        async def say(body: str) -> None:
            conversation = opened.conversation.conversation
            message = SendMessage(conversation=conversation, client_id=f"id-{body}-0123456789", body=body)
            await at_ben.ask(message, MessageSent)

        await say("first")
        await window.person("Ben Ode").click()
        await expect(window.messages).to_have_text(["first"])
        announcements = await Announcements.of(window.page)
        for body in ("second", "third"):
            await say(body)
        said = await announcements.until("third")
    assert [words.partition(": ")[0] for words in said] == ["Ben Ode", "Ben Ode"]
    assert [sum(body in words for words in said) for body in ("first", "second", "third")] == [0, 1, 1]


async def test_a_lost_connection_is_said_once_and_so_is_its_return(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    window = await page_of(anna)
    window.expects("ERR_INTERNET_DISCONNECTED")
    window.expects("fetching the script")  # of its worker, which asks for a newer one
    announcements = await Announcements.of(window.page)
    await window.page.context.set_offline(True)
    await expect(window.page.get_by_text("Reconnecting in")).to_be_visible()
    lost = await announcements.until("This device has no network.")
    assert [words.rpartition(" at ")[0] for words in lost] == ["", "Showing how things were"], lost
    await window.page.context.set_offline(False)
    assert await announcements.until("Connected again.") == [*lost, "Connected again."]
    await window.is_live()


async def test_fifty_changes_of_presence_a_second_are_shown_and_not_said(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    coworkers = [await people.add(str(2000 + nth), first_name=f"Coworker {nth}") for nth in range(COWORKERS)]
    window = await page_of(anna)
    await expect(window.page.locator("contact-list .person")).to_have_count(COWORKERS)
    announcements = await Announcements.of(window.page)

    async def takes_turns(user: UserId) -> None:
        async with await people.connect(user) as client:
            for turn in range(TURNS):
                await client.ask(SetDnd(on=turn % 2 == 0), Done)

    await asyncio.gather(*(takes_turns(user) for user in coworkers))
    await expect(window.page.locator("contact-list presence-dot[shape=dnd]")).to_have_count(COWORKERS)
    assert await announcements.made() == []
