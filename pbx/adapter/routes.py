"""The adapter's own door: commands of the gateway come in, and whoever asks hears how it is."""

import hmac
from collections.abc import Callable, Mapping, Sequence

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pbx.adapter.commands import Commands
from pbx.adapter.errors import LineLost, LineRefused, NotPossible
from wire.ingest import DndCommand, ProfileCommand

log = structlog.get_logger(__name__)

MAX_COMMAND_BYTES = 16_384
RETRY_SECONDS = "5"

_decode_dnd = msgspec.json.Decoder(DndCommand).decode
_decode_profile = msgspec.json.Decoder(ProfileCommand).decode


def make_door(
    commands: Commands, token: str, health: Callable[[], Mapping[str, object]], more: Sequence[Route] = ()
) -> Starlette:
    """`PUT /dnd` and `/profile` with the token that the gateway shows; `GET /healthz` for anybody; and `more`."""

    async def take(request: Request, decode: Callable[[bytes], DndCommand | ProfileCommand]) -> Response:
        if not _is_ours(request, token):
            return _problem(401, "This is not the token for commands")
        try:
            command = decode(await read_body(request, MAX_COMMAND_BYTES))
        except msgspec.DecodeError as error:
            return _problem(422, str(error))
        try:
            await commands.take(command)
        except LineLost as error:
            return _problem(503, str(error), {"Retry-After": RETRY_SECONDS})
        except (NotPossible, LineRefused) as error:
            log.warning("command_not_possible", user=command.user, reason=str(error))
            return _problem(422, str(error))
        return Response(status_code=204)

    async def take_dnd(request: Request) -> Response:
        return await take(request, _decode_dnd)

    async def take_profile(request: Request) -> Response:
        return await take(request, _decode_profile)

    async def tell_health(_request: Request) -> Response:
        told = health()
        is_well = told["line"] == "up" and told["gateway"] == "ok"
        return Response(msgspec.json.encode(told), 200 if is_well else 503, media_type="application/json")

    return Starlette(
        routes=[
            Route("/dnd", take_dnd, methods=["PUT"]),
            Route("/profile", take_profile, methods=["PUT"]),
            Route("/healthz", tell_health, methods=["GET"]),
            *more,
        ]
    )


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body. Raises 413 as soon as there is more of it."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise HTTPException(413)
    return bytes(body)


def _is_ours(request: Request, token: str) -> bool:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.encode(), token.encode())


def _problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = msgspec.json.encode({"status": status, "detail": detail})
    return Response(body, status, headers, "application/problem+json")
