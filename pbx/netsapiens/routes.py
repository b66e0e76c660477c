"""Where NetSapiens posts what happens. It signs nothing: a secret in the path says that it is it."""

import hmac
from collections.abc import Callable, Sequence

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pbx.adapter.routes import read_body
from pbx.netsapiens.records import Record

log = structlog.get_logger(__name__)

PREFIX = "/netsapiens"
MAX_POST_BYTES = 4 * 1_048_576

_decode = msgspec.json.Decoder().decode


def webhook_routes(secret: str, take: Callable[[str, Sequence[Record]], None]) -> list[Route]:
    """`take(model, records)` gets what came, and it is answered by 200: what is not understood now never will be."""

    async def posted(request: Request) -> Response:
        if not hmac.compare_digest(request.path_params["secret"].encode(), secret.encode()):
            log.warning("netsapiens_post_refused")
            return Response(status_code=404)
        try:
            content = _decode(await read_body(request, MAX_POST_BYTES))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return Response(status_code=400)
        records = content if isinstance(content, list) else [content]
        take(request.path_params["model"], [record for record in records if isinstance(record, dict)])
        return Response(status_code=200)

    return [Route(f"{PREFIX}/{{secret}}/{{model}}", posted, methods=["POST"])]
