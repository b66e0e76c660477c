"""The neutral contract understood: events in, facts about users out. Pure.

Times of the source are only ever compared with each other: a switch whose clock is wrong does no harm by that. Users
are looked up by the caller; addresses that nobody knows are passed over.
"""

from collections.abc import Iterable, Iterator, Mapping

from pbx.reading import ReadSnapshot
from presence.facts import AnyFact, CallChanged, DeviceDown, DeviceList, DeviceUp, SourceSnapshot
from wire.commands import CallPhase
from wire.identity import CallId, DeviceId, DomainId, Extension, SourceId, UserId
from wire.ingest import AnySwitchEvent, Call, Devices, Dnd, ListedDevice, Party, Phase, Role
from wire.ingest import DeviceDown as DeviceWentDown
from wire.ingest import DeviceUp as DeviceCameUp

GRACE = 6.0
"""Seconds that a lease outlives its ttl: a sweep of the switch every second, and five for a refresh on its way."""
CALL_TTL_MS = 4 * 3_600_000
"""A call whose end nobody reported is forgotten after this long, unless an operator decides otherwise; each snapshot
that has it starts this anew."""
SNAPSHOT_OVERLAP = 2.0
"""Seconds by which a list may be older than what it was overtaken by."""

LABEL_LENGTH = 64
"""Characters of a user agent that are kept, to say which phone it is."""

NOBODY = UserId(0)
"""Stands in facts that are about a whole source."""

Person = tuple[DomainId, UserId]
Aimed = tuple[DomainId, AnyFact]


def people_in(events: Iterable[AnySwitchEvent]) -> set[str]:
    """Every address that the events mention, as spelt there."""
    return {address for event in events for address in _addresses_of(event)}


def people_in_snapshot(snapshot: ReadSnapshot) -> set[str]:
    listed = {device.user for device in snapshot.devices} | (snapshot.dnd or set())
    return listed | {party.user for call in snapshot.calls for party in call.parties}


def split_address(address: str) -> tuple[DomainId, Extension]:
    """An address of record (`extension@domain`); domains have no upper case with us."""
    extension, _, domain = address.rpartition("@")
    return DomainId(domain.lower()), Extension(extension)


def facts_of(
    event: AnySwitchEvent, source: SourceId, sent_at: float, people: Mapping[str, Person], call_ms: int = CALL_TTL_MS
) -> Iterator[Aimed]:
    """What an event says about whom. Addresses that are not in `people` are nobody of ours and are passed over.

    Do Not Disturb is no fact about a device or a call but a wish of the user: the service passes it on by itself.
    """
    if isinstance(event, Call):
        yield from _call_facts(event.call, event.phase, event.parties, event.at, source, people, call_ms)
    elif not isinstance(event, Dnd) and event.user in people:
        domain, user = people[event.user]
        yield domain, _device_fact(event, user, source, sent_at)


def snapshot_facts(
    snapshot: ReadSnapshot,
    source: SourceId,
    domains: Iterable[DomainId],
    people: Mapping[str, Person],
    call_ms: int = CALL_TTL_MS,
) -> Iterator[tuple[DomainId, SourceSnapshot]]:
    """One fact for each domain of the source: where nothing is listed, nothing of this source is left."""
    devices: dict[DomainId, list[DeviceUp]] = {}
    calls: dict[DomainId, list[CallChanged]] = {}
    sent_at = snapshot.envelope.sent_at
    for device in snapshot.devices:
        if device.user in people:
            domain, user = people[device.user]
            up = _device_up(device, user, source, snapshot.taken_at, sent_at)
            devices.setdefault(domain, []).extend([up] if up.ttl_ms > 0 else [])
    for call in snapshot.calls:
        for domain, fact in _call_facts(
            call.call, call.phase, call.parties, snapshot.taken_at, source, people, call_ms
        ):
            calls.setdefault(domain, []).append(fact)
    calls_before = call_revision(snapshot.taken_at - SNAPSHOT_OVERLAP, Phase.TRYING)
    for domain in domains:
        yield (
            domain,
            SourceSnapshot(
                NOBODY, source, snapshot.taken_at, devices.get(domain, []), calls.get(domain, []), calls_before
            ),
        )


def call_revision(at: float, phase: Phase) -> int:
    """Orders the events of one call: by time, and within a millisecond by phase."""
    return int(at * 1000) * len(_RANK) + _RANK[phase]


_RANK = {Phase.TRYING: 0, Phase.RINGING: 1, Phase.ACTIVE: 2, Phase.HELD: 3, Phase.ENDED: 4}

_LEGS: Mapping[Role, Mapping[Phase, CallPhase | None]] = {
    # Off the hook from the first digit on: the caller is busy before anything rings.
    Role.CALLER: {
        Phase.TRYING: CallPhase.DIALING,
        Phase.RINGING: CallPhase.DIALING,
        Phase.ACTIVE: CallPhase.ACTIVE,
        Phase.HELD: CallPhase.HELD,
        Phase.ENDED: CallPhase.ENDED,
    },
    # Whoever is called has nothing to do with it until something rings.
    Role.CALLEE: {
        Phase.TRYING: None,
        Phase.RINGING: CallPhase.RINGING,
        Phase.ACTIVE: CallPhase.ACTIVE,
        Phase.HELD: CallPhase.HELD,
        Phase.ENDED: CallPhase.ENDED,
    },
}


def _call_facts(
    call: str,
    phase: Phase,
    parties: Iterable[Party],
    at: float,
    source: SourceId,
    people: Mapping[str, Person],
    call_ms: int,
) -> Iterator[tuple[DomainId, CallChanged]]:
    legs: dict[Person, tuple[Phase, CallPhase]] = {}
    for party in sorted(parties, key=lambda party: party.role is Role.CALLER):  # calling oneself is being busy
        own_phase = party.phase or phase
        leg = _LEGS[party.role][own_phase]
        if leg is not None and party.user in people:
            legs[people[party.user]] = own_phase, leg
    for (domain, user), (own_phase, leg) in legs.items():
        yield domain, CallChanged(user, source, CallId(call), leg, call_ms, call_revision(at, own_phase))


def _device_fact(
    event: DeviceCameUp | DeviceWentDown | Devices, user: UserId, source: SourceId, sent_at: float
) -> AnyFact:
    if isinstance(event, DeviceWentDown):
        return DeviceDown(user, source, DeviceId(event.device), event.rev)
    if isinstance(event, Devices):
        listed = [_device_up(device, user, source, event.at, sent_at) for device in event.devices]
        return DeviceList(user, source, event.at, [device for device in listed if device.ttl_ms > 0])
    up = _device_up(event, user, source, event.at, sent_at)
    return up if up.ttl_ms > 0 else DeviceDown(user, source, up.device, event.rev)


def _device_up(
    device: DeviceCameUp | ListedDevice, user: UserId, source: SourceId, at: float, sent_at: float
) -> DeviceUp:
    return DeviceUp(
        user,
        source,
        DeviceId(device.device),
        lease_ms(device.ttl, at, sent_at),
        device.rev,
        device.ignore_for_presence,
        device.user_agent[:LABEL_LENGTH],
    )


def lease_ms(ttl: float, at: float, sent_at: float) -> int:
    """What is left of a lease that was `ttl` seconds long at `at` and is told of at `sent_at`; 0 if it has run out.

    Never longer than it was, even if the source's clock was put back in between.
    """
    left = ttl - max(0.0, sent_at - at)
    return int((left + GRACE) * 1000) if ttl > 0 and left + GRACE > 0 else 0


def _addresses_of(event: AnySwitchEvent) -> Iterator[str]:
    if isinstance(event, Call):
        yield from (party.user for party in event.parties)
    else:
        yield event.user
