"""The sections of a domain, told one after the other.

There is no queue of messages: a section that is behind is told everything since it was told last, in one write. So the
longer the others took, the more travels together, and nobody ever gets an older state after a newer one.
"""

import asyncio
from collections.abc import Callable, Iterator

from connections.section import MOST, Section
from connections.session import Session


class FanOut:
    """`is_behind(section)` and `tell(section)`, which must bring the section up to date, are the channel's;
    `all_are_told` is called when no section is behind any more.
    """

    def __init__(
        self,
        is_behind: Callable[[Section], bool],
        tell: Callable[[Section], None],
        all_are_told: Callable[[], None],
    ) -> None:
        self._is_behind = is_behind
        self._tell = tell
        self._all_are_told = all_are_told
        self._sections: list[Section] = []
        self._next = 0
        self._turn: asyncio.Handle | None = None

    def __iter__(self) -> Iterator[Section]:
        return iter(self._sections)

    # ------------------------------------------------------------ who is told

    def join(self, session: Session, told: int, said: int) -> None:
        """The session knows everything up to here."""
        for section in reversed(self._sections):
            if section.fits(session, told, said):
                break
        else:
            section = Section(session.subprotocol, session.watched is not None, told, said)
            self._sections.append(section)
        section.add(session)

    def _tidy(self) -> None:
        """Joins what came apart while some sections were behind and others not. All are equally up to date now."""
        members = sum(map(len, self._sections))
        if len(self._sections) <= 4 + 2 * members // MOST:
            return
        before, self._sections, self._next = self._sections, [], 0
        for section in before:
            for session in tuple(section):
                section.remove(session)
                self.join(session, section.told, section.said)

    # ------------------------------------------------------------ telling

    def wake(self) -> None:
        """Something is to be told. At the end of this turn of the loop: what else comes in it travels along."""
        if self._turn is None:
            self._turn = asyncio.get_running_loop().call_soon(self._go_on)

    def tell_all_now(self) -> None:
        """Without a pause, for what must not be overtaken."""
        for section in tuple(self._sections):
            if self._is_behind(section):
                self._tell(section)

    def _go_on(self) -> None:
        self._turn = None
        told = 0
        for _ in range(len(self._sections)):
            section = self._sections[self._next % len(self._sections)]
            if self._is_behind(section):
                if told and told + len(section) > MOST:
                    self.wake()
                    return
                told += len(section)
                self._tell(section)
            self._next = (self._next + 1) % len(self._sections)
        self._all_are_told()
        self._tidy()
