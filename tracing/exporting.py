"""Where spans go: by OTLP over HTTP, in batches, by a thread of the SDK's. The SDK's own variables (OTEL_*) count."""

import asyncio

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer, get_current_span
from structlog.typing import EventDict, WrappedLogger

SERVICE = "presence-gateway"
_TRACES = "/v1/traces"


class Tracing:
    """`endpoint`: of a collector, without the path of its signal. `gateway` names this process."""

    def __init__(self, endpoint: str, gateway: str, version: str) -> None:
        about = {SERVICE_NAME: SERVICE, SERVICE_INSTANCE_ID: gateway, SERVICE_VERSION: version}
        self._provider = TracerProvider(resource=Resource.create(about))
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + _TRACES)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self.tracer: Tracer = self._provider.get_tracer(SERVICE, version)

    async def close(self) -> None:
        """Sends what has not gone yet, for as long as the SDK is willing to wait."""
        await asyncio.to_thread(self._provider.shutdown)


def add_trace_ids(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """For the log: in which trace a line was written."""
    at = get_current_span().get_span_context()
    if not at.is_valid:
        return event
    return {**event, "trace_id": f"{at.trace_id:032x}", "span_id": f"{at.span_id:016x}"}
