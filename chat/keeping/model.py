"""The structs of retention and export."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from wire.identity import ConversationId, DomainId, UserId
from wire.records import ConversationKind


class Format(StrEnum):
    JSON = "json"
    TEXT = "text"


class Retention(Struct, frozen=True):
    """A domain whose messages are deleted once they are older than `days`."""

    domain: DomainId
    days: int


class Cut(Struct, frozen=True):
    """The beginning of a conversation that was deleted, up to `upto`.

    `unread`: of those members who had not read all of it, how much they have still to read of the rest.
    """

    conversation: ConversationId
    upto: int
    members: Sequence[UserId]
    unread: Mapping[UserId, int] = {}


class Expired(Struct, frozen=True):
    """What one step has deleted."""

    messages: int = 0
    cuts: Sequence[Cut] = ()


class Participant(Struct, frozen=True, omit_defaults=True):
    """Somebody who is or was in a conversation. Without a name: the data of this user was deleted."""

    user: UserId
    extension: str = ""
    name: str = ""


class About(Struct, frozen=True):
    """What an export begins with. `participants`: who is in it, and everybody who ever wrote."""

    conversation: ConversationId
    kind: ConversationKind
    name: str
    participants: list[Participant]


class Head(Struct, frozen=True, kw_only=True):
    """The same as the first part of an export in JSON."""

    domain: DomainId
    conversation: ConversationId
    kind: ConversationKind
    name: str
    exported_at: datetime
    participants: list[Participant]
