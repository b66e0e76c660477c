"""Somebody else's program that takes our webhooks: a real server, which believes only what is signed."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.arrivals import Arrivals
from tests.support.serving import serving

TOLERANCE = 300


@dataclass
class Receiver:
    """`secret` as it was printed. It answers `status`, once `lets` is set, to what is rightly signed, else 401."""

    secret: str = ""
    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    lets: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    refused: int = 0
    at_once: int = 0
    most_at_once: int = 0
    arrivals: Arrivals = field(default_factory=Arrivals)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.arrivals.note()
        try:
            await self.lets.wait()
        finally:
            self.at_once -= 1
            self.arrivals.note()
        if not self.is_signed(request, body):
            self.refused += 1
            return Response(status_code=401)
        self.ids.append(request.headers["webhook-id"])
        if self.status < 300:
            self.taken.append(msgspec.json.decode(body))
        return Response(status_code=self.status, headers=self.headers)

    def is_signed(self, request: Request, body: bytes) -> bool:
        """As docs/webhooks.md says how to verify."""
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        sent_at = int(request.headers["webhook-timestamp"])
        signed = f"{request.headers['webhook-id']}.{sent_at}.".encode() + body
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        signatures = request.headers["webhook-signature"].split(" ")
        return abs(time.time() - sent_at) <= TOLERANCE and any(
            hmac.compare_digest(each.removeprefix("v1,"), right) for each in signatures
        )

    async def until(self, holds: Callable[[], object]) -> None:
        await self.arrivals.until(holds)

    # ------------------------------------------------------------ what it knows

    @property
    def colours(self) -> dict[str, str]:
        """By extension, as a program that keeps to the rules comes to know them."""
        known: dict[str, tuple[int, str]] = {}
        for message in self.taken:
            if message["type"] == "presence.changed":
                known = {} if message["data"]["reset"] else known
                for user in message["data"]["users"]:
                    assert user["rev"] > known.get(user["extension"], (-1, ""))[0], "told something older"
                    known[user["extension"]] = (user["rev"], "gone" if user["gone"] else user["colour"])
        return {extension: colour for extension, (_, colour) in known.items() if colour != "gone"}

    @property
    def names(self) -> dict[str, str]:
        known: dict[str, str] = {}
        for message in self.taken:
            if message["type"] == "names.changed":
                known = {} if message["data"]["reset"] else known
                for user in message["data"]["users"]:
                    known[user["extension"]] = "gone" if user["gone"] else f"{user['first_name']} {user['last_name']}"
        return {extension: name for extension, name in known.items() if name != "gone"}

    def told(self, extension: str) -> list[str]:
        """The colours that it was told of somebody, in order."""
        return [
            user["colour"]
            for message in self.taken
            if message["type"] == "presence.changed"
            for user in message["data"]["users"]
            if user["extension"] == extension
        ]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    made.lets.set()
    async with serving(Starlette(routes=[Route("/hook", made.answer, methods=["POST"])])) as url:
        made.url = f"{url}/hook"
        yield made
