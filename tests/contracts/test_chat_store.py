"""What chat needs kept, on PostgreSQL; two stores over two pools are two gateways."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.errors import ClientIdTaken, ConversationNotFound, PersonNotFound
from chat.model import Cursor, KeptMessage, NewMessage, Stretch
from chat.store import ChatStore
from storage.postgres import message_batch
from storage.postgres.chat import PostgresChatStore
from storage.postgres.pool import Connection, Pool, connection, open_pool, transaction
from tests.support.chat import make_client_id, make_company, make_group, mark_read, message
from wire.errors import Invalid
from wire.identity import ConversationId, DomainId, Scope, UserId
from wire.records import ConversationKind, Message

NO_CONVERSATION = ConversationId(2**53 - 1)
NOBODY = UserId(2**31 - 1)


@pytest.fixture(scope="session")
async def store(pool: Pool) -> AsyncIterator[ChatStore]:
    opened = PostgresChatStore(pool)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def other_gateway(database_url: str) -> AsyncIterator[ChatStore]:
    pool = await open_pool(database_url, max_size=4)
    opened = PostgresChatStore(pool)
    yield opened
    await opened.close()
    await pool.close()


@dataclass
class Talk:
    """A direct conversation of two people in a domain of their own; Carol is in the domain, not in the conversation."""

    domain: DomainId
    anna: UserId
    ben: UserId
    carol: UserId
    conversation: ConversationId

    def says(self, body: str = "hello", client_id: str | None = None) -> NewMessage:
        return message(self.domain, self.conversation, self.anna, body, client_id)

    def answers(self, body: str = "hello", client_id: str | None = None) -> NewMessage:
        return message(self.domain, self.conversation, self.ben, body, client_id)


@pytest.fixture
async def talk(pool: Pool, store: ChatStore) -> Talk:
    return await make_talk(pool, store)


async def make_talk(pool: Pool, store: ChatStore) -> Talk:
    company, (anna, ben, carol) = await make_company(pool, 3)
    opened = await store.open_direct(company.domain, anna, ben)
    return Talk(company.domain, anna, ben, carol, opened.conversation.conversation)


async def everything(store: ChatStore, domain: DomainId, user: UserId, conversation: ConversationId) -> list[Message]:
    return list(await store.messages_after(domain, user, conversation, 0, 100_000))


async def unread(store: ChatStore, domain: DomainId, user: UserId) -> dict[ConversationId, int]:
    return {each.conversation: each.unread for each in await store.conversations(domain, user, None, 100)}


async def test_a_clock_of_the_database_that_went_back_dates_no_message_before_the_one_before(
    talk: Talk, store: ChatStore, pool: Pool
) -> None:
    first = await store.append(talk.says("at three"))
    ahead = "UPDATE conversations SET updated_at = now() + interval '1 hour' WHERE domain_id = $1 RETURNING updated_at"
    written = await pool.fetchval(ahead, talk.domain)
    second, third = await store.append(talk.answers("at two")), await store.append(talk.says("at two, too"))
    assert first.message.sent_at < written <= second.message.sent_at <= third.message.sent_at
    assert [first.message.seq, second.message.seq, third.message.seq] == [1, 2, 3]


# ------------------------------------------------------------ people and direct conversations


async def test_somebody_to_chat_with_is_a_living_person_of_the_domain(store: ChatStore, pool: Pool) -> None:
    company, (anna,) = await make_company(pool, 1)
    hidden = await company.add("1100", list_in_directory=False, scope=Scope.OFFICE_MANAGER)
    queue = await company.add("2000", is_system=True)
    gone = await company.add("1200")
    async with connection(pool) as conn:
        await conn.execute(
            "UPDATE users SET deleted_at = now() WHERE domain_id = $1 AND user_id = $2", company.domain, gone
        )
    other_company, _ = await make_company(pool, 9)

    found = await store.people(company.domain, [anna, hidden, queue, gone, UserId(9), NOBODY])
    assert set(found) == {anna, hidden}
    assert found[anna].listed
    assert (found[hidden].listed, found[hidden].scope) == (False, Scope.OFFICE_MANAGER)
    assert set(await store.people(other_company.domain, [UserId(9)])) == {UserId(9)}


async def test_two_people_have_one_direct_conversation_whoever_opens_it(store: ChatStore, pool: Pool) -> None:
    company, (anna, ben) = await make_company(pool, 2)
    assert await store.find_direct(company.domain, anna, ben) is None
    first = await store.open_direct(company.domain, ben, anna)
    again = await store.open_direct(company.domain, anna, ben)
    assert (first.created, again.created) == (True, False)
    assert first.conversation == again.conversation
    assert await store.find_direct(company.domain, anna, ben) == first.conversation
    assert first.conversation.kind is ConversationKind.DIRECT
    assert [each.user for each in first.conversation.members] == [anna, ben]
    assert first.conversation.updated_at is not None


async def test_of_many_who_open_it_at_once_one_has_made_it(
    store: ChatStore, other_gateway: ChatStore, pool: Pool
) -> None:
    company, (anna, ben, carol) = await make_company(pool, 3)
    opened = await asyncio.gather(
        *(
            gateway.open_direct(company.domain, *pair)
            for _ in range(5)
            for gateway in (store, other_gateway)
            for pair in ((anna, ben), (ben, anna), (anna, carol))
        )
    )
    by_conversation: dict[ConversationId, list[bool]] = {}
    for each in opened:
        by_conversation.setdefault(each.conversation.conversation, []).append(each.created)
    # Counted from 1 within the domain, and those who came second took no number.
    assert sorted(by_conversation) == [1, 2]
    assert [created.count(True) for created in by_conversation.values()] == [1, 1]


async def test_a_conversation_with_oneself_has_one_member(store: ChatStore, pool: Pool) -> None:
    company, (anna,) = await make_company(pool, 1)
    notebook = (await store.open_direct(company.domain, anna, anna)).conversation
    await store.append(message(company.domain, notebook.conversation, anna, "buy milk"))
    found = await store.find_direct(company.domain, anna, anna)
    assert found is not None
    assert [each.user for each in found.members] == [anna]
    assert (found.last_seq, found.unread) == (1, 0)


@pytest.mark.parametrize("domain", [None, DomainId("nowhere.test")])
async def test_nobody_is_opened_with_nobody(store: ChatStore, pool: Pool, domain: DomainId | None) -> None:
    company, (anna,) = await make_company(pool, 1)
    with pytest.raises(PersonNotFound):
        await store.open_direct(domain or company.domain, anna, NOBODY)
    opened = await store.open_direct(company.domain, anna, anna)
    assert opened.conversation.conversation == 1  # the attempt has used no number


# ------------------------------------------------------------ numbers


async def test_two_hundred_senders_on_two_gateways_leave_no_gap_and_one_order(
    store: ChatStore, other_gateway: ChatStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, people = await make_company(pool, 20)
    pairs = list(pairwise(people))
    conversations = [
        (first, second, (await store.open_direct(company.domain, first, second)).conversation.conversation)
        for first, second in pairs
    ]
    group = await make_group(pool, company.domain, people)
    errors = note_races(monkeypatch)
    acknowledged: dict[ConversationId, dict[int, NewMessage]] = {}

    async def sender(number: int) -> None:
        gateway = store if number % 2 else other_gateway
        choose = random.Random(number)  # noqa: S311 - to be repeatable
        last: dict[ConversationId, int] = {}
        for _ in range(5):
            first, second, conversation = choose.choice(conversations)
            if choose.random() < 0.3:
                conversation = group
            new = message(company.domain, conversation, choose.choice((first, second)), f"from sender {number}")
            kept = await gateway.append(new)
            assert not kept.duplicate
            assert kept.message.seq > last.get(conversation, 0)
            last[conversation] = kept.message.seq
            assert acknowledged.setdefault(conversation, {}).setdefault(kept.message.seq, new) is new

    await asyncio.gather(*(sender(number) for number in range(200)))

    assert sum(map(len, acknowledged.values())) == 1_000
    for conversation, by_seq in acknowledged.items():
        assert sorted(by_seq) == list(range(1, len(by_seq) + 1))
        members = people if conversation == group else [by_seq[1].sender]
        for reader in members[:3]:
            read = await everything(store, company.domain, reader, conversation)
            assert [(each.seq, each.client_id, each.sender) for each in read] == [
                (seq, by_seq[seq].client_id, by_seq[seq].sender) for seq in range(1, len(by_seq) + 1)
            ]
            assert all(earlier.sent_at <= later.sent_at for earlier, later in pairwise(read))
    assert errors == []  # no deadlock, and nothing else to be tried again


async def test_gateways_that_take_many_conversations_at_once_never_wait_in_a_circle(
    store: ChatStore, other_gateway: ChatStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are stopped half-way, at a conversation in the middle: whoever had begun at the end would be in the way."""
    company, people = await make_company(pool, 9)
    opened = [await store.open_direct(company.domain, people[0], other) for other in people]
    numbers = [each.conversation.conversation for each in opened]
    errors = note_races(monkeypatch)
    async with transaction(pool) as conn:
        await lock(conn, company.domain, numbers[4])
        upwards = [message(company.domain, number, people[0]) for number in numbers]
        downwards = [message(company.domain, number, people[0]) for number in reversed(numbers)]
        sending = asyncio.gather(*map(store.append, upwards), *map(other_gateway.append, downwards))
        await until_waiting_for_locks(pool, 2)
    await sending
    assert errors == []
    assert [each.last_seq for each in await store.conversations(company.domain, people[0], None, 100)] == [2] * 9


async def lock(conn: Connection, domain: DomainId, conversation: ConversationId) -> None:
    await conn.execute(
        "SELECT FROM conversations WHERE domain_id = $1 AND conversation_id = $2 FOR UPDATE", domain, conversation
    )


def note_races(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What made a batch be tried again."""
    errors: list[Exception] = []
    is_race = message_batch.is_race

    def noted(error: Exception) -> bool:
        errors.append(error)
        return is_race(error)

    monkeypatch.setattr(message_batch, "is_race", noted)
    return errors


async def test_a_message_says_when_it_was_kept_and_whom_to_tell(store: ChatStore, talk: Talk) -> None:
    kept = await store.append(talk.says("hello, Ben"))
    assert list(kept.members) == [talk.anna, talk.ben]
    assert kept.message.sent_at.tzinfo is not None
    assert (kept.message.seq, kept.message.sender, kept.message.body) == (1, talk.anna, "hello, Ben")
    found = await store.find_direct(talk.domain, talk.ben, talk.anna)
    assert found is not None
    assert found.last_message == kept.message
    assert found.updated_at == kept.message.sent_at


async def test_several_messages_of_one_batch_keep_the_order_in_which_they_came(store: ChatStore, talk: Talk) -> None:
    messages = [talk.says(str(number)) if number % 3 else talk.answers(str(number)) for number in range(50)]
    kept = await asyncio.gather(*map(store.append, messages))
    assert [each.message.seq for each in kept] == list(range(1, 51))
    read = await everything(store, talk.domain, talk.anna, talk.conversation)
    assert [each.body for each in read] == [str(number) for number in range(50)]
    assert read == [each.message for each in kept]


# ------------------------------------------------------------ once, however often


async def test_the_same_client_id_from_two_connections_at_once_is_one_message(
    store: ChatStore, other_gateway: ChatStore, talk: Talk
) -> None:
    names = [make_client_id() for _ in range(40)]
    kept = await asyncio.gather(
        *(
            gateway.append(talk.says(f"{name} through {place}", name))
            for name in names
            for place, gateway in enumerate((store, other_gateway, store))
        )
    )
    by_name: dict[str, list[KeptMessage]] = {}
    for each in kept:
        by_name.setdefault(each.message.client_id, []).append(each)
    for same in by_name.values():
        assert [each.duplicate for each in same].count(False) == 1
        assert same[0].message == same[1].message == same[2].message
    read = await everything(store, talk.domain, talk.ben, talk.conversation)
    assert [each.seq for each in read] == list(range(1, 41))


async def test_the_same_client_id_later_gives_what_was_kept_first(
    store: ChatStore, other_gateway: ChatStore, talk: Talk
) -> None:
    first = await store.append(talk.says("as it was", "client-id-for-ever"))
    between = await store.append(talk.answers())
    again = await other_gateway.append(talk.says("as it is not", "client-id-for-ever"))
    assert again.duplicate
    assert again.message == first.message
    assert list(again.members) == [talk.anna, talk.ben]
    after = await store.append(talk.says())
    assert (first.message.seq, between.message.seq, after.message.seq) == (1, 2, 3)


async def test_repeats_within_a_batch_of_new_ones_are_told_from_them(store: ChatStore, talk: Talk) -> None:
    known = [talk.says(f"old {number}") for number in range(3)]
    for each in known:
        await store.append(each)
    fresh = [talk.answers(f"new {number}") for number in range(3)]
    mixed = [fresh[0], known[2], fresh[1], known[0], fresh[2]]
    kept = await asyncio.gather(*map(store.append, mixed))
    assert [(each.message.seq, each.duplicate) for each in kept] == [
        (4, False),
        (3, True),
        (5, False),
        (1, True),
        (6, False),
    ]


async def test_two_people_may_have_made_the_same_client_id(store: ChatStore, talk: Talk) -> None:
    mine, yours = await asyncio.gather(
        store.append(talk.says("mine", "client-id-shared")), store.append(talk.answers("yours", "client-id-shared"))
    )
    assert (mine.duplicate, yours.duplicate) == (False, False)
    assert {mine.message.seq, yours.message.seq} == {1, 2}


async def test_a_client_id_does_not_serve_in_a_second_conversation(store: ChatStore, talk: Talk) -> None:
    elsewhere = (await store.open_direct(talk.domain, talk.anna, talk.carol)).conversation.conversation
    await store.append(talk.says("to Ben", "client-id-taken"))
    with pytest.raises(ClientIdTaken):
        await store.append(message(talk.domain, elsewhere, talk.anna, "to Carol", "client-id-taken"))
    assert await everything(store, talk.domain, talk.carol, elsewhere) == []


# ------------------------------------------------------------ good and bad together


async def test_a_row_that_cannot_be_written_fails_alone(store: ChatStore, talk: Talk) -> None:
    messages = [talk.says("one"), talk.says("nul \x00"), talk.answers("two"), talk.says("half \ud83d"), talk.says("3")]
    outcomes = await asyncio.gather(*map(store.append, messages), return_exceptions=True)
    assert [type(each) for each in outcomes] == [KeptMessage, Invalid, KeptMessage, Invalid, KeptMessage]
    read = await everything(store, talk.domain, talk.ben, talk.conversation)
    assert [(each.seq, each.body) for each in read] == [(1, "one"), (2, "two"), (3, "3")]


async def test_whoever_may_not_write_is_refused_and_neighbours_are_not(
    store: ChatStore, pool: Pool, talk: Talk
) -> None:
    foreign = await make_talk(pool, store)
    before = await store.append(foreign.says("in another domain"))
    messages = [
        talk.says("one"),
        message(talk.domain, talk.conversation, talk.carol, "from outside"),
        talk.answers("two"),
        message(talk.domain, NO_CONVERSATION, talk.anna, "to nowhere"),
        message(foreign.domain, foreign.conversation, NOBODY, "from another domain"),
        message(DomainId("nowhere.test"), talk.conversation, talk.anna, "from no domain"),
        foreign.answers("fine"),
    ]
    outcomes = await asyncio.gather(*map(store.append, messages), return_exceptions=True)
    assert [type(each) for each in outcomes] == [
        KeptMessage,
        ConversationNotFound,
        KeptMessage,
        ConversationNotFound,
        ConversationNotFound,
        ConversationNotFound,
        KeptMessage,
    ]
    read = await everything(store, talk.domain, talk.ben, talk.conversation)
    assert [(each.seq, each.body) for each in read] == [(1, "one"), (2, "two")]
    read = await everything(store, foreign.domain, foreign.ben, foreign.conversation)
    assert [each.seq for each in read] == [before.message.seq, before.message.seq + 1]


@pytest.mark.parametrize("is_alone", [True, False], ids=["alone", "in a batch"])
async def test_a_message_on_its_way_finds_the_members_as_they_are_at_its_number(
    store: ChatStore, other_gateway: ChatStore, pool: Pool, is_alone: bool
) -> None:
    """Somebody is removed while messages already wait for the conversation: these come after, and so do not reach."""
    company, (anna, ben, carol) = await make_company(pool, 3)
    group = await make_group(pool, company.domain, [anna, ben, carol])
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE conversations SET member_ids = $3 WHERE domain_id = $1 AND conversation_id = $2",
            company.domain,
            group,
            [anna, carol],
        )
        waiting = [
            asyncio.create_task(store.append(message(company.domain, group, anna))),
            asyncio.create_task(other_gateway.append(message(company.domain, group, ben))),
            asyncio.create_task((store if is_alone else other_gateway).append(message(company.domain, group, carol))),
        ]
        await until_waiting_for_locks(pool, 2)
        await conn.execute(
            "UPDATE conversation_members SET left_at = now() "
            "WHERE domain_id = $1 AND conversation_id = $2 AND user_id = $3",
            company.domain,
            group,
            ben,
        )
    by_anna, by_ben, by_carol = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(by_ben, ConversationNotFound)
    for kept in (by_anna, by_carol):
        assert isinstance(kept, KeptMessage)
        assert list(kept.members) == [anna, carol]
    with pytest.raises(ConversationNotFound):
        await store.messages_after(company.domain, ben, group, 0, 10)
    assert await unread(store, company.domain, ben) == {}


async def until_waiting_for_locks(pool: Pool, statements: int) -> None:
    """There is nothing to await: PostgreSQL tells nobody when it begins to wait."""
    waiting = 0
    async with asyncio.timeout(60), connection(pool) as conn:
        while waiting < statements:
            waiting = await conn.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%conversations%'"
            )


# ------------------------------------------------------------ reading


async def test_history_is_whole_in_pages_both_ways(store: ChatStore, talk: Talk) -> None:
    kept = await asyncio.gather(*(store.append(talk.says(str(number))) for number in range(23)))
    whole = [each.message for each in kept]
    forwards: list[Message] = []
    while page := await store.messages_after(
        talk.domain, talk.ben, talk.conversation, forwards[-1].seq if forwards else 0, 5
    ):
        forwards += page
    backwards: list[Message] = []
    while page := await store.messages_before(
        talk.domain, talk.ben, talk.conversation, backwards[-1].seq if backwards else None, 5
    ):
        backwards += page
    assert forwards == whole
    assert backwards == whole[::-1]


async def test_whoever_is_not_in_a_conversation_reads_nothing_of_it(store: ChatStore, pool: Pool, talk: Talk) -> None:
    await store.append(talk.says("between us"))
    foreign = await make_talk(pool, store)
    for domain, user in ((talk.domain, talk.carol), (foreign.domain, foreign.carol), (talk.domain, NOBODY)):
        with pytest.raises(ConversationNotFound):
            await store.messages_after(domain, user, talk.conversation, 0, 10)
        with pytest.raises(ConversationNotFound):
            await store.messages_before(domain, user, talk.conversation, None, 10)
        with pytest.raises(ConversationNotFound):
            await mark_read(store, domain, user, talk.conversation, 1)
        assert await store.conversations(domain, user, None, 10) == []
        assert await store.behind(domain, user, {talk.conversation: 0}) == []
        assert await store.stretches(domain, user, [Stretch(talk.conversation, 0, 10)]) == []


async def test_what_was_said_before_somebody_joined_stays_unseen(store: ChatStore, pool: Pool) -> None:
    company, (anna, ben) = await make_company(pool, 2)
    group = await make_group(pool, company.domain, [anna, ben])
    for number in range(3):
        await store.append(message(company.domain, group, anna, str(number)))
    async with connection(pool) as conn:
        await conn.execute(
            "UPDATE conversation_members SET joined_seq = 3, read_seq = 3 "
            "WHERE domain_id = $1 AND conversation_id = $2 AND user_id = $3",
            company.domain,
            group,
            ben,
        )
    (listed,) = await store.conversations(company.domain, ben, None, 10)
    assert (listed.last_message, listed.unread) == (None, 0)
    await store.append(message(company.domain, group, anna, "welcome"))
    for read in (
        await store.messages_after(company.domain, ben, group, 0, 10),
        await store.messages_before(company.domain, ben, group, None, 10),
        await store.stretches(company.domain, ben, [Stretch(group, 0, 10)]),
    ):
        assert [each.body for each in read] == ["welcome"]
    (behind,) = await store.behind(company.domain, ben, {group: 0})
    assert (behind.after, behind.last_seq) == (3, 4)
    assert await unread(store, company.domain, ben) == {group: 1}


async def test_the_list_is_newest_first_and_whole_in_pages(store: ChatStore, pool: Pool) -> None:
    company, people = await make_company(pool, 8)
    anna = people[0]
    opened = [(await store.open_direct(company.domain, anna, other)).conversation for other in people]
    order = [each.conversation for each in opened]
    for place in (3, 1, 3, 6):
        await store.append(message(company.domain, order[place], anna))
    expected = [order[6], order[3], order[1]] + [order[place] for place in (7, 5, 4, 2, 0)]
    listed: list[ConversationId] = []
    cursor = None
    while page := await store.conversations(company.domain, anna, cursor, 3):
        listed += [each.conversation for each in page]
        cursor = Cursor.of(page[-1])
    assert listed == expected


async def test_a_client_that_was_away_learns_where_it_lacks_something(store: ChatStore, pool: Pool) -> None:
    company, people = await make_company(pool, 4)
    anna = people[0]
    first, second, third, fourth = [
        (await store.open_direct(company.domain, anna, other)).conversation.conversation for other in people
    ]
    for conversation, count in ((first, 3), (second, 5), (third, 2)):
        for _ in range(count):
            await store.append(message(company.domain, conversation, anna))
    positions = {first: 1, second: 5, third: 0, fourth: 0, NO_CONVERSATION: 0}
    behind = await store.behind(company.domain, anna, positions)
    assert [(each.conversation, each.after, each.last_seq) for each in behind] == [
        (third, 0, 2),
        (second, 5, 5),
        (first, 1, 3),
        (fourth, 0, 0),
    ]
    found = await store.stretches(company.domain, anna, [Stretch(third, 0, 2), Stretch(first, 1, 2)])
    assert [(each.conversation, each.seq) for each in found] == [(third, 1), (third, 2), (first, 2)]


# ------------------------------------------------------------ read marks


async def test_read_marks_only_grow(store: ChatStore, talk: Talk) -> None:
    for _ in range(5):
        await store.append(talk.says())
    moved = [await mark_read(store, talk.domain, talk.ben, talk.conversation, seq) for seq in (3, 1, 3, 5)]
    assert [(each.read, each.read_moved, each.unread) for each in moved] == [
        (3, True, 2),
        (3, False, 2),
        (3, False, 2),
        (5, True, 0),
    ]
    assert list(moved[0].members) == [talk.anna, talk.ben]
    found = await store.find_direct(talk.domain, talk.anna, talk.ben)
    assert found is not None
    assert {each.user: (each.read_seq, each.delivered_seq) for each in found.members} == {
        talk.anna: (0, 0),
        talk.ben: (5, 5),
    }


async def test_nobody_has_read_what_is_not_written_yet(store: ChatStore, talk: Talk) -> None:
    await store.append(talk.says())
    mark = await mark_read(store, talk.domain, talk.ben, talk.conversation, 2**53 - 1)
    assert (mark.read, mark.unread) == (1, 0)
    await store.append(talk.says())
    assert await unread(store, talk.domain, talk.ben) == {talk.conversation: 1}


async def test_marks_of_many_at_once_each_get_their_own_answer(
    store: ChatStore, other_gateway: ChatStore, pool: Pool, talk: Talk
) -> None:
    company, people = await make_company(pool, 30)
    group = await make_group(pool, company.domain, people)
    for number in range(10):
        await store.append(message(company.domain, group, people[number % 3]))
    everybody = [
        mark_read(gateway, company.domain, person, group, number % 11)
        for number, person in enumerate(people)
        for gateway in (store, other_gateway)
    ]
    *marks, stranger = await asyncio.gather(
        *everybody, mark_read(store, talk.domain, talk.carol, talk.conversation, 1), return_exceptions=True
    )
    assert isinstance(stranger, ConversationNotFound)
    for number, person in enumerate(people):
        both = marks[2 * number : 2 * number + 2]
        assert [each.read_moved for each in both if not isinstance(each, BaseException)].count(True) == (
            number % 11 > 0
        )
        assert (await unread(store, company.domain, person))[group] == len(
            [seq for seq in range(1, 11) if seq > number % 11 and people[(seq - 1) % 3] != person]
        )


@dataclass
class Oracle:
    """Unread as it is defined: others' messages after what was read, counted one by one."""

    senders: list[UserId]
    read: dict[UserId, int]

    def mark(self, user: UserId, seq: int) -> None:
        self.read[user] = max(self.read[user], min(seq, len(self.senders)))

    def unread(self, user: UserId) -> int:
        return sum(sender != user for sender in self.senders[self.read[user] :])


STEPS = st.lists(st.tuples(st.sampled_from(["send", "mark"]), st.integers(0, 2), st.integers(0, 30)), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people=st.integers(1, 3), grouped=st.booleans(), steps=STEPS)
async def test_the_unread_count_is_exact_after_every_step(
    pool: Pool, store: ChatStore, people: int, grouped: bool, steps: list[tuple[str, int, int]]
) -> None:
    company, users = await make_company(pool, people)
    if grouped or people == 3:
        conversation = await make_group(pool, company.domain, users)
    else:
        opened = await store.open_direct(company.domain, users[0], users[-1])
        conversation = opened.conversation.conversation
    oracle = Oracle([], dict.fromkeys(users, 0))
    for action, who, seq in steps:
        user = users[who % len(users)]
        if action == "send":
            await store.append(message(company.domain, conversation, user))
            oracle.senders.append(user)
        else:
            mark = await mark_read(store, company.domain, user, conversation, seq)
            oracle.mark(user, seq)
            assert (mark.read, mark.unread) == (oracle.read[user], oracle.unread(user))
    for user in users:
        (listed,) = await store.conversations(company.domain, user, None, 10)
        assert listed.unread == oracle.unread(user)
        assert {each.user: each.read_seq for each in listed.members} == oracle.read


async def test_the_unread_count_is_exact_when_all_write_and_read_at_once(
    store: ChatStore, other_gateway: ChatStore, pool: Pool
) -> None:
    company, people = await make_company(pool, 6)
    group = await make_group(pool, company.domain, people)
    direct = (await store.open_direct(company.domain, people[0], people[1])).conversation.conversation

    async def member(number: int, gateway: ChatStore, conversation: ConversationId) -> None:
        choose = random.Random(f"{number} {conversation}")  # noqa: S311 - to be repeatable
        last = 0
        for _ in range(30):
            if choose.random() < 0.5:
                new = message(company.domain, conversation, people[number])
                last = (await gateway.append(new)).message.seq
            else:
                mark = await mark_read(gateway, company.domain, people[number], conversation, choose.randint(0, last))
                assert mark.unread >= 0

    both = (store, other_gateway)
    await asyncio.gather(
        *(member(number, gateway, group) for number in range(6) for gateway in both),
        *(member(number, gateway, direct) for number in range(2) for gateway in both),
    )
    for conversation, members in ((group, people), (direct, people[:2])):
        senders = [each.sender for each in await everything(store, company.domain, people[0], conversation)]
        for user in members:
            listed = {each.conversation: each for each in await store.conversations(company.domain, user, None, 10)}
            read = {each.user: each.read_seq for each in listed[conversation].members}
            assert listed[conversation].unread == Oracle(senders, read).unread(user)


# ------------------------------------------------------------ what goes with a domain


async def test_a_domain_that_comes_back_under_its_name_finds_nothing_of_the_old_one(
    store: ChatStore, pool: Pool, talk: Talk
) -> None:
    await store.append(talk.says("between us"))
    async with connection(pool) as conn:
        await conn.execute("DELETE FROM domains WHERE domain_id = $1", talk.domain)
        left = await conn.fetchrow(
            "SELECT (SELECT count(*) FROM conversations WHERE domain_id = $1), "
            "(SELECT count(*) FROM conversation_members WHERE domain_id = $1), "
            "(SELECT count(*) FROM messages WHERE domain_id = $1)",
            talk.domain,
        )
    assert tuple(left or ()) == (0, 0, 0)
