"""The simulated switch itself: what is registered, in a call, in Do Not Disturb, and what it says of each change. Pure.

Time is an argument: seconds since 1970, by the switch's own clock.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from pbx.simulation.script import AnyStep, Call, Dnd, Lose, Register, Restart, Silence, Unregister
from wire.ingest import (
    AnySwitchEvent,
    Batch,
    DeviceDown,
    DeviceUp,
    Party,
    Phase,
    Role,
    SnapshotCall,
    SnapshotDevice,
    SnapshotPart,
)
from wire.ingest import Call as CallEvent
from wire.ingest import Dnd as DndEvent

IN_A_PART = 2_000
"""Devices in one part of a snapshot: some 500 kB."""
USER_AGENT = "Simulated phone/1"

_raw = msgspec.json.Encoder().encode


@dataclass(slots=True)
class _Phone:
    """`until`: when its lease ends. `counter` makes each refresh newer than the one before."""

    lease: float
    registered_at: float
    refreshes: bool
    counter: int = 1

    @property
    def until(self) -> float:
        return self.registered_at + self.lease


class SimulatedSwitch:
    """`play` a step and `pass_time`; what there is to tell collects in `queue`."""

    def __init__(self, source: str, domain: str, new_epoch: Callable[[], str]) -> None:
        self.source, self.domain = source, domain
        self._new_epoch = new_epoch
        self.epoch = new_epoch()
        self._run = new_epoch()[:8]
        self.last_seq = 0
        self.queue: list[AnySwitchEvent] = []
        self.silent_until = 0.0
        self._losing = 0
        self._phones: dict[tuple[str, str], _Phone] = {}
        self._due: list[tuple[float, tuple[str, str]]] = []
        self._calls: dict[str, tuple[Phase, list[Party]]] = {}
        self._dnd: set[str] = set()

    # ------------------------------------------------------------ what happens

    def play(self, step: AnyStep, now: float) -> None:
        match step:
            case Register():
                self._register(self._address(step.user), step, now)
            case Unregister():
                self._remove(self._address(step.user), step.device, now, "unregistered")
            case Call():
                self._call(step, now)
            case Dnd():
                self.set_dnd(self._address(step.user), step.on, now, via="feature-code")
            case Silence():
                self.silent_until = now + step.seconds
            case Lose():
                self._losing += step.events
            case Restart():
                self.epoch, self.last_seq = self._new_epoch(), 0
                self.queue.clear()

    def pass_time(self, now: float) -> None:
        """Phones refresh at half of their lease, and those that do not run out."""
        while self._due and self._due[0][0] <= now:
            _, (user, device) = heapq.heappop(self._due)
            phone = self._phones.get((user, device))
            if phone is None:
                continue
            if phone.refreshes and now >= phone.registered_at + phone.lease / 2:
                phone.registered_at, phone.counter = now, phone.counter + 1
                self._tell_up(user, device, phone, now, refresh=True)
            elif now >= phone.until:
                self._remove(user, device, now, "expired")
                continue
            self._plan(user, device, phone)

    @property
    def next_due(self) -> float | None:
        return self._due[0][0] if self._due else None

    def set_dnd(self, user: str, on: bool, now: float, *, via: str) -> None:
        if on:
            self._dnd.add(user)
        else:
            self._dnd.discard(user)
        self._tell(DndEvent(seq=self._number(), at=now, user=user, on=on, via=via))

    def _register(self, user: str, step: Register, now: float) -> None:
        known = self._phones.get((user, step.device))
        phone = _Phone(step.seconds, now, step.refreshes, known.counter + 1 if known else 1)
        self._phones[user, step.device] = phone
        self._tell_up(user, step.device, phone, now, refresh=known is not None)
        self._plan(user, step.device, phone)

    def _plan(self, user: str, device: str, phone: _Phone) -> None:
        at = phone.registered_at + phone.lease / 2 if phone.refreshes else phone.until
        heapq.heappush(self._due, (at, (user, device)))

    def _tell_up(self, user: str, device: str, phone: _Phone, now: float, *, refresh: bool) -> None:
        self._tell(
            DeviceUp(
                seq=self._number(),
                at=now,
                user=user,
                device=_name(user, device),
                rev=(phone.registered_at, phone.counter),
                ttl=phone.lease,
                user_agent=USER_AGENT,
                refresh=refresh,
            )
        )

    def _remove(self, user: str, device: str, now: float, reason: str) -> None:
        phone = self._phones.pop((user, device), None)
        if phone is not None:
            rev = (phone.registered_at, phone.counter)
            self._tell(
                DeviceDown(seq=self._number(), at=now, user=user, device=_name(user, device), rev=rev, reason=reason)
            )

    def _call(self, step: Call, now: float) -> None:
        parties = [
            Party(user=self._address(user), role=role)
            for user, role in ((step.caller, Role.CALLER), (step.callee, Role.CALLEE))
            if user is not None
        ]
        if step.phase is Phase.ENDED:
            self._calls.pop(step.call, None)
        else:
            self._calls[step.call] = (step.phase, parties)
        self._tell_call(step.call, step.phase, parties, now)

    def _tell_call(self, call: str, phase: Phase, parties: list[Party], now: float) -> None:
        self._tell(CallEvent(seq=self._number(), at=now, call=self._call_id(call), phase=phase, parties=parties))

    def _call_id(self, call: str) -> str:
        """Unlike that of the same call of the same script an hour ago, which has ended for good."""
        return f"{self._run}:{call}"

    def _address(self, user: str) -> str:
        return user if "@" in user else f"{user}@{self.domain}"

    def _number(self) -> int:
        self.last_seq += 1
        return self.last_seq

    def _tell(self, event: AnySwitchEvent) -> None:
        if self._losing:
            self._losing -= 1
        else:
            self.queue.append(event)

    # ------------------------------------------------------------ what is sent

    def batch(self, now: float, most: int) -> tuple[Batch, int]:
        """The oldest of the queue, which stays there until `taken`, and how many those are; none: the heartbeat."""
        events = [msgspec.Raw(_raw(event)) for event in self.queue[:most]]
        batch = Batch(source=self.source, epoch=self.epoch, sent_at=now, last_seq=self.last_seq, events=events)
        return batch, len(events)

    def taken(self, count: int) -> None:
        del self.queue[:count]

    def snapshot(self, now: float, name: str) -> Iterator[SnapshotPart]:
        """Everything, in as many parts as it needs."""
        devices = [
            SnapshotDevice(
                user=user,
                device=_name(user, device),
                rev=(phone.registered_at, phone.counter),
                ttl=max(0.0, phone.until - now),
                user_agent=USER_AGENT,
            )
            for (user, device), phone in self._phones.items()
        ]
        calls = [
            SnapshotCall(call=self._call_id(call), phase=phase, parties=parties)
            for call, (phase, parties) in self._calls.items()
        ]
        parts = max(1, -(-len(devices) // IN_A_PART))
        for part in range(parts):
            yield SnapshotPart(
                source=self.source,
                epoch=self.epoch,
                sent_at=now,
                snapshot_id=name,
                as_of_seq=self.last_seq,
                taken_at=now,
                part=part + 1,
                parts=parts,
                devices=tuple(msgspec.Raw(_raw(each)) for each in devices[part * IN_A_PART : (part + 1) * IN_A_PART]),
                calls=tuple(msgspec.Raw(_raw(each)) for each in calls) if part == 0 else (),
                dnd=tuple(msgspec.Raw(_raw(each)) for each in sorted(self._dnd)) if part == 0 else None,
            )

    def go_home(self, now: float) -> None:
        """Everybody hangs up and unregisters, and nobody minds being disturbed."""
        for call, (_, parties) in self._calls.items():
            self._tell_call(call, Phase.ENDED, parties, now)
        self._calls.clear()
        for user, device in list(self._phones):
            self._remove(user, device, now, "unregistered")
        for user in sorted(self._dnd):
            self.set_dnd(user, False, now, via="feature-code")


def _name(user: str, device: str) -> str:
    return f"{user.partition('@')[0]}-{device}"
