"""Edits, deletions and reactions, and who is told of them. Part of chat/service.py.

Each counts the conversation's `rev` up by one, and is told with the whole message as it is then: to those who may see
it, and once more if it is asked for again, in case that the first telling was lost with its gateway.
"""

from collections.abc import Sequence

from chat import changing
from chat.admission import readable, refuse_masked
from chat.model import ChangePage
from chat.paging import how_many_fit, size_of_message
from chat.store import ChatStore
from wire.announce import Announcer
from wire.events import MessageChanged
from wire.identity import Caller, ConversationId, UserId


class ChangeService:
    def __init__(self, store: ChatStore, announcer: Announcer) -> None:
        self._store = store
        self._announcer = announcer

    async def edit(
        self, caller: Caller, conversation: ConversationId, seq: int, body: str, mentions: Sequence[UserId]
    ) -> None:
        """Raises `EmptyMessage`, `MessageTooLong`, `NotYourMessage`, `MessageDeleted`; and as all here
        `ConversationNotFound`, `MessageNotFound`.
        """
        refuse_masked(caller)
        text = readable(body, may_be_empty=True)
        await self._change(
            caller, conversation, seq, lambda message, now: changing.edited(message, caller.user, text, mentions, now)
        )

    async def delete(self, caller: Caller, conversation: ConversationId, seq: int) -> None:
        """Raises `NotYourMessage`."""
        refuse_masked(caller)
        await self._change(caller, conversation, seq, lambda message, now: changing.deleted(message, caller.user, now))

    async def react(self, caller: Caller, conversation: ConversationId, seq: int, emoji: str, *, on: bool) -> None:
        """Raises `NotAPicture`, `MessageDeleted`, `TooManyReactions`."""
        refuse_masked(caller)
        picture = changing.picture_of(emoji)
        await self._change(
            caller, conversation, seq, lambda message, _: changing.reacted(message, caller.user, picture, on=on)
        )

    async def _change(self, caller: Caller, conversation: ConversationId, seq: int, decide: changing.Decision) -> None:
        changed = await self._store.changes.change(caller.domain, caller.user, conversation, seq, decide)
        if changed.changed or changed.message.rev:
            event = MessageChanged(message=changed.message)
            await self._announcer.announce(caller.domain, event, changed.members)

    async def list(self, caller: Caller, conversation: ConversationId, after: int, limit: int) -> ChangePage:
        """Messages whose last change came after `after`. At most `limit`; fewer, if they are long."""
        refuse_masked(caller)
        page = await self._store.changes.changes_after(caller.domain, caller.user, conversation, after, limit)
        taken = how_many_fit(page.messages, limit, size_of_message)
        if taken == len(page.messages):
            return page
        messages = page.messages[:taken]
        return ChangePage(messages, messages[-1].rev, more=True)
