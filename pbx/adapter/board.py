"""What an adapter knows of its switch. Pure: time is an argument.

Whatever the switch says goes through here, as news or as a list of all there is; what changes by it becomes an event in
the outbox. So the gateway is told differences only, a list heals what news was missed, and at any moment everything
known can be told again as a snapshot which is exactly what the events up to its number add up to.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from pbx.adapter.outbox import Outbox
from wire.ingest import (
    MAX_LEASE,
    Call,
    DeviceDown,
    DeviceUp,
    Dnd,
    Party,
    Phase,
    Revision,
    Role,
    SnapshotCall,
    SnapshotDevice,
)

MOST_DEVICES = 200_000
MOST_LEGS = 50_000
ENDED_IS_REMEMBERED = 60.0
"""Seconds for which a call that has ended stays known: a list read a moment too early must not bring it back."""
SAME_LEASE = 3.0
"""Seconds by which two ends of a lease may differ and be the same: switches round them, and clocks drift."""
TICK = 0.002
"""Two events of one call are told at least this far apart: the gateway orders them by the millisecond."""


class Registration(Struct, frozen=True):
    """A device that rings. `ends_at`: when its lease ends, by our clock; `math.inf`: when the switch says so."""

    user: str
    device: str
    ends_at: float = math.inf
    contact: str = ""
    received: str = ""
    user_agent: str = ""
    ignored: bool = False
    """It rings, but says nothing about its user: a fax, a door opener."""


class Leg(Struct, frozen=True):
    """One phone's part in a call: told as a call of its own, with an id that is never used again."""

    call: str
    user: str
    role: Role
    phase: Phase
    device: str | None = None


class Snapshot(Struct, frozen=True):
    """Everything known at `taken_at`, when `as_of_seq` was the last number given out."""

    as_of_seq: int
    taken_at: float
    devices: list[SnapshotDevice]
    calls: list[SnapshotCall]
    dnd: list[str] | None


@dataclass(slots=True)
class _KnownDevice:
    registration: Registration
    rev: Revision
    touched: float


@dataclass(slots=True)
class _KnownLeg:
    """`absent`: in so many lists, one after the other, it was not."""

    leg: Leg
    touched: float
    absent: int = 0


@dataclass(slots=True)
class Board:
    """`knows_dnd`: the switch can say who has Do Not Disturb. `on_told` is called when there is something to send."""

    outbox: Outbox
    knows_dnd: bool = False
    on_told: Callable[[], None] = lambda: None
    must_snapshot: bool = True
    """Only a snapshot puts the gateway into step: at the start, and when events were dropped."""
    overfull: int = 0
    """How often something was passed over because there was too much of it."""
    _devices: dict[tuple[str, str], _KnownDevice] = field(default_factory=dict)
    _legs: dict[str, _KnownLeg] = field(default_factory=dict)
    _ended: dict[str, float] = field(default_factory=dict)
    _dnd: dict[str, bool] = field(default_factory=dict)
    _dnd_touched: dict[str, float] = field(default_factory=dict)
    _snapshot_at: float = -math.inf

    @property
    def devices(self) -> int:
        return len(self._devices)

    @property
    def legs(self) -> int:
        return len(self._legs)

    # ------------------------------------------------------------ devices

    def registered(self, now: float, registration: Registration) -> None:
        """A device has registered or refreshed, or is seen to be there. Nothing is told if nothing is new in it."""
        if registration.ends_at <= now:
            self.unregistered(now, registration.user, registration.device, "expired")
            return
        key = registration.user, registration.device
        known = self._devices.get(key)
        if known is not None:
            registration = _completed(registration, known.registration)
            if _is_same(known.registration, registration):
                known.touched = now
                return
        if known is None and len(self._devices) >= MOST_DEVICES:
            self.overfull += 1
            return
        seq = self.outbox.next_seq
        self._devices[key] = _KnownDevice(registration, (now, seq), now)
        self._tell(
            DeviceUp(
                seq=seq,
                at=now,
                user=registration.user,
                device=registration.device,
                rev=(now, seq),
                ttl=_ttl(registration, now),
                contact=registration.contact,
                received=registration.received,
                user_agent=registration.user_agent,
                refresh=known is not None,
                ignore_for_presence=registration.ignored,
            )
        )

    def seen(self, now: float, registration: Registration) -> None:
        """A device is there; how long is not said. A lease that is known already stays as it is."""
        known = self._devices.get((registration.user, registration.device))
        if known is None:
            self.registered(now, registration)
        else:
            known.touched = now

    def unregistered(self, now: float, user: str, device: str, reason: str) -> None:
        if self._devices.pop((user, device), None) is not None:
            seq = self.outbox.next_seq
            self._tell(DeviceDown(seq=seq, at=now, user=user, device=device, rev=(now, seq), reason=reason))

    def devices_are(self, now: float, listed: Iterable[Registration], since: float) -> None:
        """All devices, as the switch lists them. What it said at or after `since` is newer than the list."""
        present = set()
        for registration in listed:
            key = registration.user, registration.device
            present.add(key)
            known = self._devices.get(key)
            if known is None or known.touched < since:
                self.registered(now, registration)
        gone = [key for key, known in self._devices.items() if key not in present and known.touched < since]
        for user, device in gone:
            self.unregistered(now, user, device, "removed")

    # ------------------------------------------------------------ calls

    def leg(self, now: float, leg: Leg) -> None:
        """A leg is in this phase. A callee for whom nothing rings yet, and a leg that has ended, are no news."""
        if leg.call in self._ended:
            return
        if leg.phase is Phase.ENDED:
            self.hung_up(now, leg.call)
            return
        known = self._legs.get(leg.call)
        if known is None and (leg.role is Role.CALLEE and leg.phase is Phase.TRYING):
            return
        if known is not None and known.leg == leg:
            known.touched, known.absent = now, 0
            return
        if known is None and len(self._legs) >= MOST_LEGS:
            self.overfull += 1
            return
        at = self._call_time(now, known)
        self._legs[leg.call] = _KnownLeg(leg, at)
        parties = [_party(leg)]
        if known is not None and known.leg.user != leg.user:
            parties.append(Party(user=known.leg.user, role=known.leg.role, phase=Phase.ENDED))
        self._tell(Call(seq=self.outbox.next_seq, at=at, call=leg.call, phase=leg.phase, parties=parties))

    def hung_up(self, now: float, call: str, reason: str = "") -> None:
        self._forget_ended(now)
        self._ended[call] = now
        known = self._legs.pop(call, None)
        if known is not None:
            at = self._call_time(now, known)
            parties, seq = [_party(known.leg)], self.outbox.next_seq
            self._tell(Call(seq=seq, at=at, call=call, phase=Phase.ENDED, parties=parties, reason=reason))

    def held(self, now: float, call: str, *, is_held: bool) -> None:
        """The phone put the call on hold, or took it back. Says nothing about a call that is not answered."""
        known = self._legs.get(call)
        if known is not None and known.leg.phase in (Phase.ACTIVE, Phase.HELD):
            self.leg(now, replace(known.leg, phase=Phase.HELD if is_held else Phase.ACTIVE))

    def legs_are(self, now: float, listed: Iterable[Leg], since: float, *, shows_hold: bool, absences: int = 1) -> None:
        """All legs, as the switch lists them; `shows_hold`: one on hold is not listed as active.

        A leg ends that was absent from so many lists. Its end is final: where a list may lag, one is not enough.
        """
        present = set()
        for leg in listed:
            present.add(leg.call)
            known = self._legs.get(leg.call)
            if known is not None:
                known.absent = 0
            if known is not None and known.touched >= since:
                continue
            if known is not None and not shows_hold and (known.leg.phase, leg.phase) == (Phase.HELD, Phase.ACTIVE):
                continue
            self.leg(now, leg)
        absent = [known for call, known in self._legs.items() if call not in present and known.touched < since]
        for known in absent:
            known.absent += 1
            if known.absent >= absences:
                self.hung_up(now, known.leg.call, "gone")

    # ------------------------------------------------------------ Do Not Disturb

    def disturbed(self, now: float, user: str, on: bool, via: str) -> None:
        """The switch says that it was set or cleared just now: always told, since the portal may believe otherwise."""
        self._dnd[user] = on
        self._dnd_touched[user] = now
        self._tell(Dnd(seq=self.outbox.next_seq, at=now, user=user, on=on, via=via))

    def dnd_is(self, now: float, user: str, on: bool, since: float) -> None:
        """What the switch says of one user when asked: told if it is not what it said last."""
        if self._dnd_touched.get(user, -math.inf) < since and self._dnd.get(user, False) != on:
            self.disturbed(now, user, on, "list")

    def dnd_are(self, now: float, listed: Iterable[str], since: float) -> None:
        """Everybody with Do Not Disturb, as the switch lists them."""
        on = set(listed)
        for user in sorted(on | {user for user, is_on in self._dnd.items() if is_on}):
            self.dnd_is(now, user, user in on, since)

    # ------------------------------------------------------------ all of it

    def snapshot(self, now: float) -> Snapshot:
        """What is told from now on comes after it, by number and by time."""
        self._snapshot_at = now
        self._forget_ended(now)
        self._forget_expired(now)
        return Snapshot(
            as_of_seq=self.outbox.last_seq,
            taken_at=now,
            devices=[_listed(known, now) for known in self._devices.values()],
            calls=[
                SnapshotCall(call=known.leg.call, phase=known.leg.phase, parties=[_party(known.leg)])
                for known in self._legs.values()
            ],
            dnd=sorted(user for user, on in self._dnd.items() if on) if self.knows_dnd else None,
        )

    def _tell(self, event: DeviceUp | DeviceDown | Call | Dnd) -> None:
        if not self.outbox.put(event):
            self.must_snapshot = True
        self.on_told()

    def _call_time(self, now: float, known: _KnownLeg | None) -> float:
        return max(now, self._snapshot_at + TICK, known.touched + TICK if known else now)

    def _forget_ended(self, now: float) -> None:
        """The oldest are first in it."""
        while self._ended and next(iter(self._ended.values())) < now - ENDED_IS_REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def _forget_expired(self, now: float) -> None:
        """The gateway has ended these leases by itself; no event is needed."""
        expired = [key for key, known in self._devices.items() if known.registration.ends_at <= now]
        for key in expired:
            del self._devices[key]


def _completed(told: Registration, known: Registration) -> Registration:
    """What is not said this time is as it was: lists say less than news do, or more."""
    return replace(
        told,
        contact=told.contact or known.contact,
        received=told.received or known.received,
        user_agent=told.user_agent or known.user_agent,
    )


def _is_same(known: Registration, told: Registration) -> bool:
    if known.ends_at != told.ends_at and not abs(known.ends_at - told.ends_at) < SAME_LEASE:
        return False
    return replace(known, ends_at=told.ends_at) == told


def _ttl(registration: Registration, now: float) -> float:
    return min(MAX_LEASE, registration.ends_at - now)


def _party(leg: Leg) -> Party:
    return Party(user=leg.user, role=leg.role, device=leg.device)


def _listed(known: _KnownDevice, now: float) -> SnapshotDevice:
    registration = known.registration
    return SnapshotDevice(
        user=registration.user,
        device=registration.device,
        rev=known.rev,
        ttl=_ttl(registration, now),
        contact=registration.contact,
        received=registration.received,
        user_agent=registration.user_agent,
        ignore_for_presence=registration.ignored,
    )
