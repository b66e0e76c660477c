"""A telephone switch as we know it."""

from msgspec import Struct

from pbx.sequence import Position
from wire.identity import DomainId, SourceId


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
    domains: list[DomainId]


class Recalled(Struct, frozen=True):
    """What is remembered of a source, and `now` by the clock that all gateways share. `stored` is for the way back."""

    position: Position
    now: float
    stored: bytes = b""


class DndMark(Struct, frozen=True):
    """What a source said last about somebody's Do Not Disturb."""

    epoch: str
    seq: int
    on: bool
