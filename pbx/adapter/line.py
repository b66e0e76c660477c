"""The line to the switch: whether it stands, and what is done until it does again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

import structlog

from pbx.adapter.backoff import FIRST_SECONDS, LONGEST_SECONDS, REFUSED_SECONDS, pause_before
from pbx.adapter.board import Board
from pbx.adapter.errors import LineLost, LineRefused

log = structlog.get_logger(__name__)

T = TypeVar("T")


class LineState(StrEnum):
    """`down`: what the switch said last may be old. `loading`: its lists are being read. `up`: all is known."""

    DOWN = "down"
    LOADING = "loading"
    UP = "up"


class Line:
    """What the reader of a switch and the sender to the gateway have to know of each other."""

    def __init__(
        self, clock: Callable[[], float], on_change: Callable[[], None], on_reread: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._on_change = on_change
        self._on_reread = on_reread
        self.state = LineState.DOWN
        self.since = clock()
        self.has_been_up = False
        self.times_lost = 0
        self.reread_wanted = asyncio.Event()
        """Set to have all lists read again soon; `on_reread` is called once they have been."""

    def connected(self) -> None:
        """The switch has let us in; nothing that it says is complete before its lists have been read."""
        self._enter(LineState.LOADING)

    def loaded(self) -> None:
        """All lists have been read, for the first time since it let us in or once more."""
        self.has_been_up = True
        if self.reread_wanted.is_set():
            self.reread_wanted.clear()
            self._on_reread()
        self._enter(LineState.UP)

    async def until_reread(self, seconds: float) -> None:
        """Until it is time to read the lists again: after so many seconds, or at once if somebody wants it."""
        try:
            async with asyncio.timeout(seconds):
                await self.reread_wanted.wait()
        except TimeoutError:
            return

    def stood_for(self, seconds: float) -> bool:
        """A line that is lost again and again as soon as it stands is no better than one that never does."""
        return self.state is LineState.UP and self._clock() - self.since >= seconds

    def lost(self) -> None:
        self.times_lost += self.state is LineState.UP
        self._enter(LineState.DOWN)

    def _enter(self, state: LineState) -> None:
        if state is not self.state:
            self.state, self.since = state, self._clock()
            self._on_change()


class Current(Generic[T]):
    """What there is only while the line stands: whoever asks for it otherwise hears that it does not."""

    def __init__(self) -> None:
        self._value: T | None = None

    @contextmanager
    def held(self, value: T) -> Iterator[T]:
        self._value = value
        try:
            yield value
        finally:
            self._value = None

    def get(self) -> T:
        """Raises `LineLost` if there is none."""
        if self._value is None:
            raise LineLost("there is no line to the switch")
        return self._value


class SwitchReader(Protocol):
    """One kind of switch. `where` names the other end for people, without secrets."""

    where: str

    async def follow(self, board: Board, line: Line) -> None:
        """Connects, says `line.connected()`, reads all lists, says `line.loaded()`, and tells the board what happens.

        Reads the lists again, and says so again, from time to time and whenever `line.reread_wanted` is set. Never
        returns; raises `LineLost` or `LineRefused`.
        """

    async def set_dnd(self, board: Board, user: str, on: bool) -> None:
        """Has the switch set or clear it, and its phones show it. Raises `LineLost`, `LineRefused` or `NotPossible`."""

    async def renamed(self, user: str) -> None:
        """Has the user's phones read their names anew, where that is possible. Raises as `set_dnd` does."""


async def look_again(
    line: Line, seconds: float, read: Callable[[], Awaitable[None]], *, first: float | None = None
) -> None:
    """Reads all lists every so many seconds, and whenever somebody wants it. For ever. `first`: sooner, once."""
    pause = seconds if first is None else min(first, seconds)
    while True:
        await line.until_reread(pause)
        await read()
        line.loaded()
        pause = seconds


async def every(seconds: float, ask: Callable[[], Awaitable[None]]) -> None:
    """Asks every so many seconds, from then on. For ever."""
    while True:
        await asyncio.sleep(seconds)
        await ask()


async def keep_line(
    reader: SwitchReader,
    board: Board,
    line: Line,
    *,
    first_pause: float = FIRST_SECONDS,
    refused_pause: float = REFUSED_SECONDS,
) -> None:
    """Follows the switch for ever. Raises `LineRefused` only if it has never let us in: then nobody has been misled."""
    attempt, pause = 0, first_pause
    while True:
        try:
            await reader.follow(board, line)
        except LineLost as error:
            attempt = 1 if line.stood_for(LONGEST_SECONDS) else attempt + 1
            pause = pause_before(attempt, random.random(), first=first_pause)  # noqa: S311 - spreads, protects nothing
            log.warning("switch_line_lost", switch=reader.where, reason=str(error), retry_after=round(pause, 1))
        except LineRefused as error:
            if not line.has_been_up:
                raise
            pause = refused_pause
            log.error("switch_line_refused", switch=reader.where, reason=str(error), retry_after=pause)
        line.lost()
        await asyncio.sleep(pause)
