"""What probes and operators ask: alive? ready? which version? how much?

/healthz tells whether the process should be restarted, /readyz whether it should get work: a store that is away makes
the second fail, never the first.
"""

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.problems import refusal_response
from wire.codec import PROTOCOL_VERSION
from wire.errors import NotAllowed, NotLoggedIn
from wire.http import Health, Version
from wire.operations import Access, Answer, Ask, Operation

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[None]]
"""Returns if the thing can be used, raises if not."""

CHECK_SECONDS = 2.0


def health_operations(
    version: str, checks: Mapping[str, Check], *, is_draining: Callable[[], bool], deadline: float = CHECK_SECONDS
) -> list[Operation]:
    """`checks` run at the same time, each within `deadline` seconds."""
    readiness = _Readiness(checks, is_draining, deadline)

    async def healthz(_ask: Ask) -> Health:
        return Health(status="ok")

    async def show_version(_ask: Ask) -> Version:
        return Version(version=version, protocol=PROTOCOL_VERSION)

    return [
        Operation(
            name="healthz",
            method="GET",
            path="/healthz",
            summary="Whether this process is alive; asks nothing of any store",
            handler=healthz,
            access=Access.PUBLIC,
            returns=Health,
            tag="probes",
        ),
        Operation(
            name="readyz",
            method="GET",
            path="/readyz",
            summary="Whether this gateway can serve: every store answers, and it is not draining; 503 if not",
            handler=readiness.answer,
            access=Access.PUBLIC,
            returns=Health,
            others={HTTPStatus.SERVICE_UNAVAILABLE: Health},
            tag="probes",
        ),
        Operation(
            name="version",
            method="GET",
            path="/version",
            summary="The versions of this gateway and of its WebSocket protocol",
            handler=show_version,
            access=Access.PUBLIC,
            returns=Version,
            tag="probes",
        ),
    ]


class _Readiness:
    def __init__(self, checks: Mapping[str, Check], is_draining: Callable[[], bool], deadline: float) -> None:
        self._checks = checks
        self._is_draining = is_draining
        self._deadline = deadline

    async def answer(self, _ask: Ask) -> Answer:
        if self._is_draining():
            return Answer(Health(status="failed", checks={"gateway": "draining"}), HTTPStatus.SERVICE_UNAVAILABLE)
        results = await asyncio.gather(*(self._run(name, check) for name, check in self._checks.items()))
        is_ready = all(result == "ok" for result in results)
        health = Health(status="ok" if is_ready else "failed", checks=dict(zip(self._checks, results, strict=True)))
        return Answer(health, HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def _run(self, name: str, check: Check) -> str:
        """In words, but without an error's own text: that may hold addresses, and anybody may ask."""
        try:
            async with asyncio.timeout(self._deadline):
                await check()
        except TimeoutError:
            log.warning("readiness_check_failed", check=name, reason="timeout")
            return f"no answer within {self._deadline:g} s"
        except Exception as error:  # noqa: BLE001 - whatever it is, it means "not ready", and that is the answer
            log.warning("readiness_check_failed", check=name, reason=repr(error))
            return "failed"
        return "ok"


def metrics_route(registry: CollectorRegistry, token: str = "") -> Route:
    """/metrics in Prometheus' format. Without a `token` it is shown to this machine only."""

    async def metrics(request: Request) -> Response:
        if token and not _has_token(request, token):
            return refusal_response(NotLoggedIn("The metrics need their bearer token"))
        if not token and not is_from_here(request):
            return refusal_response(NotAllowed("Without a token, the metrics are shown to this machine only"))
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), media_type=content_type)

    return Route("/metrics", metrics, name="metrics")


def _has_token(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def is_from_here(request: Request) -> bool:
    """Whether the other end is this machine."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
