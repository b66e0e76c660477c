"""Around every HTTP request: its id, its line in the log, its measurements, its last resort, its headers.

Outermost of all middleware, so that nothing is answered without them.
"""

import re
import time
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from web.problems import internal_error_response

log = structlog.get_logger(__name__)

DEFAULT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""What an answer has unless it says otherwise: right for data; pages bring their own."""

QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/portal/", "/ingest/")
"""Asked for all the time, and measured anyway: only logged when debugging, or when they fail."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMeasures:
    """Counts and times by route, never by address: addresses hold ids, and are without end."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count = Counter(
            "presence_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "presence_http_request_seconds",
            "From the request's first byte to its answer's last",
            ["route"],
            registry=registry,
            buckets=_SECONDS,
        )

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        self._count.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class RequestMiddleware:
    """WebSockets pass through: they have ids, logs and measurements of their own."""

    def __init__(self, app: ASGIApp, measures: RequestMeasures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        before = get_contextvars()
        request_id = _request_id_of(scope)
        bind_contextvars(request_id=request_id)
        try:
            await _Exchange(self._app, self._measures, request_id).run(scope, receive, send)
        finally:
            clear_contextvars()
            bind_contextvars(**before)


class _Exchange:
    """One request and its answer."""

    def __init__(self, app: ASGIApp, measures: RequestMeasures, request_id: str) -> None:
        self._app = app
        self._measures = measures
        self._request_id = request_id
        self._status = 0

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = self._request_id
                for name, value in DEFAULT_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            log.debug("http_client_left")
        except Exception:
            log.exception("http_request_failed", method=scope["method"], route=_route_of(scope))
            if not self._status:
                await internal_error_response()(scope, receive, send_with_headers)
        finally:
            self._record(scope, time.perf_counter() - started)

    def _record(self, scope: Scope, seconds: float) -> None:
        if not self._status:
            return
        route = _route_of(scope)
        self._measures.add(scope["method"], route, self._status, seconds)
        quiet = self._status < 400 and scope["path"].startswith(QUIET_PATHS)
        say = log.debug if quiet else log.info
        milliseconds = round(seconds * 1_000, 1)
        say("http_request", method=scope["method"], route=route, status=self._status, milliseconds=milliseconds)


def _route_of(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unmatched")


def _request_id_of(scope: Scope) -> str:
    """A proxy's or client's own id, if it is harmless in a log and a header; else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex
