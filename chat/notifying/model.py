"""The structs of notifications."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from wire.identity import ConversationId, DomainId, UserId


class Unread(Struct, frozen=True, kw_only=True):
    """A conversation with messages that its reader should be told of. `upto`: the last of them.

    `title`: a group's name, or the other person's.
    """

    conversation: ConversationId
    title: str
    is_group: bool
    unread: int
    upto: int


class Excerpt(Struct, frozen=True):
    """The beginning of a message, for a mail."""

    sender: str
    text: str


class DueUser(Struct, frozen=True, kw_only=True):
    """Somebody who is to get a digest now."""

    domain: DomainId
    user: UserId
    email: str
    company: str
    minutes: int
    language: str


class Told(Struct, frozen=True):
    """Up to where somebody was told of a conversation by mail."""

    conversation: ConversationId
    upto: int


class DueMessages(Struct, frozen=True):
    """One of the conversations of a digest, with its newest messages in their order."""

    about: Unread
    excerpts: Sequence[Excerpt]


class Subscription(Struct, frozen=True, kw_only=True):
    """Where a browser of somebody's takes web push messages, and with which keys (RFC 8291)."""

    domain: DomainId
    user: UserId
    endpoint: str
    public_key: bytes
    secret: bytes


class Sendable(Struct, frozen=True, kw_only=True):
    """What a push message says. `at`: when the message was sent."""

    conversation: ConversationId
    title: str
    body: str
    seq: int
    at: datetime
