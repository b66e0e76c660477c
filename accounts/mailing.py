"""Mails that somebody has asked for, written and sent after the answer, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from mail.model import Mail, MailRefused, MailSender
from wire.errors import Unavailable

log = structlog.get_logger(__name__)

MAILS_AT_ONCE = 4
_MOST_WAITING = 1_000
_TRIES = 3
_MOST_PAUSE = 20.0
"""Seconds between tries: somebody is waiting for the mail."""

Writing = Callable[[], Awaitable[Mail | None]]
"""Looks up what a mail needs and writes it; None: there is none to send."""


class MailQueue:
    """What still waits when a gateway ends is lost, and has to be asked for again."""

    def __init__(self, sender: MailSender) -> None:
        self._sender = sender
        self._waiting: asyncio.Queue[Writing] = asyncio.Queue(_MOST_WAITING)

    def check_room(self) -> None:
        """Raises `Unavailable` if nothing more can wait."""
        if self._waiting.full():
            raise Unavailable("Too many mails are waiting to be sent; try again in a minute", retry_after=60)

    def put(self, writing: Writing) -> None:
        try:
            self._waiting.put_nowait(writing)
        except asyncio.QueueFull:
            # It was not when it was asked for. What is asked for again is sent again.
            log.warning("mail_not_sent", reason="too many mails are waiting")

    def put_mail(self, mail: Mail) -> None:
        async def written() -> Mail:
            return mail

        self.put(written)

    async def run(self) -> None:
        await asyncio.gather(*(self._work() for _ in range(MAILS_AT_ONCE)))

    async def _work(self) -> None:
        while True:
            writing = await self._waiting.get()
            try:
                mail = await writing()
                if mail is not None:
                    await self._send(mail)
            except Unavailable as unavailable:
                log.warning("mail_not_sent", reason=unavailable.message)
            except MailRefused as refused:
                log.warning("mail_refused", reason=refused.message)
            except Exception:
                # E.g. an address that no header can hold. The others wait for their mails.
                log.exception("mail_failed")

    async def _send(self, mail: Mail) -> None:
        for tried in range(1, _TRIES + 1):
            try:
                await self._sender.send(mail)
            except Unavailable as unavailable:
                if tried == _TRIES:
                    raise
                await asyncio.sleep(min(unavailable.retry_after or 1.0, _MOST_PAUSE))
            else:
                return
