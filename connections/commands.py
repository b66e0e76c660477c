"""Commands about the connection itself, not about a domain's things."""

from connections.attendance import Attendance
from connections.channel import Channel
from connections.frames import Delivery
from connections.session import Session
from wire.commands import Alive, Connect, GetPresence, SetAvailable
from wire.errors import Conflict
from wire.replies import Connected, Done


class ConnectionService:
    """What a connection may ask of itself."""

    def __init__(self, attendance: Attendance) -> None:
        self._attendance = attendance

    def set_available(self, session: Session, available: bool) -> None:
        """Masked sessions stay unavailable: they never light the dot of the person they stand for."""
        caller = session.caller
        wanted = available and caller.operator is None
        if wanted == session.available:
            return
        session.available = wanted
        if wanted:
            self._attendance.arrived(caller.domain, caller.user)
        else:
            self._attendance.left(caller.domain, caller.user, for_good=True)


async def connect(_service: ConnectionService, _session: Session, _channel: Channel, _command: Connect) -> Connected:
    raise Conflict("This connection is connected already")


async def alive(_service: ConnectionService, _session: Session, _channel: Channel, _command: Alive) -> None:
    return None  # hearing it was all; the receive loop has noted the time


async def set_available(service: ConnectionService, session: Session, _channel: Channel, command: SetAvailable) -> Done:
    service.set_available(session, command.available)
    return Done(id=command.id)


async def get_presence(_service: ConnectionService, session: Session, channel: Channel, command: GetPresence) -> Done:
    session.deliver(Delivery(channel.snapshot_for(session)))
    return Done(id=command.id)
