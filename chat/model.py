"""The structs of chat, beside the records of `wire/`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from wire.errors import Invalid
from wire.identity import ConversationId, DomainId, FileId, Scope, UserId
from wire.records import Conversation, Message

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Person(Struct, frozen=True):
    """Somebody to chat with, and what decides who sees an unlisted one."""

    user: UserId
    scope: Scope
    site: str | None
    listed: bool


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


class ReadMark(Struct, frozen=True):
    """How far a member has read now. `moved`: it was less far before. `unread`: others' messages after `seq`."""

    seq: int
    unread: int
    members: Sequence[UserId]
    moved: bool


class MessagePage(Struct, frozen=True):
    """Ascending. `more`: there are further ones in the direction of reading."""

    messages: list[Message]
    more: bool


class ConversationPage(Struct, frozen=True):
    """Newest first. `next`: the cursor of the following page; None on the last."""

    conversations: list[Conversation]
    next: str | None


class Behind(Struct, frozen=True):
    """A conversation with messages after what a client knows: `after` is the last number it has or may have."""

    conversation: ConversationId
    after: int
    last_seq: int


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


def _bigint(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number
