"""One domain on this gateway: its presence view, and everybody here who is to be told.

The fan-out path: a message of the stream is applied to the view, and at the end of the loop's iteration everything that
changed goes out as one frame, made once, written to every clear socket by one system call each. Idle, that adds no
delay; under load, what arrived meanwhile travels together.
"""

from collections import deque
from collections.abc import Callable, Iterable

import structlog

from connections.cuts import cut_for_everybody, cut_for_watchers
from connections.fan_out import FanOut
from connections.frames import Delivery
from connections.rate import Budget, TokenBucket
from connections.section import Section
from connections.session import NOTHING, Session
from presence.store import FullRead
from presence.view import DomainView, Gap, MayManage
from wire.announce import Announcement, SessionsEnded
from wire.codec import encode
from wire.errors import CloseCode
from wire.events import PresenceDoubted, SessionEnded
from wire.identity import DomainId, UserId
from wire.limits import LIMITS

log = structlog.get_logger(__name__)


EARLY_AT_MOST = 5_000
"""Messages of the stream: what comes within the seconds in which a domain is read for the first time."""


class Channel:
    """`heal(channel)` is asked for when the stream has a gap or the subscription was lost."""

    def __init__(self, domain: DomainId, may_manage: MayManage, heal: Callable[["Channel"], None]) -> None:
        self.domain = domain
        self.view = DomainView(may_manage)
        self._heal = heal
        self.sessions: set[Session] = set()
        self._by_user: dict[UserId, set[Session]] = {}
        self._user_buckets: dict[UserId, TokenBucket] = {}
        self._budget = Budget()
        self._fan_out = FanOut(self._is_behind, self._tell, self._all_are_told)
        self._for_all: list[Delivery] = []
        """What not all sections were told yet that goes to everybody; its first element has the number `_forgotten`."""
        self._forgotten = 0
        self._shared: tuple[int, int, Delivery] | None = None
        """The last change that was the same for everybody: from which version, to which, and what to send."""
        # What came before the first full read; most of it is in the read already.
        self._early: deque[bytes] = deque(maxlen=EARLY_AT_MOST)
        self.deliveries = 0
        self.doubted_since = 0
        """Unix seconds since when nobody here knows whether the view is still true; 0: it is."""

    # ------------------------------------------------------------ who is here

    def add(self, session: Session) -> None:
        self.sessions.add(session)
        self._by_user.setdefault(session.caller.user, set()).add(session)
        self.moved(session)

    def remove(self, session: Session) -> None:
        self.sessions.discard(session)
        self.moved(session)
        of_user = self._by_user.get(session.caller.user)
        if of_user is not None:
            of_user.discard(session)
            if not of_user:
                del self._by_user[session.caller.user]
                self._user_buckets.pop(session.caller.user, None)

    def position(self) -> int:
        return self.view.version

    def moved(self, session: Session) -> None:
        takes_part = session.takes_what_all_get and session in self.sessions
        if takes_part and session.section is None:
            self._fan_out.join(session, session.told, self._said)
        elif not takes_part and session.section is not None:
            self._set_apart(session, session.section)

    def _set_apart(self, session: Session, section: Section) -> None:
        """What its section was not told yet, the session has to be told by itself."""
        section.remove(session)
        session.told = section.told
        for delivery in self._for_all[section.said - self._forgotten :]:
            session.deliver(delivery)

    @property
    def may_be_watched_whole(self) -> bool:
        """In larger domains each change to everybody would cost more than it is worth to anybody."""
        return len(self.view) <= LIMITS.watch_everybody

    def watch(self, session: Session, users: Iterable[UserId] | None) -> None:
        """From now on the session looks at these users; None: at everybody."""
        was_told_with_others = session.section is not None
        if session.section is not None:
            self._set_apart(session, session.section)
        session.watched = None if users is None else set(users)
        if was_told_with_others and session.takes_what_all_get:
            session.catch_up()

    def wait_for(self, session: Session, cost: float, now: float) -> float:
        """Takes tokens for a command from what all connections of the user have together; the seconds to wait, or 0.

        Whoever has one connection is limited enough by that one's.
        """
        user = session.caller.user
        if len(self._by_user.get(user, ())) < 2:
            return 0.0
        bucket = self._user_buckets.get(user)
        if bucket is None:
            bucket = TokenBucket.full(LIMITS.user_commands_per_second, LIMITS.user_command_burst, now)
            self._user_buckets[user] = bucket
        return bucket.take(cost, now)

    def wait_for_domain(self, kind: str, cost: float, now: float) -> float:
        """The same, from what the whole domain has on this gateway for such commands."""
        return self._budget.take(kind, cost, len(self.sessions), now)

    def sessions_of(self, user: UserId) -> set[Session]:
        return self._by_user.get(user, set())

    def catch_up(self, session: Session, version: int) -> bytes | None:
        if version == NOTHING:
            return self.snapshot_for(session)
        return self.view.changes_since(version, session.caller, session.watched)

    # ------------------------------------------------------------ the domain's stream (a bus `Follower`)

    def presence(self, payload: bytes) -> None:
        if not self.view.epoch:
            # Of more than that the oldest are missing then, which shows as a gap, and is read again.
            self._early.append(payload)
            return
        update = self.view.apply(payload)
        if isinstance(update, Gap):
            log.info("presence_gap", domain=self.domain, version=self.view.version)
            self._heal(self)
        elif update:
            self._fan_out.wake()

    def announced(self, announcement: Announcement, event: bytes) -> None:
        delivery = Delivery(event)
        if announcement.to is None:
            self._announced_to_all(delivery)
            return
        if self._for_all:
            self._fan_out.tell_all_now()  # what was said to all was said before
        for user in announcement.to:
            for session in tuple(self.sessions_of(user)):
                if _is_for(announcement, session):
                    session.deliver(delivery)

    def _announced_to_all(self, delivery: Delivery) -> None:
        self._for_all.append(delivery)
        for session in tuple(self.sessions):
            if session.section is None:
                session.deliver(delivery)
        self._fan_out.wake()

    def sessions_ended(self, ended: SessionsEnded) -> None:
        for session in tuple(self.sessions):
            caller = session.caller
            is_meant = ended.user is None or ended.user in (caller.user, caller.operator)
            if is_meant and (ended.sessions is None or caller.session in ended.sessions):
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
        self._shared = None
        for section in self._fan_out:
            section.told = NOTHING
        for session in self.sessions:
            session.told = NOTHING
        self._fan_out.wake()
        early, self._early = self._early, deque(maxlen=EARLY_AT_MOST)
        for payload in early:
            if payload.startswith(b"P" + read.epoch.encode()):
                self.presence(payload)

    # ------------------------------------------------------------ telling

    def snapshot_for(self, session: Session) -> bytes:
        """With everything that is about to be flushed already in it; the flush repeats it, harmlessly."""
        return self.view.snapshot_for(session.caller, session.watched)

    def doubt_since(self, since: int) -> None:
        """Tells everybody here from when on nothing is known, or (0) that all is known again, after what was missed."""
        if since == self.doubted_since:
            return
        self.doubted_since = since
        self._announced_to_all(Delivery(encode(PresenceDoubted(since=since))))

    def heartbeat(self) -> None:
        """Only to those who are up to date: for the others, what waits for them is sign of life enough."""
        for section in self._fan_out:
            section.beat = True
        self._fan_out.wake()

    @property
    def _said(self) -> int:
        return self._forgotten + len(self._for_all)

    def _is_behind(self, section: Section) -> bool:
        return section.beat or section.told != self.view.version or section.said != self._said

    def _tell(self, section: Section) -> None:
        """Brings a section up to date."""
        before, section.told = section.told, self.view.version
        for_all = self._for_all[section.said - self._forgotten :]
        section.said = self._said
        if section.beat:
            section.beat = False
            for_all.append(Delivery(self.view.heartbeat()))
        if before == NOTHING:
            self._tell_from_scratch(section)
        elif section.is_watching or self.view.specials_since(before):
            self._tell_each_its_own(section, before)
        elif before != section.told:
            for_all[:0] = self._shared_change(before)
        if for_all:
            self.deliveries += section.write_to_all(for_all)

    def _shared_change(self, before: int) -> list[Delivery]:
        """Made once for all sections that were told up to the same version; nothing if nobody may see what changed."""
        if self._shared is not None and self._shared[:2] == (before, self.view.version):
            return [self._shared[2]]
        records = [record for _, _, record in self.view.plain_records_since(before)]
        if not records:
            return []
        self._shared = (before, self.view.version, Delivery(self.view.changed(b",".join(records))))
        return [self._shared[2]]

    def _tell_each_its_own(self, section: Section, before: int) -> None:
        cut = cut_for_watchers if section.is_watching else cut_for_everybody
        for records, sessions in cut(self.view, section, before).items():
            if records:
                self.deliveries += section.write_to(sessions, [Delivery(self.view.changed(records))])

    def _tell_from_scratch(self, section: Section) -> None:
        snapshots: dict[bytes, list[Session]] = {}
        for session in section:
            snapshots.setdefault(self.snapshot_for(session), []).append(session)
        for snapshot, sessions in snapshots.items():
            self.deliveries += section.write_to(sessions, [Delivery(snapshot)])

    def _all_are_told(self) -> None:
        self._forgotten = self._said
        self._for_all.clear()


def _is_for(announcement: Announcement, session: Session) -> bool:
    if announcement.is_private and not session.caller.may_chat:
        return False
    return announcement.shown_in is None or announcement.shown_in in session.shown
