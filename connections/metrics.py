"""What an operator can see of the live connections. Read from the hub when asked for, so counting costs nothing."""

from collections.abc import Iterator, Sequence
from heapq import nlargest

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from connections.channel import Channel
from connections.hub import Hub

BUSIEST = 20
"""Domains that are shown by themselves: a name is a label, and there may be thousands of them."""


class GatewayMetrics(Collector):
    def __init__(self, hub: Hub, registry: CollectorRegistry) -> None:
        self._hub = hub
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        channels = self._hub.channels()
        yield GaugeMetricFamily(
            "presence_connections", "Open WebSockets on this gateway", value=sum(len(c.sessions) for c in channels)
        )
        yield GaugeMetricFamily("presence_domains", "Domains that this gateway follows", value=len(channels))
        yield CounterMetricFamily(
            "presence_deliveries", "Frames written straight to sockets", value=self._hub.deliveries
        )
        yield CounterMetricFamily(
            "presence_heals", "Times a domain was read again because something was missed", value=self._hub.heals
        )
        yield GaugeMetricFamily(
            "presence_event_loop_late_seconds",
            "By how much the newest of our beats, one a second, came too late: what everything else waits, too",
            value=self._hub.late,
        )
        yield from self._queues(channels)
        yield from self._by_domain(channels)

    def _queues(self, channels: Sequence[Channel]) -> Iterator[Metric]:
        slow = [each for channel in channels for each in channel.sessions if each.blocked_since]
        yield GaugeMetricFamily(
            "presence_slow_connections", "Connections whose clients do not read what was sent", value=len(slow)
        )
        yield GaugeMetricFamily(
            "presence_queued_bytes",
            "What waits in this process for them",
            value=sum(each.queued_bytes for each in slow),
        )

    def _by_domain(self, channels: Sequence[Channel]) -> Iterator[Metric]:
        connections = GaugeMetricFamily(
            "presence_domain_connections", "Open WebSockets of the domains that have most of them", labels=["domain"]
        )
        for channel in nlargest(BUSIEST, channels, key=lambda each: len(each.sessions)):
            connections.add_metric([channel.domain], len(channel.sessions))
        yield connections
        deliveries = CounterMetricFamily(
            "presence_domain_deliveries",
            "Frames written straight to sockets, of the domains with most of them",
            labels=["domain"],
        )
        for channel in nlargest(BUSIEST, channels, key=lambda each: each.deliveries):
            deliveries.add_metric([channel.domain], channel.deliveries)
        yield deliveries
