"""Chat for tests: people who talk, an ear on what is announced, and a client that applies what it is told."""

import itertools
from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct, structs

from chat.model import NewMessage, Reading, ReadMark
from chat.store import ChatStore
from storage.postgres.pool import Pool, transaction
from tests.support.company import Company
from wire.events import (
    AnyEvent,
    ConversationAdded,
    ConversationRemoved,
    ConversationsSnapshot,
    DeliveredMarked,
    GroupChanged,
    MessageAdded,
    MessageChanged,
    MessagesExpired,
    MuteChanged,
    ReadMarked,
)
from wire.identity import ConversationId, DomainId, UserId
from wire.records import Conversation, Member

_ids = itertools.count(1)


def make_client_id() -> str:
    return f"client-id-{next(_ids)}"


def message(
    domain: DomainId, conversation: ConversationId, sender: UserId, body: str = "hello", client_id: str | None = None
) -> NewMessage:
    return NewMessage(domain, conversation, sender, client_id or make_client_id(), body)


async def mark_read(
    store: ChatStore, domain: DomainId, user: UserId, conversation: ConversationId, seq: int
) -> ReadMark:
    return await store.mark(Reading(domain, conversation, user, read=seq))


async def make_company(pool: Pool, people: int) -> tuple[Company, list[UserId]]:
    company = await Company.make(pool)
    return company, [await company.add(str(1001 + number)) for number in range(people)]


async def make_group(pool: Pool, domain: DomainId, members: Sequence[UserId]) -> ConversationId:
    """A group without any line, so that a test may count its messages from 1; nobody manages it."""
    async with transaction(pool) as conn:
        number: ConversationId = await conn.fetchval(
            "UPDATE domains SET last_conversation_id = last_conversation_id + 1 WHERE domain_id = $1 "
            "RETURNING last_conversation_id",
            domain,
        )
        await conn.execute(
            "INSERT INTO conversations (domain_id, conversation_id, kind, name, member_ids) "
            "VALUES ($1, $2, 'group', 'A Group', $3)",
            domain,
            number,
            sorted(members),
        )
        await conn.execute(
            "INSERT INTO conversation_members (domain_id, conversation_id, user_id) SELECT $1, $2, unnest($3::int[])",
            domain,
            number,
            members,
        )
    return number


Kind = TypeVar("Kind")


def only(kind: type[Kind], events: Sequence[object]) -> list[Kind]:
    """The events, all of which are of this kind."""
    assert all(isinstance(event, kind) for event in events), events
    return [event for event in events if isinstance(event, kind)]


class Told(Struct, frozen=True):
    """`to` None: everybody in the domain."""

    domain: DomainId
    event: AnyEvent
    to: tuple[UserId, ...] | None
    shown_in: ConversationId | None = None


class Ear:
    """Hears what a service announces. Implements `wire.announce.Announcer`."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    async def announce(
        self,
        domain: DomainId,
        event: AnyEvent,
        to: Sequence[UserId] | None = None,
        *,
        shown_in: ConversationId | None = None,
    ) -> None:
        self.told.append(Told(domain, event, None if to is None else tuple(to), shown_in))

    async def end_sessions(self, *_: object) -> None:
        raise AssertionError("chat ends no sessions")

    def take(self) -> list[Told]:
        told, self.told = self.told, []
        return told

    def of(self, user: UserId) -> list[AnyEvent]:
        return [each.event for each in self.told if each.to is None or user in each.to]


def apply(state: ConversationsSnapshot, event: AnyEvent, reader: UserId) -> ConversationsSnapshot:
    """What a client of `reader` makes of an event: the same rules as in the portal."""
    conversations = {each.conversation: each for each in state.conversations}
    number = event.message.conversation if isinstance(event, MessageAdded | MessageChanged) else None
    match event:
        case ConversationAdded(conversation=added):
            conversations.setdefault(added.conversation, added)
        case ConversationRemoved():
            conversations.pop(event.conversation, None)
        case MessageAdded() | MessageChanged() if number in conversations:
            conversations[number] = _with_message(conversations[number], event, reader)
        case MessageAdded() | MessageChanged():
            raise AssertionError("told of a conversation that is not known")
        case MessagesExpired():
            conversations[event.conversation] = _cut(conversations[event.conversation], event.upto)
        case ReadMarked():
            conversations[event.conversation] = _marked(conversations[event.conversation], event)
        case DeliveredMarked() | GroupChanged() | MuteChanged():
            conversations[event.conversation] = _changed(conversations[event.conversation], event)
        case _:
            raise AssertionError(f"no event of chat: {event}")
    ordered = sorted(conversations.values(), key=_newest_first, reverse=True)
    return ConversationsSnapshot(conversations=ordered, next=state.next)


def _newest_first(conversation: Conversation) -> tuple[float, int]:
    assert conversation.updated_at is not None
    return conversation.updated_at.timestamp(), conversation.conversation


def _with_message(known: Conversation, event: MessageAdded | MessageChanged, reader: UserId) -> Conversation:
    message = event.message
    if isinstance(event, MessageChanged):
        last = known.last_message
        is_last = last is not None and last.seq == message.seq and last.rev < message.rev
        return structs.replace(
            known, last_rev=max(known.last_rev, message.rev), last_message=message if is_last else last
        )
    if message.seq <= known.last_seq:
        return known
    return structs.replace(
        known,
        last_seq=message.seq,
        last_message=message,
        updated_at=message.sent_at,
        unread=known.unread + (message.sender != reader),
    )


def _cut(conversation: Conversation, upto: int) -> Conversation:
    members = [_grown(each, Member(each.user, upto, upto)) for each in conversation.members]
    last = conversation.last_message
    return structs.replace(
        conversation,
        members=members,
        joined_seq=max(conversation.joined_seq, upto),
        last_message=last if last is not None and last.seq > upto else None,
    )


def _marked(conversation: Conversation, event: ReadMarked) -> Conversation:
    members = [
        structs.replace(each, read_seq=max(each.read_seq, event.seq), delivered_seq=max(each.delivered_seq, event.seq))
        if each.user == event.user
        else each
        for each in conversation.members
    ]
    unread = conversation.unread if event.unread is None else event.unread
    return structs.replace(conversation, members=members, unread=unread)


def _changed(conversation: Conversation, event: DeliveredMarked | GroupChanged | MuteChanged) -> Conversation:
    match event:
        case DeliveredMarked():
            members = [
                structs.replace(each, delivered_seq=max(each.delivered_seq, event.seq))
                if each.user == event.user
                else each
                for each in conversation.members
            ]
            return structs.replace(conversation, members=members)
        case GroupChanged() if event.seq > conversation.group_seq:
            marks = {each.user: each for each in conversation.members}
            members = [_grown(each, marks.get(each.user)) for each in event.members]
            return structs.replace(
                conversation, members=members, name=event.name, history=event.history, group_seq=event.seq
            )
        case MuteChanged() if event.rev > conversation.mute_rev:
            return structs.replace(conversation, muted=event.muted, mute_rev=event.rev)
    return conversation


def _grown(member: Member, known: Member | None) -> Member:
    if known is None:
        return member
    return structs.replace(
        member,
        read_seq=max(member.read_seq, known.read_seq),
        delivered_seq=max(member.delivered_seq, known.delivered_seq),
    )
