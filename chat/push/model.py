"""The structs of push."""

from msgspec import Struct

from wire.identity import ConversationId, DomainId, SessionId, UserId


class Subscription(Struct, frozen=True, kw_only=True):
    """Where a browser takes messages, and with which keys: its public point (65 bytes) and its secret (16 bytes)."""

    domain: DomainId
    user: UserId
    endpoint: str
    public_key: bytes
    secret: bytes


class NewSubscription(Struct, frozen=True, kw_only=True):
    """Ends with the login it was made in."""

    subscription: Subscription
    session: SessionId


class Noticed(Struct, frozen=True):
    """A message that was just sent."""

    domain: DomainId
    conversation: ConversationId
    seq: int


class Notice(Struct, frozen=True, kw_only=True):
    """What one browser is told."""

    to: Subscription
    conversation: ConversationId
    seq: int
    title: str
    body: str


class Payload(Struct, frozen=True):
    """The same, as the service worker reads it."""

    conversation: ConversationId
    seq: int
    title: str
    body: str
