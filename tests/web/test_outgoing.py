"""What we ask other machines: only over HTTP, without following them, and never for longer than they deserve."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from web import outgoing
from web.outgoing import HttpOutgoing
from wire.outgoing import Answered, Unreachable, is_address


@pytest.fixture
async def http() -> AsyncIterator[HttpOutgoing]:
    made = HttpOutgoing("presence-gateway/test")
    yield made
    await made.close()


@asynccontextmanager
async def answering(*chunks: bytes, pause: float = 0.0) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers with these bytes, and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        for chunk in chunks:
            writer.write(chunk)
            await asyncio.sleep(pause)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/path", asked


async def test_status_and_patience_are_heard_and_the_rest_is_not_read(http: HttpOutgoing) -> None:
    head = b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 100000000000\r\n\r\n"
    async with answering(head, b"x" * 1_000) as (url, asked):
        assert await http.send("POST", url, b"{}", {"X-Own": "yes"}) == Answered(429, 7.0)
    assert asked[0].startswith(b"POST /path HTTP/1.1\r\n")
    for header in (b"content-type: application/json", b"x-own: yes", b"user-agent: presence-gateway/test"):
        assert header in asked[0].lower()


@pytest.mark.parametrize(
    ("header", "seconds"), [(b"", 0), (b"5", 5), (b"-5", 0), (b"soon", 0), (b"999999", 900), ("٣".encode(), 0)]
)
async def test_patience_has_limits(http: HttpOutgoing, header: bytes, seconds: float) -> None:
    async with answering(b"HTTP/1.1 503 X\r\nRetry-After: " + header + b"\r\nContent-Length: 0\r\n\r\n") as (url, _):
        assert (await http.send("PUT", url, b"{}", {})).retry_after == seconds


async def test_an_answer_in_drops_is_given_up(http: HttpOutgoing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "MOST_SECONDS", 0.3)
    async with answering(*[b"H"] * 100, pause=0.05) as (url, _):
        with pytest.raises(Unreachable, match="no answer in time"):
            await http.send("POST", url, b"{}", {})


async def test_what_cannot_be_reached_is_told_without_its_address(http: HttpOutgoing) -> None:
    with pytest.raises(Unreachable) as unreachable:
        await http.send("POST", "http://127.0.0.1:9/secret", b"{}", {})
    assert str(unreachable.value) == "no connection"


async def test_garbage_is_no_answer(http: HttpOutgoing) -> None:
    async with answering(b"SSH-2.0-nothing\r\n\r\n") as (url, _):
        with pytest.raises(Unreachable):
            await http.send("POST", url, b"{}", {})


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://crm.example/x", True),
        ("http://10.0.0.5:5070", True),
        ("ftp://crm.example", False),
        ("file:///etc/passwd", False),
        ("crm.example", False),
        ("http://", False),
        ("https://user:secret@crm.example", False),
        ("http://[::1", False),
    ],
)
async def test_only_addresses_of_the_web_are_asked(http: HttpOutgoing, url: str, is_one: bool) -> None:
    assert is_address(url) is is_one
    if not is_one:
        with pytest.raises(Unreachable):
            await http.send("POST", url, b"{}", {})
