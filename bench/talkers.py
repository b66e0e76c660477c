"""Chat clients in a process of their own, on raw sockets: what they cost is in nobody's figures but their own.

Told what to do by one JSON object a line on standard input, and answers each by one:

    {"do": "open", "port": 8000, "tokens": [...], "conversations": [...]}     a connection for each, in its conversation
    {"do": "closed", "seconds": 2, "at_once": 200}                 the next message when one is acknowledged
    {"do": "open_loop", "seconds": 10, "rate": 200}                messages come when they come

Connections take turns, so that none comes near its limit of commands. Replies are found by their text, not decoded.
"""

import json
import os
import random
import secrets
import select
import socket
import struct
import sys
import time
from collections import deque
from typing import Any

BODY = "Could you take the call with the customer from this morning?"
_ACKNOWLEDGED = b'"op":"message_sent"'
_REFUSED = b'"op":"failed"'
_ADDED = b'"op":"message_added"'
_READY = b'"op":"conversations_snapshot"'
_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: presence.v1.json\r\n\r\n"
)
_PATIENCE = 30.0


def frame(payload: bytes) -> bytes:
    """A text frame with a mask of zeros."""
    length = struct.pack("!BB", 0x81, 0x80 | len(payload)) if len(payload) < 126 else b""
    return (length or struct.pack("!BBH", 0x81, 0xFE, len(payload))) + bytes(4) + payload


class Talker:
    """One connection, which has at most one message under way."""

    def __init__(self, port: int, token: str, conversation: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._conversation = conversation
        self._rest = b""
        self.sent_at = 0.0
        hello = {"op": "connect", "id": 1, "token": token, "available": False}
        self.socket.sendall(_UPGRADE)
        while b"\r\n\r\n" not in self._rest:
            self._rest += self.socket.recv(65_536)
        self.socket.sendall(frame(json.dumps(hello).encode()))
        while _READY not in self._rest:
            received = self.socket.recv(65_536)
            if not received:
                raise RuntimeError(f"not let in: {self._rest[-200:]!r}")
            self._rest += received
        self._rest = b""
        self.socket.setblocking(False)

    def say(self, now: float) -> None:
        self.sent_at = now
        message = (
            f'{{"op":"send_message","id":2,"conversation":{self._conversation},'
            f'"client_id":"{secrets.token_hex(16)}","body":"{BODY}"}}'
        )
        self.socket.send(frame(message.encode()))

    def hear(self) -> tuple[int, int]:
        """How many acknowledgements and how many messages have come. Raises RuntimeError for a refusal."""
        data = self._rest + self.socket.recv(1 << 20)
        if _REFUSED in data:
            raise RuntimeError(f"refused: {data[data.index(_REFUSED) :][:200]!r}")
        acknowledged, added = data.count(_ACKNOWLEDGED), data.count(_ADDED)
        last = max(data.rfind(_ACKNOWLEDGED) + len(_ACKNOWLEDGED), data.rfind(_ADDED) + len(_ADDED), 0)
        self._rest = data[max(last, len(data) - len(_ADDED)) :]
        return acknowledged, added


class Crowd:
    def __init__(self) -> None:
        self._talkers: dict[int, Talker] = {}
        self._idle: deque[Talker] = deque()
        self._epoll = select.epoll()
        self.delays: list[float] = []
        self.heard = 0

    def open(self, port: int, tokens: list[str], conversations: list[int]) -> None:
        for token, conversation in zip(tokens, conversations, strict=True):
            talker = Talker(port, token, conversation)
            self._talkers[talker.socket.fileno()] = talker
            self._idle.append(talker)
            self._epoll.register(talker.socket.fileno(), select.EPOLLIN)

    def closed(self, seconds: float, at_once: int) -> None:
        end = time.perf_counter() + seconds
        for _ in range(at_once):
            self._say_next()
        while time.perf_counter() < end:
            for _ in range(self._hear(0)):
                self._say_next()

    def open_loop(self, seconds: float, rate: float) -> None:
        start = time.perf_counter()
        due = start + random.expovariate(rate)
        while due < start + seconds:
            if time.perf_counter() >= due:
                self._say_next()
                due += random.expovariate(rate)
            self._hear(0)

    def finish(self) -> None:
        """Until everything that is under way has been acknowledged."""
        end = time.perf_counter() + _PATIENCE
        while len(self._idle) < len(self._talkers):
            self._hear(0.05)
            if time.perf_counter() > end:
                raise RuntimeError("messages were not acknowledged")

    def _say_next(self) -> None:
        self._idle.popleft().say(time.perf_counter())

    def _hear(self, timeout: float) -> int:
        acknowledged = 0
        for descriptor, _ in self._epoll.poll(timeout):
            talker = self._talkers[descriptor]
            count, added = talker.hear()
            self.heard += added
            if count:
                self.delays.append(time.perf_counter() - talker.sent_at)
                self._idle.append(talker)
                acknowledged += count
        return acknowledged


def _carry_out(crowd: Crowd, order: dict[str, Any]) -> dict[str, float]:
    crowd.delays, crowd.heard = [], 0
    started = time.perf_counter()
    do = order.pop("do")
    getattr(crowd, do)(**order)
    elapsed = time.perf_counter() - started
    crowd.finish()
    delays = sorted(crowd.delays) or [0.0]
    return {
        "sent": len(crowd.delays),
        "heard": crowd.heard,
        "seconds": elapsed,
        "p50": delays[len(delays) // 2],
        "p99": delays[int(len(delays) * 0.99)],
    }


def main() -> None:
    os.sched_setaffinity(0, {int(sys.argv[1])})
    crowd = Crowd()
    for line in sys.stdin:
        print(json.dumps(_carry_out(crowd, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
