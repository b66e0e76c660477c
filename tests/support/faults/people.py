"""People who use the service while something is broken, and remember what they were promised.

Each has one client, as it is shipped (`client/`), comes back by its own rules, turns Do Not Disturb on and off, is on
the phone and off it, and writes to the next one.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from client.errors import CommandRefused, NotConnected
from client.presence_client import PresenceClient
from wire.commands import CallPhase, ReportCall
from wire.identity import CallId, ConversationId, UserId
from wire.records import Calls
from wire.replies import Done

PAUSE = 0.3
"""Seconds between two acts of one person, on average."""
AGAIN = 0.2
COMMAND_WITHIN = 4.0

Look = tuple[bool, bool]
"""Do Not Disturb, and on the phone."""
Said = tuple[ConversationId, int, str]
"""Conversation, number and text of a message that was acknowledged."""


class Person:
    """Acts, and knows what became of it."""

    def __init__(self, user: UserId, client: PresenceClient, choice: random.Random) -> None:
        self.user = user
        self.client = client
        self._choice = choice
        self._look: Look = (False, False)
        self._asked: Look = self._look
        self.said_in = ""
        """The timeline of the database in which Do Not Disturb was set last."""
        self.settled_at = 0.0
        """When the last act was confirmed."""
        self.is_sending = False
        self.acted = 0
        self.said: list[Said] = []
        self.conversation = ConversationId(0)
        self._call = 0
        self._on_phone = asyncio.Lock()

    async def live(self, over: asyncio.Event) -> None:
        """Acts until it is over; what was begun is brought to its end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat(over, self._change_look))
            group.create_task(self._repeat(over, self._say_something))

    async def _repeat(self, over: asyncio.Event, act: Callable[[], Awaitable[None]]) -> None:
        while not over.is_set():
            await asyncio.sleep(self._choice.uniform(0, 2 * PAUSE))
            await act()

    async def _change_look(self) -> None:
        dnd, phoning = self._look
        by_chance = self._choice.random() < 0.5
        new = (not dnd, phoning) if by_chance or self._is_unsure else (dnd, not phoning)
        self._asked = new
        if new[0] != dnd:
            await self._persist(lambda: self.client.set_dnd(new[0]))
            self.said_in = self.client.timeline
        else:
            if new[1]:
                self._call += 1
            phase = CallPhase.ACTIVE if new[1] else CallPhase.ENDED
            command = ReportCall(call=CallId(f"call-{self._call}"), phase=phase)
            await self._persist(lambda: self.client.ask(command, Done, within=COMMAND_WITHIN))
        self._look = new
        self.settled_at = asyncio.get_running_loop().time()
        self.acted += 1

    @property
    def _is_unsure(self) -> bool:
        """Another database has taken over, which may not know of what was set last."""
        return self.client.timeline != self.said_in

    @property
    def may_look(self) -> set[Look]:
        """What others may see of them just now. More than one while something is asked and not answered."""
        looks = {self._look, self._asked}
        return looks | {(not dnd, phoning) for dnd, phoning in looks} if self._is_unsure else looks

    async def _persist(self, act: Callable[[], Awaitable[object]]) -> None:
        """As somebody who presses the button again until it has worked."""
        while True:
            try:
                await act()
            except CommandRefused as refused:
                if not refused.temporary:
                    raise
            except (NotConnected, TimeoutError):
                pass
            else:
                return
            await asyncio.sleep(AGAIN)

    async def _say_something(self) -> None:
        text = f"{self.user} says {len(self.said) + 1}"
        self.is_sending = True
        sent = await self.client.send(self.conversation, text)
        self.is_sending = False
        self.said.append((self.conversation, sent.seq, text))
        self.acted += 1

    def sees(self, other: UserId) -> Look | None:
        """None: this screen says that it does not know."""
        if not self.client.is_live:
            return None
        seen = self.client.presence_of(other)
        return None if seen.unknown_since else (seen.dnd, seen.calls is Calls.BUSY)

    def reads(self, conversation: ConversationId) -> list[tuple[int, str]]:
        """Everything that is shown of a conversation, in its order."""
        thread = self.client.chat.threads.get(conversation)
        return [(message.seq, message.body) for message in thread.run] if thread else []

    async def leave(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self.client.close()


async def come_together(url: str, tokens: dict[UserId, str], seed: int) -> list[Person]:
    """All are connected, and each has a conversation with the next one."""
    people = [
        Person(user, PresenceClient(url, token, available=True), random.Random(seed + nth))  # noqa: S311
        for nth, (user, token) in enumerate(tokens.items())
    ]
    await asyncio.gather(*(person.client.__aenter__() for person in people))
    for nth, person in enumerate(people):
        person.said_in = person.client.timeline
        person.conversation = await person.client.open_with(people[(nth + 1) % len(people)].user)
    return people


async def leave_all(people: Sequence[Person]) -> None:
    await asyncio.gather(*(person.leave() for person in people))
