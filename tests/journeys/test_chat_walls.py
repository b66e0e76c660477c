"""Nobody reads, changes, searches or is told of a conversation that they are not in: every command and route is tried.

What is tried is made from the table of commands and from the served description of the HTTP interface, so that a new
one cannot be forgotten: without a value for a new field, or with an answer that says more than "no", it fails here.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from typing import Any

import msgspec
import pytest

from connections.dispatch import COMMANDS
from storage.postgres.pool import Pool
from tests.support.chat import make_client_id, make_company
from tests.support.client import Client
from tests.support.files import FileClient
from tests.support.gateway import People
from tests.support.http import http_client
from tests.support.masks import token_of_mask
from wire.codec import encode
from wire.commands import (
    Command,
    CreateGroup,
    GetConversation,
    GetMessages,
    OpenConversation,
    RemoveMember,
    SearchMessages,
    SendMessage,
)
from wire.errors import ErrorCode
from wire.events import MessageAdded
from wire.identity import ConversationId, Scope, UserId
from wire.records import File
from wire.replies import (
    ConversationOpened,
    ConversationsListed,
    Done,
    Failed,
    MessageSent,
    MessagesFound,
    MessagesListed,
)

SECRET = "xylophone"
CHAT_COMMANDS = [kind for kind, row in COMMANDS.items() if row.of == "chat"]
CREATES = {"open_conversation", "create_group"}
"""These make something of one's own; all others are about something that is there."""


@dataclass
class Stage:
    """Anna and Ben have a direct conversation and a group with a secret in each; Carol was in the group once."""

    people: People
    anna: UserId
    ben: UserId
    carol: UserId
    manager: UserId
    direct: ConversationId
    group: ConversationId
    file: File
    a: Client
    b: Client
    told: dict[Client, int] = field(default_factory=dict)

    def values(self, conversation: ConversationId) -> dict[str, Any]:
        """For each field that a command of chat may have."""
        return {
            "conversation": conversation,
            "user": self.anna,
            "users": [self.ben],
            "seq": 2,
            "client_id": make_client_id(),
            "body": "from outside",
            "name": "Taken over",
            "emoji": "👍",
            "on": True,
            "text": SECRET,
            "history": "all",
            "limit": 10,
            "after": 0,
            "before": None,
            "around": None,
            "at": None,
            "sender": None,
            "since": None,
            "until": None,
            "reply_to": 1,
            "mentions": [self.anna],
            "files": [],
        }

    def command(self, kind: type[Command], conversation: ConversationId, **given: Any) -> Command:
        values = self.values(conversation) | given
        names = [each.name for each in msgspec.structs.fields(kind) if each.name != "id"]
        assert set(names) <= set(values), f"say here what {kind.__name__} is to be tried with"
        return msgspec.convert({"op": kind.__struct_config__.tag} | {name: values[name] for name in names}, kind)

    def heard(self) -> list[object]:
        """What Anna's and Ben's clients were told since the last time, but for what is of no conversation."""
        news: list[object] = []
        for client in (self.a, self.b):
            news += [each for each in client.messages[self.told.get(client, 0) :] if hasattr(each, "conversation")]
            self.told[client] = len(client.messages)
        return news


@pytest.fixture
async def stage(people: People) -> AsyncIterator["Stage"]:
    anna, ben, carol = [await people.add(str(1001 + nth)) for nth in range(3)]
    manager = await people.add("1900", scope=Scope.SUPER_USER)
    async with await people.connect(anna) as a, await people.connect(ben) as b:
        opened = await a.ask(OpenConversation(user=ben), ConversationOpened)
        direct = opened.conversation.conversation
        made = await a.ask(CreateGroup(client_id=make_client_id(), name=SECRET, users=[ben, carol]), ConversationOpened)
        group = made.conversation.conversation
        await a.ask(RemoveMember(conversation=group, user=carol), Done)
        async with FileClient.open(people.gateway.url, await people.token(anna)) as files:
            file = await files.upload(direct, b"secret", f"{SECRET}.txt")
        for conversation, attached in ((direct, [file.file]), (group, []), (direct, []), (group, [])):
            await a.ask(
                SendMessage(conversation=conversation, client_id=make_client_id(), body=SECRET, files=attached),
                MessageSent,
            )
        for client in (a, b):
            await client.receives(
                MessageAdded, lambda each: each.message.conversation == group and each.message.seq == 4
            )
        stage = Stage(people, anna, ben, carol, manager, direct, group, file, a, b)
        stage.heard()
        yield stage


async def everything_kept(pool: Pool, domain: str) -> list[Any]:
    """But for what is indexed meanwhile."""
    tables = (
        "(SELECT domain_id, conversation_id, name, member_ids, last_seq, last_rev FROM conversations) c",
        "conversation_members",
        "messages",
        "files",
    )
    return [await pool.fetch(f"SELECT * FROM {each} WHERE domain_id = $1 ORDER BY 1, 2, 3", domain) for each in tables]  # noqa: S608


@pytest.mark.parametrize("kind", CHAT_COMMANDS, ids=lambda kind: kind.__struct_config__.tag)
async def test_an_outsider_gets_nothing_by_any_command(stage: Stage, pool: Pool, kind: type[Command]) -> None:
    other_company, _ = await make_company(pool, 3)
    stranger = People(pool, other_company, stage.people.gateway, stage.people.password_hash)
    outsider = await stranger.add("1005")
    before = await everything_kept(pool, stage.people.company.domain)
    for who, user in ((stage.people, stage.carol), (stranger, outsider), (stage.people, stage.manager)):
        async with await who.connect(user) as client:
            seen = len(client.messages)
            for conversation in (stage.direct, stage.group):
                own = {"user": user, "users": []} if kind.__struct_config__.tag in CREATES else {}
                reply = await client.ask(stage.command(kind, conversation, **own), object)
                assert is_empty_or_refused(reply, kind), reply
            said = b"".join(encode(each) for each in client.messages[seen:])
            if kind.__struct_config__.tag != "create_group":
                assert SECRET.encode() not in said
    assert stage.heard() == []
    after = await everything_kept(pool, stage.people.company.domain)
    if kind.__struct_config__.tag not in CREATES:
        assert after == before
    else:
        assert [row for row in after[2] if row["conversation_id"] in (stage.direct, stage.group)] == before[2]


def is_empty_or_refused(reply: object, kind: type[Command]) -> bool:
    match reply:
        case Failed():
            return reply.code is ErrorCode.NOT_FOUND
        case ConversationsListed():
            return all(SECRET not in each.name for each in reply.conversations)
        case MessagesFound():
            return reply.hits == []
        case ConversationOpened():
            return kind.__struct_config__.tag in CREATES
    return False


@pytest.mark.parametrize("kind", CHAT_COMMANDS, ids=lambda kind: kind.__struct_config__.tag)
async def test_a_mask_may_do_nothing_by_any_command(stage: Stage, pool: Pool, kind: type[Command]) -> None:
    before = await everything_kept(pool, stage.people.company.domain)
    token = await token_of_mask(stage.people, stage.anna, operator=stage.manager)
    async with await Client.open(stage.people.gateway.url, token) as mask:
        for conversation in (stage.direct, stage.group):
            refused = await mask.refused(stage.command(kind, conversation))
            assert refused.code is ErrorCode.NOT_ALLOWED
        await stage.b.ask(SendMessage(conversation=stage.group, client_id=make_client_id(), body=SECRET), MessageSent)
        await stage.a.receives(MessageAdded, lambda each: each.message.sender == stage.ben)
        said = b"".join(encode(each) for each in mask.messages)
    assert SECRET.encode() not in said
    after = await everything_kept(pool, stage.people.company.domain)
    assert len(after[2]) == len(before[2]) + 1  # Ben's own


async def test_no_route_gives_an_outsider_or_a_mask_anything(stage: Stage) -> None:
    people = stage.people
    tokens = [
        await people.token(stage.carol),
        await people.token(stage.manager),
        await token_of_mask(people, stage.anna, operator=stage.manager),
    ]
    async with http_client(people.gateway.url) as http:
        described = (await http.get("/openapi.json")).json()
        routes = [
            (method.upper(), path)
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
            if "chat" in operation.get("tags", ())
        ]
        tried = 0
        for (method, path), conversation, token in product(routes, (stage.direct, stage.group), tokens):
            # Whatever names one thing needs a value here; what names none is about the caller's own.
            address = path.format(conversation=conversation, file=stage.file.file)
            answer = await http.request(
                method,
                address,
                params={"name": "a.txt"} if method == "POST" else None,
                content=b"x" if method == "POST" else None,
                headers={"Authorization": f"Bearer {token}"},
            )
            assert SECRET not in answer.text
            if address != path:
                assert answer.status_code in (403, 404), (method, address, answer.status_code)
                tried += 1
    assert tried > 0
    assert stage.heard() == []


async def test_those_who_are_in_it_may(stage: Stage) -> None:
    """The tests above would also pass if nothing worked at all."""
    found = await stage.b.ask(SearchMessages(text=SECRET), MessagesFound)
    assert len(found.hits) == 4
    page = await stage.b.ask(
        GetMessages(conversation=stage.direct, at=datetime(2020, 1, 1, tzinfo=UTC)), MessagesListed
    )
    assert [each.body for each in page.messages] == [SECRET, SECRET]
    await stage.b.ask(GetConversation(conversation=stage.group), ConversationOpened)
    async with FileClient.open(stage.people.gateway.url, await stage.people.token(stage.ben)) as files:
        assert (await files.get(stage.file.file)).content == b"secret"
