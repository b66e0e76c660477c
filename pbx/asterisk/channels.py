"""Calls: a channel of a user's phone is a leg. Pure, but for what it remembers of each channel.

Told apart by `Uniqueid`, which is never used again. Which channels are bridged to which does not matter for whoever
holds the handset: a leg lasts from the first digit or ring to its own Hangup, through transfers, queues and parking.
"""

from dataclasses import dataclass, field

from pbx.adapter.addresses import UserPattern, entity_name, is_feature_code
from pbx.adapter.board import Leg
from pbx.asterisk.ami import AmiMessage
from wire.ingest import Phase, Role

NOT_A_CALL = frozenset(
    {"Local", "Message", "Surrogate", "Multicast", "UnicastRTP", "Recorder", "Announcer", "ConfBridge"}
)
"""Technologies of channels that nobody holds in a hand."""
MOST_CHANNELS = 100_000

_ROLE_PHASE = {
    "2": (Role.CALLER, Phase.TRYING),  # off the hook
    "3": (Role.CALLEE, Phase.TRYING),  # being called; it does not ring yet
    "4": (Role.CALLER, Phase.TRYING),  # has dialled
    "5": (Role.CALLEE, Phase.RINGING),
    "6": (None, Phase.ACTIVE),
    "7": (Role.CALLER, Phase.TRYING),  # listens to the busy tone
    "8": (Role.CALLER, Phase.TRYING),
}
"""By `ChannelState`. A channel that is up was one or the other before."""


@dataclass(slots=True)
class _Channel:
    name: str
    state: str
    role: Role | None
    is_service: bool


@dataclass(slots=True)
class Channels:
    """What was learnt of each channel and is not in every event: who began, and what was dialled at first."""

    users: UserPattern
    _known: dict[str, _Channel] = field(default_factory=dict)

    def changed(self, message: AmiMessage) -> Leg | None:
        """From any event with a channel's state (Newchannel, Newstate, BridgeEnter, CoreShowChannel)."""
        unique = message["Uniqueid"]
        if not unique or not message["Channel"]:
            return None
        channel = self._known.get(unique)
        if channel is None:
            if len(self._known) >= MOST_CHANNELS:
                return None
            channel = _Channel(message["Channel"], "", None, is_feature_code(message["Exten"]))
            self._known[unique] = channel
        if not _is_transitory(message["Channel"]):
            channel.name = message["Channel"]
        channel.state = message["ChannelState"] or channel.state
        role, _ = _ROLE_PHASE.get(channel.state, (None, None))
        channel.role = channel.role or role or _first_role(message, channel.state)
        return self._leg(unique, channel)

    def renamed(self, message: AmiMessage) -> Leg | None:
        """A pickup or transfer has put another phone into this channel: the leg is that phone's from now on."""
        channel = self._known.get(message["Uniqueid"])
        if channel is None or not message["Newname"] or _is_transitory(message["Newname"]):
            return None
        channel.name = message["Newname"]
        return self._leg(message["Uniqueid"], channel)

    def hung_up(self, message: AmiMessage) -> str:
        """The id of the leg that has ended, whether it was one or not."""
        self._known.pop(message["Uniqueid"], None)
        return call_of(message["Uniqueid"])

    def known(self) -> set[str]:
        return set(self._known)

    def gone(self, uniques: set[str]) -> None:
        """Forgets channels that have gone while nobody looked."""
        for unique in uniques:
            self._known.pop(unique, None)

    def _leg(self, unique: str, channel: _Channel) -> Leg | None:
        technology, _, rest = channel.name.partition("/")
        _, phase = _ROLE_PHASE.get(channel.state, (None, None))
        if technology in NOT_A_CALL or channel.is_service or phase is None or channel.role is None:
            return None
        endpoint = rest.rpartition("-")[0]
        user = self.users.address(endpoint)
        if user is None:
            return None
        return Leg(call_of(unique), user, channel.role, phase, device=entity_name(f"{technology}/{endpoint}"))


def call_of(unique: str) -> str:
    return entity_name(unique)


def _first_role(message: AmiMessage, state: str) -> Role | None:
    """Of a channel that was up when it was first seen: the one that began a call gives its id to all of them."""
    if state != "6":
        return None
    began = message["Linkedid"] in ("", message["Uniqueid"])
    return Role.CALLER if began and not message["Application"].startswith("AppDial") else Role.CALLEE


def _is_transitory(name: str) -> bool:
    """While two channels change places one of them is called `...<MASQ>`, and what is left over `...<ZOMBIE>`."""
    return name.endswith(">")
