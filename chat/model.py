"""The structs of chat, beside the records of `wire/`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from wire.errors import Invalid
from wire.identity import ConversationId, DomainId, FileId, Scope, UserId
from wire.records import Conversation, Delivery, History, Line, Member, Message, Reaction, Role

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Person(Struct, frozen=True):
    """Somebody to chat with, and what decides who sees an unlisted one."""

    user: UserId
    scope: Scope
    site: str | None
    listed: bool


class Details(Struct, frozen=True, omit_defaults=True):
    """What few messages have: fields of a `wire.records.Message` that are kept together, or not at all."""

    reply_to: int = 0
    mentions: list[UserId] = []
    reactions: list[Reaction] = []
    line: Line | None = None
    delivery: Delivery | None = None

    @classmethod
    def of(cls, message: Message) -> "Details | None":
        details = cls(message.reply_to, message.mentions, message.reactions, message.line, message.delivery)
        return None if details == NO_DETAILS else details


NO_DETAILS = Details()


class NewMessage(Struct, frozen=True):
    """To be kept. `body` is clean (text.py); `sender` and `client_id` together name it for ever.

    `files` are the sender's own, uploaded for this conversation and not sent before.
    """

    domain: DomainId
    conversation: ConversationId
    sender: UserId
    client_id: str
    body: str
    files: tuple[FileId, ...] = ()
    details: Details | None = None


class KeptMessage(Struct, frozen=True):
    """Committed. `members`: whom to tell, as of the moment at which the message got its number.

    `duplicate`: it had been kept before, and this is what was kept then.
    """

    message: Message
    members: Sequence[UserId]
    duplicate: bool = False


class OpenedConversation(Struct, frozen=True):
    """As the user sees it who opened it; a `created` one looks the same to both."""

    conversation: Conversation
    created: bool


class Reading(Struct, frozen=True):
    """How far a member has come: up to which number messages were read, and up to which they were delivered."""

    domain: DomainId
    conversation: ConversationId
    user: UserId
    read: int = 0
    delivered: int = 0


class ReadMark(Struct, frozen=True):
    """How far a member has come now, and which of the two grew. `unread`: others' messages after `read`."""

    read: int
    delivered: int
    unread: int
    members: Sequence[UserId]
    read_moved: bool
    delivered_moved: bool


class Group(Struct, frozen=True):
    """A group as it is while it is locked to be changed."""

    name: str
    history: History
    roles: dict[UserId, Role]
    """Of those who are in it, in the order in which they joined."""


class GroupChange(Struct, frozen=True):
    """What becomes of a group: the lines that tell it, and its new name, history and roles. No lines: nothing."""

    group: Group
    lines: Sequence[Line]


class ChangedGroup(Struct, frozen=True):
    """Committed. `lines`: the messages that tell of the change; none: nothing has changed.

    `members`: those who are in it now. `joined` and `left`: who came, and who went.
    """

    conversation: ConversationId
    group: Group
    members: list[Member]
    joined: Sequence[UserId] = ()
    left: Sequence[UserId] = ()
    lines: Sequence[Message] = ()


class MadeGroup(Struct, frozen=True):
    """As its creator sees it. `created`: now; else its `client_id` had made it before."""

    conversation: Conversation
    created: bool


class ChangedMessage(Struct, frozen=True):
    """Committed. `members`: those who may see the message. `changed`: it was different before."""

    message: Message
    members: Sequence[UserId]
    changed: bool


class ChangePage(Struct, frozen=True):
    """Ascending by `rev`. All changes up to `rev` are in it, or were known."""

    messages: list[Message]
    rev: int
    more: bool


class Mute(Struct, frozen=True):
    muted: bool
    rev: int
    moved: bool


class MessagePage(Struct, frozen=True):
    """Ascending. `more`: there are further ones in the direction of reading; if both, older, and newer ones.

    `around`: the number around which they stand.
    """

    messages: list[Message]
    more: bool
    more_newer: bool = False
    around: int = 0


class ConversationPage(Struct, frozen=True):
    """Newest first. `next`: the cursor of the following page; None on the last."""

    conversations: list[Conversation]
    next: str | None


class Behind(Struct, frozen=True):
    """How far a conversation is beyond what a client knows: `after` is the last number it has or may have."""

    conversation: ConversationId
    after: int
    last_seq: int
    last_rev: int


class Stretch(Struct, frozen=True):
    """Messages to read: those after `after`, up to and including `upto`."""

    conversation: ConversationId
    after: int
    upto: int


class Cursor(Struct, frozen=True):
    """A place in somebody's list of conversations, newest first: all that come after this one."""

    updated_at: datetime
    conversation: ConversationId

    def __str__(self) -> str:
        return f"{(self.updated_at - _EPOCH) // _MICROSECOND}.{self.conversation}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises `Invalid` for anything that `str` did not make."""
        microseconds, _, conversation = text.partition(".")
        try:
            return cls(_EPOCH + int(microseconds) * _MICROSECOND, ConversationId(_bigint(conversation)))
        except (ValueError, OverflowError):
            raise Invalid("This is not the `next` of an earlier page", field="before") from None

    @classmethod
    def of(cls, conversation: Conversation) -> "Cursor":
        assert conversation.updated_at is not None
        return cls(conversation.updated_at, conversation.conversation)


class SearchScope(Struct, frozen=True):
    """A conversation to be searched after `joined_seq`. Messages after `indexed_seq` cannot be found yet."""

    conversation: ConversationId
    joined_seq: int
    indexed_seq: int
    last_seq: int


class Unindexed(Struct, frozen=True):
    """The next messages of a conversation that cannot be found yet, as of `last_rev`; at least one."""

    domain: DomainId
    conversation: ConversationId
    messages: Sequence[Message]
    after: int
    last_seq: int
    last_rev: int

    @property
    def name(self) -> tuple[DomainId, ConversationId]:
        return self.domain, self.conversation

    @property
    def reached(self) -> int:
        return self.messages[-1].seq


class SearchFilter(Struct, frozen=True):
    """Which messages with the right words count. `before`: only what stands after this place in the results."""

    sender: UserId | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: "SearchCursor | None" = None


class SearchCursor(Struct, frozen=True):
    """A place in the results, newest first."""

    sent_at: datetime
    conversation: ConversationId
    seq: int

    def __str__(self) -> str:
        return f"{(self.sent_at - _EPOCH) // _MICROSECOND}.{self.conversation}.{self.seq}"

    @classmethod
    def parse(cls, text: str) -> "SearchCursor":
        """Raises `Invalid` for anything that `str` did not make."""
        try:
            microseconds, conversation, seq = text.split(".")
            return cls(_EPOCH + int(microseconds) * _MICROSECOND, ConversationId(_bigint(conversation)), _bigint(seq))
        except (ValueError, OverflowError):
            raise Invalid("This is not the `next` of an earlier page", field="before") from None


def _bigint(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number
