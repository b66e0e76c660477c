"""A real server for mail on loopback, which keeps what it takes and can be told to refuse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.arrivals import Arrivals
from tests.support.listening import stop_listening


class Mailbox:
    """`received` in order. `answer`: what it says to a mail instead of taking it."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answer = ""
        self.recipient_answer = ""
        self.port = 0
        self.arrivals = Arrivals()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.recipient_answer:
            return self.recipient_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer:
            return self.answer
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.arrivals.note()
        return "250 OK"


class _Connection(SMTP):
    def __init__(self, box: Mailbox) -> None:
        super().__init__(box)
        self.made = asyncio.Event()
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.made.set()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.lost.set()

    async def end(self) -> None:
        async with asyncio.timeout(60):
            await self.made.wait()
            if self.transport is not None:
                self.transport.close()
            await self.lost.wait()
            if self._handler_coroutine is not None:
                await asyncio.wait([self._handler_coroutine])


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    box, opened = Mailbox(), []

    def answer() -> _Connection:
        opened.append(_Connection(box))
        return opened[-1]

    server = await asyncio.get_running_loop().create_server(answer, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        await stop_listening(server)
        for each in opened:
            await each.end()
