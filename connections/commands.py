"""Commands about the connection itself, not about a domain's things. None of them waits for anything."""

from connections.attendance import Attendance
from connections.channel import Channel
from connections.frames import Delivery
from connections.session import Session
from wire.commands import Alive, Connect, GetPresence, SetAvailable, SetShown, Watch, WatchMode
from wire.errors import Conflict, Invalid, TooMany
from wire.identity import UserId
from wire.limits import LIMITS
from wire.replies import Connected, Done, Watching


class ConnectionService:
    """What a connection may ask of itself."""

    def __init__(self, attendance: Attendance) -> None:
        self._attendance = attendance

    def set_available(self, session: Session, available: bool) -> None:
        """Masks and programs stay unavailable: they never light the dot of the person they stand for."""
        caller = session.caller
        wanted = available and caller.is_present
        if wanted == session.available:
            return
        session.available = wanted
        if wanted:
            self._attendance.arrived(caller.domain, caller.user)
        else:
            self._attendance.left(caller.domain, caller.user, for_good=True)


def connect(_service: ConnectionService, _session: Session, _channel: Channel, _command: Connect) -> Connected:
    raise Conflict("This connection is connected already")


def alive(_service: ConnectionService, _session: Session, _channel: Channel, _command: Alive) -> None:
    return None  # hearing it was all; inbox.py has noted the time


def set_available(service: ConnectionService, session: Session, _channel: Channel, command: SetAvailable) -> Done:
    service.set_available(session, command.available)
    return Done(id=command.id)


def set_shown(_service: ConnectionService, session: Session, _channel: Channel, command: SetShown) -> Done:
    """Nobody is asked whether they are in it: what is told goes to members only, as ever."""
    session.shown = frozenset(command.conversations)
    return Done(id=command.id)


def watch(_service: ConnectionService, session: Session, channel: Channel, command: Watch) -> Watching:
    """Raises `TooMany` if more users would be named than the limits allow, or everybody in too large a domain."""
    if command.mode is WatchMode.EVERYBODY:
        if command.users:
            raise Invalid("Everybody is everybody: name nobody", field="users")
        if not channel.may_be_watched_whole:
            raise TooMany("This domain is too large to look at everybody: name users", field="mode")
        channel.watch(session, None)
        session.deliver(Delivery(channel.snapshot_for(session)))
        return Watching(id=command.id, everybody=True)
    before = session.watched or set()
    named = _named(before, command)
    if len(named) > LIMITS.watched_users:
        raise TooMany(f"At most {LIMITS.watched_users} users at a time", field="users")
    channel.watch(session, named)
    if command.mode is WatchMode.SET:
        session.deliver(Delivery(channel.snapshot_for(session)))
    elif records := channel.view.records_of(session.caller, named - before):
        session.deliver(Delivery(channel.view.changed(b",".join(records))))
    return Watching(id=command.id, everybody=False, users=len(named))


def _named(before: set[UserId], command: Watch) -> set[UserId]:
    match command.mode:
        case WatchMode.ADD:
            return before | set(command.users)
        case WatchMode.REMOVE:
            return before - set(command.users)
        case _:
            return set(command.users)


def get_presence(_service: ConnectionService, session: Session, channel: Channel, command: GetPresence) -> Done:
    session.deliver(Delivery(channel.snapshot_for(session)))
    return Done(id=command.id)
