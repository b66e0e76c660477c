"""The parts of a gateway that tell traces, in place of those that do not (gateway.py: Parts)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from opentelemetry.trace import Tracer

from tracing.commands import TracedDispatcher
from tracing.fan_out import TracedBus
from tracing.stores import TracedChatStore, TracedPresenceStore
from tracing.switches import TracedSwitches


def traced_parts(tracer: Tracer) -> dict[str, Callable[..., Any]]:
    return {
        "bus": partial(TracedBus, tracer),
        "chat_store": partial(TracedChatStore, tracer),
        "dispatcher": partial(TracedDispatcher, tracer),
        "presence_store": partial(TracedPresenceStore, tracer),
        "switches": partial(TracedSwitches, tracer),
    }
