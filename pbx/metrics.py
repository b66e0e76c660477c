"""What an operator can see of the switches."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from pbx.model import Command
from pbx.sequence import Position
from wire.identity import SourceId
from wire.ingest import BatchTaken, SnapshotTaken


class SwitchMetrics:
    """Names of sources are labels only once the source has proven to be one: they are without end otherwise."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter(
            "presence_switch_events", "Events by what became of them", ["source", "outcome"], registry=registry
        )
        self._unknown_fields = Counter(
            "presence_switch_unknown_fields",
            "Fields of events that were passed over: a newer switch, or a misspelt name",
            ["source"],
            registry=registry,
        )
        self._batches = Counter(
            "presence_switch_batches",
            "Batches; those without events are heartbeats",
            ["source", "kind"],
            registry=registry,
        )
        self._resyncs = Counter(
            "presence_switch_resyncs_wanted", "Answers that ask for a snapshot", ["source"], registry=registry
        )
        self._snapshots = Counter("presence_switch_snapshots", "Snapshots applied", ["source"], registry=registry)
        self._refused = Counter(
            "presence_switch_refused", "Messages of which nothing was taken", ["reason"], registry=registry
        )
        self._corrections = Counter(
            "presence_switch_corrections",
            "Devices and calls that a snapshot had to put right",
            ["source"],
            registry=registry,
        )
        self._losses = Counter(
            "presence_switch_losses", "Times that events were missing", ["source"], registry=registry
        )
        self._starts = Counter("presence_switch_starts", "New epochs of the source", ["source"], registry=registry)
        self._skew = Gauge(
            "presence_switch_clock_skew_seconds",
            "Our clock minus the switch's, delays included",
            ["source"],
            registry=registry,
        )
        self._heard = Gauge(
            "presence_switch_heard_timestamp_seconds",
            "When this gateway last heard the source",
            ["source"],
            registry=registry,
        )

    def batch_taken(self, source: str, taken: BatchTaken, *, events: int) -> None:
        self._batches.labels(source, "events" if events else "heartbeat").inc()
        for outcome in ("applied", "repeated", "unknown", "bad", "ignored", "foreign"):
            self._events.labels(source, outcome).inc(getattr(taken, outcome))
        self._unknown_fields.labels(source).inc(taken.unknown_fields)
        if taken.resync:
            self._resyncs.labels(source).inc()

    def snapshot_taken(self, source: str, taken: SnapshotTaken) -> None:
        self._snapshots.labels(source).inc()
        self._events.labels(source, "bad").inc(taken.bad)
        self._events.labels(source, "ignored").inc(taken.ignored)
        self._events.labels(source, "foreign").inc(taken.foreign)
        self._corrections.labels(source).inc(taken.corrected)

    def moved(self, source: str, before: Position, after: Position) -> None:
        """What a message did to how far the source has been heard."""
        if before.epoch != after.epoch:
            self._starts.labels(source).inc()
        elif before.synced and not after.synced:
            self._losses.labels(source).inc()

    def heard(self, source: str, *, sent_at: float, now: float) -> None:
        self._skew.labels(source).set(now - sent_at)
        self._heard.labels(source).set(now)

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()


class CommandMetrics:
    """What switches are told. `waiting` is the same on every gateway, since all look at the same store."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._told = Counter(
            "presence_switch_commands",
            "Commands by what became of them",
            ["source", "kind", "outcome"],
            registry=registry,
        )
        self._waiting = Gauge(
            "presence_switch_commands_waiting",
            "Commands that a switch has yet to hear or to confirm",
            ["source"],
            registry=registry,
        )
        self._oldest = Gauge(
            "presence_switch_commands_oldest_seconds",
            "Since when the oldest of them waits",
            ["source"],
            registry=registry,
        )
        self._shown: set[SourceId] = set()

    def told(self, command: Command, outcome: str) -> None:
        self._told.labels(command.source, command.kind.value, outcome).inc()

    def waiting(self, by_source: Mapping[SourceId, tuple[int, float]]) -> None:
        for source, (count, oldest) in by_source.items():
            self._waiting.labels(source).set(count)
            self._oldest.labels(source).set(oldest)
        for source in self._shown - by_source.keys():
            self._waiting.labels(source).set(0)
            self._oldest.labels(source).set(0)
        self._shown |= by_source.keys()
