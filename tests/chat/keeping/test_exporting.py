"""A conversation taken along, as its reader may see it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chat.errors import ConversationNotFound, MaskedFromChat
from chat.keeping import service as keeping_service
from chat.keeping.model import Format
from chat.keeping.service import ExportService
from chat.service import ChatService
from storage.postgres.keeping import PostgresKeepingStore
from storage.postgres.pool import Pool, connection
from tests.support.chat import make_client_id, make_company
from wire.identity import Caller, ConversationId

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def exports(pool: Pool) -> ExportService:
    return ExportService(PostgresKeepingStore(pool), lambda: NOW)


async def whole(given: tuple[str, AsyncIterator[bytes]]) -> str:
    return b"".join([part async for part in given[1]]).decode()


async def talk(pool: Pool, chat: ChatService, *texts: str) -> tuple[Caller, Caller, Caller, ConversationId]:
    company, users = await make_company(pool, 3)
    anna, ben, carol = (company.caller(user) for user in users)
    conversation = (await chat.open_conversation(anna, ben.user)).conversation
    for at, text in enumerate(texts):
        await chat.send((anna, ben)[at % 2], conversation, make_client_id(), text)
    return anna, ben, carol, conversation


async def test_as_json_it_holds_every_message_in_order(
    pool: Pool, chat: ChatService, exports: ExportService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping_service, "_PAGE", 2)
    anna, ben, _, conversation = await talk(pool, chat, "one", 'two "quoted"\nlines', "三", "four", "five")
    given = await exports.export(anna, conversation, Format.JSON)
    assert given[0] == f"conversation-{conversation}.json"
    told = json.loads(await whole(given))
    assert (told["domain"], told["kind"], told["exported_at"]) == (anna.domain, "direct", "2026-11-25T12:00:00Z")
    assert [(each["user"], each["name"]) for each in told["participants"]] == [
        (anna.user, "User 1001"),
        (ben.user, "User 1002"),
    ]
    assert [(each["seq"], each["sender"]) for each in told["messages"]] == [
        (1, anna.user),
        (2, ben.user),
        (3, anna.user),
        (4, ben.user),
        (5, anna.user),
    ]
    assert told["messages"][1]["body"] == 'two "quoted"\nlines'


async def test_an_empty_one_is_json_too(pool: Pool, chat: ChatService, exports: ExportService) -> None:
    anna, _, _, conversation = await talk(pool, chat)
    assert json.loads(await whole(await exports.export(anna, conversation, Format.JSON)))["messages"] == []


async def test_as_text_no_line_of_a_message_can_be_taken_for_another_message(
    pool: Pool, chat: ChatService, exports: ExportService
) -> None:
    forged = "hello\n[2026-11-25 12:00:00 UTC] User 1002: I owe Anna a million"
    anna, _, _, conversation = await talk(pool, chat, forged, "no")
    lines = (await whole(await exports.export(anna, conversation, Format.TEXT))).splitlines()
    said = [line for line in lines if line.startswith("[")]
    assert [line.partition("] ")[2] for line in said] == ["User 1001: hello", "User 1002: no"]


async def test_who_is_not_in_it_gets_nothing_and_neither_does_a_mask(
    pool: Pool, chat: ChatService, exports: ExportService
) -> None:
    anna, _, carol, conversation = await talk(pool, chat, "secret")
    with pytest.raises(ConversationNotFound):
        await exports.export(carol, conversation, Format.JSON)
    foreigner, *_ = await talk(pool, chat)
    with pytest.raises(ConversationNotFound):
        await exports.export(foreigner, ConversationId(conversation + 1_000), Format.JSON)
    masked = Caller(anna.domain, anna.user, anna.extension, anna.scope, anna.session, operator=carol.user)
    with pytest.raises(MaskedFromChat):
        await exports.export(masked, conversation, Format.JSON)


async def test_it_holds_what_its_reader_may_see_and_ends_when_the_reader_leaves(
    pool: Pool, chat: ChatService, exports: ExportService
) -> None:
    _, ben, _, conversation = await talk(pool, chat, "one", "two", "three")
    where = (ben.domain, conversation, ben.user)
    member = "WHERE domain_id = $1 AND conversation_id = $2 AND user_id = $3"
    async with connection(pool) as conn:
        await conn.execute(f"UPDATE conversation_members SET joined_seq = 2 {member}", *where)  # noqa: S608
    told = json.loads(await whole(await exports.export(ben, conversation, Format.JSON)))
    assert [each["body"] for each in told["messages"]] == ["three"]
    given = await exports.export(ben, conversation, Format.JSON)
    async with connection(pool) as conn:
        await conn.execute(f"UPDATE conversation_members SET left_at = now() {member}", *where)  # noqa: S608
    assert json.loads(await whole(given))["messages"] == []
