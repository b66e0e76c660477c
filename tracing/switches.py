"""Spans for what telephone switches post."""

from typing import Any

from opentelemetry.trace import Tracer

from pbx.model import Source
from pbx.reading import ReadBatch
from pbx.service import SwitchService
from wire.ingest import BatchTaken


class TracedSwitches(SwitchService):
    def __init__(self, tracer: Tracer, *parts: Any) -> None:
        super().__init__(*parts)
        self._tracer = tracer

    async def take_batch(self, source: Source, read: ReadBatch) -> BatchTaken:
        with self._tracer.start_as_current_span("take batch") as span:
            taken = await super().take_batch(source, read)
            span.set_attribute("presence.source", source.name)
            span.set_attribute("presence.events", len(read.told))
            span.set_attribute("presence.applied", taken.applied)
            return taken
