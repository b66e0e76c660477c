"""Calls: a channel between FreeSWITCH and a user's phone is a leg. Pure, but for what it remembers of each channel.

Told apart by the channel's UUID. `Channel-Presence-ID` says whose phone it is: the directory sets it for whoever has
logged in, and the dial string of the default configuration for whoever is called.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pbx.adapter.addresses import Domains, entity_name, is_feature_code, split
from pbx.adapter.board import Leg
from wire.ingest import Phase, Role

MOST_CHANNELS = 100_000
_INBOUND = "inbound"

_PHASES: Mapping[Role, Mapping[str, Phase]] = {
    # What comes in from a phone is that phone calling: for FreeSWITCH, it "rings" until it is answered.
    Role.CALLER: {
        "DIALING": Phase.TRYING,
        "RINGING": Phase.TRYING,
        "EARLY": Phase.TRYING,
        "RING_WAIT": Phase.TRYING,
        "ACTIVE": Phase.ACTIVE,
        "UNHELD": Phase.ACTIVE,
        "HELD": Phase.HELD,
    },
    Role.CALLEE: {
        "DIALING": Phase.TRYING,
        "RINGING": Phase.RINGING,
        "EARLY": Phase.RINGING,
        "RING_WAIT": Phase.RINGING,
        "ACTIVE": Phase.ACTIVE,
        "UNHELD": Phase.ACTIVE,
        "HELD": Phase.HELD,
    },
}


@dataclass(slots=True)
class _Channel:
    user: str | None
    role: Role
    is_service: bool


@dataclass(slots=True)
class Channels:
    """What was learnt of each channel from its events: lists say less."""

    domains: Domains
    _known: dict[str, _Channel] = field(default_factory=dict)

    def changed(self, event: Mapping[str, str]) -> Leg | None:
        """From any event of a channel; None if nobody of ours holds it, or nothing is known of its state."""
        return self._leg(
            event.get("Unique-ID", ""),
            event.get("Channel-Name", ""),
            event.get("Call-Direction", ""),
            event.get("Channel-Call-State", ""),
            event.get("Caller-Destination-Number", ""),
            self._user_of(event),
        )

    def listed(self, row: Mapping[str, str]) -> Leg | None:
        """From a row of `show channels`."""
        return self._leg(
            row.get("uuid", ""),
            row.get("name", ""),
            row.get("direction", ""),
            row.get("callstate", ""),
            row.get("initial_dest") or row.get("dest", ""),
            self.domains.address(*split(row.get("presence_id", ""))),
        )

    def hung_up(self, event: Mapping[str, str]) -> str:
        """The id of the leg that has ended, whether it was one or not."""
        unique = event.get("Unique-ID", "")
        self._known.pop(unique, None)
        return call_of(unique)

    def known(self) -> set[str]:
        return set(self._known)

    def gone(self, uniques: set[str]) -> None:
        """Forgets channels that have gone while nobody looked."""
        for unique in uniques:
            self._known.pop(unique, None)

    def _leg(self, unique: str, name: str, direction: str, state: str, dialled: str, user: str | None) -> Leg | None:
        if not unique or name.startswith("loopback/"):
            return None
        channel = self._known.get(unique)
        if channel is None:
            if len(self._known) >= MOST_CHANNELS:
                return None
            role = Role.CALLER if direction == _INBOUND else Role.CALLEE
            channel = _Channel(user, role, role is Role.CALLER and is_feature_code(dialled))
            self._known[unique] = channel
        channel.user = user or channel.user
        phase = _PHASES[channel.role].get(state)
        if channel.user is None or channel.is_service or phase is None:
            return None
        return Leg(call_of(unique), channel.user, channel.role, phase, device=entity_name(name) if name else None)

    def _user_of(self, event: Mapping[str, str]) -> str | None:
        """By the presence id, or else by who has logged in or was dialled by name."""
        for user, domain in (
            split(event.get("Channel-Presence-ID", "")),
            (event.get("variable_dialed_user", ""), event.get("variable_dialed_domain", "")),
            (event.get("variable_user_name", ""), event.get("variable_domain_name", "")),
        ):
            address = self.domains.address(user, domain)
            if address is not None:
                return address
        return None


def call_of(unique: str) -> str:
    return entity_name(unique)
