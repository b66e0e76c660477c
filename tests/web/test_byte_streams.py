"""Operations that take and give bytes instead of JSON, over a real HTTP server."""

import asyncio
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from tests.support.http import http_client
from tests.support.serving import serving
from tests.web.support import TOKEN, Tokens
from web import decoding
from web.application import make_application
from web.routes import make_routes
from wire.errors import NotFound
from wire.http import Problem
from wire.operations import Answer, Ask, Content, Operation

BEARER = {"Authorization": f"Bearer {TOKEN}"}
MOST = 100_000


async def echo(ask: Ask) -> Answer:
    assert ask.stream is not None
    whole = b"".join([chunk async for chunk in ask.stream])

    async def given() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 1_000):
            yield whole[at : at + 1_000]

    return Answer(content=Content(given(), "text/x-echo", len(whole)))


async def refuse(_ask: Ask) -> Answer:
    raise NotFound("There is no such place", field="place")


OPERATIONS = [
    Operation("echo", "POST", "/echo", "", echo, takes_bytes=MOST, gives="text/x-echo"),
    Operation("refuse", "POST", "/refuse", "", refuse, takes_bytes=MOST),
]


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    application = make_application(make_routes(OPERATIONS, Tokens()), registry=CollectorRegistry())
    async with serving(application) as url, http_client(url, headers=BEARER) as opened:
        yield opened


async def test_bytes_go_in_and_come_out_as_they_are(client: httpx2.AsyncClient) -> None:
    body = bytes(range(256)) * 100
    response = await client.post("/echo", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.content) == (200, body)
    assert response.headers["content-type"] == "text/x-echo"
    assert response.headers["content-length"] == str(len(body))
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("is_declared", [True, False])
async def test_too_many_are_refused_and_the_sender_hears_why(client: httpx2.AsyncClient, is_declared: bool) -> None:
    body = b"x" * (MOST + 1)

    async def undeclared() -> AsyncIterator[bytes]:
        yield body

    response = await client.post("/echo", content=body if is_declared else undeclared())
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert (await client.post("/echo", content=b"x" * MOST)).status_code == 200


async def test_who_is_refused_before_a_byte_is_read_is_heard_out(client: httpx2.AsyncClient) -> None:
    response = await client.post("/refuse", content=b"x" * MOST)
    assert Problem(**response.json()).field == "place"


async def test_a_compressed_body_is_refused(client: httpx2.AsyncClient) -> None:
    response = await client.post("/echo", content=b"x", headers={"Content-Encoding": "gzip"})
    assert response.status_code == 415


async def test_nobody_is_listened_to_without_a_login(client: httpx2.AsyncClient) -> None:
    response = await client.post("/echo", content=b"x", headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401


@pytest.mark.parametrize("limit", ["BODY_SECONDS", "STREAM_SECONDS"])
async def test_whoever_sends_a_byte_now_and_then_is_given_up(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(decoding, limit, 0.2)
    address = urlsplit(str(client.base_url))
    reader, writer = await asyncio.open_connection(address.hostname, address.port, family=socket.AF_INET)
    head = f"POST /echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 50\r\n\r\n"
    writer.write(head.encode() + b"x")
    answer = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    assert b"408" in answer
