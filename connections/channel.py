"""One domain on this gateway: its presence view, and everybody here who is to be told.

The fan-out path: a message of the stream is applied to the view, and at the end of the loop's iteration everything that
changed goes out as one frame, made once, written to every clear socket by one system call each. Idle, that adds no
delay; under load, what arrived meanwhile travels together.
"""

import asyncio
import os
from collections.abc import Callable, Iterable

import structlog

from connections.frames import Delivery
from connections.session import Session
from presence.store import FullRead
from presence.view import DomainView, Gap, MayManage, Special
from wire.announce import Announcement, SessionsEnded
from wire.errors import CloseCode
from wire.events import SessionEnded
from wire.identity import Caller, DomainId, UserId
from wire.limits import LIMITS

log = structlog.get_logger(__name__)


class Channel:
    """`heal(channel)` is asked for when the stream has a gap or the subscription was lost."""

    def __init__(self, domain: DomainId, may_manage: MayManage, heal: Callable[["Channel"], None]) -> None:
        self.domain = domain
        self.view = DomainView(may_manage)
        self._heal = heal
        self.sessions: set[Session] = set()
        self._by_user: dict[UserId, set[Session]] = {}
        # Those who take shared frames straight to their socket, and their file descriptors.
        self._direct: dict[Session, int] = {}
        # Those who named whom they look at, by whom they look at.
        self._watchers: dict[UserId, set[Session]] = {}
        # Users of whom not everybody is told the same: under which rev everybody knew them at the last flush.
        self._specials: dict[UserId, int | None] = {}
        self._told = 0
        # What came before the first full read; most of it is in the read already.
        self._early: list[bytes] = []
        self._flushing: asyncio.Handle | None = None
        self.deliveries = 0

    # ------------------------------------------------------------ who is here

    def add(self, session: Session) -> None:
        self.sessions.add(session)
        self._by_user.setdefault(session.caller.user, set()).add(session)
        self.moved(session)

    def remove(self, session: Session) -> None:
        self.sessions.discard(session)
        self._direct.pop(session, None)
        self.watch(session, None)
        of_user = self._by_user.get(session.caller.user)
        if of_user is not None:
            of_user.discard(session)
            if not of_user:
                del self._by_user[session.caller.user]

    def moved(self, session: Session) -> None:
        if session.takes_direct_writes and session in self.sessions:
            self._direct[session] = session.outlet.fd
        else:
            self._direct.pop(session, None)

    @property
    def may_be_watched_whole(self) -> bool:
        """In larger domains each change to everybody would cost more than it is worth to anybody."""
        return len(self.view) <= LIMITS.watch_everybody

    def watch(self, session: Session, users: Iterable[UserId] | None) -> None:
        """From now on the session looks at these users; None: at everybody."""
        for user in session.watched or ():
            watchers = self._watchers[user]
            watchers.discard(session)
            if not watchers:
                del self._watchers[user]
        session.watched = None if users is None else set(users)
        for user in session.watched or ():
            self._watchers.setdefault(user, set()).add(session)
        self.moved(session)

    def sessions_of(self, user: UserId) -> set[Session]:
        return self._by_user.get(user, set())

    def catch_up(self, session: Session, version: int) -> bytes | None:
        return self.view.changes_since(version, session.caller, session.watched)

    # ------------------------------------------------------------ the domain's stream (a bus `Follower`)

    def presence(self, payload: bytes) -> None:
        if not self.view.epoch:
            self._early.append(payload)
            return
        update = self.view.apply(payload)
        if isinstance(update, Gap):
            log.info("presence_gap", domain=self.domain, version=self.view.version)
            self._heal(self)
        elif update is not None:
            for known, special in update.specials:
                self._specials.setdefault(special.user, known)
            self._flush_soon()

    def announced(self, announcement: Announcement, event: bytes) -> None:
        delivery = Delivery(event)
        if announcement.to is None:
            self._deliver_to_all(delivery)
            return
        for user in announcement.to:
            for session in tuple(self.sessions_of(user)):
                session.deliver(delivery)

    def sessions_ended(self, ended: SessionsEnded) -> None:
        for session in tuple(self.sessions):
            caller = session.caller
            if ended.user in (caller.user, caller.operator) and (
                ended.sessions is None or caller.session in ended.sessions
            ):
                session.send(SessionEnded(reason=ended.reason))
                session.close(CloseCode.SESSION_ENDED, "the session has ended")

    def lost(self) -> None:
        self._heal(self)

    # ------------------------------------------------------------ healing

    def replace(self, read: FullRead) -> None:
        """A full read: everybody here starts over, if it differs from what they have."""
        same_stream = read.epoch == self.view.epoch
        if same_stream and read.version <= self.view.version:
            return
        self.view.replace(read.epoch, read.version, read.records, read.specials)
        self._specials.clear()
        self._told = read.version
        for session in tuple(self.sessions):
            session.start_over(Delivery(self.snapshot_for(session)))
        early, self._early = self._early, []
        for payload in early:
            if payload.startswith(b"P" + read.epoch.encode()):
                self.presence(payload)

    # ------------------------------------------------------------ telling

    def snapshot_for(self, session: Session) -> bytes:
        """With everything that is about to be flushed already in it; the flush repeats it, harmlessly."""
        return self.view.snapshot_for(session.caller, session.watched)

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Tells everybody what changed since the last flush."""
        self._flushing = None
        before, self._told = self._told, self.view.version
        specials = self._take_specials()
        changed = self.view.plain_records_since(before)
        shared = b",".join(record for _, _, record in changed)
        cuts = _Cuts(self.view)
        if specials:
            for session in self._who_look_at_everybody():
                records = [shared] if shared else []
                cuts.deliver(session, records + self._of_specials(session.caller, specials), before)
        elif shared:
            self._deliver_presence(Delivery(self.view.changed(shared)), before)
        if self._watchers:
            self._tell_watchers(cuts, changed, specials, before)

    def _take_specials(self) -> list[tuple[int | None, Special]]:
        """Those who are special still; who was it only in between is among the records for everybody."""
        taken, self._specials = self._specials, {}
        return [
            (known, special) for user, known in taken.items() if (special := self.view.special_of(user)) is not None
        ]

    def _tell_watchers(
        self,
        cuts: "_Cuts",
        changed: Iterable[tuple[UserId, int, bytes]],
        specials: Iterable[tuple[int | None, Special]],
        before: int,
    ) -> None:
        """Those who named users get those, in one message each; equal ones share its bytes."""
        told: dict[Session, list[bytes]] = {}
        for user, _, record in changed:
            for session in self._watchers.get(user, ()):
                told.setdefault(session, []).append(record)
        for known, special in specials:
            for session in self._watchers.get(special.user, ()):
                told.setdefault(session, []).extend(self._of_specials(session.caller, [(known, special)]))
        for session, records in told.items():
            cuts.deliver(session, records, before)

    def _who_look_at_everybody(self) -> list[Session]:
        return [session for session in self.sessions if session.watched is None]

    def _of_specials(self, viewer: Caller, specials: Iterable[tuple[int | None, Special]]) -> list[bytes]:
        told = (self.view.special_delivery(viewer, known, special) for known, special in specials)
        return [record for record in told if record is not None]

    def _deliver_presence(self, delivery: Delivery, before: int) -> None:
        for session in self.sessions - self._direct.keys():
            if session.watched is None:
                session.deliver_presence(delivery, before)
        self._write_direct(delivery)

    def _deliver_to_all(self, delivery: Delivery) -> None:
        for session in self.sessions - self._direct.keys():
            session.deliver(delivery)
        self._write_direct(delivery)

    def heartbeat(self) -> None:
        """Only to those who are up to date: for the others, what waits for them is sign of life enough."""
        self._write_direct(heartbeat := Delivery(self.view.heartbeat()))
        for session in self.sessions - self._direct.keys():
            if session.outlet.is_clear:
                session.deliver(heartbeat)

    def _write_direct(self, delivery: Delivery) -> None:
        """The hot loop: one system call a client, nothing else while the socket takes it all."""
        if not self._direct:
            return
        frame = delivery.frame_for(next(iter(self._direct)).subprotocol)
        length = len(frame)
        write = os.write
        short: list[tuple[Session, int]] = []
        for session, fd in self._direct.items():
            try:
                written = write(fd, frame)
            except BlockingIOError:
                written = 0
            except OSError:
                continue  # reset by the client; its transport finds out and ends the session
            if written < length:
                short.append((session, written))
        self.deliveries += len(self._direct)
        for session, written in short:
            session.outlet.write_rest(frame[written:])


class _Cuts:
    """What differs from viewer to viewer is made once for each different cut, not once for each viewer."""

    def __init__(self, view: DomainView) -> None:
        self._view = view
        self._made: dict[bytes, Delivery] = {}

    def deliver(self, session: Session, records: list[bytes], before: int) -> None:
        if not records:
            return
        joined = b",".join(records)
        delivery = self._made.get(joined)
        if delivery is None:
            delivery = self._made[joined] = Delivery(self._view.changed(joined))
        session.deliver_presence(delivery, before)
