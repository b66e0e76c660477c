"""A NetSapiens as its API shows it. Written after its documentation; no real one was recorded."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.http import http_client
from tests.support.serving import serving

KEY = "nsd_an-api-key"
BASE = "/ns-api/v2"
WAIT = 30.0


class FakeNetSapiens:
    """`tells` False: things change, and nobody is told. `status`: what every request is answered by, if not 0."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.url = ""
        self.tells = True
        self.status = 0
        self.lists_devices_of_domain = True
        self.users = ["1001", "1002", "1003"]
        self.devices: dict[str, dict[str, Any]] = {}
        self.calls: dict[tuple[str, str], dict[str, Any]] = {}
        self.rules: dict[str, dict[str, dict[str, Any]]] = {
            user: {"*": {"time-frame": "*", "enabled": "yes", "is-active": True, "order": 99}} for user in self.users
        }
        self.subscriptions: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self._changed = asyncio.Condition()

    async def until_asked(self, path: str, *, times: int = 1) -> None:
        """Until this path has been asked for so often from now on."""
        before = sum(asked == path for _, asked in self.requests)
        async with asyncio.timeout(WAIT), self._changed:
            await self._changed.wait_for(lambda: sum(asked == path for _, asked in self.requests) >= before + times)

    # ------------------------------------------------------------ phones

    def register(self, extension: str, device: str = "", *, seconds: float = 60.0) -> str:
        """A phone registers or refreshes. Nobody is told: NetSapiens has no event for it."""
        device = device or extension
        expires = datetime.now(UTC) + timedelta(seconds=seconds)
        self.devices[device] = {
            "device": device,
            "user": extension,
            "domain": self.domain,
            "device-sip-registration-state": "registered",
            "device-sip-registration-contact": f"sip:{device}@192.0.2.4:5060",
            "device-sip-registration-expires-datetime": expires.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "device-sip-registration-expiry-seconds": int(seconds),
            "device-sip-registration-ip-address": "192.0.2.4",
            "device-sip-registration-user-agent": "Deskphone/1.0",
            "device-sip-registration-ignore-for-presence-calculation": "no",
        }
        return device

    def unregister(self, device: str) -> None:
        self.devices[device]["device-sip-registration-state"] = "unregistered"

    async def ring(self, caller: str, callee: str, caller_id: str = "") -> dict[str, Any]:
        """A call begins to ring. Numbers outside have no domain."""
        call: dict[str, Any] = {
            "domain": self.domain,
            "call-orig-call-id": caller_id or secrets.token_hex(8),
            "call-orig-user": caller,
            "call-orig-domain": self.domain if len(caller) == 4 else "",
            "call-orig-request-user": callee,
            "call-term-call-id": secrets.token_hex(8),
            "call-term-user": callee,
            "call-term-domain": self.domain if len(callee) == 4 else "",
            "call-start-datetime": "2026-11-25 20:00:00",
            "call-answer-datetime": "0000-00-00 00:00:00",
            "call-disconnect-datetime": None,
        }
        self.calls[call["call-orig-call-id"], call["call-term-call-id"]] = call
        await self._post("call", call)
        return call

    async def answer(self, call: dict[str, Any]) -> None:
        call["call-answer-datetime"] = "2026-11-25 20:00:09"
        await self._post("call", call)

    async def hang_up(self, call: dict[str, Any]) -> None:
        del self.calls[call["call-orig-call-id"], call["call-term-call-id"]]
        await self._post("call", {**call, "remove": "yes"})

    async def set_dnd(self, extension: str, *, on: bool) -> None:
        """In the user's own NetSapiens portal."""
        for rule in self.rules[extension].values():
            rule["do-not-disturb"] = {"enabled": "yes" if on else "no"}
        await self._post("subscriber", {"user": extension, "domain": self.domain})

    async def _post(self, model: str, record: dict[str, Any]) -> None:
        urls = [each["post-url"] for each in self.subscriptions if each["model"] == model] if self.tells else []
        async with http_client() as http:
            for url in urls:
                await http.post(url, json=[record], headers={"X-Correlation-ID": "id"})

    # ------------------------------------------------------------ the interface

    async def take(self, request: Request) -> Response:
        path = request.url.path.removeprefix(BASE)
        async with self._changed:
            self.requests.append((request.method, path))
            self._changed.notify_all()
        if self.status:
            return Response(status_code=self.status)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _json({"code": 401, "message": "Unauthorized"}, 401)
        body = await request.body()
        content = msgspec.json.decode(body) if body else {}
        found = self._answer(request.method, path.strip("/").split("/"), content)
        if found is None:
            return _json({"code": 404, "message": "Not Found"}, 404)
        if isinstance(found, list):
            start, limit = int(request.query_params.get("start", 0)), int(request.query_params.get("limit", 100))
            return _json(found[start : start + limit])
        return _json(found, 202 if request.method == "PUT" else 200)

    def _answer(self, method: str, path: list[str], content: dict[str, Any]) -> Any:
        match method, path:
            case "GET", ["subscriptions"]:
                return self.subscriptions
            case "POST", ["subscriptions"]:
                self.subscriptions.append({"id": secrets.token_hex(16), "status": "pending", **content})
                return self.subscriptions[-1]
            case _, ["domains", domain, *rest] if domain == self.domain:
                return self._of_domain(method, rest, content)
        return None

    def _of_domain(self, method: str, path: list[str], content: dict[str, Any]) -> Any:
        match method, path:
            case "GET", ["devices"]:
                return list(self.devices.values()) if self.lists_devices_of_domain else None
            case "GET", ["calls"]:
                return list(self.calls.values())
            case "GET", ["users"]:
                return [{"user": user, "name-first-name": "User"} for user in self.users]
            case "GET", ["users", user, "devices"]:
                return [device for device in self.devices.values() if device["user"] == user]
            case "GET", ["users", user, "answerrules"] if user in self.rules:
                return list(self.rules[user].values())
            case "PUT", ["users", user, "answerrules", frame] if frame in self.rules.get(user, {}):
                self.rules[user][frame].update(content)
                return {"code": 202, "message": "Accepted"}
        return None


@asynccontextmanager
async def fake_netsapiens(domain: str) -> AsyncIterator[FakeNetSapiens]:
    server = FakeNetSapiens(domain)
    route = Route(BASE + "/{path:path}", server.take, methods=["GET", "POST", "PUT"])
    async with serving(Starlette(routes=[route])) as url:
        server.url = url + BASE
        yield server


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
