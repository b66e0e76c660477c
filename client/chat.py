"""Conversations and their messages: what snapshots, pages and events amount to.

Messages are numbered from 1 without gaps; of two records of one message the higher `rev` is the truth. `Thread.upto`
says how far nothing is missing, so that what lies behind a gap is asked for and never taken for the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec import structs

from wire.events import (
    AnyEvent,
    ChangesMissed,
    ConversationAdded,
    ConversationRemoved,
    ConversationsSnapshot,
    GroupChanged,
    MessageAdded,
    MessageChanged,
    MessagesExpired,
    MessagesMissed,
    MuteChanged,
    ReadMarked,
)
from wire.identity import ConversationId, UserId
from wire.records import Conversation, ConversationKind, Message


@dataclass(slots=True)
class Thread:
    """One conversation. `start`: what came before was never asked for."""

    record: Conversation
    start: int
    messages: dict[int, Message] = field(default_factory=dict)
    rev: int = 0

    @property
    def upto(self) -> int:
        """The newest message before which none is missing, after `start`."""
        at = self.start
        while at + 1 in self.messages:
            at += 1
        return at

    @property
    def has_gap(self) -> bool:
        return self.upto < max(self.record.last_seq, max(self.messages, default=0))

    @property
    def run(self) -> list[Message]:
        """Messages in order, up to the first that is missing."""
        return [self.messages[seq] for seq in range(self.start + 1, self.upto + 1)]

    def take(self, messages: Iterable[Message]) -> None:
        for message in messages:
            known = self.messages.get(message.seq)
            if message.seq > self.start and (known is None or message.rev >= known.rev):
                self.messages[message.seq] = message


class ChatState:
    """All conversations that were told of, by id."""

    def __init__(self, starts: Mapping[ConversationId, int] | None = None) -> None:
        """`starts`: what came before was never asked for, of conversations that were known in another timeline."""
        self.threads: dict[ConversationId, Thread] = {}
        self._starts = starts or {}

    def begun_anew(self) -> "ChatState":
        """Another database has taken over: nothing of the old one's counts. As far back as was read is read again."""
        return ChatState({conversation: thread.start for conversation, thread in self.threads.items()})

    def direct_with(self, user: UserId) -> Thread | None:
        for thread in self.threads.values():
            members = [member.user for member in thread.record.members]
            if thread.record.kind is ConversationKind.DIRECT and user in members:
                return thread
        return None

    def positions(self, most: int) -> dict[ConversationId, int]:
        """For `connect`, of at most so many conversations, those with the newest messages."""
        newest = sorted(self.threads.items(), key=lambda item: str(item[1].record.updated_at or ""), reverse=True)
        return {conversation: thread.upto for conversation, thread in newest[:most]}

    def changes(self, positions: Iterable[ConversationId]) -> dict[ConversationId, int]:
        return {conversation: self.threads[conversation].rev for conversation in positions}

    def learn(self, record: Conversation) -> Thread:
        """What was said before is not asked for, but for the newest message, which comes along."""
        thread = self.threads.get(record.conversation)
        if thread is None:
            newest = max(0, record.last_seq - 1)
            start = min(newest, self._starts.get(record.conversation, newest))
            thread = Thread(record, start=start, rev=record.last_rev)
            self.threads[record.conversation] = thread
        thread.record = record
        if record.last_message is not None:
            thread.take([record.last_message])
        return thread

    def apply(self, event: AnyEvent) -> set[ConversationId]:
        """The conversations concerned; those that nobody told of yet, too."""
        match event:
            case ConversationsSnapshot(conversations=records):
                return {self.learn(record).record.conversation for record in records}
            case ConversationAdded(conversation=record):
                return {self.learn(record).record.conversation}
            case ConversationRemoved(conversation=conversation):
                self.threads.pop(conversation, None)
                return {conversation}
            case GroupChanged() | MuteChanged() | ReadMarked():
                return self._alter(event)
            case MessageAdded(message=message) | MessageChanged(message=message):
                return self._take(message.conversation, [message])
            case MessagesMissed(conversation=conversation, messages=messages):
                return self._take(conversation, messages)
            case ChangesMissed(conversation=conversation, messages=messages, rev=rev):
                self._reached(conversation, rev)
                return self._take(conversation, messages)
            case MessagesExpired(conversation=conversation, upto=upto):
                return self._expire(conversation, upto)
        return set()

    def _take(self, conversation: ConversationId, messages: Iterable[Message]) -> set[ConversationId]:
        thread = self.threads.get(conversation)
        if thread is not None:
            known = [*messages]
            # An edit of what came before `start` is counted, too, though its message is not kept.
            thread.rev = max([thread.rev, *(each.rev for each in known if each.rev == thread.rev + 1)])
            thread.take(known)
        return {conversation}

    def _alter(self, event: GroupChanged | MuteChanged | ReadMarked) -> set[ConversationId]:
        thread = self.threads.get(event.conversation)
        if thread is None:
            return {event.conversation}
        record = thread.record
        match event:
            case GroupChanged() if event.seq > record.group_seq:
                changes = {"name": event.name, "members": event.members, "history": event.history}
                thread.record = structs.replace(record, group_seq=event.seq, **changes)
            case MuteChanged() if event.rev > record.mute_rev:
                thread.record = structs.replace(record, muted=event.muted, mute_rev=event.rev)
            case ReadMarked(unread=int(unread)):
                thread.record = structs.replace(record, unread=unread)
        return {event.conversation}

    def _reached(self, conversation: ConversationId, rev: int) -> None:
        if thread := self.threads.get(conversation):
            thread.rev = max(thread.rev, rev)

    def _expire(self, conversation: ConversationId, upto: int) -> set[ConversationId]:
        if thread := self.threads.get(conversation):
            thread.start = max(thread.start, upto)
            thread.messages = {seq: each for seq, each in thread.messages.items() if seq > upto}
        return {conversation}
