"""Search over one's own conversations, with its store."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest

from chat.errors import ConversationNotFound, NothingToSearch
from chat.indexing import BATCH
from chat.service import ChatService
from storage.postgres.chat import PostgresChatStore
from storage.postgres.pool import Pool
from tests.support.chat import make_client_id, make_company
from tests.support.company import Company
from wire.errors import Invalid
from wire.identity import Caller, ConversationId
from wire.records import History, Message


@dataclass
class Office:
    """Anna talks with Ben, and with Ben and Carol in a group."""

    company: Company
    anna: Caller
    ben: Caller
    carol: Caller
    direct: ConversationId
    group: ConversationId


@pytest.fixture
async def office(pool: Pool, chat: ChatService) -> Office:
    company, users = await make_company(pool, 3)
    anna, ben, carol = map(company.caller, users)
    direct = (await chat.open_conversation(anna, ben.user)).conversation
    group = await chat.groups.create(anna, make_client_id(), "Sales", [ben.user, carol.user], History.JOINED)
    return Office(company, anna, ben, carol, direct, group.conversation)


async def say(chat: ChatService, caller: Caller, conversation: ConversationId, body: str) -> Message:
    return (await chat.send(caller, conversation, make_client_id(), body)).message


async def find(chat: ChatService, caller: Caller, text: str, **filters: object) -> list[str]:
    hits, _ = await chat.searching.search(caller, text, **filters)  # type: ignore[arg-type]
    return [hit.message.body for hit in hits]


async def test_all_words_have_to_be_there_whatever_their_accents_and_case(chat: ChatService, office: Office) -> None:
    for body in ("Die Größe der Tür", "grosse Tueren", "the SIZE of a door", "Größe egal", "Ærøskøbing Łódź naïve"):
        await say(chat, office.anna, office.direct, body)
    assert await find(chat, office.ben, "grösse") == ["Größe egal", "grosse Tueren", "Die Größe der Tür"]
    assert await find(chat, office.ben, "TÜR Große") == ["Die Größe der Tür"]
    assert await find(chat, office.ben, "size door") == ["the SIZE of a door"]
    assert await find(chat, office.ben, "size window") == []
    assert await find(chat, office.ben, "aeroskobing lodz naive") == ["Ærøskøbing Łódź naïve"]


async def test_quoted_words_stand_together_and_a_star_goes_on(chat: ChatService, office: Office) -> None:
    for body in ("call me back today", "back, call me", "recall the callback-number +49 30 1234"):
        await say(chat, office.anna, office.direct, body)
    assert await find(chat, office.ben, '"call me"') == ["back, call me", "call me back today"]
    assert await find(chat, office.ben, '"call me back"') == ["call me back today"]
    assert await find(chat, office.ben, '"me back" today') == ["call me back today"]
    assert await find(chat, office.ben, "callb*") == ["recall the callback-number +49 30 1234"]
    assert await find(chat, office.ben, "number 1234") == ["recall the callback-number +49 30 1234"]
    assert await find(chat, office.ben, "it's') & ! <-> \\ back:*") == []
    assert await find(chat, office.ben, "-- '; | back & !") == ["back, call me", "call me back today"]


async def test_sender_conversation_and_times_leave_only_some(chat: ChatService, office: Office) -> None:
    first = await say(chat, office.anna, office.direct, "offer one")
    await say(chat, office.ben, office.direct, "offer two")
    last = await say(chat, office.ben, office.group, "offer three")
    assert await find(chat, office.anna, "offer", sender=office.ben.user) == ["offer three", "offer two"]
    assert await find(chat, office.anna, "offer", conversation=office.direct) == ["offer two", "offer one"]
    assert await find(chat, office.anna, "offer", until=last.sent_at) == ["offer two", "offer one"]
    after = first.sent_at + timedelta(microseconds=1)
    assert await find(chat, office.anna, "offer", since=after) == ["offer three", "offer two"]
    assert await find(chat, office.anna, "offer", since=first.sent_at, sender=office.anna.user) == ["offer one"]


async def test_what_matched_is_told_as_it_stands_in_the_text(chat: ChatService, office: Office) -> None:
    await say(chat, office.anna, office.direct, "Größe? größer! GROSSE e\u0301tage étage")
    hits, _ = await chat.searching.search(office.anna, "größe* etage")
    assert hits[0].words == ["Größe", "größer", "GROSSE", "étage"]


async def test_pages_put_one_after_another_hold_everything_once_newest_first(chat: ChatService, office: Office) -> None:
    sent = [
        await say(chat, office.anna, conversation, f"page {number}")
        for number in range(12)
        for conversation in (office.direct, office.group)
    ]
    found: list[Message] = []
    before: str | None = None
    for _ in range(10):
        hits, before = await chat.searching.search(office.ben, "page", before=before, limit=5)
        found += [hit.message for hit in hits]
        if before is None:
            break
    assert found == sent[::-1]
    with pytest.raises(Invalid) as refused:
        await chat.searching.search(office.ben, "page", before="1.2.x")
    assert refused.value.field == "before"


async def test_nobody_finds_what_they_may_not_read(chat: ChatService, office: Office, pool: Pool) -> None:
    await say(chat, office.anna, office.direct, "a secret of two")
    await say(chat, office.anna, office.group, "a secret of three")
    await chat.groups.remove(office.anna, office.group, office.carol.user)
    await say(chat, office.anna, office.group, "a secret without carol")
    await chat.groups.add(office.anna, office.group, [office.carol.user])
    await say(chat, office.anna, office.group, "no secret any more")
    other_company, users = await make_company(pool, 3)
    assert await find(chat, office.carol, "secret") == ["no secret any more"]
    assert await find(chat, other_company.caller(users[0]), "secret") == []
    for conversation in (office.direct, ConversationId(999)):
        with pytest.raises(ConversationNotFound):
            await find(chat, office.carol, "secret", conversation=conversation)


async def test_an_edited_message_is_found_by_its_new_words_and_a_deleted_one_never(
    chat: ChatService, office: Office
) -> None:
    indexed = await say(chat, office.anna, office.direct, "indexed before")
    gone = await say(chat, office.anna, office.direct, "indexed and gone")
    assert len(await find(chat, office.ben, "indexed")) == 2
    fresh = await say(chat, office.anna, office.direct, "not yet indexed")
    await chat.changes.edit(office.anna, office.direct, indexed.seq, "other words", [])
    await chat.changes.edit(office.anna, office.direct, fresh.seq, "more words", [])
    await chat.changes.delete(office.anna, office.direct, gone.seq)
    assert await find(chat, office.ben, "indexed") == []
    assert await find(chat, office.ben, "words") == ["more words", "other words"]


async def test_a_message_that_changes_while_it_is_indexed_is_found_as_it_is(
    chat: ChatService, store: PostgresChatStore, office: Office
) -> None:
    sent = await say(chat, office.anna, office.direct, "before")
    reading = await store.search.unindexed([(office.company.domain, office.direct)], 10)
    assert [each.reached for each in reading] == [sent.seq]
    await chat.changes.edit(office.anna, office.direct, sent.seq, "afterwards", [])
    assert await store.search.index(reading) == set()
    assert await find(chat, office.ben, "before") == []
    assert await find(chat, office.ben, "afterwards") == ["afterwards"]


async def test_what_was_said_in_many_conversations_is_indexed_together_and_each_by_itself(
    chat: ChatService, store: PostgresChatStore, office: Office
) -> None:
    """In one of them there is more than is taken at a time, and in one a message changes meanwhile."""
    domain = office.company.domain
    makers = (
        chat.groups.create(office.anna, make_client_id(), f"{n}", [office.ben.user], History.ALL) for n in range(3)
    )
    long, changing, short = [(await maker).conversation for maker in makers]
    for conversation in (long, changing, short):
        await say(chat, office.anna, conversation, "alike")
    await say(chat, office.ben, long, "alike")
    reading = await store.search.unindexed([(domain, each) for each in (short, long, changing)], 2)
    assert [each.conversation for each in reading] == [short, long, changing]
    assert [each.reached < each.last_seq for each in reading] == [False, True, False]
    await chat.changes.edit(office.anna, changing, reading[2].reached, "another", [])
    assert await store.search.index(reading) == {(domain, long), (domain, short)}
    assert await store.search.unindexed([(domain, short)], 10) == []
    assert len(await find(chat, office.ben, "alike")) == 3
    assert await find(chat, office.ben, "another") == ["another"]


async def test_two_gateways_index_at_once_and_everything_is_found_once(
    chat: ChatService, office: Office, store: PostgresChatStore
) -> None:
    count = BATCH + 7
    await asyncio.gather(*(say(chat, office.anna, office.direct, f"many {number}") for number in range(count)))
    results = await asyncio.gather(*(chat.searching.search(office.ben, "many 7") for _ in range(4)))
    assert [len(hits) for hits, _ in results] == [1] * 4
    (scope,) = await store.search.scopes(office.company.domain, office.ben.user, office.direct)
    assert scope.indexed_seq == scope.last_seq == count


@pytest.mark.parametrize("text", ["", "   ", "...", '""', "*", "👍"])
async def test_a_search_without_a_word_is_refused(chat: ChatService, office: Office, text: str) -> None:
    with pytest.raises(NothingToSearch) as refused:
        await find(chat, office.anna, text)
    assert refused.value.field == "text"


async def test_very_long_words_and_texts_are_kept_and_found_by_their_beginning(
    chat: ChatService, office: Office
) -> None:
    await say(chat, office.anna, office.direct, "x" * 8_000)
    await say(chat, office.anna, office.direct, "one " * 2_000)
    await say(chat, office.anna, office.direct, "'quoted' \\ back:slash, <->")
    assert len(await find(chat, office.ben, "x" * 64 + "yyy")) == 1
    assert len(await find(chat, office.ben, "one")) == 1
    assert len(await find(chat, office.ben, "slash quoted")) == 1
