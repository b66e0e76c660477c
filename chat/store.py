"""What chat needs kept. Every method raises `wire.errors.Unavailable` if the store does not answer.

Nothing is told about conversations that a user is not in: to every method they are as if they did not exist.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol

import chat.changing
import chat.groups
from chat.model import (
    Behind,
    ChangedGroup,
    ChangedMessage,
    ChangePage,
    Cursor,
    GroupChange,
    KeptMessage,
    MadeGroup,
    Mute,
    NewMessage,
    OpenedConversation,
    Person,
    Reading,
    ReadMark,
    SearchFilter,
    SearchScope,
    Stretch,
    Unindexed,
)
from chat.searching import Term
from wire.identity import ConversationId, DomainId, UserId
from wire.records import Conversation, Message


class GroupStore(Protocol):
    async def groups_of(self, domain: DomainId, users: Sequence[UserId]) -> dict[UserId, int]:
        """In how many groups these users are; who is in none may be absent."""

    async def make(self, domain: DomainId, creator: UserId, client_id: str, change: GroupChange) -> MadeGroup:
        """A new group, or the one that was made under this `client_id`. Raises `ClientIdTaken`, `PersonNotFound`."""

    async def change(
        self, domain: DomainId, user: UserId, conversation: ConversationId, decide: chat.groups.Decision
    ) -> ChangedGroup:
        """Carries out what `decide` makes of the group, which nobody else can change or write to meanwhile.

        Raises `ConversationNotFound`, `NotAGroup`, and whatever `decide` raises.
        """


class ChangeStore(Protocol):
    async def change(
        self, domain: DomainId, user: UserId, conversation: ConversationId, seq: int, decide: chat.changing.Decision
    ) -> ChangedMessage:
        """Keeps what `decide` makes of a message under the conversation's next `rev`.

        Raises `ConversationNotFound`, `MessageNotFound`, and whatever `decide` raises.
        """

    async def changes_after(
        self, domain: DomainId, user: UserId, conversation: ConversationId, after: int, limit: int
    ) -> ChangePage:
        """The first `limit` messages whose last change came after `after`. Raises `ConversationNotFound`."""


class SearchStore(Protocol):
    async def scopes(
        self, domain: DomainId, user: UserId, conversation: ConversationId | None
    ) -> Sequence[SearchScope]:
        """What the user may search: all conversations that the user is in, or that one; none if the user is not."""

    async def search(
        self,
        domain: DomainId,
        scopes: Sequence[SearchScope],
        terms: Sequence[Term],
        only: SearchFilter,
        limit: int,
    ) -> Sequence[Message]:
        """The newest `limit` indexed messages in these scopes with all terms, newest first."""

    async def unindexed(
        self, conversations: Sequence[tuple[DomainId, ConversationId]], limit: int
    ) -> Sequence[Unindexed]:
        """The next messages, at most `limit` of each, of those conversations in which some are not indexed."""

    async def index(self, unindexed: Sequence[Unindexed]) -> AbstractSet[tuple[DomainId, ConversationId]]:
        """Makes them be found; those of whose conversation somebody else did, or a message has changed meanwhile, are
        left alone. Returns the conversations in which it was done.
        """


class ChatStore(Protocol):
    @property
    def groups(self) -> GroupStore: ...

    @property
    def changes(self) -> ChangeStore: ...

    @property
    def search(self) -> SearchStore: ...

    async def people(self, domain: DomainId, users: Sequence[UserId]) -> Mapping[UserId, Person]:
        """Those who are somebody; absent are numbers that are unknown, deleted, or a queue's."""

    async def find_direct(self, domain: DomainId, user: UserId, other: UserId) -> Conversation | None:
        """The direct conversation of two users, as `user` sees it."""

    async def open_direct(self, domain: DomainId, user: UserId, other: UserId) -> OpenedConversation:
        """The same, made unless it is there; of several who make it at once, one is told that it `created` it."""

    async def conversation(self, domain: DomainId, user: UserId, conversation: ConversationId) -> Conversation:
        """As the user sees it. Raises `ConversationNotFound`."""

    async def members(self, domain: DomainId, user: UserId, conversation: ConversationId) -> Sequence[UserId]:
        """Who is in it. Raises `ConversationNotFound`."""

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

    async def seq_at(self, domain: DomainId, user: UserId, conversation: ConversationId, at: datetime) -> int:
        """Number of the first message that was sent at `at` or later; of the next one, if there is none yet.

        Raises `ConversationNotFound`.
        """

    async def mark(self, reading: Reading) -> ReadMark:
        """Both numbers grow, up to the last message; what was read was delivered. Raises `ConversationNotFound`."""

    async def mute(self, domain: DomainId, user: UserId, conversation: ConversationId, *, on: bool) -> Mute:
        """Raises `ConversationNotFound`."""

    async def behind(self, domain: DomainId, user: UserId, positions: Mapping[ConversationId, int]) -> Sequence[Behind]:
        """How far conversations are beyond these positions (or not), newest first; without those the user is not in."""

    async def stretches(self, domain: DomainId, user: UserId, stretches: Sequence[Stretch]) -> Sequence[Message]:
        """The messages in these stretches, ascending within each conversation."""
