"""What has to be kept about switches, and what has to be known about users. Implemented in storage/.

All of it raises `wire.errors.Unavailable` if the store does not answer; the source then sends the same again.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from pbx.model import Command, DndMark, Recalled, Source, Waiting
from pbx.sequence import Position
from wire.identity import DomainId, Extension, SourceId, UserId


class SourceStore(Protocol):
    """Kept for ever: who may report, and who has which extension."""

    async def find(self, source: SourceId) -> Source | None:
        """None: there is no such source. One that is disabled is found."""

    async def users(self, domain: DomainId, extensions: Collection[Extension]) -> Mapping[Extension, UserId]:
        """The users of a domain with these extensions; extensions that nobody has are left out.

        May be a minute old for an extension that was given to somebody else.
        """


class SourceMemory(Protocol):
    """Kept between one message of a source and the next, for whichever gateway gets that. Losing it costs a resync."""

    async def recall(self, source: SourceId) -> Recalled: ...

    async def keep(self, source: SourceId, recalled: Recalled, position: Position) -> bool:
        """False, and nothing is kept, if another gateway was faster: recall and decide again."""

    async def stage(
        self, source: SourceId, snapshot_id: str, part: int, parts: int, payload: bytes
    ) -> Sequence[bytes] | None:
        """Puts a part of a snapshot aside; all payloads in order once the last is there, and again for each repetition.

        A new `snapshot_id` throws away the parts of another. Raises `TooLarge` for more than can be put aside.
        """

    async def forget(self, source: SourceId, snapshot_id: str) -> None:
        """Throws away the parts of a snapshot that has been applied."""

    async def note_dnd(self, source: SourceId, address: str, mark: DndMark) -> bool:
        """False, and nothing is noted, if the source has said something newer in the same epoch."""

    async def noted_dnd(self, source: SourceId) -> Mapping[str, DndMark]: ...


class CommandStore(Protocol):
    """What switches have yet to be told; filled by whoever changes what they have to know."""

    async def waiting(self) -> Sequence[Waiting]:
        """For each switch that has anything to hear or to confirm."""

    async def claim(self, source: SourceId, most: int) -> Sequence[Command]:
        """What may be told now, for this gateway alone for a while; a gateway that dies loses it to another one."""

    async def done(self, command: Command) -> bool:
        """The switch has it. False: the user wishes something newer meanwhile, which will be told next."""

    async def release(self, command: Command, problem: str, seconds: float) -> None:
        """To be told again after `seconds`, unless it is confirmed or there is a newer wish before."""
