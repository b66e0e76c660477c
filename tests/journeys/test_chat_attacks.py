"""What somebody sends who means harm: too much, too many, and text that is not what it looks like."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.chat import make_client_id
from tests.support.client import Client
from tests.support.gateway import People
from wire.commands import GetMessages, OpenConversation, SearchMessages, SendMessage, Typing
from wire.errors import ErrorCode
from wire.events import MessageAdded, TypingStarted
from wire.identity import ConversationId, UserId
from wire.limits import LIMITS
from wire.replies import ConversationOpened, Failed, MessageSent, MessagesListed


async def conversation_of(people: People, client: Client) -> ConversationId:
    other = await people.add("1002")
    opened = await client.ask(OpenConversation(user=other), ConversationOpened)
    return opened.conversation.conversation


async def send(client: Client, conversation: ConversationId, body: str) -> MessageSent:
    command = SendMessage(conversation=conversation, client_id=make_client_id(), body=body)
    return await client.ask(command, MessageSent)


async def test_a_message_of_a_megabyte_ends_the_connection_and_nothing_else(people: People) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as a, await people.connect(anna) as flooder:
        conversation = await conversation_of(people, a)
        with suppress(ConnectionClosed):  # it may be told of the end before it has sent everything
            await flooder.send(SendMessage(conversation=conversation, client_id=make_client_id(), body="x" * 1_000_000))
        assert await flooder.closed() == 1009
        assert (await send(a, conversation, "still here")).seq == 1


async def test_what_is_too_long_or_names_too_many_is_refused_by_its_field(people: People) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as a:
        conversation = await conversation_of(people, a)
        client_id = make_client_id()
        attempts = (
            (f'"body":"{"x" * (LIMITS.message_length + 1)}"', "body"),
            (f'"body":"hi","mentions":[{",".join(["1"] * 10_000)}]', "mentions"),
            ('"body":"hi","mentions":[0]', "mentions[0]"),
            ('"body":"hi","reply_to":-1', "reply_to"),
        )
        for number, (fields, field) in enumerate(attempts, 1_000):
            await a.send_raw(
                f'{{"op":"send_message","id":{number},"conversation":{conversation},"client_id":"{client_id}",{fields}}}'
            )
            await a.until(lambda number=number: number in a.replies, "a refusal")  # type: ignore[misc]
            refused = a.replies[number]
            assert isinstance(refused, Failed)
            assert (refused.code, refused.field) == (ErrorCode.INVALID, field)
        assert (await send(a, conversation, "first")).seq == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066\u2067\u2068https://good.example\u2069/\u202dmoc.live", "https://good.example/moc.live"),
        ("pay\u200bpal \u2060\ufeff\u00adsecret", "paypal secret"),
        ("a\u200d\u200d\u200d\u200db\u200c\u200c", "a\u200db\u200c"),
        ("Z" + "\u0351\u0335" * 200, None),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("e\u0301", "é"),
    ],
)
async def test_text_is_kept_as_what_it_looks_like(people: People, typed: str, kept: str | None) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as a:
        conversation = await conversation_of(people, a)
        await send(a, conversation, typed)
        page = await a.ask(GetMessages(conversation=conversation), MessagesListed)
        body = page.messages[-1].body
        assert len(body) <= 10 if kept is None else body == kept


async def test_whoever_floods_is_told_when_to_come_back_on_all_connections_together(people: People) -> None:
    anna = await people.add("1001")
    connections = [await people.connect(anna) for _ in range(6)]
    conversation = await conversation_of(people, connections[0])

    async def flood(client: Client) -> list[object]:
        command = SendMessage(conversation=conversation, client_id=uuid4().hex, body="spam")
        return [await client.ask(command, object) for _ in range(LIMITS.command_burst)]

    replies = [reply for each in await asyncio.gather(*map(flood, connections)) for reply in each]
    refused = [reply for reply in replies if isinstance(reply, Failed)]
    assert len(refused) > 3 * LIMITS.command_burst  # each connection alone would have been let through
    assert all(each.code is ErrorCode.TOO_MANY and each.temporary and each.retry_after for each in refused)
    for client in connections:
        await client.close()


async def test_the_same_client_id_at_once_and_again_later_is_one_message(people: People) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as a, await people.connect(anna) as elsewhere:
        conversation = await conversation_of(people, a)
        command = SendMessage(conversation=conversation, client_id=uuid4().hex, body="once")
        both = await asyncio.gather(a.ask(command, MessageSent), elsewhere.ask(command, MessageSent))
        assert sorted((each.seq, each.duplicate) for each in both) == [(1, False), (1, True)]
        await people.pool.execute(
            "UPDATE messages SET sent_at = sent_at - interval '400 days' WHERE domain_id = $1", people.company.domain
        )
        again = await a.ask(command, MessageSent)
        assert (again.seq, again.duplicate, again.sent_at < both[0].sent_at) == (1, True, True)
        page = await a.ask(GetMessages(conversation=conversation), MessagesListed)
        assert [each.body for each in page.messages] == ["once"]


async def test_typing_is_told_to_others_once_in_a_while_and_to_nobody_else(people: People) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as a, await people.connect(anna) as a_elsewhere:
        conversation = await conversation_of(people, a)
        async with await people.connect(UserId(anna + 1)) as b:
            await asyncio.gather(*(a.ask(Typing(conversation=conversation), object) for _ in range(5)))
            await send(a, conversation, "done")
            await b.receives(MessageAdded)
            await a_elsewhere.receives(MessageAdded)
            told = [each for each in b.messages if isinstance(each, TypingStarted)]
            assert len(told) == 1
            assert not [each for each in a_elsewhere.messages if isinstance(each, TypingStarted)]


async def test_a_search_for_operators_of_the_database_finds_words_only(people: People) -> None:
    anna = await people.add("1001")
    async with await people.connect(anna) as a:
        await conversation_of(people, a)
        for text in ("' | '", "!!x", "a & b | c <-> d", ":* x:*", "\\'; DROP TABLE messages; --", "%_", "x" * 200):
            await a.ask(SearchMessages(text=text), object)
        assert not [each for each in a.replies.values() if isinstance(each, Failed) and each.code == ErrorCode.INTERNAL]
