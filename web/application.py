"""The ASGI application: routes, and what stands around all of them. Called by gateway.py and by tests."""

from collections.abc import Collection, Sequence

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Lifespan

from web.listeners import SwitchesApart
from web.problems import NOTHING_HERE, problem_of_status, refusal_response, response_of
from web.requests import RequestMeasures, RequestMiddleware
from wire.errors import Refused

_CORS_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CORS_REQUEST_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID")
_CORS_RESPONSE_HEADERS = ("ETag", "Retry-After", "X-Request-ID")
_CORS_SECONDS = 600


def make_application(
    routes: Sequence[BaseRoute],
    *,
    registry: CollectorRegistry,
    allowed_origins: Collection[str] = (),
    switch_port: int | None = None,
    lifespan: Lifespan[Starlette] | None = None,
    around: Sequence[Middleware] = (),
) -> Starlette:
    """`allowed_origins`: other sites whose pages may call us and read the answers, with a token and never with cookies.

    `switch_port`: where telephone switches come in, apart from everybody else. `around`: goes around all of it.
    """
    middleware = [*around, Middleware(RequestMiddleware, RequestMeasures(registry))]
    if allowed_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=tuple(allowed_origins),
                allow_methods=_CORS_METHODS,
                allow_headers=_CORS_REQUEST_HEADERS,
                expose_headers=_CORS_RESPONSE_HEADERS,
                max_age=_CORS_SECONDS,
            )
        )
    if switch_port is not None:
        middleware.append(Middleware(SwitchesApart, switch_port))
    application = Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={HTTPException: _on_http_exception, Refused: _on_refused},
        lifespan=lifespan,
    )
    # A redirect would be made of the Host header, and would hide a client's wrong address from its author.
    application.router.redirect_slashes = False
    return application


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    """What the router finds: no such address, or not with this method."""
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    details = {404: NOTHING_HERE, 405: f"This address takes {headers.get('Allow', 'nothing')}"}
    return response_of(problem_of_status(error.status_code, details.get(error.status_code, "")), headers)


async def _on_refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return refusal_response(error)
