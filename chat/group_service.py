"""What may be done with groups, and who is told of it. Part of chat/service.py.

Each change is a line in the conversation, with a number of its own: a client that missed the telling finds by the
number that it lacks something.
"""

from collections.abc import Sequence
from contextlib import suppress

from chat import groups
from chat.admission import MaySeeUnlisted, name_of, refuse_masked, refuse_strangers
from chat.errors import ConversationNotFound, TooManyGroups
from chat.model import ChangedGroup
from chat.store import ChatStore
from wire.announce import Announcer
from wire.events import ConversationAdded, ConversationRemoved, GroupChanged, MessageAdded
from wire.identity import Caller, ConversationId, DomainId, UserId
from wire.limits import LIMITS
from wire.records import Conversation, History


class GroupService:
    def __init__(self, store: ChatStore, announcer: Announcer, may_see_unlisted: MaySeeUnlisted) -> None:
        self._store = store
        self._announcer = announcer
        self._may_see_unlisted = may_see_unlisted

    async def create(
        self, caller: Caller, client_id: str, name: str, users: Sequence[UserId], history: History
    ) -> Conversation:
        """A group of the caller and `users`; the same `client_id` again finds it.

        Raises `EmptyName`, `PersonNotFound`, `GroupFull`, `TooManyGroups`, `ClientIdTaken`.
        """
        refuse_masked(caller)
        change = groups.made(caller.user, name_of(name), users, history)
        await self._refuse(caller, list(change.group.roles))
        made = await self._store.groups.make(caller.domain, caller.user, client_id, change)
        if made.created:
            await self._tell_joined(caller.domain, made.conversation.conversation, list(change.group.roles))
        return made.conversation

    async def rename(self, caller: Caller, conversation: ConversationId, name: str) -> None:
        """Raises `EmptyName`, `ConversationNotFound`, `NotAGroup`, as all that follow raise the last two."""
        refuse_masked(caller)
        clean = name_of(name)
        await self._change(caller, conversation, lambda group: groups.renamed(group, clean))

    async def set_history(self, caller: Caller, conversation: ConversationId, history: History) -> None:
        """What those see who join from now on. Raises `NotAManager`."""
        refuse_masked(caller)
        await self._change(caller, conversation, lambda group: groups.with_history(group, caller.user, history))

    async def add(self, caller: Caller, conversation: ConversationId, users: Sequence[UserId]) -> None:
        """Who is in it already stays as they are. Raises `PersonNotFound`, `GroupFull`, `TooManyGroups`."""
        refuse_masked(caller)
        members = await self._store.members(caller.domain, caller.user, conversation)
        await self._refuse(caller, [user for user in users if user not in members])
        await self._change(caller, conversation, lambda group: groups.with_added(group, users))

    async def remove(self, caller: Caller, conversation: ConversationId, user: UserId) -> None:
        """Raises `NotAManager`, `NotTheCreator`."""
        refuse_masked(caller)
        await self._change(caller, conversation, lambda group: groups.without(group, caller.user, user))

    async def leave(self, caller: Caller, conversation: ConversationId) -> None:
        refuse_masked(caller)
        await self._change(caller, conversation, lambda group: groups.left_by(group, caller.user))

    async def set_manager(self, caller: Caller, conversation: ConversationId, user: UserId, *, on: bool) -> None:
        """Raises `NotAManager`, `NotAMember`, `NotTheCreator`."""
        refuse_masked(caller)
        await self._change(caller, conversation, lambda group: groups.with_manager(group, caller.user, user, on=on))

    async def _refuse(self, caller: Caller, users: Sequence[UserId]) -> None:
        """Whom the caller may not know, and who is in too many groups."""
        people = await self._store.people(caller.domain, users)
        refuse_strangers(caller, users, people, self._may_see_unlisted, "users")
        counts = await self._store.groups.groups_of(caller.domain, users)
        for user in users:
            if counts.get(user, 0) >= LIMITS.groups_per_user:
                raise TooManyGroups(user, LIMITS.groups_per_user)

    async def _change(self, caller: Caller, conversation: ConversationId, decide: groups.Decision) -> None:
        changed = await self._store.groups.change(caller.domain, caller.user, conversation, decide)
        if changed.lines:
            await self._tell(caller, changed)

    async def _tell(self, caller: Caller, changed: ChangedGroup) -> None:
        announce, domain = self._announcer.announce, caller.domain
        stayed = [member.user for member in changed.members if member.user not in changed.joined]
        for line in changed.lines:
            await announce(domain, MessageAdded(message=line), stayed)
        await announce(domain, _group_changed(changed), stayed)
        await self._tell_joined(domain, changed.conversation, changed.joined)
        if changed.left:
            removed = ConversationRemoved(conversation=changed.conversation, seq=changed.lines[-1].seq)
            await announce(domain, removed, changed.left)

    async def _tell_joined(self, domain: DomainId, conversation: ConversationId, users: Sequence[UserId]) -> None:
        """Each is told what each sees: somebody may have been in it before, and have things of an own in it."""
        for user in users:
            with suppress(ConversationNotFound):  # gone again
                theirs = await self._store.conversation(domain, user, conversation)
                await self._announcer.announce(domain, ConversationAdded(conversation=theirs), [user])


def _group_changed(changed: ChangedGroup) -> GroupChanged:
    return GroupChanged(
        conversation=changed.conversation,
        seq=changed.lines[-1].seq,
        name=changed.group.name,
        members=changed.members,
        history=changed.group.history,
    )
