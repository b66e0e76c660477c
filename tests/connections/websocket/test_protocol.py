"""WebSocket connections over real sockets, under both implementations and a small application of the test's own."""

import asyncio
import base64
import gc
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

import connections.websocket.library
import connections.websocket.protocol
from connections.outlet import EXTENSION, Outlet
from connections.websocket.protocol import GatewayProtocol
from tests.support.echo import IMPLEMENTATIONS, Ready, serving_websockets, write_back
from wire.codec import Subprotocol
from wire.limits import LIMITS

WAIT = 30.0


class Application:
    """Accepts, and keeps what it got. `detaches`: as the gateway does after the login, if the server can."""

    def __init__(self) -> None:
        self.detaches = True
        self.echoes = True
        self.heard: list[str | bytes] = []
        self.codes: list[int] = []
        self.outlets: list[Outlet] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return
        if scope["path"] != "/":
            await send({"type": "websocket.close", "code": 1000})
            return
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        outlet: Outlet = scope["extensions"][EXTENSION]
        self.outlets.append(outlet)
        await self.gate.wait()
        receiver = Echo(self, outlet)
        if self.detaches and outlet.detach(receiver):
            return
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                receiver.disconnected(event["code"])
                return
            receiver.received(event["text"] if event.get("text") is not None else event["bytes"])

    async def note(self, into: list[Any], value: object) -> None:
        async with self._changed:
            into.append(value)
            self._changed.notify_all()

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT), self._changed:
            await self._changed.wait_for(holds)


class Echo:
    def __init__(self, application: Application, outlet: Outlet) -> None:
        self._application = application
        self._outlet = outlet
        self._tasks: set[asyncio.Task[None]] = set()

    def received(self, payload: str | bytes) -> None:
        self._note(self._application.heard, payload)
        if self._application.echoes:
            write_back(self._outlet, payload)

    def disconnected(self, code: int) -> None:
        self._note(self._application.codes, code)

    def _note(self, into: list[Any], value: object) -> None:
        task = asyncio.create_task(self._application.note(into, value))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@pytest.fixture(params=IMPLEMENTATIONS)
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def application(implementation: str) -> AsyncIterator[Application]:
    application = Application()
    async with serving_websockets(application, implementation) as url:
        application.url = url  # type: ignore[attr-defined]
        yield application


async def opened(application: Application) -> ClientConnection:
    return await connect(application.url, proxy=None, compression=None, max_size=None)  # type: ignore[attr-defined]


class Raw:
    """A client that may say what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, application: Application) -> "Raw":
        port = int(application.url.rpartition(":")[2])  # type: ignore[attr-defined]
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    @classmethod
    async def open(cls, application: Application, *more: bytes) -> "Raw":
        raw = await cls.connect(application)
        assert (await raw.ask_to_upgrade(*more)).startswith(b"HTTP/1.1 101 ")
        return raw

    async def ask_to_upgrade(self, *more: bytes, **changed: str | None) -> bytes:
        headers = {
            "Host": "localhost",
            "Connection": "keep-alive, Upgrade",
            "Upgrade": "WebSocket",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
        } | {name.replace("_", "-"): value for name, value in changed.items()}
        lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value is not None]
        self.writer.write(f"GET / HTTP/1.1\r\n{''.join(lines)}\r\n".encode())
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT)
        self.writer.write(b"".join(more))
        return head

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    def send(self, opcode: Opcode, payload: bytes, *, final: bool = True) -> None:
        self.writer.write(Frame(opcode, payload, final).serialize(mask=True))

    async def frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next short frame."""
        head = await asyncio.wait_for(self.reader.readexactly(2), WAIT)
        assert head[1] < 126
        return head[0] & 15, await self.reader.readexactly(head[1])

    async def close_code(self) -> int:
        """Of the close frame that comes, after which the server ends the connection."""
        while True:
            opcode, payload = await self.frame()
            if opcode == Opcode.CLOSE:
                return int.from_bytes(payload[:2], "big") if payload else 1005


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize("detaches", [True, False])
async def test_text_and_bytes_come_back_as_they_were_sent(application: Application, detaches: bool) -> None:
    application.detaches = detaches
    async with await opened(application) as client:
        for message in ("", "aé€😀", b"", bytes(range(256)), "x" * (LIMITS.frame_bytes_before_login - 10)):
            await client.send(message)
            assert await asyncio.wait_for(client.recv(), WAIT) == message
        await client.send(["frag", "", "mented €"])
        assert await client.recv() == "fragmented €"
    await application.until(lambda: application.codes)
    assert application.codes == [1000]


async def test_what_came_before_the_application_detaches_is_not_lost(application: Application) -> None:
    application.gate.clear()
    async with await opened(application) as client:
        for number in range(20):
            await client.send(str(number))
        pong = await client.ping()
        application.gate.set()
        assert [await asyncio.wait_for(client.recv(), WAIT) for _ in range(20)] == [str(each) for each in range(20)]
        await asyncio.wait_for(pong, WAIT)


async def test_a_client_that_left_before_the_application_detaches_is_told_as_gone(application: Application) -> None:
    application.gate.clear()
    client = await opened(application)
    await client.send("last words")
    await client.close(1001)
    application.gate.set()
    await application.until(lambda: application.codes and application.heard)
    assert (application.heard, application.codes) == (["last words"], [1001])


async def test_pings_are_answered_with_what_they_said(application: Application) -> None:
    raw = await Raw.open(application)
    raw.send(Opcode.TEXT, b"begin", final=False)
    raw.send(Opcode.PING, b"are you there")
    assert await raw.frame() == (Opcode.PONG, b"are you there")
    raw.send(Opcode.PONG, b"unasked")
    raw.send(Opcode.CONT, b" end")
    assert await raw.frame() == (Opcode.TEXT, b"begin end")
    await raw.close()


async def test_the_largest_message_can_be_made_larger(application: Application) -> None:
    async with await opened(application) as client:
        await client.send("hello")
        await client.recv()
        application.outlets[0].allow_messages_of(LIMITS.frame_bytes)
        large = "x" * LIMITS.frame_bytes
        await client.send(large)
        assert await asyncio.wait_for(client.recv(), WAIT) == large
        with suppress(ConnectionClosed):
            await client.send(large + "x")
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), WAIT)
    assert client.close_code == 1009


# ---------------------------------------------------------------- the handshake


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "short"}, 400),
    ],
    ids=["version", "no key", "short key"],
)
async def test_a_wrong_handshake_is_refused(
    application: Application, implementation: str, changed: dict[str, str | None], status: int
) -> None:
    raw = await Raw.connect(application)
    answer = await raw.ask_to_upgrade(**changed)
    assert int(answer.split()[1]) == (status if implementation == "own" else 400)
    await asyncio.wait_for(raw.reader.read(), WAIT)  # and the connection ends
    assert raw.reader.at_eof()
    await raw.close()


async def test_a_refusal_by_the_application_is_a_403(application: Application) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(application.url + "/elsewhere", proxy=None)  # type: ignore[attr-defined]
    assert caught.value.response.status_code == 403


# ---------------------------------------------------------------- endings


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (Frame(Opcode.TEXT, b"not masked").serialize(mask=False), 1002),
        (bytes((0x83, 0x80, 0, 0, 0, 0)), 1002),
        (Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True), 1007),
        # Its beginning is enough, and nothing is left unread, which the library would answer by a reset.
        (Frame(Opcode.BINARY, bytes(LIMITS.frame_bytes_before_login + 1)).serialize(mask=True)[:100], 1009),
    ],
    ids=["unmasked", "opcode", "text", "length"],
)
async def test_who_breaks_the_protocol_is_told_how_and_cut_off(
    application: Application, wrong: bytes, code: int
) -> None:
    raw = await Raw.open(application, wrong, Frame(Opcode.TEXT, b"never read").serialize(mask=True))
    assert await raw.close_code() == code
    await asyncio.wait_for(raw.reader.read(), WAIT)
    await application.until(lambda: application.codes)
    assert application.heard == []
    await raw.close()


async def test_who_still_sends_what_is_too_long_sees_why_it_is_cut_off(
    application: Application, implementation: str
) -> None:
    """Whoever is in the middle of sending must not be reset: the reason would be lost on the way."""
    if implementation == "library":
        pytest.skip("the library closes at once, whatever is still under way")
    too_long = Frame(Opcode.BINARY, bytes(LIMITS.frame_bytes_before_login + 1_000_000)).serialize(mask=True)
    raw = await Raw.open(application, too_long[:100])
    await application.until(lambda: application.codes)
    for at in range(100, len(too_long), 50_000):
        raw.writer.write(too_long[at : at + 50_000])
        await asyncio.wait_for(raw.writer.drain(), WAIT)
    assert await raw.close_code() == 1009
    assert await asyncio.wait_for(raw.reader.read(), WAIT) == b""
    await raw.close()


@pytest.mark.parametrize(("payload", "code"), [(b"\x03\xe9bye", 1001), (b"\x0f\xa0", 4000), (b"", 1005)])
async def test_a_close_frame_is_answered_with_the_same_and_told_once(
    application: Application, payload: bytes, code: int
) -> None:
    raw = await Raw.open(application)
    raw.send(Opcode.CLOSE, payload)
    assert await raw.close_code() == code
    await asyncio.wait_for(raw.reader.read(), WAIT)
    await application.until(lambda: application.codes)
    assert application.codes == [code]
    await raw.close()


async def test_closing_from_here_says_why_and_waits_for_the_answer(application: Application) -> None:
    async with await opened(application) as client:
        await client.send("hello")
        await client.recv()
        outlet = application.outlets[0]
        outlet.close(4100, "because " + "é" * 100)
        outlet.write(Ready(b"nothing after the close frame"), Subprotocol.JSON)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), WAIT)
    assert client.close_code == 4100
    assert client.close_reason is not None
    assert client.close_reason.startswith("because éé")
    await application.until(lambda: application.codes)
    assert len(application.codes) == 1


async def test_who_does_not_answer_the_close_is_cut_off(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections.websocket.protocol, "CLOSE_TIMEOUT", 0.05)
    monkeypatch.setattr(connections.websocket.library, "CLOSE_TIMEOUT", 0.05)
    raw = await Raw.open(application, Frame(Opcode.TEXT, b"hello").serialize(mask=True))
    assert await raw.frame() == (Opcode.TEXT, b"hello")
    application.outlets[0].close(4100, "")
    assert await raw.close_code() == 4100
    with suppress(ConnectionError):  # cut, however the system tells it
        assert await asyncio.wait_for(raw.reader.read(), WAIT) == b""
    await raw.close()


async def test_who_does_not_read_is_cut_off_with_what_is_buffered(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transport that is asked to close waits for its buffer to empty, which it never does."""
    monkeypatch.setattr(connections.websocket.protocol, "CLOSE_TIMEOUT", 0.05)
    monkeypatch.setattr(connections.websocket.library, "CLOSE_TIMEOUT", 0.05)
    raw = await stalled(application)
    outlet = application.outlets[0]
    while outlet.is_clear:
        outlet.write(Ready(b"x" * 10_000), Subprotocol.JSON)
    outlet.close(4100, "")
    await application.until(lambda: application.codes)
    raw.close()


async def test_pings_of_somebody_who_does_not_read_do_not_pile_up(
    application: Application, implementation: str
) -> None:
    if implementation == "library":
        pytest.skip("the library answers each ping, however many answers wait already")
    raw = await stalled(application)
    outlet = application.outlets[0]
    assert isinstance(outlet, GatewayProtocol)
    assert outlet.transport is not None
    while outlet.is_clear:
        outlet.write(Ready(b"x" * 10_000), Subprotocol.JSON)
    waiting = outlet.transport.get_write_buffer_size()
    loop = asyncio.get_running_loop()
    flood = Frame(Opcode.PING, b"y" * 100).serialize(mask=True) * 500 + Frame(Opcode.PING, b"last").serialize(mask=True)
    await loop.sock_sendall(raw, flood + Frame(Opcode.TEXT, b"heard").serialize(mask=True))
    application.echoes = False
    await application.until(lambda: "heard" in application.heard)
    assert outlet.transport.get_write_buffer_size() == waiting
    everything = b""
    while not everything.endswith(b"\x8a\x04last"):
        everything += await asyncio.wait_for(loop.sock_recv(raw, 1 << 20), WAIT)
    assert b"yyyy" not in everything
    raw.close()


async def stalled(application: Application) -> socket.socket:
    """A client with next to no room for what it does not read."""
    loop = asyncio.get_running_loop()
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    raw.setblocking(False)
    port = int(application.url.rpartition(":")[2])  # type: ignore[attr-defined]
    await loop.sock_connect(raw, ("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    await loop.sock_sendall(
        raw,
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        + Frame(Opcode.TEXT, b"a").serialize(mask=True),
    )
    application.echoes = False
    await asyncio.wait_for(loop.sock_recv(raw, 100), WAIT)
    await loop.sock_sendall(raw, Frame(Opcode.TEXT, b"b").serialize(mask=True))
    await application.until(lambda: "b" in application.heard)
    return raw


async def test_who_vanishes_is_told_as_gone(application: Application) -> None:
    raw = await Raw.open(application, Frame(Opcode.TEXT, b"hello").serialize(mask=True))
    assert await raw.frame() == (Opcode.TEXT, b"hello")
    raw.writer.transport.abort()
    await raw.close()
    await application.until(lambda: application.codes)
    assert application.codes[0] in (1005, 1006)
    assert application.outlets[0].is_clear is False


async def test_a_server_that_ends_says_so_and_waits_for_nobody(
    implementation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections.websocket.protocol, "CLOSE_TIMEOUT", 0.05)
    monkeypatch.setattr(connections.websocket.library, "CLOSE_TIMEOUT", 0.05)
    application = Application()
    async with AsyncExitStack() as stack:
        application.url = await stack.enter_async_context(serving_websockets(application, implementation))  # type: ignore[attr-defined]
        client = await opened(application)
        await client.send("hello")
        await client.recv()
        raw = await stalled(application)
        while application.outlets[1].is_clear:
            application.outlets[1].write(Ready(b"x" * 10_000), Subprotocol.JSON)
        async with asyncio.timeout(WAIT):
            await stack.aclose()
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(client.recv(), WAIT)
    assert client.close_code == 1012
    raw.close()


async def test_connections_leave_no_garbage_that_only_a_collection_finds(
    application: Application, implementation: str
) -> None:
    if implementation == "library":
        pytest.skip("the objects of the library know each other")

    async def come_and_go() -> None:
        for code in (1000, 4000):
            client = await opened(application)
            await client.send("hello")
            await client.recv()
            await client.close(code)
        await application.until(lambda: len(application.codes) == len(application.outlets))
        application.outlets.clear()
        application.codes.clear()

    await come_and_go()
    gc.collect()
    gc.disable()
    try:
        await come_and_go()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        ours = [each for each in gc.garbage if type(each).__module__.startswith(("connections.", "uvicorn."))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert ours == []
