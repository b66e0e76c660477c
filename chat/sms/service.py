"""Text messages out and in. Announces conversations, messages and what became of them."""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from msgspec import structs

from chat.admission import refuse_masked
from chat.errors import ConversationNotFound, MessageNotFound
from chat.model import NewMessage
from chat.sms.errors import BadSignature, NoNumber, NoSuchNumber
from chat.sms.model import OUTSIDE, Exchange, OutgoingSms, ProviderRefused, SmsProvider, Wish
from chat.sms.numbers import e164, wish_of
from chat.sms.signing import is_signed
from chat.sms.store import SmsStore
from chat.store import ChatStore
from chat.text import clean_body
from wire.announce import Announcer
from wire.codec import invalid_of
from wire.errors import Malformed, NotFound, Refused, Unavailable
from wire.events import ConversationAdded, MessageAdded, MessageChanged
from wire.http import SmsConversation, SmsConversationRequest, SmsNumbers
from wire.identity import Caller, ConversationId, DomainId
from wire.records import Delivery, Message
from wire.sms import SmsEvent, SmsReceived, SmsReport

log = structlog.get_logger(__name__)

LOOK_EVERY = 15.0
"""Seconds between two looks for what a gateway that died has left; what is sent here goes at once."""
CLAIM = timedelta(seconds=60)
"""Longer than a provider takes for one message."""
AGAIN = timedelta(seconds=30)
BATCH = 50

STOPPED = "You will get no more messages from this number. Reply START to get them again."
STARTED = "You will get messages from this number again. Reply STOP to end them."

_decode_event = msgspec.json.Decoder(SmsEvent).decode
_RANKS = {Delivery.SENDING: 1, Delivery.SENT: 2, Delivery.FAILED: 3, Delivery.DELIVERED: 4}


class SmsService:
    """`provider` None: text messages are not set up, and nobody has a number."""

    def __init__(
        self,
        store: SmsStore,
        chat: ChatStore,
        announcer: Announcer,
        provider: SmsProvider | None,
        secret: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._chat = chat
        self._announcer = announcer
        self._provider = provider
        self._secret = secret
        self._clock = clock
        self._woken = asyncio.Event()
        self._domains = frozenset[DomainId]()

    # ------------------------------------------------------------ for users

    async def numbers(self, caller: Caller) -> SmsNumbers:
        refuse_masked(caller)
        if self._provider is None:
            return SmsNumbers(items=[])
        return SmsNumbers(items=list(await self._store.numbers_of(caller.domain, caller.user)))

    async def open(self, caller: Caller, request: SmsConversationRequest) -> SmsConversation:
        """The conversation of one of the caller's numbers with an outside one. Raises `NoNumber`, `NoSuchNumber`."""
        numbers = [each.number for each in (await self.numbers(caller)).items]
        number = request.sender or next(iter(numbers), "")
        if number not in numbers:
            raise NoNumber
        outside = e164(request.to, await self._store.country(caller.domain))
        if not outside or outside == number:
            raise NoSuchNumber
        conversation = await self._opened(caller.domain, number, outside)
        if conversation is None:
            raise NoNumber
        return SmsConversation(conversation=conversation)

    async def _opened(self, domain: DomainId, number: str, outside: str) -> ConversationId | None:
        opened = await self._store.open(domain, number, outside)
        if opened is None:
            return None
        if opened.created:
            for member in opened.members:
                seen = await self._chat.conversation(domain, member, opened.conversation)
                await self._announcer.announce(domain, ConversationAdded(conversation=seen), [member])
        return opened.conversation

    # ------------------------------------------------------------ from the provider

    async def take_event(self, body: bytes, signature: str) -> None:
        """Raises `BadSignature`, `Malformed`, `Invalid`; `NotFound` for a number that is nobody's."""
        if not is_signed(self._secret, body, signature, self._clock().timestamp()):
            raise BadSignature
        try:
            event = _decode_event(body)
        except msgspec.ValidationError as error:
            raise invalid_of(error) from error
        except (msgspec.DecodeError, UnicodeError) as error:
            raise Malformed("The body is not readable JSON") from error
        if isinstance(event, SmsReceived):
            await self._received(event)
        else:
            await self._reported(event)

    async def _received(self, sms: SmsReceived) -> None:
        domain = await self._store.domain_of(sms.to)
        conversation = None if domain is None else await self._opened(domain, sms.to, sms.sender)
        if domain is None or conversation is None:
            raise NotFound("This number is nobody's here", field="to")
        body = clean_body(sms.text) or "…"
        name = "sms-" + hashlib.sha256(f"{sms.to}/{sms.id}".encode()).hexdigest()[:40]
        kept = await self._chat.append(NewMessage(domain, conversation, OUTSIDE, name, body))
        members = [member for member in kept.members if member != OUTSIDE]
        await self._announcer.announce(domain, MessageAdded(message=kept.message), members)
        wish = wish_of(body)
        if wish is not Wish.NONE and not kept.duplicate:
            await self._wished(domain, conversation, sms, wish)

    async def _wished(self, domain: DomainId, conversation: ConversationId, sms: SmsReceived, wish: Wish) -> None:
        """Carriers want it to be confirmed; and only where it is news, or two machines would talk for ever."""
        is_news = await self._store.set_stopped(domain, conversation, stopped=wish is Wish.STOP)
        if is_news and self._provider is not None:
            text = STOPPED if wish is Wish.STOP else STARTED
            answer = OutgoingSms(id=f"{wish}/{sms.to}/{sms.id}", sender=sms.to, to=sms.sender, text=text)
            with suppress(Refused):
                await self._provider.send(answer)

    async def _reported(self, report: SmsReport) -> None:
        domain, conversation, seq = _parsed(report.id)
        if await self._store.is_exchange(domain, conversation):
            message = await self._message(domain, conversation, seq)
            if message is not None:
                await self._mark(domain, message, Delivery(report.status.value))

    async def _message(self, domain: DomainId, conversation: ConversationId, seq: int) -> Message | None:
        exchange = Exchange(
            domain=domain, conversation=conversation, number="", outside="", is_stopped=False, after=seq - 1
        )
        return next((each for each in await self._store.unsent(exchange, 1) if each.seq == seq), None)

    # ------------------------------------------------------------ to the provider

    def notice(self, domain: DomainId, _event: MessageAdded) -> None:
        """Something was written: have a look, if anybody there has a number."""
        if domain in self._domains:
            self._woken.set()

    async def run(self) -> None:
        if self._provider is None:
            return
        while True:
            self._woken.clear()
            try:
                self._domains = frozenset(await self._store.domains())
                await self.send_waiting()
            except Refused as refused:
                log.warning("text_messages_put_off", reason=refused.message)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._woken.wait()

    async def send_waiting(self) -> None:
        """Hands everything that waits to the provider, each conversation in its order."""
        for domain, conversation in await self._store.waiting(self._clock(), BATCH):
            exchange = await self._store.claim(domain, conversation, self._clock(), self._clock() + CLAIM)
            if exchange is not None:
                await self._send_exchange(exchange)

    async def _send_exchange(self, exchange: Exchange) -> None:
        until: datetime | None = None
        for message in await self._store.unsent(exchange, BATCH):
            try:
                await self._send(exchange, message)
            except Unavailable as unavailable:
                log.warning("text_message_not_sent", domain=exchange.domain, reason=unavailable.message)
                await self._mark(exchange.domain, message, Delivery.SENDING)
                until = self._clock() + AGAIN
                break
            await self._store.sent_upto(exchange, message.seq)
        await self._store.release(exchange, until)

    async def _send(self, exchange: Exchange, message: Message) -> None:
        """Marked after the provider has taken it over: at least once, under an id by which the provider knows it."""
        if (
            message.sender == OUTSIDE
            or message.line is not None
            or message.delivery in (Delivery.SENT, Delivery.FAILED)
        ):
            return None
        if exchange.is_stopped or not message.body or message.files or message.deleted_at is not None:
            return await self._mark(exchange.domain, message, Delivery.FAILED)
        assert self._provider is not None
        name = f"{exchange.domain}/{exchange.conversation}/{message.seq}"
        sms = OutgoingSms(id=name, sender=exchange.number, to=exchange.outside, text=message.body)
        try:
            await self._provider.send(sms)
        except ProviderRefused as refused:
            log.warning("text_message_refused", domain=exchange.domain, reason=refused.message)
            return await self._mark(exchange.domain, message, Delivery.FAILED)
        return await self._mark(exchange.domain, message, Delivery.SENT)

    async def _mark(self, domain: DomainId, message: Message, delivery: Delivery) -> None:
        if message.deleted_at is not None:
            return

        def decide(now_kept: Message, _now: datetime) -> Message:
            return delivered(now_kept, delivery)

        with suppress(ConversationNotFound, MessageNotFound):
            changed = await self._chat.changes.change(domain, message.sender, message.conversation, message.seq, decide)
            if changed.changed:
                members = [member for member in changed.members if member != OUTSIDE]
                await self._announcer.announce(domain, MessageChanged(message=changed.message), members)


def delivered(message: Message, delivery: Delivery) -> Message:
    """What is known of a message only grows: reports come late, twice and in any order."""
    known = 0 if message.delivery is None else _RANKS[message.delivery]
    if message.deleted_at is not None or _RANKS[delivery] <= known:
        return message
    return structs.replace(message, delivery=delivery)


def _parsed(name: str) -> tuple[DomainId, ConversationId, int]:
    domain, _, rest = name.partition("/")
    conversation, _, seq = rest.partition("/")
    if not (conversation.isascii() and conversation.isdigit() and seq.isascii() and seq.isdigit() and len(rest) < 32):
        raise NotFound("This is no id of a message of ours", field="id")
    return DomainId(domain), ConversationId(int(conversation)), int(seq)
