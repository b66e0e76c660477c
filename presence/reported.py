"""What people reported of themselves through this gateway, so that it can be said again if the store forgets. Pure.

A switch is asked for its list again and sessions are counted anew, but a softphone in a browser says only every minute
that it is registered: a store that was emptied would show its owner wrongly for so long.
"""

from collections.abc import Collection, Sequence

import msgspec

from presence.facts import PORTAL, AnyFact, CallChanged, DeviceDown, DeviceUp
from wire.commands import CallPhase
from wire.identity import DomainId, UserId

AT_MOST = 20_000
"""Facts of one domain; beyond that the oldest are left to their own next refresh."""

Key = tuple[UserId, str, str]


class Reported:
    """Times are in milliseconds of any clock that does not step back."""

    def __init__(self) -> None:
        self._domains: dict[DomainId, dict[Key, tuple[DeviceUp | CallChanged, int]]] = {}

    def note(self, domain: DomainId, facts: Sequence[AnyFact], now_ms: int) -> None:
        for fact in facts:
            match fact:
                case DeviceUp(source=source, device=device, ttl_ms=ttl_ms) if source == PORTAL:
                    self._keep(domain, (fact.user, "device", device), fact, now_ms + ttl_ms)
                case DeviceDown(source=source, device=device) if source == PORTAL:
                    self._drop(domain, (fact.user, "device", device))
                case CallChanged(source=source, call=call, phase=CallPhase.ENDED) if source == PORTAL:
                    self._drop(domain, (fact.user, "call", call))
                case CallChanged(source=source, call=call, ttl_ms=ttl_ms) if source == PORTAL:
                    self._keep(domain, (fact.user, "call", call), fact, now_ms + ttl_ms)
                case _:
                    pass  # a switch says its own again

    def _keep(self, domain: DomainId, key: Key, fact: DeviceUp | CallChanged, ends_ms: int) -> None:
        known = self._domains.setdefault(domain, {})
        known.pop(key, None)
        known[key] = (fact, ends_ms)
        if len(known) > AT_MOST:
            del known[next(iter(known))]

    def _drop(self, domain: DomainId, key: Key) -> None:
        self._domains.get(domain, {}).pop(key, None)

    def again(self, domain: DomainId, users: Collection[UserId], now_ms: int) -> list[AnyFact]:
        """What still holds of these users, with what is left of its time; forgets what is over."""
        known = self._domains.pop(domain, {})
        holding = {key: kept for key, kept in known.items() if kept[1] > now_ms}
        if holding:
            self._domains[domain] = holding
        return [
            msgspec.structs.replace(fact, ttl_ms=ends_ms - now_ms)
            for key, (fact, ends_ms) in holding.items()
            if key[0] in users
        ]
