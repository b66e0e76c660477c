"""Refusals as HTTP: the one table from ErrorCode to status, and RFC 9457 problem details."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response
from structlog.contextvars import get_contextvars

from wire.errors import ErrorCode, Refused, SecondFactorRequired
from wire.http import Problem, SecondFactorNeeded

STATUS_OF: Final[Mapping[ErrorCode, HTTPStatus]] = {
    ErrorCode.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.MALFORMED: HTTPStatus.BAD_REQUEST,
    ErrorCode.UNKNOWN_COMMAND: HTTPStatus.BAD_REQUEST,
    ErrorCode.NOT_LOGGED_IN: HTTPStatus.UNAUTHORIZED,
    ErrorCode.WRONG_CREDENTIALS: HTTPStatus.UNAUTHORIZED,
    ErrorCode.SECOND_FACTOR_REQUIRED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.NO_ROOM: HTTPStatus.INSUFFICIENT_STORAGE,
    ErrorCode.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}

HTTP_CODES: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: ErrorCode.MALFORMED,
    HTTPStatus.NOT_FOUND: ErrorCode.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "request_timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ErrorCode.TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
"""The `code` of what goes wrong before any operation is asked. Those that are no ErrorCode exist on HTTP only."""

MEDIA_TYPE: Final = "application/problem+json"

_TITLES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large", HTTPStatus.UNPROCESSABLE_ENTITY: "Invalid Input"}


class HttpRefused(Refused):
    """A refusal that only HTTP knows, e.g. of a media type. `status` is one of HTTP_CODES."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def problem_of(refused: Refused) -> Problem:
    status = refused.status if isinstance(refused, HttpRefused) else STATUS_OF[refused.code]
    code = HTTP_CODES[status] if isinstance(refused, HttpRefused) else refused.code
    return Problem(
        title=title_of(status),
        status=status,
        code=code,
        detail=refused.message,
        field=refused.field,
        retry_after=refused.retry_after,
        request_id=_request_id(),
        second_factor=_second_factor_of(refused),
    )


def _second_factor_of(refused: Refused) -> SecondFactorNeeded | None:
    if not isinstance(refused, SecondFactorRequired):
        return None
    return SecondFactorNeeded(token=refused.token, methods=refused.methods, expires_in=refused.expires_in)


NOTHING_HERE = "There is nothing at this address"


def problem_of_status(status: int, detail: str = "") -> Problem:
    """For what the router or the server finds, where there is no refusal of ours."""
    code = HTTP_CODES.get(status, ErrorCode.INTERNAL if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused")
    return Problem(title=title_of(status), status=status, code=code, detail=detail, request_id=_request_id())


def response_of(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    response = Response(msgspec.json.encode(problem), problem.status, headers, MEDIA_TYPE)
    if problem.retry_after is not None:
        # The header takes whole seconds only; coming back a little late is better than too early.
        response.headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refusal_response(refused: Refused) -> Response:
    return response_of(problem_of(refused))


def internal_error_response() -> Response:
    """Says nothing about the fault but the number under which it is in our log."""
    detail = "Something went wrong on our side. It has been logged under this request's id."
    return response_of(problem_of_status(HTTPStatus.INTERNAL_SERVER_ERROR, detail))


def title_of(status: int) -> str:
    return _TITLES.get(HTTPStatus(status)) or HTTPStatus(status).phrase


def _request_id() -> str:
    return str(get_contextvars().get("request_id", ""))
