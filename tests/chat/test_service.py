import asyncio
import math
from dataclasses import dataclass

import pytest
from msgspec import structs

from accounts.permissions import may_see_unlisted
from chat.errors import (
    ClientIdTaken,
    ConversationNotFound,
    EmptyMessage,
    MaskedFromChat,
    MessageTooLong,
    PersonNotFound,
)
from chat.marks_service import MARK_AGAIN
from chat.model import KeptMessage
from chat.paging import CATCH_UP_PER_CONVERSATION, PAGE_BYTES
from chat.service import SNAPSHOT_CONVERSATIONS, ChatService, Positions
from storage.postgres.chat import PostgresChatStore
from storage.postgres.pool import Pool, transaction
from tests.support.chat import Ear, apply, make_client_id, make_company, make_group, only
from tests.support.company import Company
from wire.errors import ErrorCode, Invalid
from wire.events import (
    ConversationAdded,
    ConversationRemoved,
    ConversationsSnapshot,
    MessageAdded,
    MessagesMissed,
    ReadMarked,
)
from wire.identity import Caller, ConversationId, Scope, UserId
from wire.limits import LIMITS
from wire.records import Message


@dataclass
class Office:
    """Anna and Ben have a conversation; Carol has none."""

    company: Company
    anna: Caller
    ben: Caller
    carol: Caller
    conversation: ConversationId


@pytest.fixture
async def office(pool: Pool, chat: ChatService, ear: Ear) -> Office:
    company, users = await make_company(pool, 3)
    anna, ben, carol = map(company.caller, users)
    opened = await chat.open_conversation(anna, ben.user)
    ear.take()
    return Office(company, anna, ben, carol, opened.conversation)


async def say(chat: ChatService, caller: Caller, conversation: ConversationId, body: str = "hello") -> KeptMessage:
    return await chat.send(caller, conversation, make_client_id(), body)


# ------------------------------------------------------------ opening


async def test_a_new_conversation_is_told_to_both_and_an_old_one_to_nobody(
    chat: ChatService, ear: Ear, office: Office
) -> None:
    made = await chat.open_conversation(office.carol, office.anna.user)
    (told,) = ear.take()
    assert told.event == ConversationAdded(conversation=made)
    assert told.to == (office.anna.user, office.carol.user)
    assert await chat.open_conversation(office.anna, office.carol.user) == made
    assert ear.take() == []


async def test_one_may_keep_notes_in_a_conversation_with_oneself(chat: ChatService, ear: Ear, office: Office) -> None:
    notebook = await chat.open_conversation(office.anna, office.anna.user)
    await say(chat, office.anna, notebook.conversation)
    assert [told.to for told in ear.take()] == [(office.anna.user,)] * 2
    assert (await chat.open_conversation(office.anna, office.anna.user)).unread == 0


async def test_an_unlisted_person_is_opened_only_by_who_may_see_that_person(
    chat: ChatService, office: Office, pool: Pool
) -> None:
    company, (colleague,) = await make_company(pool, 1)
    hidden = await company.add("1100", list_in_directory=False)
    manager = await company.add("1200", scope=Scope.OFFICE_MANAGER)
    with pytest.raises(PersonNotFound) as unseen:
        await chat.open_conversation(company.caller(colleague), hidden)
    with pytest.raises(PersonNotFound) as unknown:
        await chat.open_conversation(company.caller(colleague), UserId(999))
    assert unseen.value.message == unknown.value.message
    opened = await chat.open_conversation(company.caller(manager), hidden)
    assert [member.user for member in opened.members] == [hidden, manager]
    # Whoever has a conversation keeps it, and the hidden person may write to anybody.
    opened = await chat.open_conversation(company.caller(hidden), colleague)
    assert await chat.open_conversation(company.caller(colleague), hidden) == opened


async def test_nobody_is_opened_in_another_domain(chat: ChatService, office: Office, pool: Pool) -> None:
    _, strangers = await make_company(pool, 9)
    with pytest.raises(PersonNotFound):
        await chat.open_conversation(office.anna, strangers[-1])


# ------------------------------------------------------------ sending


async def test_a_message_is_told_to_all_members_and_to_its_sender(chat: ChatService, ear: Ear, office: Office) -> None:
    kept = await say(chat, office.anna, office.conversation, "  hello,\r\nBen ")
    assert kept.message.body == "hello,\nBen"
    (told,) = ear.take()
    assert told.event == MessageAdded(message=kept.message)
    assert (told.domain, told.to) == (office.company.domain, (office.anna.user, office.ben.user))


async def test_what_is_told_is_kept_already(
    store: PostgresChatStore, office: Office, chat: ChatService, pool: Pool
) -> None:
    found: list[Message] = []

    class Reader(Ear):
        async def announce(self, *_: object, **__: object) -> None:
            user, domain = office.ben.user, office.company.domain
            found.extend(await store.messages_after(domain, user, office.conversation, 0, 10))

    telling = ChatService(store, Reader(), lambda *_: False)
    kept = await say(telling, office.anna, office.conversation)
    assert found == [kept.message]


async def test_a_repeated_message_is_told_again_as_it_was_kept(chat: ChatService, ear: Ear, office: Office) -> None:
    first = await chat.send(office.anna, office.conversation, "client-id-1", "as it was")
    again = await chat.send(office.anna, office.conversation, "client-id-1", "as it is not")
    assert (first.duplicate, again.duplicate) == (False, True)
    assert again.message == first.message
    assert [told.event for told in ear.take()] == [MessageAdded(message=first.message)] * 2


async def test_a_client_id_of_another_conversation_is_a_conflict(chat: ChatService, ear: Ear, office: Office) -> None:
    elsewhere = await chat.open_conversation(office.anna, office.carol.user)
    await chat.send(office.anna, office.conversation, "client-id-1", "to Ben")
    ear.take()
    with pytest.raises(ClientIdTaken) as refused:
        await chat.send(office.anna, elsewhere.conversation, "client-id-1", "to Carol")
    assert refused.value.field == "client_id"
    assert ear.take() == []


@pytest.mark.parametrize("body", ["", "  \n ", "\x00\x1b", "\u200b\u200d"])
async def test_an_empty_message_is_refused(chat: ChatService, ear: Ear, office: Office, body: str) -> None:
    with pytest.raises(EmptyMessage) as refused:
        await say(chat, office.anna, office.conversation, body)
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID, "body")
    assert ear.take() == []


async def test_a_message_that_gets_too_long_by_composing_is_refused(chat: ChatService, office: Office) -> None:
    longest = "x" * LIMITS.message_length
    assert (await say(chat, office.anna, office.conversation, longest)).message.body == longest
    with pytest.raises(MessageTooLong):
        await say(chat, office.anna, office.conversation, "\ufb2c" * (LIMITS.message_length // 2))


async def test_a_message_whose_sender_goes_away_reaches_the_others(
    chat: ChatService, ear: Ear, office: Office, pool: Pool
) -> None:
    async with transaction(pool) as conn:
        await conn.execute(
            "SELECT FROM conversations WHERE domain_id = $1 AND conversation_id = $2 FOR UPDATE",
            office.company.domain,
            office.conversation,
        )
        sending = asyncio.create_task(say(chat, office.anna, office.conversation, "last words"))
        await asyncio.sleep(0)  # the message is in the hands of the store now
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert ear.take() == []
    await chat.close()
    (told,) = ear.take()
    assert isinstance(told.event, MessageAdded)
    assert told.event.message.body == "last words"
    page = await chat.messages(office.ben, office.conversation, None, None, 10)
    assert page.messages == [told.event.message]


# ------------------------------------------------------------ walls


async def test_who_is_not_in_a_conversation_learns_nothing_of_it(
    chat: ChatService, ear: Ear, office: Office, pool: Pool
) -> None:
    await say(chat, office.anna, office.conversation)
    ear.take()
    other_company, users = await make_company(pool, 3)
    no_conversation = ConversationId(2**53 - 1)
    for caller in (office.carol, *map(other_company.caller, users)):
        refusals = set()
        for conversation in (office.conversation, no_conversation):
            for attempt in (
                chat.send(caller, conversation, "client-id-1", "hello"),
                chat.messages(caller, conversation, 0, None, 10),
                chat.messages(caller, conversation, None, None, 10),
                chat.marks.mark_read(caller, conversation, 1),
            ):
                with pytest.raises(ConversationNotFound) as refused:
                    await attempt
                refusals.add((refused.value.message, refused.value.field))
        assert len(refusals) == 1  # what exists and what does not look the same
        snapshot, missed = await chat.snapshot(caller, Positions({office.conversation: 0, no_conversation: 0}))
        assert snapshot.conversations == []
        assert missed == [
            ConversationRemoved(conversation=office.conversation),
            ConversationRemoved(conversation=no_conversation),
        ]
    assert ear.take() == []


async def test_a_mask_is_blind_to_chat(chat: ChatService, ear: Ear, office: Office) -> None:
    masked = structs.replace(office.anna, operator=office.carol.user)
    for attempt in (
        chat.open_conversation(masked, office.ben.user),
        chat.list_conversations(masked, None, 10),
        chat.send(masked, office.conversation, "client-id-1", "hello"),
        chat.messages(masked, office.conversation, None, None, 10),
        chat.marks.mark_read(masked, office.conversation, 1),
        chat.snapshot(masked),
    ):
        with pytest.raises(MaskedFromChat) as refused:
            await attempt
        assert refused.value.code is ErrorCode.NOT_ALLOWED
    assert ear.take() == []


# ------------------------------------------------------------ reading


async def test_history_comes_in_pages_both_ways_and_is_always_ascending(chat: ChatService, office: Office) -> None:
    for number in range(1, 8):
        await say(chat, office.anna, office.conversation, str(number))

    async def page(after: int | None, before: int | None, limit: int) -> tuple[list[int], bool]:
        found = await chat.messages(office.ben, office.conversation, after, before, limit)
        return [each.seq for each in found.messages], found.more

    assert await page(None, None, 3) == ([5, 6, 7], True)
    assert await page(None, 5, 3) == ([2, 3, 4], True)
    assert await page(None, 2, 3) == ([1], False)
    assert await page(0, None, 4) == ([1, 2, 3, 4], True)
    assert await page(4, None, 3) == ([5, 6, 7], False)
    assert await page(7, None, 3) == ([], False)
    assert await page(None, 0, 3) == ([], False)


async def test_after_and_before_together_are_refused(chat: ChatService, office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        await chat.messages(office.anna, office.conversation, 1, 5, 10)
    assert refused.value.field == "before"


async def test_a_page_of_long_messages_is_shorter_and_nothing_is_lost(chat: ChatService, office: Office) -> None:
    for _ in range(9):
        await say(chat, office.anna, office.conversation, "語" * LIMITS.message_length)
    seen: list[int] = []
    pages = 0
    more = True
    while more:
        found = await chat.messages(office.ben, office.conversation, seen[-1] if seen else 0, None, 100)
        assert sum(len(each.body.encode()) for each in found.messages) <= PAGE_BYTES
        seen += [each.seq for each in found.messages]
        more = found.more
        pages += 1
    assert seen == list(range(1, 10))
    assert pages == math.ceil(9 / 5)


async def test_the_list_of_conversations_is_whole_in_pages(chat: ChatService, pool: Pool) -> None:
    company, users = await make_company(pool, 7)
    anna = company.caller(users[0])
    opened = [(await chat.open_conversation(anna, user)).conversation for user in users]
    listed: list[ConversationId] = []
    cursor, more = None, True
    while more:
        page = await chat.list_conversations(anna, cursor, 3)
        listed += [each.conversation for each in page.conversations]
        cursor, more = page.next, page.next is not None
    assert listed == opened[::-1]


@pytest.mark.parametrize(
    "cursor", ["", "x", "1", "1.", ".1", "1.x", "9" * 40 + ".1", "1." + "9" * 40, "1.2.3", "-1.-1"]
)
async def test_a_cursor_that_we_did_not_make_is_refused(chat: ChatService, office: Office, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        await chat.list_conversations(office.anna, cursor, 10)
    assert refused.value.field == "before"


async def test_a_read_mark_is_told_to_all_and_the_count_of_unread_only_to_the_reader(
    chat: ChatService, ear: Ear, office: Office
) -> None:
    for _ in range(3):
        await say(chat, office.anna, office.conversation)
    ear.take()
    await chat.marks.mark_read(office.ben, office.conversation, 2)
    assert ear.of(office.ben.user) == [
        ReadMarked(conversation=office.conversation, user=office.ben.user, seq=2, unread=1)
    ]
    assert ear.of(office.anna.user) == [ReadMarked(conversation=office.conversation, user=office.ben.user, seq=2)]
    ear.take()
    await chat.marks.mark_read(office.ben, office.conversation, 1)
    assert ear.take() == []


async def test_a_mark_that_is_said_again_is_told_again_in_case_that_the_first_telling_was_lost(
    store: PostgresChatStore, ear: Ear, office: Office
) -> None:
    now = 0.0
    chat = ChatService(store, ear, may_see_unlisted, clock=lambda: now)
    await say(chat, office.anna, office.conversation)
    ear.take()
    for mark in (chat.marks.mark_delivered, chat.marks.mark_read):
        await mark(office.ben, office.conversation, 1)
        told = ear.take()
        assert told
        await mark(office.ben, office.conversation, 1)
        assert ear.take() == [], "another client of his, in the same moment"
        now += MARK_AGAIN
        await mark(office.ben, office.conversation, 1)
        assert ear.take() == told
        await mark(office.ben, office.conversation, 0)
        assert ear.take() == [], "this is old"


# ------------------------------------------------------------ connect and resume


async def test_a_client_that_was_away_gets_exactly_what_it_missed(chat: ChatService, office: Office) -> None:
    quiet = (await chat.open_conversation(office.anna, office.carol.user)).conversation
    await say(chat, office.carol, quiet)
    for number in range(1, 6):
        await say(chat, office.ben, office.conversation, str(number))
    snapshot, missed = await chat.snapshot(office.anna, Positions({office.conversation: 3, quiet: 1}))
    assert [each.conversation for each in snapshot.conversations] == [office.conversation, quiet]
    (news,) = only(MessagesMissed, missed)
    assert [each.body for each in news.messages] == ["4", "5"]
    assert (news.conversation, news.more) == (office.conversation, False)


async def test_what_is_too_much_to_send_unasked_can_be_asked_for(chat: ChatService, office: Office) -> None:
    many = CATCH_UP_PER_CONVERSATION + 20
    await asyncio.gather(*(say(chat, office.ben, office.conversation, str(number)) for number in range(many)))
    _, missed = await chat.snapshot(office.anna, Positions({office.conversation: 0}))
    (news,) = only(MessagesMissed, missed)
    assert ([each.seq for each in news.messages], news.more) == (list(range(1, CATCH_UP_PER_CONVERSATION + 1)), True)
    rest = await chat.messages(office.anna, office.conversation, news.messages[-1].seq, None, 100)
    assert ([each.seq for each in rest.messages], rest.more) == (list(range(101, many + 1)), False)


async def test_many_long_messages_are_announced_even_where_they_are_not_sent(chat: ChatService, pool: Pool) -> None:
    company, users = await make_company(pool, 4)
    anna = company.caller(users[0])
    opened = [(await chat.open_conversation(anna, user)).conversation for user in users]
    for conversation in opened:
        for _ in range(7):
            await say(chat, anna, conversation, "x" * LIMITS.message_length)
    _, told = await chat.snapshot(anna, Positions(dict.fromkeys(opened, 0)))
    missed = only(MessagesMissed, told)
    assert [each.conversation for each in missed] == opened[::-1]
    assert [(len(each.messages), each.more) for each in missed] == [(7, False), (7, False), (1, True), (0, True)]


async def test_the_snapshot_says_where_the_list_goes_on(chat: ChatService, pool: Pool) -> None:
    company, users = await make_company(pool, SNAPSHOT_CONVERSATIONS + 1)
    anna = company.caller(users[0])
    for user in users:
        await chat.open_conversation(anna, user)
    snapshot, _ = await chat.snapshot(anna)
    assert len(snapshot.conversations) == SNAPSHOT_CONVERSATIONS
    rest = await chat.list_conversations(anna, snapshot.next, 10)
    assert (len(rest.conversations), rest.next) == (1, None)


async def test_a_snapshot_and_the_events_after_it_are_a_fresh_snapshot(
    chat: ChatService, ear: Ear, office: Office, pool: Pool
) -> None:
    group = await make_group(pool, office.company.domain, [office.anna.user, office.ben.user, office.carol.user])
    readers = (office.anna, office.ben, office.carol)
    await say(chat, office.anna, office.conversation)
    await say(chat, office.anna, group)
    before = [(await chat.snapshot(reader))[0] for reader in readers]
    ear.take()

    await say(chat, office.ben, office.conversation)
    await say(chat, office.carol, group)
    await chat.marks.mark_read(office.anna, office.conversation, 1)
    await chat.marks.mark_read(office.ben, group, 2)
    await chat.open_conversation(office.carol, office.ben.user)
    await chat.send(office.anna, group, "client-id-again", "twice told")
    await chat.send(office.anna, group, "client-id-again", "twice told")
    await chat.marks.mark_read(office.carol, group, 3)

    for reader, state in zip(readers, before, strict=True):
        rebuilt: ConversationsSnapshot = state
        for event in ear.of(reader.user):
            rebuilt = apply(rebuilt, event, reader.user)
        fresh, _ = await chat.snapshot(reader)
        assert rebuilt == fresh
