"""Groups with their store: who sees what, who is told, and that each change is a line with a number of its own."""

import asyncio
from dataclasses import dataclass

import pytest

from chat.errors import (
    ClientIdTaken,
    ConversationNotFound,
    EmptyName,
    NotAGroup,
    NotAManager,
    PersonNotFound,
    TooManyGroups,
)
from chat.service import ChatService
from storage.postgres.pool import Pool, connection
from tests.support.chat import Ear, apply, make_client_id, make_company
from tests.support.company import Company
from wire.events import ConversationAdded, ConversationRemoved, ConversationsSnapshot, GroupChanged, MessageAdded
from wire.identity import Caller, ConversationId, UserId
from wire.limits import LIMITS
from wire.records import Conversation, History, LineKind, Message, Role


@dataclass
class Office:
    """Anna made the group Sales, with Ben in it. Carol and Dora are colleagues."""

    company: Company
    anna: Caller
    ben: Caller
    carol: Caller
    dora: Caller
    group: ConversationId

    @property
    def everybody(self) -> tuple[Caller, ...]:
        return self.anna, self.ben, self.carol, self.dora


async def make_office(pool: Pool, chat: ChatService, ear: Ear, history: History = History.ALL) -> Office:
    company, users = await make_company(pool, 4)
    anna, ben, carol, dora = map(company.caller, users)
    made = await chat.groups.create(anna, make_client_id(), "Sales", [ben.user], history)
    ear.take()
    return Office(company, anna, ben, carol, dora, made.conversation)


@pytest.fixture
async def office(pool: Pool, chat: ChatService, ear: Ear) -> Office:
    return await make_office(pool, chat, ear)


async def say(chat: ChatService, caller: Caller, conversation: ConversationId, body: str = "hello") -> Message:
    return (await chat.send(caller, conversation, make_client_id(), body)).message


async def read(chat: ChatService, caller: Caller, conversation: ConversationId) -> list[Message]:
    return (await chat.messages(caller, conversation, None, None, 100)).messages


def roles(conversation: Conversation) -> dict[UserId, Role]:
    return {member.user: member.role for member in conversation.members}


async def test_a_new_group_is_in_everybodys_list_with_the_line_that_says_who_made_it(
    chat: ChatService, ear: Ear, office: Office
) -> None:
    made = await chat.groups.create(office.anna, make_client_id(), " The \n Team ", [office.ben.user], History.ALL)
    assert (made.name, made.last_seq, made.unread) == ("The Team", 1, 0)
    assert roles(made) == {office.anna.user: Role.CREATOR, office.ben.user: Role.MEMBER}
    assert made.last_message is not None
    assert made.last_message.line is not None
    assert (made.last_message.sender, made.last_message.line.kind) == (office.anna.user, LineKind.CREATED)
    (to_anna,), (to_ben,) = ear.of(office.anna.user), ear.of(office.ben.user)
    assert to_anna == ConversationAdded(conversation=made)
    assert isinstance(to_ben, ConversationAdded)
    assert (to_ben.conversation.name, to_ben.conversation.unread) == ("The Team", 1)


async def test_the_same_client_id_makes_one_group_also_at_once(chat: ChatService, ear: Ear, office: Office) -> None:
    client_id = make_client_id()
    made = await asyncio.gather(
        *(chat.groups.create(office.anna, client_id, "Once", [office.ben.user], History.ALL) for _ in range(5))
    )
    assert len({each.conversation for each in made}) == 1
    assert len(ear.of(office.ben.user)) == 1
    with pytest.raises(ClientIdTaken):
        await chat.send(office.anna, office.group, client_id, "hello")
    sent = make_client_id()
    await chat.send(office.anna, office.group, sent, "hello")
    with pytest.raises(ClientIdTaken):
        await chat.groups.create(office.anna, sent, "Never", [], History.ALL)


async def test_a_group_is_made_only_of_people_whom_one_may_see(chat: ChatService, pool: Pool, office: Office) -> None:
    hidden = await office.company.add("1900", list_in_directory=False)
    _, strangers = await make_company(pool, 9)
    for nobody in (hidden, strangers[-1], UserId(999)):
        with pytest.raises(PersonNotFound) as refused:
            await chat.groups.create(office.anna, make_client_id(), "No", [office.ben.user, nobody], History.ALL)
        assert refused.value.field == "users"
        with pytest.raises(PersonNotFound):
            await chat.groups.add(office.anna, office.group, [nobody])
    with pytest.raises(EmptyName):
        await chat.groups.create(office.anna, make_client_id(), " \u200b ", [], History.ALL)


async def test_every_change_is_a_line_with_a_number_and_changes_nothing_twice(
    chat: ChatService, ear: Ear, office: Office
) -> None:
    await say(chat, office.ben, office.group)
    for _ in range(2):
        await chat.groups.rename(office.ben, office.group, "Sales Europe")
        await chat.groups.add(office.ben, office.group, [office.carol.user, office.dora.user])
        await chat.groups.set_manager(office.anna, office.group, office.ben.user, on=True)
        await chat.groups.set_history(office.ben, office.group, History.JOINED)
        await chat.groups.remove(office.ben, office.group, office.carol.user)
    await chat.groups.leave(office.dora, office.group)
    kept = await read(chat, office.anna, office.group)
    assert [each.seq for each in kept] == list(range(1, len(kept) + 1))
    assert [each.line and each.line.kind for each in kept] == [
        LineKind.CREATED,
        None,
        LineKind.RENAMED,
        LineKind.ADDED,
        LineKind.MANAGERS,
        LineKind.HISTORY,
        LineKind.REMOVED,
        LineKind.ADDED,
        LineKind.REMOVED,
        LineKind.LEFT,
    ]
    told = [event.message for event in ear.of(office.anna.user) if isinstance(event, MessageAdded)]
    assert told == kept[1:]


async def test_whoever_left_or_was_removed_sees_nothing_of_it_any_more(
    chat: ChatService, ear: Ear, office: Office
) -> None:
    await chat.groups.add(office.anna, office.group, [office.carol.user])
    await chat.groups.leave(office.carol, office.group)
    await chat.groups.remove(office.anna, office.group, office.ben.user)
    ear.take()
    await say(chat, office.anna, office.group, "only for me")
    for gone in (office.ben, office.carol):
        assert ear.of(gone.user) == []
        for attempt in (
            read(chat, gone, office.group),
            say(chat, gone, office.group),
            chat.conversation(gone, office.group),
            chat.changes.list(gone, office.group, 0, 10),
            chat.groups.add(gone, office.group, [gone.user]),
        ):
            with pytest.raises(ConversationNotFound):
                await attempt
        snapshot, _ = await chat.snapshot(gone)
        assert snapshot.conversations == []


async def test_whoever_is_removed_is_told_last_that_it_is_gone(chat: ChatService, ear: Ear, office: Office) -> None:
    await chat.groups.remove(office.anna, office.group, office.ben.user)
    (told,) = ear.of(office.ben.user)
    assert told == ConversationRemoved(conversation=office.group, seq=2)
    assert [type(event) for event in ear.of(office.anna.user)] == [MessageAdded, GroupChanged]


@pytest.mark.parametrize(("history", "seen"), [(History.ALL, 4), (History.JOINED, 2)])
async def test_whoever_joins_sees_what_the_group_says(
    chat: ChatService, ear: Ear, pool: Pool, history: History, seen: int
) -> None:
    office = await make_office(pool, chat, ear, history)
    await say(chat, office.anna, office.group, "before")
    await chat.groups.add(office.anna, office.group, [office.carol.user])
    (told,) = ear.of(office.carol.user)
    assert isinstance(told, ConversationAdded)
    assert told.conversation.unread == 1  # the line that says so; nobody has missed what was before
    await say(chat, office.ben, office.group, "after")
    assert len(await read(chat, office.carol, office.group)) == seen
    conversation = await chat.conversation(office.carol, office.group)
    assert (conversation.unread, conversation.joined_seq) == (2, 4 - seen)


async def test_a_change_of_what_newcomers_see_is_for_those_who_come_after_it(chat: ChatService, office: Office) -> None:
    await say(chat, office.anna, office.group)
    await chat.groups.add(office.anna, office.group, [office.carol.user])
    await chat.groups.set_history(office.anna, office.group, History.JOINED)
    await chat.groups.add(office.anna, office.group, [office.dora.user])
    assert len(await read(chat, office.carol, office.group)) == 5
    assert len(await read(chat, office.dora, office.group)) == 1


async def test_whoever_comes_back_finds_marks_and_counts_right(chat: ChatService, pool: Pool, ear: Ear) -> None:
    office = await make_office(pool, chat, ear, History.JOINED)
    for number in range(4):
        await say(chat, office.ben, office.group, str(number))
    await chat.groups.leave(office.ben, office.group)
    await say(chat, office.anna, office.group, "meanwhile")
    await chat.groups.add(office.anna, office.group, [office.ben.user])
    await say(chat, office.ben, office.group, "back")
    await say(chat, office.anna, office.group, "hello again")
    conversation = await chat.conversation(office.ben, office.group)
    assert conversation.unread == 2
    assert [each.body for each in await read(chat, office.ben, office.group)] == ["", "back", "hello again"]
    await chat.marks.mark_read(office.ben, office.group, conversation.last_seq)
    assert (await chat.conversation(office.ben, office.group)).unread == 0


async def test_a_message_sent_again_is_not_told_to_whoever_may_not_see_it(
    chat: ChatService, ear: Ear, pool: Pool
) -> None:
    office = await make_office(pool, chat, ear, History.JOINED)
    await chat.send(office.anna, office.group, "said-before", "a secret")
    await chat.groups.add(office.anna, office.group, [office.carol.user])
    ear.take()
    await chat.send(office.anna, office.group, "said-before", "a secret")
    assert [type(event) for event in ear.of(office.ben.user)] == [MessageAdded]
    assert ear.of(office.carol.user) == []


async def test_nobody_is_in_more_groups_than_the_limit(chat: ChatService, pool: Pool, office: Office) -> None:
    async with connection(pool) as conn:
        await conn.execute(
            "INSERT INTO conversations (domain_id, conversation_id, kind, member_ids) "
            "SELECT $1, n, 'group', ARRAY[$2::int] FROM generate_series(1000, 999 + $3::int) n",
            office.company.domain,
            office.carol.user,
            LIMITS.groups_per_user,
        )
        await conn.execute(
            "INSERT INTO conversation_members (domain_id, conversation_id, user_id) "
            "SELECT domain_id, conversation_id, $2 FROM conversations WHERE domain_id = $1 AND conversation_id >= 1000",
            office.company.domain,
            office.carol.user,
        )
    for attempt in (
        chat.groups.add(office.anna, office.group, [office.carol.user]),
        chat.groups.create(office.carol, make_client_id(), "One more", [], History.ALL),
    ):
        with pytest.raises(TooManyGroups):
            await attempt


async def test_a_direct_conversation_is_no_group(chat: ChatService, office: Office) -> None:
    direct = (await chat.open_conversation(office.anna, office.ben.user)).conversation
    for attempt in (
        chat.groups.rename(office.anna, direct, "Ours"),
        chat.groups.add(office.anna, direct, [office.carol.user]),
        chat.groups.leave(office.anna, direct),
    ):
        with pytest.raises(NotAGroup):
            await attempt


async def test_a_member_removes_nobody(chat: ChatService, ear: Ear, office: Office) -> None:
    with pytest.raises(NotAManager):
        await chat.groups.remove(office.ben, office.group, office.anna.user)
    assert ear.take() == []
    assert len(await read(chat, office.anna, office.group)) == 1


async def test_changes_and_messages_at_once_leave_no_gap_and_the_members_as_the_last_line_says(
    chat: ChatService, ear: Ear, office: Office
) -> None:
    async def churn(user: UserId) -> None:
        for _ in range(4):
            await chat.groups.add(office.anna, office.group, [user])
            await chat.groups.remove(office.anna, office.group, user)
        await chat.groups.add(office.anna, office.group, [user])

    await asyncio.gather(
        churn(office.carol.user),
        churn(office.dora.user),
        *(say(chat, caller, office.group, str(number)) for number in range(40) for caller in (office.anna, office.ben)),
    )
    kept: list[Message] = []
    while page := (await chat.messages(office.anna, office.group, len(kept), None, 100)).messages:
        kept += page
    assert [each.seq for each in kept] == list(range(1, 1 + 80 + 2 * 9 + 1))
    assert list(roles(await chat.conversation(office.anna, office.group))) == [each.user for each in office.everybody]
    for reader in office.everybody:
        conversation = await chat.conversation(reader, office.group)
        own = sum(1 for each in kept if each.sender == reader.user)
        read_seq = next(each.read_seq for each in conversation.members if each.user == reader.user)
        unread = [each for each in kept if each.seq > read_seq and each.sender != reader.user]
        assert conversation.unread == len(unread), (reader.user, own)


async def test_a_snapshot_and_the_events_of_groups_after_it_are_a_fresh_snapshot(
    chat: ChatService, ear: Ear, office: Office
) -> None:
    await say(chat, office.anna, office.group)
    before = [(await chat.snapshot(reader))[0] for reader in office.everybody]
    ear.take()
    await chat.groups.add(office.ben, office.group, [office.carol.user])
    await say(chat, office.carol, office.group)
    await chat.marks.mark_delivered(office.carol, office.group, 2)
    await chat.marks.mark_read(office.ben, office.group, 4)
    await chat.groups.rename(office.carol, office.group, "Renamed")
    await chat.groups.create(office.dora, make_client_id(), "Another", [office.anna.user], History.JOINED)
    await chat.groups.set_manager(office.anna, office.group, office.carol.user, on=True)
    await chat.groups.remove(office.carol, office.group, office.ben.user)
    await chat.groups.add(office.anna, office.group, [office.dora.user])
    await chat.groups.leave(office.anna, office.group)
    await chat.mute(office.dora, office.group, on=True)
    for reader, state in zip(office.everybody, before, strict=True):
        rebuilt: ConversationsSnapshot = state
        for event in ear.of(reader.user):
            rebuilt = apply(rebuilt, event, reader.user)
        fresh, _ = await chat.snapshot(reader)
        assert rebuilt == fresh
