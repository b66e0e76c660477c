"""Everybody's presence: what a snapshot and the events after it amount to. The newer revision wins."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from msgspec import structs

from wire.events import Heartbeat, PresenceChanged, PresenceSnapshot
from wire.identity import UserId
from wire.records import Position, Presence


@dataclass(frozen=True, slots=True)
class PresenceState:
    """`floor`: up to which revision everybody who is not in `users` is known to be offline."""

    epoch: str = ""
    version: int = 0
    floor: int = 0
    users: Mapping[UserId, Presence] = field(default_factory=dict)
    doubted_since: int = 0
    """Unix seconds since when the gateway does not know any more whether all this is still true; 0: it does."""

    @property
    def position(self) -> Position | None:
        return Position(self.epoch, self.version) if self.epoch else None

    def of(self, user: UserId) -> Presence:
        """Offline if nothing else is known."""
        known = self.users.get(user) or Presence(user=user, rev=0)
        if self.doubted_since:
            return structs.replace(known, unknown_since=known.unknown_since or self.doubted_since)
        return known


def replaced(state: PresenceState, snapshot: PresenceSnapshot) -> PresenceState:
    """A snapshot replaces everything but what is known to be newer still."""
    users = {record.user: record for record in snapshot.users}
    version = snapshot.version
    if state.epoch == snapshot.epoch:
        users |= {user: known for user, known in state.users.items() if known.rev > snapshot.version}
        version = max(version, state.version)
    return PresenceState(snapshot.epoch, version, snapshot.version, users, state.doubted_since)


def applied(state: PresenceState, event: PresenceChanged | Heartbeat) -> PresenceState | None:
    """None: the event is of another stream, and a snapshot has to be asked for."""
    if event.epoch != state.epoch:
        return None
    users = dict(state.users)
    for record in event.users if isinstance(event, PresenceChanged) else ():
        known = users.get(record.user)
        if record.rev > (known.rev if known else state.floor):
            users[record.user] = record
    return replace(state, version=max(state.version, event.version), users=users)
