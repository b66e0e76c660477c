"""Digests of unread messages by e-mail, and what users want of them. Announces nothing."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from chat.admission import refuse_masked
from chat.notifying.digest import key_of, values_of
from chat.notifying.model import DueUser, Told
from chat.notifying.store import Lease, NotifyingStore
from mail.model import MailRefused, MailSender
from mail.writing import write
from wire.errors import Refused, Unavailable
from wire.http import NotificationSettings, NotificationSettingsEdit
from wire.identity import Caller, DomainId
from words.languages import words_in

log = structlog.get_logger(__name__)

LOOK_EVERY = 30.0
"""Seconds, on whichever gateway is first."""
CLAIM = timedelta(minutes=5)
"""Longer than a mail takes. A gateway that dies with a mail under way leaves it to be sent again after this."""
USERS_AT_ONCE = 200
"""Of one domain, in one round; the others are next."""
MAILS_AT_ONCE = 4


class NotificationService:
    def __init__(self, store: NotifyingStore) -> None:
        self._store = store

    async def settings(self, caller: Caller) -> NotificationSettings:
        refuse_masked(caller)
        return NotificationSettings(email_minutes=await self._store.email_minutes(caller.domain, caller.user))

    async def edit(self, caller: Caller, edit: NotificationSettingsEdit) -> NotificationSettings:
        refuse_masked(caller)
        await self._store.set_email_minutes(caller.domain, caller.user, edit.email_minutes)
        return NotificationSettings(email_minutes=edit.email_minutes)


class DigestService:
    """At least once: marked as told after the server for mail has taken it over, claimed before it is asked to."""

    def __init__(
        self,
        store: NotifyingStore,
        sender: MailSender,
        lease: Lease,
        public_url: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._sender = sender
        self._lease = lease
        self._public_url = public_url
        self._clock = clock

    async def run(self) -> None:
        while True:
            try:
                if await self._lease.take("digests", LOOK_EVERY * 0.9):
                    await self.send_due()
            except Refused as refused:
                log.warning("digests_put_off", reason=refused.message)
            await asyncio.sleep(LOOK_EVERY)

    async def send_due(self) -> int:
        """Sends the digests that are due, in all domains; how many went out."""
        sent = 0
        for domain in await self._store.domains():
            sent += await self._send_due_in(domain)
        return sent

    async def _send_due_in(self, domain: DomainId) -> int:
        due = await self._store.due(domain, self._clock(), USERS_AT_ONCE)
        slots = asyncio.Semaphore(MAILS_AT_ONCE)

        async def one(user: DueUser) -> bool:
            async with slots:
                return await self._send(user)

        return sum(await asyncio.gather(*(one(user) for user in due)))

    async def _send(self, user: DueUser) -> bool:
        now = self._clock()
        if not await self._store.claim(user, now, now + CLAIM):
            return False
        due = await self._store.untold(user)
        if not due:
            return False  # read meanwhile; the claim ends by itself
        values = values_of(user, due, self._public_url)
        try:
            words = words_in(user.language)
            await self._sender.send(write("unread", words, to=user.email, key=key_of(user, due), values=values))
        except Unavailable as unavailable:
            log.warning("digest_not_sent", domain=user.domain, user=user.user, reason=unavailable.message)
            return False  # again when the claim has ended
        except MailRefused as refused:
            log.warning("digest_refused", domain=user.domain, user=user.user, reason=refused.message)
        await self._store.told(user, [Told(each.about.conversation, each.about.upto) for each in due], now)
        return True
