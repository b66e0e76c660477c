"""What chat needs kept. Every method raises `wire.errors.Unavailable` if the store does not answer.

Nothing is told about conversations that a user is not in: to every method they are as if they did not exist.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chat.model import (
    Behind,
    Cursor,
    KeptMessage,
    NewMessage,
    OpenedConversation,
    Person,
    ReadMark,
    Stretch,
)
from wire.identity import ConversationId, DomainId, UserId
from wire.records import Conversation, Message


class ChatStore(Protocol):
    async def person(self, domain: DomainId, user: UserId) -> Person | None:
        """None if there is nobody behind this number: unknown, deleted, or a queue."""

    async def find_direct(self, domain: DomainId, user: UserId, other: UserId) -> Conversation | None:
        """The direct conversation of two users, as `user` sees it."""

    async def open_direct(self, domain: DomainId, user: UserId, other: UserId) -> OpenedConversation:
        """The same, made unless it is there; of several who make it at once, one is told that it `created` it."""

    async def conversations(
        self, domain: DomainId, user: UserId, before: Cursor | None, limit: int
    ) -> Sequence[Conversation]:
        """Those that the user is in, newest first, after the place `before`."""

    async def append(self, message: NewMessage) -> KeptMessage:
        """Numbers and keeps a message, or finds the one that was kept under its `client_id`.

        Returns after the commit. Raises `ConversationNotFound`, `FileNotThere`, `ClientIdTaken`; `Unavailable` leaves
        open whether it was kept: append it again to know.
        """

    async def messages_after(
        self, domain: DomainId, user: UserId, conversation: ConversationId, after: int, limit: int
    ) -> Sequence[Message]:
        """The first ones after `after`, ascending. Raises `ConversationNotFound`."""

    async def messages_before(
        self, domain: DomainId, user: UserId, conversation: ConversationId, before: int | None, limit: int
    ) -> Sequence[Message]:
        """The last ones before `before` (of all if None), descending. Raises `ConversationNotFound`."""

    async def mark_read(self, domain: DomainId, user: UserId, conversation: ConversationId, seq: int) -> ReadMark:
        """Everything up to `seq` (or the last message, if that is less) was read. Raises `ConversationNotFound`."""

    async def behind(self, domain: DomainId, user: UserId, positions: Mapping[ConversationId, int]) -> Sequence[Behind]:
        """Which conversations have messages after these positions, newest first; unknown ones are passed over."""

    async def stretches(self, domain: DomainId, user: UserId, stretches: Sequence[Stretch]) -> Sequence[Message]:
        """The messages in these stretches, ascending within each conversation."""
