"""Who may come in, when everybody comes at once: bounded numbers of strangers, of starts under way, of connections.

Whoever is sent away is told when to come back: later the more are waiting, and each after a time of its own.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from connections.dispatch import Dispatcher, Kind
from wire.identity import DomainId
from wire.networks import network_of
from wire.turns import Turns

STARTS_AT_ONCE = 32
"""Connections that get their starting state at the same time: some ten milliseconds of work for those who are in."""
MOST_WAITING = 2_000
"""For their starting state; each holds some 25 KiB meanwhile."""
STRANGERS = 4_000
"""Connections that have not said who they are."""
BACK_IF_FULL = 60.0
"""Seconds after which it is worth looking whether somebody has left."""
MOST_AWAY = 90.0


class SentAway(Exception):
    """`why`: of what there are too many. `after`: seconds, by chance already."""

    def __init__(self, why: str, after: float) -> None:
        super().__init__(why)
        self.why = why
        self.after = after


class Admission:
    """`per_domain`, `per_address`: connections that are logged in, on this gateway; 0: no limit. `proxies`: addresses
    that stand for everybody behind them, where clients' own are not told.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        per_domain: int = 0,
        per_address: int = 0,
        proxies: Collection[str] = (),
        strangers: int = STRANGERS,
        starts: Turns[DomainId] | None = None,
    ) -> None:
        self._per_domain = per_domain
        self._per_address = per_address
        self._proxies = frozenset(proxies)
        self._most_strangers = strangers
        self.starts: Turns[DomainId] = starts or Turns(STARTS_AT_ONCE, MOST_WAITING, clock)
        self.strangers = 0
        self._by_network: Counter[str] = Counter()
        self.sent_away: Counter[str] = Counter()

    def stranger_came(self) -> None:
        """Has to be followed by `stranger_is_gone`. Raises `SentAway`."""
        if self.strangers >= self._most_strangers:
            raise self._away("strangers", self.starts.expected_wait())
        self.strangers += 1

    def stranger_is_gone(self) -> None:
        """Logged in, or away."""
        self.strangers -= 1

    def check_domain(self, connections: int) -> None:
        """Raises `SentAway` if the domain has as many as it may have."""
        if self._per_domain and connections >= self._per_domain:
            raise self._away("domain", BACK_IF_FULL)

    def enter(self, address: str) -> str:
        """Counts a connection; what is returned has to be given to `leave`. Raises `SentAway`."""
        if not self._per_address or not address or address in self._proxies:
            return ""
        network = network_of(address)
        if self._by_network[network] >= self._per_address:
            raise self._away("address", BACK_IF_FULL)
        self._by_network[network] += 1
        return network

    def leave(self, network: str) -> None:
        if network:
            self._by_network[network] -= 1
            if not self._by_network[network]:
                del self._by_network[network]

    def too_many_wait(self, retry_after: float) -> SentAway:
        return self._away("queue", retry_after)

    def _away(self, why: str, expected: float) -> SentAway:
        self.sent_away[why] += 1
        return SentAway(why, min(expected * random.uniform(1.0, 2.0), MOST_AWAY))  # noqa: S311


class AdmissionMetrics(Collector):
    """What waits and who is sent away, by the kind of limit and never by name."""

    def __init__(self, admission: Admission, dispatcher: Dispatcher, registry: CollectorRegistry) -> None:
        self._admission = admission
        self._dispatcher = dispatcher
        registry.register(self)

    def collect(self) -> "list[Metric]":
        waiting = GaugeMetricFamily("presence_waiting", "What waits for its turn on this gateway", labels=["what"])
        waiting.add_metric(["start"], self._admission.starts.waiting)
        waiting.add_metric(["command"], self._dispatcher.turns.waiting + self._dispatcher.change_turns.waiting)
        waiting.add_metric(["stranger"], self._admission.strangers)
        away = CounterMetricFamily(
            "presence_sent_away", "Connections that were told to come back later, by the limit", labels=["limit"]
        )
        for limit in ("strangers", "queue", "domain", "address"):
            away.add_metric([limit], self._admission.sent_away[limit])
        refused = CounterMetricFamily(
            "presence_commands_refused", "Commands for which somebody, or a domain, was too fast", labels=["kind"]
        )
        for kind in Kind:
            refused.add_metric([kind], self._dispatcher.refused[kind])
        return [waiting, away, refused]
