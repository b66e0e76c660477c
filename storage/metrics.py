"""What an operator can see of both stores from this gateway. Read when asked for, so counting costs nothing."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from storage.postgres.pool import Pool
from storage.postgres.timeline import DatabaseTimeline
from storage.redis.bus import RedisBus
from storage.redis.presence import RedisPresenceStore


class PresenceMetrics(Collector):
    def __init__(self, store: RedisPresenceStore, registry: CollectorRegistry) -> None:
        self._store = store
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        left_out = CounterMetricFamily(
            "presence_left_out",
            "Devices and calls that gave way to newer ones, more being reported of a user than is kept",
            labels=["kind"],
        )
        left_out.add_metric(["device"], self._store.devices_left_out)
        left_out.add_metric(["call"], self._store.calls_left_out)
        yield left_out
        yield CounterMetricFamily(
            "presence_redis_clock_jumps",
            "Times that the clock of Redis was put forward or back, counted for each domain",
            value=self._store.clock_jumps,
        )


class StoreMetrics(Collector):
    def __init__(self, pool: Pool, timeline: DatabaseTimeline, bus: RedisBus, registry: CollectorRegistry) -> None:
        self._pool = pool
        self._timeline = timeline
        self._bus = bus
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        connected = GaugeMetricFamily(
            "presence_bus_connected", "Whether this gateway hears what is published on the Redis node", labels=["node"]
        )
        round_trip = GaugeMetricFamily(
            "presence_bus_round_trip_seconds",
            "From publishing to hearing it here, at the newest probe",
            labels=["node"],
        )
        for reader in self._bus.readers():
            node = reader.shard.host or "redis"
            connected.add_metric([node], float(reader.is_connected))
            round_trip.add_metric([node], reader.round_trip)
        yield connected
        yield round_trip
        yield CounterMetricFamily(
            "presence_bus_losses", "Times that a subscription ended or went silent", value=self._bus.losses
        )
        yield GaugeMetricFamily(
            "presence_bus_untold_domains",
            "Domains in which something could not be announced, and nobody was told so yet",
            value=self._bus.untold,
        )
        yield from self._database()

    def _database(self) -> Iterator[Metric]:
        size, idle = self._pool.get_size(), self._pool.get_idle_size()
        yield GaugeMetricFamily("presence_database_connections", "Open connections to PostgreSQL", value=size)
        yield GaugeMetricFamily(
            "presence_database_connections_busy", "Those of them that do something", value=size - idle
        )
        yield GaugeMetricFamily(
            "presence_database_connections_limit", "How many there may be", value=self._pool.get_max_size()
        )
        yield CounterMetricFamily(
            "presence_database_timeline_changes",
            "Times that another database took over, so that everybody had to start over",
            value=self._timeline.changes,
        )
