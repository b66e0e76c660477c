"""What the product says presence is, in plain Python without any optimisation: the judge of the script in Redis."""

from dataclasses import dataclass, field

from presence.colours import Parts, colour_of
from presence.facts import (
    AnyFact,
    CallChanged,
    DeviceDown,
    DeviceList,
    DeviceUp,
    Revision,
    SessionsChanged,
    SettingsChanged,
    SourceHeard,
    SourceSnapshot,
)
from wire.commands import CallPhase
from wire.identity import CallId, DeviceId, GatewayId, SourceId, UserId
from wire.records import Calls, Colour

TOMBSTONE_MS = 600_000
SILENT_MS = 15_000
CALLS_SILENT_MS = 120_000
DEVICES_AT_MOST, CALLS_AT_MOST = 3, 3


@dataclass
class Device:
    ends: int
    rev: Revision
    ignore: bool
    removed: bool


@dataclass
class Call:
    phase: CallPhase
    rev: int
    ends: int


@dataclass
class Person:
    devices: dict[tuple[SourceId, DeviceId], Device] = field(default_factory=dict)
    calls: dict[tuple[SourceId, CallId], Call] = field(default_factory=dict)
    sessions: set[GatewayId] = field(default_factory=set)
    settings: SettingsChanged | None = None


@dataclass(frozen=True)
class Shown:
    """A state as words: what a record says, without user, rev and times."""

    colour: Colour
    reason: str
    chat: bool
    phone: bool
    calls: Calls
    dnd: bool
    message: str
    unknown_since: int = 0
    appears_offline: bool = False


OFFLINE = Shown(Colour.OFFLINE, "not_registered", False, False, Calls.NONE, False, "")


def _weight(call: Call) -> int:
    return {CallPhase.ENDED: 0, CallPhase.RINGING: 1}.get(call.phase, 2)


class Oracle:
    def __init__(self, now: int) -> None:
        self.now = now
        self.ringing_is_busy = False
        self.people: dict[UserId, Person] = {}
        self.leases: dict[GatewayId, int] = {}
        self.heard: dict[SourceId, int] = {}
        self.known_to: dict[SourceId, set[UserId]] = {}

    # ------------------------------------------------------------ facts

    def apply(self, fact: AnyFact) -> None:  # noqa: C901  one case a kind of fact
        if isinstance(fact, SourceSnapshot):
            self._source_snapshot(fact)
            return
        if isinstance(fact, SourceHeard):
            self.heard[fact.source] = self.now
            return
        person = self.people.setdefault(fact.user, Person())
        match fact:
            case DeviceUp():
                self._device_up(person, fact)
            case DeviceDown():
                self._device_down(person, fact)
            case DeviceList():
                for device in fact.devices:
                    self._device_up(person, device)
                listed = {(fact.source, device.device) for device in fact.devices}
                self._drop_unlisted_devices(person, fact.source, listed, fact.at)
            case CallChanged():
                self._call_changed(person, fact)
            case SessionsChanged():
                if fact.available and self.leases.get(fact.gateway, 0) > self.now:
                    person.sessions.add(fact.gateway)
                elif not fact.available:
                    person.sessions.discard(fact.gateway)
            case SettingsChanged():
                if person.settings is None or person.settings.rev < fact.rev:
                    person.settings = fact

    def _revision(self, rev: Revision | None) -> Revision:
        return rev if rev is not None else (self.now / 1000, 0)

    def is_silent(self, source: SourceId) -> bool:
        return source in self.heard and self.now - self.heard[source] >= SILENT_MS

    def _is_remembered(self, source: SourceId, device: Device) -> bool:
        """What ran out while its source was silent may have been renewed: kept until the source is heard again."""
        return device.ends > self.now or (self.is_silent(source) and not device.removed)

    def _device_up(self, person: Person, fact: DeviceUp) -> None:
        self.known_to.setdefault(fact.source, set()).add(fact.user)
        key, rev = (fact.source, fact.device), self._revision(fact.rev)
        known = person.devices.get(key)
        ends = self.now + fact.ttl_ms
        if known is not None and self._is_remembered(fact.source, known) and fact.rev is not None:
            if rev < known.rev or (known.removed and rev == known.rev):
                return
            if rev == known.rev:
                ends = min(ends, known.ends)
        person.devices[key] = Device(ends, rev, fact.ignore, removed=False)

    def _device_down(self, person: Person, fact: DeviceDown) -> None:
        self.known_to.setdefault(fact.source, set()).add(fact.user)
        key, rev = (fact.source, fact.device), self._revision(fact.rev)
        known = person.devices.get(key)
        if known is not None and self._is_remembered(fact.source, known):
            if fact.rev is not None and rev < known.rev:
                return
            if known.removed:
                return
        person.devices[key] = Device(self.now + TOMBSTONE_MS, rev, False, removed=True)

    def _drop_unlisted_devices(
        self, person: Person, source: SourceId, listed: set[tuple[SourceId, DeviceId]], at: float
    ) -> None:
        for key, device in list(person.devices.items()):
            if key[0] == source and key not in listed and not device.removed and device.rev[0] < at - 2:
                del person.devices[key]

    def _call_changed(self, person: Person, fact: CallChanged) -> None:
        self.known_to.setdefault(fact.source, set()).add(fact.user)
        key = (fact.source, fact.call)
        known = person.calls.get(key)
        if known is not None and known.ends > self.now:
            if known.phase is CallPhase.ENDED:
                return
            is_older = fact.rev is not None and known.rev >= 0 and fact.rev < known.rev
            if is_older and fact.phase is not CallPhase.ENDED:
                return
        ttl = TOMBSTONE_MS if fact.phase is CallPhase.ENDED else fact.ttl_ms
        person.calls[key] = Call(fact.phase, -1 if fact.rev is None else fact.rev, self.now + ttl)

    def _source_snapshot(self, fact: SourceSnapshot) -> None:
        for device in fact.devices:
            self._device_up(self.people.setdefault(device.user, Person()), device)
        for call in fact.calls:
            self._call_changed(self.people.setdefault(call.user, Person()), call)
        for user, person in self.people.items():
            listed = {(fact.source, device.device) for device in fact.devices if device.user == user}
            self._drop_unlisted_devices(person, fact.source, listed, fact.at)
            for key, known in person.calls.items():
                is_listed = any(each.user == user and each.call == key[1] for each in fact.calls)
                lives = known.ends > self.now and known.phase is not CallPhase.ENDED
                if key[0] == fact.source and not is_listed and lives and known.rev < fact.calls_before:
                    person.calls[key] = Call(CallPhase.ENDED, known.rev, self.now + TOMBSTONE_MS)

    # ------------------------------------------------------------ too much of one person

    def leave_out(self) -> None:
        """After every report: what makes no colour goes first, then what ends first."""
        self.forget_what_is_over()
        for person in self.people.values():
            live = {key: each for key, each in person.devices.items() if not each.removed}
            removed = {key: each for key, each in person.devices.items() if each.removed}
            kept = [self._best_devices(each) for each in (live, removed)]
            person.devices = {key: person.devices[key] for keys in kept for key in keys}
            best = sorted(person.calls, key=lambda key: (-_weight(person.calls[key]), -person.calls[key].ends, key))
            person.calls = {key: person.calls[key] for key in best[:CALLS_AT_MOST]}

    def _best_devices(self, devices: dict[tuple[SourceId, DeviceId], Device]) -> list[tuple[SourceId, DeviceId]]:
        return sorted(devices, key=lambda key: (devices[key].ignore, -devices[key].ends, key))[:DEVICES_AT_MOST]

    # ------------------------------------------------------------ time and gateways

    def forget_what_is_over(self) -> None:
        for person in self.people.values():
            person.devices = {key: each for key, each in person.devices.items() if self._is_remembered(key[0], each)}
            person.calls = {key: each for key, each in person.calls.items() if each.ends > self.now}
            person.sessions = {each for each in person.sessions if self.leases.get(each, 0) > self.now}

    # ------------------------------------------------------------ what is seen

    def truth_of(self, user: UserId) -> Shown:
        person = self.people.get(user, Person())
        phases = [
            call.phase
            for (source, _), call in person.calls.items()
            if call.ends > self.now and self.now - self.heard.get(source, self.now) < CALLS_SILENT_MS
        ]
        calls = Calls.NONE
        if any(phase in (CallPhase.DIALING, CallPhase.ACTIVE, CallPhase.HELD) for phase in phases):
            calls = Calls.BUSY
        elif CallPhase.RINGING in phases:
            calls = Calls.RINGING
        phone = any(
            self._is_remembered(source, each) and not each.removed and not each.ignore
            for (source, _), each in person.devices.items()
        )
        chat = any(self.leases.get(gateway, 0) > self.now for gateway in person.sessions)
        settings = person.settings or SettingsChanged(user, 0)
        colour, reason = colour_of(Parts(calls, settings.dnd, phone, chat), ringing_is_busy=self.ringing_is_busy)
        silent = [self.heard[each] for each, users in self.known_to.items() if user in users and self.is_silent(each)]
        has_message = settings.message_until_ms == 0 or settings.message_until_ms > self.now
        return Shown(
            colour,
            reason.value,
            chat,
            phone,
            calls,
            settings.dnd,
            settings.message if has_message else "",
            min(silent) // 1000 if silent else 0,
            settings.appear_offline,
        )

    def shown_of(self, user: UserId) -> Shown | None:
        """What everybody sees of the user; None: nothing."""
        settings = self.people.get(user, Person()).settings
        if settings is not None and not settings.listed:
            return None
        if settings is not None and settings.appear_offline:
            return OFFLINE
        return self.truth_of(user)
