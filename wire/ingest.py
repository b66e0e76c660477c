"""What a telephone switch tells us: the neutral contract, version 1 (docs/switch-contract.md).

A source sends batches at least once and in its own order; every entity carries its own revision, and leases are relative
times, so that neither repeats, nor reordering, nor a wrong clock can put a wrong colour anywhere.
"""

from typing import Annotated

from msgspec import Meta, Struct


Text = Annotated[str, Meta(max_length=512)]
EntityName = Annotated[str, Meta(min_length=1, max_length=256)]
AddressOfRecord = Annotated[str, Meta(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+(?!\n)$")]
"""`extension@domain`."""


class SwitchEvent(Struct, frozen=True, kw_only=True, tag_field="type"):
    """`seq` counts the source's events within its epoch; `at` is when it happened, by the source's clock (seconds)."""

    seq: Annotated[int, Meta(ge=1)]
    at: float


class DeviceUp(SwitchEvent, frozen=True, kw_only=True, tag="device.up"):
    """Registered or refreshed. `rev` orders events of one device; `ttl` is what is left of the lease at `at`, seconds."""

    user: AddressOfRecord
    device: EntityName
    rev: tuple[float, int]
    ttl: Annotated[float, Meta(ge=0, le=86_400)]
    contact: Text = ""
    received: Text = ""
    user_agent: Text = ""
    refresh: bool = False
    ignore_for_presence: bool = False


class DeviceDown(SwitchEvent, frozen=True, kw_only=True, tag="device.down"):
    """Gone: removes the device only if its revision is not newer than `rev`."""

    user: AddressOfRecord
    device: EntityName
    rev: tuple[float, int]
    reason: Text = ""


class ListedDevice(Struct, frozen=True, kw_only=True):
    """A device in a full list."""

    device: EntityName
    rev: tuple[float, int]
    ttl: Annotated[float, Meta(ge=0, le=86_400)]
    contact: Text = ""
    received: Text = ""
    user_agent: Text = ""
    ignore_for_presence: bool = False


class Devices(SwitchEvent, frozen=True, kw_only=True, tag="devices"):
    """All live devices of one user: absent ones are removed if they are older than `at` minus two seconds."""

    user: AddressOfRecord
    devices: Annotated[list[ListedDevice], Meta(max_length=100)]


class Party(Struct, frozen=True, kw_only=True):
    user: AddressOfRecord
    role: Annotated[str, Meta(pattern=r"^(caller|callee)(?!\n)$")]
    device: Text | None = None


class Call(SwitchEvent, frozen=True, kw_only=True, tag="call"):
    """A call changed its phase. `rev` grows within the call. `ended` is final."""

    call: EntityName
    phase: Annotated[str, Meta(pattern=r"^(trying|ringing|active|held|ended)(?!\n)$")]
    rev: Annotated[int, Meta(ge=0)] = 0
    parties: Annotated[list[Party], Meta(max_length=20)]
    reason: Text = ""


class Dnd(SwitchEvent, frozen=True, kw_only=True, tag="dnd"):
    user: AddressOfRecord
    on: bool
    via: Text = ""


AnySwitchEvent = DeviceUp | DeviceDown | Devices | Call | Dnd


class Batch(Struct, frozen=True, kw_only=True):
    """What a source posts. Without events it is the heartbeat. `last_seq`: the last number the source has given out.

    Events are decoded one by one afterwards, so that one which we do not know is counted and passed over.
    """

    contract: Annotated[int, Meta(ge=1)] = 1
    source: Annotated[str, Meta(max_length=64)]
    epoch: Annotated[str, Meta(min_length=1, max_length=64)]
    sent_at: float
    last_seq: Annotated[int, Meta(ge=0)] = 0
    events: Annotated[list[dict[str, object]], Meta(max_length=500)] = []


class BatchTaken(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`ack`: the highest number up to which nothing is missing. `resync`: send a snapshot. The rest is counted, for logs."""

    ack: int
    resync: bool
    applied: int = 0
    repeated: int = 0
    unknown: int = 0
    ignored: int = 0
