"""How far members have got and read, who is writing, and who is told of it. Part of chat/service.py.

In a large group every mark would be told to everybody by everybody. There it is told only to those who show the group
just now, and all marks of a second together; whoever opens the group afterwards asks for it as it is.
"""

import asyncio
from collections.abc import Callable, Sequence

from msgspec import Struct

from chat.admission import refuse_masked
from chat.model import Reading
from chat.store import ChatStore
from chat.throttle import Throttle
from wire.announce import Announcer
from wire.events import DeliveredMarked, MembersMarked, ReadMarked, TypingStarted
from wire.identity import Caller, ConversationId, DomainId, UserId
from wire.limits import LIMITS
from wire.records import Member

MARK_AGAIN = 1.0
"""Seconds after which the same mark of a user is taken for one of whose telling its client has heard nothing."""
TOGETHER = 1.0
"""Seconds: what members of a large group mark within them is told together."""


class _Group(Struct):
    """A large one: its members, and what is to be told of them."""

    members: Sequence[UserId]
    marks: dict[UserId, Member]


class MarksService:
    """Run `run()` in a task: it tells of large groups."""

    def __init__(self, store: ChatStore, announcer: Announcer, clock: Callable[[], float]) -> None:
        self._store = store
        self._announcer = announcer
        self._clock = clock
        # Clients that keep to the limit are never cut short by a hasty clock.
        self._typing = Throttle(LIMITS.typing_every - 1)
        self._marks = Throttle(MARK_AGAIN)
        self._waiting: dict[tuple[DomainId, ConversationId], _Group] = {}
        self._something = asyncio.Event()

    async def mark_read(self, caller: Caller, conversation: ConversationId, seq: int) -> None:
        """Everything up to `seq` was read. Told if that is news; and once more if the same is said again, in case that
        the first telling was lost. The count of unread ones is told only to the reader.
        """
        refuse_masked(caller)
        reading = Reading(caller.domain, conversation, caller.user, read=seq)
        mark = await self._store.mark(reading)
        if not self._is_to_be_told(reading, mark.read_moved, mark.read):
            return
        event = ReadMarked(conversation=conversation, user=caller.user, seq=mark.read, unread=mark.unread)
        await self._announcer.announce(caller.domain, event, [caller.user])
        if is_large(mark.members):
            self._tell_later(reading, Member(caller.user, mark.read, mark.delivered), mark.members)
        elif others := _others(mark.members, caller.user):
            event = ReadMarked(conversation=conversation, user=caller.user, seq=mark.read)
            await self._announcer.announce(caller.domain, event, others)

    async def mark_delivered(self, caller: Caller, conversation: ConversationId, seq: int) -> None:
        """Everything up to `seq` has reached a client of the caller. Told as `mark_read` is."""
        refuse_masked(caller)
        reading = Reading(caller.domain, conversation, caller.user, delivered=seq)
        mark = await self._store.mark(reading)
        if not self._is_to_be_told(reading, mark.delivered_moved, mark.delivered):
            return
        told = mark.members
        if is_large(told):
            self._tell_later(reading, Member(caller.user, mark.read, mark.delivered), told)
            told = [caller.user]
        event = DeliveredMarked(conversation=conversation, user=caller.user, seq=mark.delivered)
        await self._announcer.announce(caller.domain, event, told)

    def _is_to_be_told(self, reading: Reading, moved: bool, reached: int) -> bool:
        """Several clients of one user say the same at about the same time: that is told once."""
        is_first = self._marks.passes(reading, self._clock())
        return moved or (is_first and max(reading.read, reading.delivered) >= reached)

    async def tell_typing(self, caller: Caller, conversation: ConversationId) -> None:
        """Told to the others at once, and not again for some seconds. Kept nowhere. Raises `ConversationNotFound`."""
        refuse_masked(caller)
        if not self._typing.passes((caller.domain, conversation, caller.user), self._clock()):
            return
        members = await self._store.members(caller.domain, caller.user, conversation)
        if others := _others(members, caller.user):
            shown_in = conversation if is_large(members) else None
            event = TypingStarted(conversation=conversation, user=caller.user)
            await self._announcer.announce(caller.domain, event, others, shown_in=shown_in)

    # ------------------------------------------------------------ large groups

    def _tell_later(self, reading: Reading, mark: Member, members: Sequence[UserId]) -> None:
        group = self._waiting.setdefault((reading.domain, reading.conversation), _Group(members, {}))
        group.members = members
        group.marks[mark.user] = mark  # it only grows
        self._something.set()

    async def run(self) -> None:
        try:
            while True:
                await self._something.wait()
                await asyncio.sleep(TOGETHER)
                await self.tell_large_groups()
        finally:
            await self.tell_large_groups()

    async def tell_large_groups(self) -> None:
        """Tells what was marked since the last time."""
        self._something.clear()
        waiting, self._waiting = self._waiting, {}
        for (domain, conversation), group in waiting.items():
            event = MembersMarked(conversation=conversation, members=list(group.marks.values()))
            await self._announcer.announce(domain, event, group.members, shown_in=conversation)


def is_large(members: Sequence[UserId]) -> bool:
    return len(members) > LIMITS.told_marks_members


def _others(members: Sequence[UserId], user: UserId) -> list[UserId]:
    return [member for member in members if member != user]
