"""An adapter that tells nobody: it shows what it would tell, so that it can be held against the real switch."""

import asyncio
from collections.abc import Callable

from pbx.adapter.board import Board
from pbx.adapter.connection import first_to_fail
from pbx.adapter.line import Line, SwitchReader, keep_line
from pbx.adapter.outbox import Outbox


async def show(reader: SwitchReader, clock: Callable[[], float], write: Callable[[str], None]) -> None:
    """Writes each event as a line of JSON, for ever. Raises `LineRefused` if the switch has never let us in."""
    told = asyncio.Event()
    board = Board(Outbox(), on_told=told.set)
    line = Line(clock, lambda: None, lambda: None)

    async def write_events() -> None:
        while True:
            told.clear()
            while batch := board.outbox.batch():
                for seq, encoded in batch:
                    write(encoded.decode())
                    board.outbox.settle(seq)
            await told.wait()

    await first_to_fail(lambda: keep_line(reader, board, line), write_events)
