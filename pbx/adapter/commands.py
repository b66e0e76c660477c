"""What users set in the portal, on its way to the switch: one after the other, and nothing that is late."""

import asyncio

import structlog

from pbx.adapter.board import Board
from pbx.adapter.errors import LineLost
from pbx.adapter.line import Line, LineState, SwitchReader
from wire.ingest import DndCommand, ProfileCommand, SwitchCommand

log = structlog.get_logger(__name__)

MOST_REMEMBERED = 100_000


class Commands:
    """Raises `LineLost` if the switch cannot be told now, `NotPossible` or `LineRefused` if it cannot be at all."""

    def __init__(self, reader: SwitchReader, board: Board, line: Line) -> None:
        self._reader = reader
        self._board = board
        self._line = line
        self._turn = asyncio.Lock()
        self._taken: dict[tuple[str, type[SwitchCommand]], int] = {}

    async def take(self, command: DndCommand | ProfileCommand) -> None:
        """Returns once the switch has carried it out, or at once if a later one is known."""
        async with self._turn:
            if self._line.state is not LineState.UP:
                raise LineLost("there is no line to the switch")
            key = command.user, type(command)
            if command.rev < self._taken.get(key, 0):
                log.info("command_is_late", user=command.user, rev=command.rev)
                return
            if isinstance(command, DndCommand):
                await self._reader.set_dnd(self._board, command.user, command.on)
            else:
                await self._reader.renamed(command.user)
            if len(self._taken) >= MOST_REMEMBERED:
                self._taken.clear()
            self._taken[key] = command.rev
        log.info("command_carried_out", kind=type(command).__name__, user=command.user, rev=command.rev)
