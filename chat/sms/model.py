"""The structs of text messages."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from wire.errors import Refused
from wire.identity import ConversationId, DomainId, UserId

OUTSIDE = UserId(0)
"""Who writes from outside: nobody's number, which no user ever gets."""


class Wish(StrEnum):
    """What somebody outside says with a single word."""

    NONE = "none"
    STOP = "stop"
    START = "start"


class OutgoingSms(Struct, frozen=True, kw_only=True):
    """`id` is the same each time that it is tried: the provider sends it once."""

    id: str
    sender: str
    to: str
    text: str


class Opened(Struct, frozen=True):
    """A conversation with an outside number, and who is in it."""

    conversation: ConversationId
    members: Sequence[UserId]
    created: bool


class Exchange(Struct, frozen=True, kw_only=True):
    """A conversation that is ours to send from. `after`: up to where it was handed to the provider."""

    domain: DomainId
    conversation: ConversationId
    number: str
    outside: str
    is_stopped: bool
    after: int


class ProviderRefused(Refused):
    """The provider will never take this."""


class SmsProvider(Protocol):
    async def send(self, sms: OutgoingSms) -> None:
        """Returns once the provider has taken it over. Raises `ProviderRefused`, `wire.errors.Unavailable`."""
