"""A switch that takes commands, as a real server, with a will of its own about how it answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.serving import serving


class CommandedSwitch:
    """`taken` is what it was told, in order, as (path, body). It answers `status`; not before `lets` is set."""

    def __init__(self) -> None:
        self.url = ""
        self.token = "the token"
        self.status = 200
        self.headers: dict[str, str] = {}
        self.lets = asyncio.Event()
        self.lets.set()
        self.asked = 0
        self.tokens: set[str] = set()
        self.taken: list[tuple[str, dict[str, Any]]] = []

    async def answer(self, request: Request) -> Response:
        body = msgspec.json.decode(await request.body())
        self.asked += 1
        self.tokens.add(request.headers.get("authorization", ""))
        await self.lets.wait()
        self.taken.append((request.url.path, body))
        return Response(status_code=self.status, headers=self.headers)

    @property
    def wishes(self) -> list[bool]:
        return [body["on"] for path, body in self.taken if path == "/dnd"]


@asynccontextmanager
async def commanded_switch() -> AsyncIterator[CommandedSwitch]:
    switch = CommandedSwitch()
    async with serving(Starlette(routes=[Route("/{what}", switch.answer, methods=["PUT"])])) as switch.url:
        yield switch
