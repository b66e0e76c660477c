"""A telephone switch as we know it."""

from enum import StrEnum

from msgspec import Struct

from pbx.sequence import Position
from wire.identity import DomainId, Extension, SourceId, UserId


class Source(Struct, frozen=True):
    """A switch that may report. It is believed about its `domains` only.

    `token_hashes`: SHA-256, the newest first; two while a token is being exchanged.
    """

    name: SourceId
    domains: frozenset[DomainId]
    token_hashes: tuple[bytes, ...]
    enabled: bool = True


class KnownSource(Struct, frozen=True, kw_only=True):
    """A switch as an operator sees it in the list. `label` is what people call it."""

    source: SourceId
    label: str
    enabled: bool
    has_two_tokens: bool
    command_url: str
    domains: list[DomainId]


class Recalled(Struct, frozen=True):
    """What is remembered of a source, and `now` by the clock that all gateways share. `stored` is for the way back."""

    position: Position
    now: float
    stored: bytes = b""


class CommandKind(StrEnum):
    """What a switch may be told of a user."""

    DND = "dnd"
    PROFILE = "profile"
    """The name has changed: phones that show it need a resync."""


class Command(Struct, frozen=True, kw_only=True):
    """Something that a switch has to hear of a user, as it is now. `attempts` counts this one."""

    domain: DomainId
    user: UserId
    source: SourceId
    kind: CommandKind
    rev: int
    attempts: int
    url: str
    token: str
    extension: Extension
    name: str
    dnd: bool


class Waiting(Struct, frozen=True):
    """What a switch has yet to hear or to confirm. `is_due`: some of it may be told now."""

    source: SourceId
    count: int
    oldest_seconds: float
    is_due: bool


class DndMark(Struct, frozen=True):
    """What a source said last about somebody's Do Not Disturb."""

    epoch: str
    seq: int
    on: bool
    is_echo: bool = False
    """It was commanded, or is only listed: nobody has just wished it at the switch."""
