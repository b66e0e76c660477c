"""Edits, deletions and reactions with their store: numbered without gaps, told to whom they concern, not lost."""

import asyncio
from dataclasses import dataclass

import pytest

from chat.errors import (
    ConversationNotFound,
    EmptyMessage,
    MessageDeleted,
    MessageNotFound,
    NotAPicture,
    NotYourMessage,
    TooManyReactions,
)
from chat.service import CHANGED_CONVERSATIONS_UNASKED, CHANGES_UNASKED, ChatService, Positions
from storage.postgres.pool import Pool
from tests.support.chat import Ear, make_client_id, make_company, only
from tests.support.company import Company
from wire.events import ChangesMissed, MessageAdded, MessageChanged
from wire.identity import Caller, ConversationId
from wire.limits import LIMITS
from wire.records import History, Message, Reaction


@dataclass
class Office:
    """Anna and Ben are in a group that shows newcomers only what comes; Carol is a colleague."""

    company: Company
    anna: Caller
    ben: Caller
    carol: Caller
    group: ConversationId


@pytest.fixture
async def office(pool: Pool, chat: ChatService, ear: Ear) -> Office:
    company, users = await make_company(pool, 3)
    anna, ben, carol = map(company.caller, users)
    made = await chat.groups.create(anna, make_client_id(), "Sales", [ben.user], History.JOINED)
    ear.take()
    return Office(company, anna, ben, carol, made.conversation)


async def say(chat: ChatService, caller: Caller, conversation: ConversationId, body: str = "hello") -> int:
    return (await chat.send(caller, conversation, make_client_id(), body)).message.seq


async def read(chat: ChatService, caller: Caller, office: Office, seq: int) -> Message:
    (message,) = (await chat.messages(caller, office.group, seq - 1, None, 1)).messages
    return message


async def test_an_edit_is_told_to_all_with_the_next_rev_and_marked(chat: ChatService, ear: Ear, office: Office) -> None:
    seq = await say(chat, office.anna, office.group, "helo")
    ear.take()
    await chat.changes.edit(office.anna, office.group, seq, "  hello\u202e ", [office.ben.user])
    kept = await read(chat, office.ben, office, seq)
    assert (kept.body, kept.rev, kept.mentions) == ("hello", 1, [office.ben.user])
    assert kept.edited_at is not None
    (told,) = ear.take()
    assert told.event == MessageChanged(message=kept)
    assert told.to == (office.anna.user, office.ben.user)
    assert (await chat.conversation(office.ben, office.group)).last_rev == 1


async def test_what_changes_nothing_has_no_rev(chat: ChatService, ear: Ear, office: Office) -> None:
    seq = await say(chat, office.anna, office.group)
    ear.take()
    await chat.changes.edit(office.anna, office.group, seq, "hello", [])
    await chat.changes.react(office.anna, office.group, seq, "👍", on=False)
    assert ear.take() == []
    await chat.changes.react(office.anna, office.group, seq, "👍", on=True)
    await chat.changes.react(office.anna, office.group, seq, "👍", on=True)
    # Told once more, since whoever asks again may have lost the answer together with the telling.
    assert [only(MessageChanged, [told.event])[0].message.rev for told in ear.take()] == [1, 1]


async def test_a_deleted_message_keeps_its_place_and_nothing_else(chat: ChatService, ear: Ear, office: Office) -> None:
    first = await say(chat, office.anna, office.group)
    sent = await chat.send(
        office.anna, office.group, "client-id-gone", "secret", reply_to=first, mentions=[office.ben.user]
    )
    seq = sent.message.seq
    await chat.changes.react(office.ben, office.group, seq, "👍", on=True)
    for _ in range(2):
        await chat.changes.delete(office.anna, office.group, seq)
    kept = await read(chat, office.ben, office, seq)
    assert (kept.body, kept.reply_to, kept.mentions, kept.reactions, kept.rev) == ("", 0, [], [], 2)
    assert kept.deleted_at is not None
    for attempt in (
        chat.changes.edit(office.anna, office.group, seq, "again", []),
        chat.changes.react(office.ben, office.group, seq, "👍", on=True),
    ):
        with pytest.raises(MessageDeleted):
            await attempt
    # The same client_id for ever finds the first result, and brings nothing back.
    ear.take()
    again = await chat.send(office.anna, office.group, "client-id-gone", "secret")
    assert (again.message, again.duplicate) == (kept, True)
    assert ear.of(office.ben.user) == [MessageAdded(message=kept)]


async def test_only_ones_own_messages_are_changed_and_no_lines(chat: ChatService, ear: Ear, office: Office) -> None:
    seq = await say(chat, office.anna, office.group)
    ear.take()
    for attempt in (
        chat.changes.edit(office.ben, office.group, seq, "mine", []),
        chat.changes.delete(office.ben, office.group, seq),
        chat.changes.edit(office.anna, office.group, 1, "a line", []),
        chat.changes.delete(office.anna, office.group, 1),
        chat.changes.react(office.ben, office.group, 1, "👍", on=True),
    ):
        with pytest.raises(NotYourMessage):
            await attempt
    with pytest.raises(EmptyMessage):
        await chat.changes.edit(office.anna, office.group, seq, "\u200b", [])
    with pytest.raises(MessageNotFound):
        await chat.changes.edit(office.anna, office.group, 99, "nothing", [])
    with pytest.raises(ConversationNotFound):
        await chat.changes.react(office.carol, office.group, seq, "👍", on=True)
    assert ear.take() == []


async def test_reactions_keep_their_order_and_go_when_nobody_is_left(chat: ChatService, office: Office) -> None:
    seq = await say(chat, office.anna, office.group)
    for caller, emoji, on in (
        (office.ben, "👍", True),
        (office.anna, "❤️", True),
        (office.anna, "👍", True),
        (office.ben, "👍", False),
    ):
        await chat.changes.react(caller, office.group, seq, emoji, on=on)
    kept = await read(chat, office.ben, office, seq)
    assert kept.reactions == [Reaction("👍", [office.anna.user]), Reaction("❤️", [office.anna.user])]
    await chat.changes.react(office.anna, office.group, seq, "👍", on=False)
    assert [each.emoji for each in (await read(chat, office.ben, office, seq)).reactions] == ["❤️"]


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "❤️", "👨‍👩‍👧", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "✅", "➕"])
async def test_a_picture_is_a_reaction(chat: ChatService, office: Office, emoji: str) -> None:
    seq = await say(chat, office.anna, office.group)
    await chat.changes.react(office.ben, office.group, seq, emoji, on=True)
    assert len((await read(chat, office.anna, office, seq)).reactions) == 1


@pytest.mark.parametrize("emoji", ["ok", "1", "<b>", "👍 nice", "\u200b", "\u202e👍", "👍\u202e", "<<", "א", "13️⃣"])
async def test_words_are_no_reaction(chat: ChatService, office: Office, emoji: str) -> None:
    seq = await say(chat, office.anna, office.group)
    with pytest.raises(NotAPicture):
        await chat.changes.react(office.ben, office.group, seq, emoji, on=True)


async def test_there_is_a_limit_of_different_reactions(chat: ChatService, office: Office) -> None:
    seq = await say(chat, office.anna, office.group)
    for number in range(LIMITS.reactions):
        await chat.changes.react(office.ben, office.group, seq, chr(0x1F600 + number), on=True)
    await chat.changes.react(office.anna, office.group, seq, chr(0x1F600), on=True)
    with pytest.raises(TooManyReactions):
        await chat.changes.react(office.anna, office.group, seq, "👍", on=True)


async def test_whoever_joined_later_is_told_of_no_change_before(chat: ChatService, ear: Ear, office: Office) -> None:
    old = await say(chat, office.anna, office.group, "old secret")
    await chat.groups.add(office.anna, office.group, [office.carol.user])
    new = await say(chat, office.anna, office.group, "new")
    ear.take()
    await chat.changes.edit(office.anna, office.group, old, "old secret, edited", [])
    await chat.changes.edit(office.anna, office.group, new, "new, edited", [])
    told = only(MessageChanged, ear.of(office.carol.user))
    assert [(each.message.seq, each.message.rev) for each in told] == [(new, 2)]
    page = await chat.changes.list(office.carol, office.group, 0, 10)
    assert ([each.seq for each in page.messages], page.rev, page.more) == ([new], 2, False)
    with pytest.raises(MessageNotFound):
        await chat.changes.react(office.carol, office.group, old, "👍", on=True)


async def test_changes_at_once_get_revs_without_gaps_and_every_one_is_kept(chat: ChatService, office: Office) -> None:
    seqs = [await say(chat, office.anna, office.group, str(number)) for number in range(10)]
    await asyncio.gather(
        *(
            chat.changes.react(caller, office.group, seq, "👍", on=True)
            for seq in seqs
            for caller in (office.anna, office.ben)
        ),
        *(chat.changes.edit(office.anna, office.group, seq, f"edited {seq}", []) for seq in seqs),
        *(say(chat, office.ben, office.group) for _ in range(10)),
    )
    assert (await chat.conversation(office.anna, office.group)).last_rev == 30
    page = await chat.changes.list(office.ben, office.group, 0, 100)
    assert (page.rev, page.more) == (30, False)
    assert sorted(each.seq for each in page.messages) == seqs
    for each in page.messages:
        assert each.body == f"edited {each.seq}"
        assert [sorted(reaction.users) for reaction in each.reactions] == [[office.anna.user, office.ben.user]]


async def test_a_client_that_was_away_gets_the_changes_that_it_missed(chat: ChatService, office: Office) -> None:
    seqs = [await say(chat, office.anna, office.group, str(number)) for number in range(4)]
    await chat.changes.edit(office.anna, office.group, seqs[0], "known", [])
    known = Positions({office.group: seqs[-1]}, {office.group: 1})
    _, missed = await chat.snapshot(office.ben, known)
    assert missed == []
    await chat.changes.delete(office.anna, office.group, seqs[1])
    await chat.changes.edit(office.anna, office.group, seqs[2], "edited", [])
    await chat.changes.react(office.anna, office.group, seqs[2], "👍", on=True)
    _, missed = await chat.snapshot(office.ben, known)
    (news,) = only(ChangesMissed, missed)
    assert ([(each.seq, each.rev) for each in news.messages], news.rev, news.more) == (
        [(seqs[1], 2), (seqs[2], 4)],
        4,
        False,
    )
    # A client that says nothing of changes knows none of them, and is not told.
    assert (await chat.snapshot(office.ben, Positions({office.group: seqs[-1]})))[1] == []


async def test_more_changes_than_are_sent_unasked_are_asked_for_page_by_page(
    chat: ChatService, office: Office, pool: Pool
) -> None:
    many = CHANGES_UNASKED + 20
    seqs = [await say(chat, office.anna, office.group, str(number)) for number in range(many)]
    for seq in seqs:
        await chat.changes.react(office.anna, office.group, seq, "👍", on=True)
    _, missed = await chat.snapshot(office.ben, Positions({office.group: seqs[-1]}, {office.group: 0}))
    (news,) = only(ChangesMissed, missed)
    assert (len(news.messages), news.rev, news.more) == (CHANGES_UNASKED, CHANGES_UNASKED, True)
    rest = await chat.changes.list(office.ben, office.group, news.rev, 100)
    assert ([each.seq for each in rest.messages], rest.rev, rest.more) == (seqs[CHANGES_UNASKED:], many, False)


async def test_changes_in_many_conversations_are_announced_even_where_they_are_not_sent(
    chat: ChatService, pool: Pool
) -> None:
    company, users = await make_company(pool, CHANGED_CONVERSATIONS_UNASKED + 3)
    anna = company.caller(users[0])
    opened = [(await chat.open_conversation(anna, user)).conversation for user in users[1:]]
    for conversation in opened:
        await chat.changes.edit(anna, conversation, await say(chat, anna, conversation), "edited", [])
    _, missed = await chat.snapshot(anna, Positions(dict.fromkeys(opened, 1), dict.fromkeys(opened, 0)))
    news = only(ChangesMissed, missed)
    assert [each.conversation for each in news] == opened[::-1]
    assert [(len(each.messages), each.rev, each.more) for each in news] == [
        *[(1, 1, False)] * CHANGED_CONVERSATIONS_UNASKED,
        *[(0, 0, True)] * 2,
    ]
