"""Raw events in, events out, with what was wrong with the others. Pure.

A batch is read event by event, so that one that is wrong or of a newer kind is counted and the rest goes on.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from wire.codec import invalid_of
from wire.errors import ErrorCode, Invalid
from wire.ingest import (
    AddressOfRecord,
    AnySwitchEvent,
    Batch,
    Envelope,
    EventProblem,
    SnapshotCall,
    SnapshotDevice,
    SnapshotPart,
)

CONTRACT = 1
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What decoding raises for input that is wrong."""

T = TypeVar("T")

_decode_event: Callable[[Raw], AnySwitchEvent] = msgspec.json.Decoder(AnySwitchEvent).decode
_decode_device: Callable[[Raw], SnapshotDevice] = msgspec.json.Decoder(SnapshotDevice).decode
_decode_call: Callable[[Raw], SnapshotCall] = msgspec.json.Decoder(SnapshotCall).decode
_decode_address: Callable[[Raw], str] = msgspec.json.Decoder(AddressOfRecord).decode


class _Numbered(msgspec.Struct):
    seq: int = 0


_decode_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_number = msgspec.json.Decoder(_Numbered).decode


@dataclass(frozen=True, slots=True)
class Told:
    """What one number of a source says; a raw event of a switch may mean several neutral ones."""

    seq: int
    events: tuple[AnySwitchEvent, ...] = ()
    unknown_fields: int = 0
    """Fields of the raw event that were passed over: the switch may be newer than we are, or misspell one."""


@dataclass(slots=True)
class ReadBatch:
    """A batch after reading. Bad events, and those of unknown type, have a number in `told` all the same."""

    envelope: Envelope
    last_seq: int
    told: list[Told] = field(default_factory=list)
    unknown: int = 0
    problems: list[EventProblem] = field(default_factory=list)


@dataclass(slots=True)
class ReadSnapshot:
    """A whole snapshot after reading. `dnd` None: the source knows nothing about Do Not Disturb."""

    envelope: Envelope
    as_of_seq: int
    taken_at: float
    devices: list[SnapshotDevice] = field(default_factory=list)
    calls: list[SnapshotCall] = field(default_factory=list)
    dnd: set[str] | None = None
    problems: list[EventProblem] = field(default_factory=list)


def read_batch(batch: Batch) -> ReadBatch:
    """Never raises for a bad event; raises `Invalid` for a contract that we do not speak."""
    return read_events(batch, batch.last_seq, batch.events, _read_event)


def read_events(envelope: Envelope, last_seq: int, raws: Iterable[Raw], read_one: Callable[[Raw], Told]) -> ReadBatch:
    """Reads each event by `read_one`, which raises msgspec's errors for what it cannot read."""
    check_contract(envelope)
    read = ReadBatch(envelope, last_seq)
    for index, raw in enumerate(raws):
        try:
            read.told.append(read_one(raw))
        except UNREADABLE as error:
            _note_unreadable(read, index, raw, error)
    return read


def check_contract(envelope: Envelope) -> None:
    """Raises `Invalid` for a contract that we do not speak."""
    if envelope.contract != CONTRACT:
        raise Invalid(f"This service speaks contract {CONTRACT}", field="contract")


def _read_event(raw: Raw) -> Told:
    event = _decode_event(raw)
    return Told(event.seq, (event,), unknown_fields_in(raw, event))


def unknown_fields_in(raw: Raw, event: Struct) -> int:
    """How many fields of `raw` the struct that was made of it has no place for."""
    return len(_decode_fields(raw).keys() - _fields_of(type(event)))


@functools.cache
def _fields_of(kind: type[Struct]) -> AbstractSet[str]:
    return {each.encode_name for each in msgspec.structs.fields(kind)} | {str(kind.__struct_config__.tag_field)}


def read_snapshot(parts: Sequence[SnapshotPart]) -> ReadSnapshot:
    """All parts of one snapshot, in order. The newest `sent_at` counts: leases ran down while it was being sent."""
    newest = max(parts, key=lambda part: part.sent_at)
    first = parts[0]
    read = ReadSnapshot(newest, first.as_of_seq, first.taken_at)
    for part in parts:
        read.devices += readable(part.devices, _decode_device, read.problems)
        read.calls += readable(part.calls, _decode_call, read.problems)
        if part.dnd is not None:
            read.dnd = (read.dnd or set()).union(readable(part.dnd, _decode_address, read.problems))
    return read


def readable(raws: Iterable[Raw], decode: Callable[[Raw], T], problems: list[EventProblem]) -> Iterator[T]:
    """What can be decoded; what cannot is added to `problems`."""
    for index, raw in enumerate(raws):
        try:
            yield decode(raw)
        except UNREADABLE as error:
            problems.append(problem_of(index, error))


def problem_of(index: int, error: Exception, seq: int = 0) -> EventProblem:
    """What was wrong with an event, in the same words as everywhere; `error` is msgspec's."""
    if isinstance(error, msgspec.ValidationError):
        refused = invalid_of(error)
        where = f"{refused.field}: " if refused.field else ""
        return EventProblem(index=index, seq=seq, code=refused.code, message=where + refused.message)
    return EventProblem(index=index, seq=seq, code=ErrorCode.MALFORMED, message="Not readable as JSON")


def _note_unreadable(read: ReadBatch, index: int, raw: Raw, error: Exception) -> None:
    """Its number counts as seen if it can be read: asking for a snapshot would not make the event any better."""
    try:
        seq = max(0, _decode_number(raw).seq)
    except UNREADABLE:
        seq = 0
    read.told.append(Told(seq))
    problem = problem_of(index, error, seq)
    if problem.message.startswith("type: Invalid value"):
        read.unknown += 1
    else:
        read.problems.append(problem)
