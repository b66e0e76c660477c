"""What is reported about users: facts, each ordered by its own revision, each with a lease that ends by itself.

A fact is about one entity (a device, a call, the sessions on one gateway, the settings of a user). Applying it twice,
late or out of order changes nothing that a newer fact has said. Facts travel as MessagePack arrays into
storage/redis/presence.lua, which reads them by position: a new field goes last and has a default.
"""

from msgspec import Struct

from wire.commands import CallPhase
from wire.identity import CallId, DeviceId, GatewayId, SourceId, UserId

PORTAL = SourceId("portal")
"""The source of what users report through this service: softphones over the WebSocket."""

Revision = tuple[float, int]
"""Orders the facts of one entity: (time in seconds by the reporter's clock, counter)."""


class Fact(Struct, frozen=True, array_like=True):
    user: UserId


class DeviceUp(Fact, frozen=True, tag="device_up"):
    """A device is registered for `ttl_ms` from now on. `rev` None: newer than whatever was known, by order of arrival.

    `ignore`: it rings, but does not count for presence. `label` is shown in "why" (user agent or the user's own name).
    """

    source: SourceId
    device: DeviceId
    ttl_ms: int
    rev: Revision | None = None
    ignore: bool = False
    label: str = ""


class DeviceDown(Fact, frozen=True, tag="device_down"):
    """A device is gone. Ignored if a newer registration is known."""

    source: SourceId
    device: DeviceId
    rev: Revision | None = None


class DeviceList(Fact, frozen=True, tag="device_list"):
    """All live devices of one user at one source, read at `at` (seconds, the source's clock, as in `rev`).

    Others of this source are removed if they are older than `at` minus two seconds: the list may have been read before
    a registration that overtook it.
    """

    source: SourceId
    at: float
    devices: list[DeviceUp] = []


class CallChanged(Fact, frozen=True, tag="call_changed"):
    """A call leg of the user, forgotten after `ttl_ms`. `ended` is final. `rev` None: by order of arrival."""

    source: SourceId
    call: CallId
    phase: CallPhase
    ttl_ms: int
    rev: int | None = None


class SourceSnapshot(Fact, frozen=True, tag="source_snapshot"):
    """Everything that one source knows in this domain, read at `at`. About everybody: `user` is 0.

    What this source had reported and is not in it is gone: devices older than `at` minus two seconds, and calls whose
    `rev` is below `calls_before`. Younger ones may have come while the list was being read; other sources are left.
    """

    source: SourceId
    at: float
    devices: list[DeviceUp] = []
    calls: list[CallChanged] = []
    calls_before: int = 0


class SourceHeard(Fact, frozen=True, tag="source_heard"):
    """A source that sends heartbeats has spoken. About everybody: `user` is 0.

    When it is silent for fifteen seconds, the last that it said stands but is shown as unknown since then; after two
    minutes its calls keep nobody red any more. Nothing is made up: when it returns, all is as it says.
    """

    source: SourceId


class SessionsChanged(Fact, frozen=True, tag="sessions_changed"):
    """Whether the user has a session available for chat on one gateway. Ends with that gateway's lease."""

    gateway: GatewayId
    available: bool


class SettingsChanged(Fact, frozen=True, tag="settings_changed"):
    """What the user has set; kept in Postgres, copied here. `rev` grows with every change.

    Times in milliseconds, 0: none. `listed`, `scope` and `site` decide who may see the user at all.
    """

    rev: int
    dnd: bool = False
    dnd_since_ms: int = 0
    appear_offline: bool = False
    message: str = ""
    message_until_ms: int = 0
    listed: bool = True
    scope: int = 0
    site: str = ""
    dnd_pending: bool = False
    """A telephone switch has yet to confirm it."""


class Forgotten(Fact, frozen=True, tag="forgotten"):
    """The user was erased: what was reported goes, and the colours of the day with it."""


AnyFact = (
    DeviceUp
    | DeviceDown
    | DeviceList
    | CallChanged
    | SourceSnapshot
    | SourceHeard
    | SessionsChanged
    | SettingsChanged
    | Forgotten
)
