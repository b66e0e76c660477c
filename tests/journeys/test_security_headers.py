"""Every address, asked by nobody, by somebody and wrongly: no answer comes without what keeps browsers from harm."""

import asyncio
import json
import re
from contextlib import suppress

import httpx2
import pytest

from cli.operations import all_operations
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from wire.operations import Operation

FOR_OTHER_SITES = ["/embed.js"]
PAGES = ["/", "/app", "/app/profile", "/docs", "/openapi.json", "/metrics", "/mails", "/nothing/here", *FOR_OTHER_SITES]
ENDS_THE_LOGIN = {"log_out", "end_other_sessions", "end_mask"}


def check(response: httpx2.Response) -> None:
    headers = response.headers
    where = f"{response.request.method} {response.request.url.path}: {response.status_code} {dict(headers)}"
    assert response.status_code < 500, where
    assert headers["x-content-type-options"] == "nosniff", where
    assert headers["referrer-policy"] in ("same-origin", "no-referrer"), where
    rules = [each.split() for each in headers["content-security-policy"].split(";")]
    policy = {name: " ".join(rest) for name, *rest in rules}
    assert policy["default-src"] in ("'none'", "'self'"), where
    assert policy["frame-ancestors"] in ("'none'", "'self'"), where
    assert "unsafe-eval" not in headers["content-security-policy"], where
    assert "script-src" not in policy or "unsafe-inline" not in policy["script-src"], where
    assert headers["x-request-id"], where
    assert "cache-control" in headers, where
    assert "server" not in headers, where
    if response.request.url.path not in FOR_OTHER_SITES:
        assert "access-control-allow-origin" not in headers, "no other site was allowed"
    for cookie in headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie, where
        assert "SameSite" in cookie, where


def addresses(operation: Operation) -> tuple[str, str]:
    return operation.method, re.sub(r"\{\w+\}", "1", operation.path)


async def test_no_answer_to_any_operation_is_without_its_headers(people: People, gateway: GatewayProcess) -> None:
    token = await people.token(await people.add("1001"))
    operations = [each for each in all_operations() if each.name not in ENDS_THE_LOGIN]
    assert len(operations) > 90
    async with http_client(gateway.url) as http:
        for operation in operations:
            method, path = addresses(operation)
            check(await http.request(method, path))
            check(await http.request(method, path, content=b"{", headers={"Authorization": f"Bearer {token}"}))
            check(await http.request("OPTIONS", path, headers={"Origin": "https://elsewhere.test"}))


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_is_without_its_headers(gateway: GatewayProcess, path: str) -> None:
    async with http_client(gateway.url) as http:
        check(await http.get(path))


async def test_what_is_no_readable_http_is_answered_like_everything_else(gateway: GatewayProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /v1/presence?users=" + b"1" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(30):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        # Not to the end: what was sent and not read makes that a reset.
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    request = httpx2.Request("GET", f"{gateway.url}/v1/presence")
    check(httpx2.Response(int(status.split()[1]), headers=headers, request=request))
    assert (headers["content-type"], body["code"], body["status"]) == ("application/problem+json", "malformed", 400)
