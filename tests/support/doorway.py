"""A doorway between a switch and a gateway, in which messages can get lost, and which knows what went through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.http import http_client
from tests.support.serving import serving


class Doorway:
    """`url` is the gateway's address through it. `refusing`: so many batches with events are answered by 422."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self.url = ""
        self.refusing = 0
        self.refused: list[dict[str, Any]] = []
        self.largest = 0
        self.snapshots = 0

    async def pass_on(self, request: Request) -> Response:
        body = await request.body()
        if request.url.path.endswith("/events"):
            self.largest = max(self.largest, len(body))
            if self.refusing:
                batch = msgspec.json.decode(body)
                if batch["events"]:
                    self.refusing -= 1
                    self.refused.append(batch)
                    return Response(b"{}", 422, media_type="application/json")
        else:
            self.snapshots += 1
        headers = {name: request.headers[name] for name in ("authorization", "content-type")}
        answer = await self._http.post(request.url.path, content=body, headers=headers)
        return Response(answer.content, answer.status_code, media_type="application/json")


@asynccontextmanager
async def doorway(url: str) -> AsyncIterator[Doorway]:
    async with http_client(url) as http:
        door = Doorway(http)
        async with serving(Starlette(routes=[Route("/{rest:path}", door.pass_on, methods=["POST"])])) as door.url:
            yield door
