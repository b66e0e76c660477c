"""Up to 256 sessions that have been told the same and are told together: the hot loop, and a bound on how long it runs.

A change for five thousand watchers takes the kernel some thirty milliseconds. Told section by section, with a turn of
the event loop in between, it keeps nobody waiting for longer than one section takes.
"""

import os
from array import array
from collections.abc import Iterator, Sequence
from itertools import repeat

from connections.frames import Delivery
from connections.session import Session
from wire.codec import Subprotocol
from wire.identity import UserId

MOST = 256
"""Sessions in a section: at some six microseconds each, the loop is busy for two milliseconds at a stretch."""


class Section:
    """`told`: the version of the stream that all members know (-1: none, they need a snapshot). `said`: up to where in
    the channel's log of messages for everybody. `beat`: whether a heartbeat is due.

    Members of one section have the same subprotocol, and all or none of them named whom they look at.
    """

    __slots__ = ("_by_fd", "_fds", "_without_fd", "beat", "is_watching", "said", "subprotocol", "told", "watchers")

    def __init__(self, subprotocol: Subprotocol, is_watching: bool, told: int, said: int) -> None:
        self.subprotocol = subprotocol
        self.is_watching = is_watching
        self.told = told
        self.said = said
        self.beat = False
        self._by_fd: dict[int, Session] = {}
        self._fds: array[int] | None = None
        """The keys of `_by_fd` side by side: walking through objects all over the memory costs a tenth of a write."""
        self._without_fd: set[Session] = set()
        self.watchers: dict[UserId, set[Session]] = {}
        """Members who named whom they look at, by whom they look at."""

    def __len__(self) -> int:
        return len(self._by_fd) + len(self._without_fd)

    def __iter__(self) -> Iterator[Session]:
        yield from self._by_fd.values()
        yield from self._without_fd

    def fits(self, session: Session, told: int, said: int) -> bool:
        return (
            self.told == told
            and self.said == said
            and len(self) < MOST
            and self.subprotocol is session.subprotocol
            and self.is_watching is (session.watched is not None)
        )

    def add(self, session: Session) -> None:
        session.section = self
        if session.outlet.fd >= 0:
            self._by_fd[session.outlet.fd] = session
            self._fds = None
        else:
            self._without_fd.add(session)
        for user in session.watched or ():
            self.watchers.setdefault(user, set()).add(session)

    def remove(self, session: Session) -> None:
        """Before the session looks at others than when it came."""
        session.section = None
        if session.outlet.fd >= 0:
            del self._by_fd[session.outlet.fd]
            self._fds = None
        else:
            self._without_fd.remove(session)
        for user in session.watched or ():
            watchers = self.watchers[user]
            watchers.remove(session)
            if not watchers:
                del self.watchers[user]

    def write_to_all(self, deliveries: list[Delivery]) -> int:
        """The same to every member; to how many."""
        count = len(self)
        if self._by_fd:
            if self._fds is None:
                self._fds = array("i", self._by_fd)
            _write(self._fds, self._frames(deliveries), self._by_fd)
        for session in tuple(self._without_fd):
            self._write_one(session, deliveries)
        return count

    def write_to(self, sessions: list[Session], deliveries: list[Delivery]) -> int:
        """The same to some members; to how many."""
        fds = [session.outlet.fd for session in sessions if session.outlet.fd >= 0]
        _write(fds, self._frames(deliveries), self._by_fd)
        for session in sessions:
            if session.outlet.fd < 0:
                self._write_one(session, deliveries)
        return len(sessions)

    def _frames(self, deliveries: list[Delivery]) -> bytes:
        return b"".join([delivery.frame_for(self.subprotocol) for delivery in deliveries])

    def _write_one(self, session: Session, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            session.outlet.write(delivery, self.subprotocol)


def _write(fds: Sequence[int], frames: bytes, by_fd: dict[int, Session]) -> None:
    """The hot loop: one system call a client, nothing else while the socket takes it all.

    `map` and `extend` walk through the sockets without a line of Python for each, which halves what we add to the
    kernel's work. After an exception they go on with the next socket; what they had done stays.
    """
    length = len(frames)
    written: list[int] = []
    writes = map(os.write, fds, repeat(frames))
    while len(written) < len(fds):
        try:
            written.extend(writes)
        except BlockingIOError:
            written.append(0)
        except OSError:
            written.append(length)  # reset by the client; its transport finds out and ends the session
    if written.count(length) == len(written):
        return
    # Only now, since whoever is blocked by it leaves the section.
    for fd, count in zip(fds, written, strict=True):
        if count < length:
            by_fd[fd].outlet.write_rest(frames[count:])
