"""A provider of text messages, on loopback, as docs/sms.md wants it."""

import time
from typing import Any

import httpx2
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chat.sms.signing import HEADER, is_signed, sign
from tests.support.arrivals import Arrivals
from tests.support.http import http_client

SECRET = "a secret of both"


class FakeProvider:
    """`sent` in order, each id once. `status`: what it answers instead of taking a message."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.asked = 0
        self.status = 202
        self.arrivals = Arrivals()
        self.application = Starlette(routes=[Route("/messages", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        self.asked += 1
        assert is_signed(SECRET, body, request.headers[HEADER], time.time())
        sms = msgspec.json.decode(body)
        assert request.headers["Idempotency-Key"] == sms["id"]
        if self.status < 300 and sms["id"] not in {each["id"] for each in self.sent}:
            self.sent.append(sms)
            self.arrivals.note()
        return Response(status_code=self.status)

    async def tells(self, url: str, event: dict[str, Any], *, secret: str = SECRET, at: float = 0) -> httpx2.Response:
        body = msgspec.json.encode(event)
        headers = {HEADER: sign(secret, body, at or time.time()), "Content-Type": "application/json"}
        async with http_client(url) as http:
            return await http.post("/v1/sms/events", content=body, headers=headers)
