"""What may be done in chat, and who is told of it. Decides; keeps nothing itself. Groups, changes of messages, marks
and search are parts of their own (group_service.py, change_service.py, marks_service.py, search_service.py).

Whoever masks another user may do nothing here. Everything is told after it is committed; what is told is never more
than a hint, since every client can find by numbers what it lacks.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from chat.admission import MaySeeUnlisted, readable, refuse_masked, refuse_strangers
from chat.change_service import ChangeService
from chat.errors import ConversationNotFound
from chat.group_service import GroupService
from chat.indexing import Indexer
from chat.marks_service import MarksService
from chat.model import ConversationPage, Cursor, Details, KeptMessage, MessagePage, NewMessage
from chat.paging import PAGE_BYTES, how_many_fit, plan_catch_up, size_of_conversation, size_of_message
from chat.search_service import SearchService
from chat.store import ChatStore
from wire.announce import Announcer
from wire.errors import Invalid, Refused
from wire.events import (
    ChangesMissed,
    ConversationAdded,
    ConversationRemoved,
    ConversationsSnapshot,
    MessageAdded,
    MessagesMissed,
    MuteChanged,
)
from wire.identity import Caller, ConversationId, FileId, UserId
from wire.records import Conversation, Message

SNAPSHOT_CONVERSATIONS = 50
"""Told to everybody who connects: more than fit on a screen. Each costs every login some 20 us of the database."""
CHANGES_UNASKED = 100
"""Changed messages that are sent unasked of each conversation after a reconnect."""
CHANGED_CONVERSATIONS_UNASKED = 10
Missed = MessagesMissed | ChangesMissed | ConversationRemoved


class Positions(Struct, frozen=True):
    """What a client knows that was away: up to which number of each conversation, and up to which change of it."""

    messages: Mapping[ConversationId, int] = {}
    changes: Mapping[ConversationId, int] = {}


class ChatService:
    """`may_see_unlisted(caller, user, scope, site)` decides who may start a conversation with an unlisted user.

    Run `indexer.run()` and `marks.run()` in tasks.
    """

    def __init__(
        self,
        store: ChatStore,
        announcer: Announcer,
        may_see_unlisted: MaySeeUnlisted,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._announcer = announcer
        self._may_see_unlisted = may_see_unlisted
        self._finishing: set[asyncio.Task[None]] = set()
        self.indexer = Indexer(store.search)
        self.groups = GroupService(store, announcer, may_see_unlisted)
        self.changes = ChangeService(store, announcer)
        self.marks = MarksService(store, announcer, clock)
        self.searching = SearchService(store, self.indexer)

    async def close(self) -> None:
        """Waits for messages whose senders went away while they were being kept. Call before the store is closed."""
        await asyncio.gather(*self._finishing, return_exceptions=True)

    # ------------------------------------------------------------ conversations

    async def open_conversation(self, caller: Caller, user: UserId) -> Conversation:
        """The direct conversation with `user`: one for each pair, for ever. With oneself it is a notebook.

        One that exists stays open to both, whatever becomes of their listing. Raises `PersonNotFound`.
        """
        refuse_masked(caller)
        found = await self._store.find_direct(caller.domain, caller.user, user)
        if found is not None:
            return found
        people = await self._store.people(caller.domain, [user])
        refuse_strangers(caller, [user], people, self._may_see_unlisted)
        opened = await self._store.open_direct(caller.domain, caller.user, user)
        if opened.created:
            members = [member.user for member in opened.conversation.members]
            await self._announcer.announce(caller.domain, ConversationAdded(conversation=opened.conversation), members)
        return opened.conversation

    async def conversation(self, caller: Caller, conversation: ConversationId) -> Conversation:
        """As it is now. Raises `ConversationNotFound`."""
        refuse_masked(caller)
        return await self._store.conversation(caller.domain, caller.user, conversation)

    async def list_conversations(self, caller: Caller, before: str | None, limit: int) -> ConversationPage:
        """At most `limit`, newest first; fewer, if their last messages are long. Raises `Invalid` for the cursor."""
        refuse_masked(caller)
        cursor = None if before is None else Cursor.parse(before)
        found = list(await self._store.conversations(caller.domain, caller.user, cursor, limit + 1))
        taken = how_many_fit(found, limit, size_of_conversation)
        more = taken < len(found)
        return ConversationPage(found[:taken], str(Cursor.of(found[taken - 1])) if more else None)

    # ------------------------------------------------------------ messages

    async def send(
        self,
        caller: Caller,
        conversation: ConversationId,
        client_id: str,
        body: str,
        *,
        reply_to: int = 0,
        mentions: Sequence[UserId] = (),
        files: Sequence[FileId] = (),
    ) -> KeptMessage:
        """Keeps a message, then tells all members, the sender too. Returns after both.

        The same `client_id` again keeps nothing new and tells once more, in case that the first telling was lost with
        its gateway. Raises `EmptyMessage`, `MessageTooLong`, `ConversationNotFound`, `FileNotThere`, `ClientIdTaken`.
        """
        refuse_masked(caller)
        details = Details(reply_to, list(mentions)) if reply_to or mentions else None
        text = readable(body, may_be_empty=bool(files))
        message = NewMessage(
            caller.domain, conversation, caller.user, client_id, text, tuple(dict.fromkeys(files)), details
        )
        try:
            return await self._keep_and_tell(message)
        except asyncio.CancelledError:
            # The sender's connection went away, but the message may be kept already: then others must hear of it.
            self._finish_alone(message)
            raise

    async def _keep_and_tell(self, message: NewMessage) -> KeptMessage:
        kept = await self._store.append(message)
        self.indexer.note(message.domain, message.conversation)
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
        refuse_masked(caller)
        if after is not None and before is not None:
            raise Invalid("Ask for what is after or for what is before, not for both", field="before")
        if after is not None:
            found = await self._store.messages_after(caller.domain, caller.user, conversation, after, limit + 1)
        else:
            found = await self._store.messages_before(caller.domain, caller.user, conversation, before, limit + 1)
        taken = how_many_fit(found, limit, size_of_message)
        page = list(found[:taken]) if after is not None else list(reversed(found[:taken]))
        return MessagePage(page, more=taken < len(found))

    async def messages_around(
        self, caller: Caller, conversation: ConversationId, around: int | None, at: datetime | None, limit: int
    ) -> MessagePage:
        """Half of them before the message `around` (or the first one at `at` or later), the rest from it on.

        Raises `Invalid`, `ConversationNotFound`.
        """
        refuse_masked(caller)
        if at is not None:
            around = await self._store.seq_at(caller.domain, caller.user, conversation, at)
        middle = around or 0
        before = await self.messages(caller, conversation, None, middle, max(limit // 2, 1))
        after = await self.messages(caller, conversation, max(middle - 1, 0), None, max(limit - limit // 2, 1))
        return MessagePage([*before.messages, *after.messages], before.more, after.more, around=middle)

    # ------------------------------------------------------------ mute

    async def mute(self, caller: Caller, conversation: ConversationId, *, on: bool) -> None:
        """Only the caller's clients are told. Raises `ConversationNotFound`."""
        refuse_masked(caller)
        mute = await self._store.mute(caller.domain, caller.user, conversation, on=on)
        if mute.moved:
            event = MuteChanged(conversation=conversation, muted=mute.muted, rev=mute.rev)
            await self._announcer.announce(caller.domain, event, [caller.user])

    # ------------------------------------------------------------ connect and resume

    async def snapshot(
        self, caller: Caller, positions: Positions | None = None
    ) -> tuple[ConversationsSnapshot, list[Missed]]:
        """The newest conversations, and what came after the `positions` of a client that was away.

        Of conversations that the caller is not in, it is said that they are gone, whether or not they exist.
        """
        refuse_masked(caller)
        page = await self.list_conversations(caller, None, SNAPSHOT_CONVERSATIONS)
        missed = await self._missed(caller, positions) if positions and positions.messages else []
        return ConversationsSnapshot(conversations=page.conversations, next=page.next), missed

    async def _missed(self, caller: Caller, positions: Positions) -> list[Missed]:
        """For each conversation that has news, if only to say that there is more than is sent unasked."""
        known = await self._store.behind(caller.domain, caller.user, positions.messages)
        gone = set(positions.messages) - {each.conversation for each in known}
        missed: list[Missed] = [ConversationRemoved(conversation=conversation) for conversation in sorted(gone)]
        behind = [each for each in known if each.last_seq > each.after]
        stretches = plan_catch_up(behind)
        found = await self._store.stretches(caller.domain, caller.user, stretches) if stretches else []
        found = found[: how_many_fit(found, len(found), size_of_message)]
        by_conversation: dict[ConversationId, list[Message]] = {}
        for message in found:
            by_conversation.setdefault(message.conversation, []).append(message)
        for each in behind:
            messages = by_conversation.get(each.conversation, [])
            reached = messages[-1].seq if messages else each.after
            missed.append(
                MessagesMissed(conversation=each.conversation, messages=messages, more=reached < each.last_seq)
            )
        changed = {
            each.conversation: positions.changes[each.conversation]
            for each in known
            if each.last_rev > positions.changes.get(each.conversation, each.last_rev)
        }
        return [*missed, *await self._missed_changes(caller, changed)]

    async def _missed_changes(self, caller: Caller, after: Mapping[ConversationId, int]) -> list[ChangesMissed]:
        missed, room = [], PAGE_BYTES
        for nth, (conversation, rev) in enumerate(after.items()):
            if nth >= CHANGED_CONVERSATIONS_UNASKED or room <= 0:
                missed.append(ChangesMissed(conversation=conversation, messages=[], rev=rev, more=True))
                continue
            with suppress(ConversationNotFound):  # left in this moment
                page = await self.changes.list(caller, conversation, rev, CHANGES_UNASKED)
                room -= sum(map(size_of_message, page.messages))
                missed.append(
                    ChangesMissed(conversation=conversation, messages=page.messages, rev=page.rev, more=page.more)
                )
        return missed
