"""What an operator can see of the live connections. Read from the hub when asked for, so counting costs nothing."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from connections.hub import Hub


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
