"""What text messages need kept. Every method raises `wire.errors.Unavailable` if the store does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chat.sms.model import Exchange, Opened
from wire.http import SmsNumber
from wire.identity import ConversationId, DomainId, UserId
from wire.records import Message


class SmsStore(Protocol):
    async def country(self, domain: DomainId) -> str:
        """In which the domain's users dial without a country."""

    async def domains(self) -> Sequence[DomainId]:
        """Those that have numbers."""

    async def numbers_of(self, domain: DomainId, user: UserId) -> Sequence[SmsNumber]: ...

    async def domain_of(self, number: str) -> DomainId | None: ...

    async def open(self, domain: DomainId, number: str, outside: str) -> Opened | None:
        """The one conversation of the two numbers, made unless it is there. None if nobody has the number."""

    async def set_stopped(self, domain: DomainId, conversation: ConversationId, *, stopped: bool) -> bool:
        """Whether that is news."""

    async def is_exchange(self, domain: DomainId, conversation: ConversationId) -> bool: ...

    async def waiting(self, now: datetime, limit: int) -> Sequence[tuple[DomainId, ConversationId]]:
        """Conversations of all domains with messages that were not handed to the provider yet."""

    async def claim(
        self, domain: DomainId, conversation: ConversationId, now: datetime, until: datetime
    ) -> Exchange | None:
        """None if it is no conversation with an outside number, or another gateway is at it."""

    async def unsent(self, exchange: Exchange, limit: int) -> Sequence[Message]:
        """The next ones after `exchange.after`, ascending, whoever wrote them."""

    async def sent_upto(self, exchange: Exchange, seq: int) -> None: ...

    async def release(self, exchange: Exchange, until: datetime | None) -> None:
        """Ours no more; nobody's until then."""
