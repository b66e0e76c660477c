"""Where what the switch said goes: the part of presence/service.py that this package needs."""

from collections.abc import Sequence
from typing import Protocol

from presence.facts import AnyFact
from wire.identity import DomainId, SourceId, UserId


class PresenceReports(Protocol):
    """Raises `wire.errors.Unavailable` if a store does not answer; the same report may then be made again."""

    async def report(self, domain: DomainId, facts: Sequence[AnyFact]) -> int:
        """All or nothing. Telling it twice, late or out of order changes nothing that a newer fact has said.

        Returns how many devices and calls snapshots among the facts have put right.
        """

    async def set_dnd(
        self, domain: DomainId, user: UserId, on: bool, *, source: SourceId, is_echo: bool = False
    ) -> None:
        """`is_echo`: no wish of the user, but what the switch was told, or lists."""

    async def dnd_confirmed(self, domain: DomainId, user: UserId) -> None:
        """The switch has carried out what it was told."""
