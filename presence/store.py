"""What presence needs kept: live facts (Redis) and the users' own settings (Postgres)."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from presence.facts import PORTAL, AnyFact, SettingsChanged
from presence.view import Special, Target
from wire.identity import DomainId, GatewayId, SourceId, UserId
from wire.records import Explanation


class Outcome(Struct, frozen=True):
    """After a run of the script. `epoch` empty: the domain is not there (new, or Redis was emptied): seed it.

    `deadline_in_ms`: how long until something ends by itself (-1: nothing will). Relative, since clocks differ.
    `corrected`: how many devices and calls were put right by snapshots of switches.
    """

    epoch: str
    version: int
    deadline_in_ms: int
    corrected: int = 0


class Ticked(Struct, frozen=True):
    """After a tick. `lost`: the gateway's lease had ended, so what it reported is gone. `more`: tick again at once."""

    outcome: Outcome
    lost: bool
    more: bool


class FullRead(Struct, frozen=True):
    """Everything told of a domain at one version."""

    epoch: str
    version: int
    records: dict[UserId, bytes]
    specials: list[Special]


class PresenceStore(Protocol):
    """Live facts. Every method is atomic and may be repeated. Raises `wire.errors.Unavailable`."""

    async def report(self, domain: DomainId, facts: Sequence[AnyFact]) -> Outcome:
        """Applies facts and tells every gateway what changed. Does nothing (empty epoch) if it is not seeded."""

    async def seed(
        self, domain: DomainId, epoch: str, ringing_is_busy: bool, settings: Sequence[SettingsChanged]
    ) -> Outcome:
        """Makes the domain under `epoch` unless it is there; applies settings that are newer than the known ones."""

    async def tick(self, domain: DomainId, gateway: GatewayId, lease_ms: int, most: int = 500) -> Ticked:
        """Renews the gateway's lease and ends what is over. `lease_ms` 0: the gateway leaves the domain."""

    async def read(self, domain: DomainId) -> FullRead:
        """An empty epoch if the domain is not seeded."""

    async def explain(self, domain: DomainId, user: UserId) -> Explanation:
        """Everything that is known of a user."""

    async def read_since(self, domain: DomainId, epoch: str, version: int) -> bytes | None:
        """What changed since `version`, as one message of the stream; None: another epoch, read everything."""


class DomainSettings(Struct, frozen=True):
    ringing_is_busy: bool
    users: list[SettingsChanged]
    """Those who differ from the default in anything."""


class PresenceSettingsStore(Protocol):
    """What users set and the domain's rules, in Postgres. Raises `wire.errors.NotFound`, `Unavailable`."""

    async def read(self, domain: DomainId) -> DomainSettings: ...

    async def target(self, domain: DomainId, user: UserId) -> Target:
        """What the permission rule needs to know of a user."""

    async def set_dnd(
        self, domain: DomainId, user: UserId, on: bool, source: SourceId = PORTAL, *, is_echo: bool = False
    ) -> SettingsChanged:
        """Each of these returns all settings of the user, under a revision that is newer than any before.

        Every switch of the domain that takes commands is to be told, but `source`, which knows. What `source` had yet
        to be told is over by its own word; if that `is_echo` (of a command, or a list), only if it says the same.
        """

    async def set_appear_offline(self, domain: DomainId, user: UserId, on: bool) -> SettingsChanged: ...

    async def set_message(self, domain: DomainId, user: UserId, message: str, until_ms: int) -> SettingsChanged: ...

    async def touch(self, domain: DomainId, user: UserId) -> SettingsChanged:
        """The same, after something else that matters changed: List in Directory, scope or site."""
