"""What may be done in chat, and who is told of it. Decides; keeps nothing itself.

Whoever masks another user may do nothing here. Everything is told after it is committed; what is told is never more
than a hint, since every client can find by numbers what it lacks.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from chat.errors import EmptyMessage, MaskedFromChat, MessageTooLong, PersonNotFound
from chat.model import ConversationPage, Cursor, KeptMessage, MessagePage, NewMessage, Person
from chat.paging import how_many_fit, plan_catch_up, size_of_conversation, size_of_message
from chat.store import ChatStore
from chat.text import clean_body
from wire.announce import Announcer
from wire.errors import Invalid, Refused
from wire.events import ConversationAdded, ConversationsSnapshot, MessageAdded, MessagesMissed, ReadMarked
from wire.identity import Caller, ConversationId, FileId, Scope, UserId
from wire.limits import LIMITS
from wire.records import Conversation, Message

MaySeeUnlisted = Callable[[Caller, UserId, Scope, str | None], bool]

SNAPSHOT_CONVERSATIONS = 50
"""Told to everybody who connects: more than fit on a screen. Each costs every login some 20 us of the database."""


class ChatService:
    """`may_see_unlisted(caller, user, scope, site)` decides who may start a conversation with an unlisted user."""

    def __init__(self, store: ChatStore, announcer: Announcer, may_see_unlisted: MaySeeUnlisted) -> None:
        self._store = store
        self._announcer = announcer
        self._may_see_unlisted = may_see_unlisted
        self._finishing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Waits for messages whose senders went away while they were being kept. Call before the store is closed."""
        await asyncio.gather(*self._finishing, return_exceptions=True)

    # ------------------------------------------------------------ conversations

    async def open_conversation(self, caller: Caller, user: UserId) -> Conversation:
        """The direct conversation with `user`: one for each pair, for ever. With oneself it is a notebook.

        One that exists stays open to both, whatever becomes of their listing. Raises `PersonNotFound`.
        """
        _refuse_masked(caller)
        found = await self._store.find_direct(caller.domain, caller.user, user)
        if found is not None:
            return found
        person = await self._store.person(caller.domain, user)
        if person is None or not self._may_meet(caller, person):
            raise PersonNotFound(user)
        opened = await self._store.open_direct(caller.domain, caller.user, user)
        if opened.created:
            members = [member.user for member in opened.conversation.members]
            await self._announcer.announce(caller.domain, ConversationAdded(conversation=opened.conversation), members)
        return opened.conversation

    def _may_meet(self, caller: Caller, person: Person) -> bool:
        if person.listed or person.user == caller.user:
            return True
        return self._may_see_unlisted(caller, person.user, person.scope, person.site)

    async def list_conversations(self, caller: Caller, before: str | None, limit: int) -> ConversationPage:
        """At most `limit`, newest first; fewer, if their last messages are long. Raises `Invalid` for the cursor."""
        _refuse_masked(caller)
        cursor = None if before is None else Cursor.parse(before)
        found = list(await self._store.conversations(caller.domain, caller.user, cursor, limit + 1))
        taken = how_many_fit(found, limit, size_of_conversation)
        more = taken < len(found)
        return ConversationPage(found[:taken], str(Cursor.of(found[taken - 1])) if more else None)

    # ------------------------------------------------------------ messages

    async def send(
        self, caller: Caller, conversation: ConversationId, client_id: str, body: str, files: Sequence[FileId] = ()
    ) -> KeptMessage:
        """Keeps a message, then tells all members, the sender too. Returns after both.

        The same `client_id` again keeps nothing new and tells once more, in case that the first telling was lost with
        its gateway. Raises `EmptyMessage`, `MessageTooLong`, `ConversationNotFound`, `FileNotThere`, `ClientIdTaken`.
        """
        _refuse_masked(caller)
        readable = _readable(body, may_be_empty=bool(files))
        message = NewMessage(caller.domain, conversation, caller.user, client_id, readable, tuple(dict.fromkeys(files)))
        try:
            return await self._keep_and_tell(message)
        except asyncio.CancelledError:
            # The sender's connection went away, but the message may be kept already: then others must hear of it.
            self._finish_alone(message)
            raise

    async def _keep_and_tell(self, message: NewMessage) -> KeptMessage:
        kept = await self._store.append(message)
        await self._announcer.announce(message.domain, MessageAdded(message=kept.message), kept.members)
        return kept

    def _finish_alone(self, message: NewMessage) -> None:
        async def finish() -> None:
            with suppress(Refused):
                await self._keep_and_tell(message)

        task = asyncio.create_task(finish())
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def messages(
        self, caller: Caller, conversation: ConversationId, after: int | None, before: int | None, limit: int
    ) -> MessagePage:
        """The first after `after`, or else the last before `before`, or else the last; in any case ascending.

        At most `limit`; fewer, if they are long. Raises `Invalid`, `ConversationNotFound`.
        """
        _refuse_masked(caller)
        if after is not None and before is not None:
            raise Invalid("Ask for what is after or for what is before, not for both", field="before")
        if after is not None:
            found = await self._store.messages_after(caller.domain, caller.user, conversation, after, limit + 1)
        else:
            found = await self._store.messages_before(caller.domain, caller.user, conversation, before, limit + 1)
        taken = how_many_fit(found, limit, size_of_message)
        page = list(found[:taken]) if after is not None else list(reversed(found[:taken]))
        return MessagePage(page, more=taken < len(found))

    async def mark_read(self, caller: Caller, conversation: ConversationId, seq: int) -> None:
        """Everything up to `seq` was read. Told only if that is news: the count of unread ones only to the reader."""
        _refuse_masked(caller)
        mark = await self._store.mark_read(caller.domain, caller.user, conversation, seq)
        if not mark.moved:
            return
        event = ReadMarked(conversation=conversation, user=caller.user, seq=mark.seq, unread=mark.unread)
        await self._announcer.announce(caller.domain, event, [caller.user])
        others = [member for member in mark.members if member != caller.user]
        if others:
            event = ReadMarked(conversation=conversation, user=caller.user, seq=mark.seq)
            await self._announcer.announce(caller.domain, event, others)

    # ------------------------------------------------------------ connect and resume

    async def snapshot(
        self, caller: Caller, positions: Mapping[ConversationId, int]
    ) -> tuple[ConversationsSnapshot, list[MessagesMissed]]:
        """The newest conversations, and what came after the `positions` of a client that was away.

        Positions in conversations that the caller is not in are passed over.
        """
        _refuse_masked(caller)
        page = await self.list_conversations(caller, None, SNAPSHOT_CONVERSATIONS)
        missed = await self._missed(caller, positions) if positions else []
        return ConversationsSnapshot(conversations=page.conversations, next=page.next), missed

    async def _missed(self, caller: Caller, positions: Mapping[ConversationId, int]) -> list[MessagesMissed]:
        """One for each conversation that has news, if only to say that there is more than is sent unasked."""
        behind = await self._store.behind(caller.domain, caller.user, positions)
        stretches = plan_catch_up(behind)
        found = await self._store.stretches(caller.domain, caller.user, stretches) if stretches else []
        found = found[: how_many_fit(found, len(found), size_of_message)]
        by_conversation: dict[ConversationId, list[Message]] = {}
        for message in found:
            by_conversation.setdefault(message.conversation, []).append(message)
        missed = []
        for each in behind:
            messages = by_conversation.get(each.conversation, [])
            reached = messages[-1].seq if messages else each.after
            missed.append(
                MessagesMissed(conversation=each.conversation, messages=messages, more=reached < each.last_seq)
            )
        return missed


def _refuse_masked(caller: Caller) -> None:
    if caller.operator is not None:
        raise MaskedFromChat


def _readable(typed: str, *, may_be_empty: bool = False) -> str:
    body = clean_body(typed)
    if not body and not may_be_empty:
        raise EmptyMessage
    if len(body) > LIMITS.message_length:  # composing can make a text longer
        raise MessageTooLong(LIMITS.message_length)
    return body
