"""What takes traces over HTTP, as a collector does, and keeps the spans."""

import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.serving import serving


class KeptSpan(Struct, frozen=True):
    """`parent`: empty for the first one of a trace. `gateway`: which process told it."""

    name: str
    trace: str
    span: str
    parent: str
    gateway: str
    about: dict[str, object]


class Collector:
    def __init__(self) -> None:
        self.url = ""
        self.spans: list[KeptSpan] = []

    async def take(self, request: Request) -> Response:
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        taken = ExportTraceServiceRequest.FromString(body)
        for resource in taken.resource_spans:
            gateway = str(_values(resource.resource.attributes)["service.instance.id"])
            self.spans += [
                KeptSpan(
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    gateway,
                    _values(span.attributes),
                )
                for scope in resource.scope_spans
                for span in scope.spans
            ]
        return Response(b"", media_type="application/x-protobuf")

    def named(self, name: str) -> Sequence[KeptSpan]:
        return [each for each in self.spans if each.name == name]


def _values(attributes: object) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in attributes:  # type: ignore[attr-defined]
        kind = each.value.WhichOneof("value")
        found[each.key] = getattr(each.value, kind)
    return found


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()
    routes = [Route("/v1/traces", collector.take, methods=["POST"])]
    async with serving(Starlette(routes=routes)) as collector.url:
        yield collector
