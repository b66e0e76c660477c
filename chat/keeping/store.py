"""What retention and export need of the store. Every method raises `wire.errors.Unavailable` if it does not answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chat.keeping.model import About, Expired, Retention
from wire.identity import ConversationId, DomainId, UserId
from wire.records import Message


class KeepingStore(Protocol):
    async def retentions(self) -> Sequence[Retention]:
        """Of all domains that have one."""

    async def expire(self, domain: DomainId, before: datetime) -> Expired:
        """Deletes some of the oldest messages that were sent before, with their files and a line in the audit.

        To be called again until it has nothing more to delete: no cuts.
        """

    async def about(self, domain: DomainId, conversation: ConversationId, reader: UserId | None) -> About:
        """As `reader` may see it; None: an operator. Raises `ConversationNotFound`."""

    async def messages(
        self, domain: DomainId, conversation: ConversationId, reader: UserId | None, after: int, limit: int
    ) -> Sequence[Message]:
        """Those after `after`, ascending, that `reader` may see."""

    async def note_export(self, domain: DomainId, conversation: ConversationId) -> None:
        """An operator takes a conversation along: a line in the audit."""


class Lease(Protocol):
    async def take(self, job: str, seconds: float) -> bool:
        """Whether the job is ours for so long; of all gateways that ask, one gets it."""
