"""A message from one browser to another, kept: over real sockets, two gateways, and restarts of everything."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from storage.postgres.pool import open_pool
from tests.support.chat import make_group
from tests.support.client import Client
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from wire.commands import GetMessages, ListConversations, MarkRead, OpenConversation, SendMessage, SetShown, Typing
from wire.errors import ErrorCode
from wire.events import (
    ConversationAdded,
    ConversationsSnapshot,
    MembersMarked,
    MessageAdded,
    MessagesMissed,
    ReadMarked,
    TypingStarted,
)
from wire.identity import ConversationId, UserId
from wire.limits import LIMITS
from wire.records import Member
from wire.replies import ConversationOpened, ConversationsListed, Done, MessageSent, MessagesListed


def new_id() -> str:
    return uuid4().hex


async def open_with(client: Client, user: UserId) -> ConversationId:
    opened = await client.ask(OpenConversation(user=user), ConversationOpened)
    return opened.conversation.conversation


async def say(client: Client, conversation: ConversationId, body: str) -> MessageSent:
    return await client.ask(SendMessage(conversation=conversation, client_id=new_id(), body=body), MessageSent)


async def test_a_message_reaches_all_connections_of_both(
    people: People, start_gateway: Callable[..., GatewayProcess]
) -> None:
    other = start_gateway()
    anna, ben = await people.add("1001"), await people.add("1002")
    async with (
        await people.connect(anna) as a,
        await people.connect(anna, other) as a_elsewhere,
        await people.connect(ben, other) as b,
    ):
        conversation = await open_with(a, ben)
        await b.receives(ConversationAdded)
        sent = await say(a, conversation, "Hello Ben, 早上好 👋")
        assert (sent.seq, sent.duplicate) == (1, False)
        for client in (a, a_elsewhere, b):
            message = (await client.receives(MessageAdded)).message
            assert (message.seq, message.sender, message.body) == (1, anna, "Hello Ben, 早上好 👋")
        assert (await say(b, conversation, "Hi")).seq == 2
        await a.receives(MessageAdded, lambda each: each.message.seq == 2)


async def test_unread_and_read_are_right_on_every_connection(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with (
        await people.connect(anna) as a,
        await people.connect(ben) as b,
        await people.connect(ben) as b_elsewhere,
    ):
        conversation = await open_with(a, ben)
        for number in range(3):
            await say(a, conversation, f"number {number}")
        listed = await b.ask(ListConversations(), ConversationsListed)
        assert (listed.conversations[0].unread, listed.conversations[0].last_seq) == (3, 3)
        await b.ask(MarkRead(conversation=conversation, seq=2), Done)
        assert (await b_elsewhere.receives(ReadMarked)).unread == 1
        told = await a.receives(ReadMarked)
        assert (told.user, told.seq, told.unread) == (ben, 2, None)


async def test_positions_of_another_timeline_count_for_nothing(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a:
        conversation = await open_with(a, ben)
        for number in range(3):
            await say(a, conversation, f"number {number}")
        token = await people.token(ben)
        assert a.connected.timeline
        for timeline in ("", a.connected.timeline):
            same = await Client.open(people.gateway.url, token, conversations={conversation: 1}, timeline=timeline)
            assert [each.seq for each in (await same.receives(MessagesMissed)).messages] == [2, 3]
            await same.close()
        another = await Client.open(people.gateway.url, token, conversations={conversation: 1}, timeline="d.1")
        assert another.connected.timeline == a.connected.timeline
        assert (await another.receives(ConversationsSnapshot)).conversations[0].last_seq == 3
        sent = await say(a, conversation, "number 3")
        assert (await another.receives(MessageAdded)).message.seq == sent.seq
        assert not any(isinstance(each, MessagesMissed) for each in another.messages)
        await another.close()


async def test_who_was_away_misses_nothing(people: People) -> None:
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a:
        conversation = await open_with(a, ben)
        await say(a, conversation, "before")
        async with await people.connect(ben) as b:
            await b.receives(ConversationsSnapshot)
        await say(a, conversation, "while away 1")
        await say(a, conversation, "while away 2")
        back = await Client.open(people.gateway.url, await people.token(ben), conversations={conversation: 1})
        missed = await back.receives(MessagesMissed)
        assert [each.body for each in missed.messages] == ["while away 1", "while away 2"]
        assert not missed.more
        await back.close()


async def test_the_same_client_id_is_one_message_for_ever(
    people: People, start_gateway: Callable[..., GatewayProcess]
) -> None:
    other = start_gateway()
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a, await people.connect(anna, other) as again:
        conversation = await open_with(a, ben)
        command = SendMessage(conversation=conversation, client_id=new_id(), body="once")
        first = await a.ask(command, MessageSent)
        second = await again.ask(command, MessageSent)
        assert (second.seq, second.sent_at, second.duplicate) == (first.seq, first.sent_at, True)
        listed = await a.ask(GetMessages(conversation=conversation), MessagesListed)
        assert [each.seq for each in listed.messages] == [1]


async def test_in_a_large_group_only_those_who_show_it_see_who_writes_and_who_has_read(people: People) -> None:
    users = [await people.add(str(1001 + nth)) for nth in range(LIMITS.told_marks_members + 1)]
    group = await make_group(people.pool, people.company.domain, users)
    async with (
        await people.connect(users[0]) as shows,
        await people.connect(users[1]) as looks_elsewhere,
        await people.connect(users[2]) as c,
    ):
        await shows.ask(SetShown(conversations=[group]), Done)
        await looks_elsewhere.ask(SetShown(conversations=[group]), Done)
        await looks_elsewhere.ask(SetShown(conversations=[]), Done)
        await say(shows, group, "Good morning")
        await c.ask(Typing(conversation=group), Done)
        await c.ask(MarkRead(conversation=group, seq=1), Done)
        await shows.receives(TypingStarted, lambda each: each.user == users[2])
        marked = await shows.receives(MembersMarked)
        assert Member(users[2], 1, 1) in marked.members
        await say(c, group, "Good morning")  # what was not told before is not told any more
        await looks_elsewhere.receives(MessageAdded, lambda each: each.message.seq == 2)
        kinds = {type(each) for each in looks_elsewhere.messages}
        assert not kinds & {TypingStarted, MembersMarked, ReadMarked}


async def test_a_stranger_finds_no_conversation(people: People) -> None:
    anna, ben, carla = [await people.add(extension) for extension in ("1001", "1002", "1003")]
    async with await people.connect(anna) as a, await people.connect(carla) as c:
        conversation = await open_with(a, ben)
        await say(a, conversation, "for Ben only")
        for command in (
            GetMessages(conversation=conversation),
            SendMessage(conversation=conversation, client_id=new_id(), body="me too"),
            MarkRead(conversation=conversation, seq=1),
        ):
            assert (await c.refused(command)).code is ErrorCode.NOT_FOUND
        assert not any(isinstance(each, MessageAdded | ConversationAdded) for each in c.messages)


async def test_messages_outlive_the_restart_of_everything(
    clean_servers: Callable[[], EmbeddedServers], password_hash: str
) -> None:
    servers = clean_servers()
    await asyncio.to_thread(migrate, servers.database_url)
    pool = await open_pool(servers.database_url)
    gateway = GatewayProcess(servers.database_url, servers.redis_url)
    people = People(pool, await Company.make(pool), gateway, password_hash)
    anna, ben = await people.add("1001"), await people.add("1002")
    async with await people.connect(anna) as a:
        conversation = await open_with(a, ben)
        sent = await say(a, conversation, "kept")
    gateway.kill()
    await pool.close()
    servers.kill_postgres()
    servers.kill_valkey()
    servers.restart_postgres()
    servers.restart_valkey()
    gateway = GatewayProcess(servers.database_url, servers.redis_url)
    try:
        async with await Client.open(gateway.url, await people.token(anna)) as again:
            listed = await again.ask(GetMessages(conversation=conversation), MessagesListed)
            assert [(each.seq, each.body) for each in listed.messages] == [(sent.seq, "kept")]
            assert (await say(again, conversation, "more")).seq == sent.seq + 1
    finally:
        gateway.kill()


async def test_a_gateway_lives_through_the_restart_of_both_servers(
    clean_servers: Callable[[], EmbeddedServers], password_hash: str
) -> None:
    servers = clean_servers()
    await asyncio.to_thread(migrate, servers.database_url)
    pool = await open_pool(servers.database_url)
    gateway = GatewayProcess(servers.database_url, servers.redis_url)
    people = People(pool, await Company.make(pool), gateway, password_hash)
    anna, ben = await people.add("1001"), await people.add("1002")
    a, b = await people.connect(anna), await people.connect(ben)
    conversation = await open_with(a, ben)
    await say(a, conversation, "before")
    await pool.close()
    servers.kill_valkey()
    servers.kill_postgres()
    refused = await a.refused(SendMessage(conversation=conversation, client_id=new_id(), body="into the void"))
    assert (refused.code, refused.temporary) == (ErrorCode.UNAVAILABLE, True)
    servers.restart_postgres()
    servers.restart_valkey()
    try:
        command = SendMessage(conversation=conversation, client_id=new_id(), body="after")

        async def sent() -> bool:
            reply = await a.ask(command, object)
            return isinstance(reply, MessageSent)

        while not await sent():
            pass  # each answer takes as long as the gateway needs to find out; the test's time limit bounds it
        await b.until(
            lambda: (
                any(isinstance(each, MessageAdded) and each.message.body == "after" for each in b.messages)
                or any(
                    isinstance(each, ConversationsSnapshot)
                    and each.conversations
                    and each.conversations[0].last_seq == 2
                    for each in b.messages
                )
            ),
            "the message, or the list that tells of it",
        )
    finally:
        gateway.kill()
