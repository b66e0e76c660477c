"""What a telephone switch tells us: the neutral contract, version 1 (docs/switch-contract.md).

A source sends batches at least once and in its own order. What orders facts is carried by each fact itself (a device's
`rev`, a call's `at`), and leases are relative times, so that neither repeats, nor reordering, nor a wrong clock can put
a wrong colour anywhere. Fields that we do not know are passed over: a newer switch may talk to an older service.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Raw, Struct

MAX_BATCH_BYTES = 1_048_576
MAX_EVENTS = 500
MAX_SNAPSHOT_PARTS = 1_000
MAX_SNAPSHOT_BYTES = 64 * 1_048_576
"""All parts together; at some 300 bytes a device, about 200,000 devices."""
SNAPSHOT_SECONDS = 60
"""Parts of a snapshot that is not complete by then are thrown away."""
MAX_REPORTED_PROBLEMS = 10

Seconds = Annotated[float, Meta(ge=0, le=2**40)]
"""A moment by the source's clock: seconds since 1970. Compared with other times of the same source only."""
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
MAX_TEXT = 512
MAX_ENTITY_NAME = 256
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
EntityName = Annotated[str, Meta(min_length=1, max_length=MAX_ENTITY_NAME)]
AddressOfRecord = Annotated[str, Meta(min_length=3, max_length=320, pattern=r"^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9._-]+$")]
"""`extension@domain`, without `sip:`."""
Revision = tuple[Seconds, Count]
"""Orders the states of one device: (when it registered or refreshed last, a counter such as the CSeq)."""
MAX_LEASE = 86_400.0
Lease = Annotated[float, Meta(ge=0, le=MAX_LEASE)]


class SwitchEvent(Struct, frozen=True, kw_only=True, tag_field="type"):
    """`seq` counts the source's events within its epoch, from 1; `at` is when it happened."""

    seq: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    at: Seconds


class ListedDevice(Struct, frozen=True, kw_only=True):
    """A live device. `ttl`: what was left of its lease, in seconds, at the `at` of the event or snapshot it is in."""

    device: EntityName
    rev: Revision
    ttl: Lease
    contact: Text = ""
    received: Text = ""
    user_agent: Text = ""
    ignore_for_presence: bool = False
    """It rings, but says nothing about its user: a fax, a door opener."""


class DeviceUp(SwitchEvent, frozen=True, kw_only=True, tag="device.up"):
    """Registered or refreshed."""

    user: AddressOfRecord
    device: EntityName
    rev: Revision
    ttl: Lease
    contact: Text = ""
    received: Text = ""
    user_agent: Text = ""
    refresh: bool = False
    ignore_for_presence: bool = False


class DeviceDown(SwitchEvent, frozen=True, kw_only=True, tag="device.down"):
    """Gone: removes the device only if what is known of it is not newer than `rev`."""

    user: AddressOfRecord
    device: EntityName
    rev: Revision
    reason: Text = ""


class Devices(SwitchEvent, frozen=True, kw_only=True, tag="devices"):
    """All live devices of one user: absent ones are removed if they are older than `at` minus two seconds."""

    user: AddressOfRecord
    devices: Annotated[list[ListedDevice], Meta(max_length=100)]


class Phase(StrEnum):
    """Where a call is. `trying`: the caller has dialled, nothing rings yet."""

    TRYING = "trying"
    RINGING = "ringing"
    ACTIVE = "active"
    HELD = "held"
    ENDED = "ended"


class Role(StrEnum):
    CALLER = "caller"
    CALLEE = "callee"


class Party(Struct, frozen=True, kw_only=True):
    """One of the users in a call. `phase` where it is not the call's: of several phones that rang, one answered."""

    user: AddressOfRecord
    role: Role
    phase: Phase | None = None
    device: Text | None = None


class Call(SwitchEvent, frozen=True, kw_only=True, tag="call"):
    """A call changed its phase. The events of one call are ordered by `at`, then by phase; `ended` is final."""

    call: EntityName
    phase: Phase
    parties: Annotated[list[Party], Meta(max_length=20)]
    reason: Text = ""


class Dnd(SwitchEvent, frozen=True, kw_only=True, tag="dnd"):
    """Do Not Disturb was set or cleared at the switch; ordered by `seq`."""

    user: AddressOfRecord
    on: bool
    via: Text = ""


AnySwitchEvent = DeviceUp | DeviceDown | Devices | Call | Dnd


class Envelope(Struct, frozen=True, kw_only=True):
    """What every message of a source says of itself. `sent_at` is fresh at each try, `epoch` new at each start."""

    contract: Annotated[int, Meta(ge=1)] = 1
    source: Annotated[str, Meta(max_length=64)]
    epoch: Annotated[str, Meta(min_length=1, max_length=64)]
    sent_at: Seconds


class Batch(Envelope, frozen=True, kw_only=True):
    """What a source posts. Without events it is the heartbeat. `last_seq`: the last number the source has given out.

    Events are decoded one by one afterwards (pbx/reading.py), so that a bad one is counted and the rest goes on.
    """

    last_seq: Count = 0
    events: Annotated[list[Raw], Meta(max_length=MAX_EVENTS)] = []


class EventProblem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An event that was passed over. `index` counts from 0 in what was sent."""

    index: int
    code: str
    message: str
    seq: int = 0


class BatchTaken(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`ack`: up to this number nothing is awaited any more. `resync`: send a snapshot. The rest is for logs."""

    ack: int
    resync: bool
    applied: int = 0
    repeated: int = 0
    """Seen before, or of an epoch that is over."""
    unknown: int = 0
    """Of a type that we do not know."""
    unknown_fields: int = 0
    """Fields of events that we do not know, and pass over."""
    bad: int = 0
    """Not readable; `problems` names the first few."""
    ignored: int = 0
    """About users that we do not know."""
    foreign: int = 0
    """About domains that this source has nothing to do with."""
    problems: list[EventProblem] = []


class SnapshotDevice(ListedDevice, frozen=True, kw_only=True):
    user: AddressOfRecord


class SnapshotCall(Struct, frozen=True, kw_only=True):
    call: EntityName
    phase: Phase
    parties: Annotated[list[Party], Meta(max_length=20)]


class SnapshotEnvelope(Envelope, frozen=True, kw_only=True):
    """One of `parts` pieces of everything that a source knows, read at `taken_at`. Applied when the last one is there.

    `as_of_seq` is read before the state: events up to it are in the snapshot.
    """

    snapshot_id: Annotated[str, Meta(min_length=1, max_length=64)]
    as_of_seq: Count
    taken_at: Seconds
    part: Annotated[int, Meta(ge=1, le=MAX_SNAPSHOT_PARTS)] = 1
    parts: Annotated[int, Meta(ge=1, le=MAX_SNAPSHOT_PARTS)] = 1


class SnapshotPart(SnapshotEnvelope, frozen=True, kw_only=True):
    """Devices, calls and users in any distribution over the parts.

    `dnd`: the users with Do Not Disturb at the switch; absent in all parts: this source knows nothing about it.
    """

    devices: tuple[Raw, ...] = ()
    calls: tuple[Raw, ...] = ()
    dnd: tuple[Raw, ...] | None = None


class SnapshotTaken(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`complete`: the last part was there and the snapshot has been applied; otherwise send the other parts."""

    complete: bool
    devices: int = 0
    calls: int = 0
    dnd: int = 0
    bad: int = 0
    ignored: int = 0
    foreign: int = 0
    corrected: int = 0
    """Devices and calls that had to be put right: what had got lost, if it was not the first snapshot."""
    problems: list[EventProblem] = []


class SwitchCommand(Struct, frozen=True, kw_only=True):
    """What we tell a switch of a user. `rev` grows per user and kind: one that is lower than a known one is late."""

    user: AddressOfRecord
    rev: Count


class DndCommand(SwitchCommand, frozen=True, kw_only=True):
    on: bool


class ProfileCommand(SwitchCommand, frozen=True, kw_only=True):
    """The user is called `name` now: phones that show it need a resync."""

    name: str
