"""The raw events of presence.cfg as events of the contract. Pure.

One raw event may mean several: an unregistration tells both what is still there and what has gone.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from pbx.kamailio.devices import NEVER_EXPIRES, device_name, revision
from pbx.reading import ReadBatch, Told, read_events, unknown_fields_in
from wire.ingest import (
    MAX_EVENTS,
    AddressOfRecord,
    AnySwitchEvent,
    Call,
    Count,
    DeviceDown,
    Devices,
    Dnd,
    EntityName,
    Envelope,
    ListedDevice,
    Party,
    Phase,
    Role,
    Seconds,
    Text,
)


class KamailioBatch(Envelope, frozen=True, kw_only=True):
    """What presence.cfg posts; like the contract's batch, but for the events."""

    last_seq: Count
    events: Annotated[list[Raw], Meta(max_length=MAX_EVENTS)]


class RawEvent(Struct, frozen=True, kw_only=True, tag_field="type"):
    """`occurred_at` comes as text, since Kamailio's integers have no fractions."""

    seq: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    occurred_at: Seconds


class Record(Struct, frozen=True, kw_only=True):
    """A registration that was there: `device` is Kamailio's id of the record (ruid)."""

    device: EntityName
    instance: str | None = None
    reg_id: int = 0
    modified_at: Seconds
    cseq: Count

    @property
    def name(self) -> str:
        return device_name(self.device, self.instance, self.reg_id)


class Contact(Record, frozen=True, kw_only=True):
    """A registration in the list of a user. `expires_at` 0: never; in the past: about to be removed."""

    expires_at: Seconds
    contact: Text = ""
    received: Text = ""
    user_agent: str = ""


class Saved(StrEnum):
    REGISTERED = "registered"
    REFRESHED = "refreshed"
    UNREGISTERED = "unregistered"
    EXPIRED = "expired"


class RawRegistration(RawEvent, frozen=True, kw_only=True, tag="registration"):
    """After a REGISTER: what is registered now, and what had been before. `expired` names a single record instead."""

    op: Saved
    aor: AddressOfRecord
    contacts: list[Contact] = []
    before: list[Record] = []
    device: EntityName = ""
    instance: str | None = None
    reg_id: int = 0
    modified_at: Seconds = 0
    cseq: Count = 0


class State(StrEnum):
    TRYING = "trying"
    RINGING = "ringing"
    CONFIRMED = "confirmed"
    HELD = "held"
    RESUMED = "resumed"
    ENDED = "ended"
    FAILED = "failed"


PHASES = {
    State.TRYING: Phase.TRYING,
    State.RINGING: Phase.RINGING,
    State.CONFIRMED: Phase.ACTIVE,
    State.HELD: Phase.HELD,
    State.RESUMED: Phase.ACTIVE,
    State.ENDED: Phase.ENDED,
    State.FAILED: Phase.ENDED,
}


class RawCall(RawEvent, frozen=True, kw_only=True, tag="call"):
    """`call` is the dialog's `h_entry:h_id`. Outside numbers are left out. `reply`, `cause`: SIP status and method."""

    state: State
    call: EntityName
    caller: AddressOfRecord | None = None
    callee: AddressOfRecord | None = None
    reply: int = 0
    cause: Text = ""


class RawDnd(RawEvent, frozen=True, kw_only=True, tag="dnd"):
    user: AddressOfRecord
    on: bool
    via: Text = ""


AnyRawEvent = RawRegistration | RawCall | RawDnd
_decode: Callable[[Raw], AnyRawEvent] = msgspec.json.Decoder(AnyRawEvent, strict=False).decode


def read_kamailio_batch(batch: KamailioBatch) -> ReadBatch:
    """Never raises for a bad event; raises `Invalid` for a contract that we do not speak."""
    return read_events(batch, batch.last_seq, batch.events, _read_event)


def parties_of(caller: str | None, callee: str | None) -> list[Party]:
    callers = [Party(user=caller, role=Role.CALLER)] if caller else []
    return callers + ([Party(user=callee, role=Role.CALLEE)] if callee else [])


def _read_event(raw: Raw) -> Told:
    event = _decode(raw)
    return Told(event.seq, tuple(_meaning_of(event)), unknown_fields_in(raw, event))


def _meaning_of(event: AnyRawEvent) -> Iterator[AnySwitchEvent]:
    if isinstance(event, RawRegistration):
        yield from _expired(event) if event.op is Saved.EXPIRED else _registered(event)
    elif isinstance(event, RawCall):
        yield Call(
            seq=event.seq,
            at=event.occurred_at,
            call=event.call,
            phase=PHASES[event.state],
            parties=parties_of(event.caller, event.callee),
            reason=f"{event.cause} {event.reply or ''}".strip(),
        )
    else:
        yield Dnd(seq=event.seq, at=event.occurred_at, user=event.user, on=event.on, via=event.via)


def _registered(event: RawRegistration) -> Iterator[AnySwitchEvent]:
    """The list as it is now. What was there before and is not any more has gone, however young it was."""
    at = event.occurred_at
    live: dict[str, Contact] = {}
    for contact in event.contacts:
        known = live.get(contact.name)
        if _ttl(contact, at) > 0 and (known is None or _revision(known) < _revision(contact)):
            live[contact.name] = contact
    yield Devices(seq=event.seq, at=at, user=event.aor, devices=[_listed(contact, at) for contact in live.values()])
    for gone in (*event.before, *event.contacts):
        if gone.name not in live:
            yield _down(event, gone.name, _revision(gone))


def _expired(event: RawRegistration) -> Iterator[AnySwitchEvent]:
    name = device_name(event.device, event.instance, event.reg_id)
    if name:
        yield _down(event, name, revision(event.modified_at, event.cseq))


def _down(event: RawRegistration, device: str, rev: tuple[float, int]) -> DeviceDown:
    return DeviceDown(
        seq=event.seq, at=event.occurred_at, user=event.aor, device=device, rev=rev, reason=event.op.value
    )


def _listed(contact: Contact, at: float) -> ListedDevice:
    return ListedDevice(
        device=contact.name,
        rev=_revision(contact),
        ttl=_ttl(contact, at),
        contact=contact.contact,
        received=contact.received,
        user_agent=contact.user_agent,
    )


def _revision(record: Record) -> tuple[float, int]:
    return revision(record.modified_at, record.cseq)


def _ttl(contact: Contact, at: float) -> float:
    if contact.expires_at == 0:
        return NEVER_EXPIRES
    return min(max(0.0, contact.expires_at - at), NEVER_EXPIRES)
