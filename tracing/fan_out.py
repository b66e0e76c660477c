"""Spans for what is announced, and for its fan-out on each gateway, in the trace of the command that it came of.

The trace travels in front of the event, as one more element of the announcement: gateways that do not know it pass it
over. Colours have none: many changes become one, and what a gateway tells is what is newest by then.
"""

from typing import Any

import msgspec
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import SpanKind, Tracer

from storage.redis.bus import RedisBus
from wire.announce import Announcement, Follower

_TRACE = "traceparent"


class _Traced(Announcement, frozen=True, array_like=True):
    trace: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Traced).decode


class TracedBus(RedisBus):
    def __init__(self, tracer: Tracer, *parts: Any) -> None:
        super().__init__(*parts)
        self._tracer = tracer

    def _head_of(self, announcement: Announcement) -> bytes:
        with self._tracer.start_as_current_span("announce", kind=SpanKind.PRODUCER):
            carrier: dict[str, str] = {}
            inject(carrier)
            trace = carrier.get(_TRACE, "")
            return _encode(_Traced(announcement.to, announcement.is_private, announcement.shown_in, trace))

    def _deliver_announcement(self, follower: Follower, head: bytes, event: bytes) -> None:
        announcement = _decode(head)
        if not announcement.trace:
            super()._deliver_announcement(follower, head, event)
            return
        came_of = extract({_TRACE: announcement.trace})
        with self._tracer.start_as_current_span("fan out", came_of, kind=SpanKind.CONSUMER) as span:
            span.set_attribute("presence.to", len(announcement.to) if announcement.to is not None else "everybody")
            super()._deliver_announcement(follower, head, event)
