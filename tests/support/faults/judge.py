"""Watches every screen while something is broken, and says what it did to people."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from storage.postgres.pool import Pool
from tests.support.faults.people import Person, Said
from wire.ending import end
from wire.identity import DomainId, UserId

LOOK_EVERY = 0.02
STALLED = 0.1
"""Longer than this between two looks is no time of the service's, but of a machine that is busy elsewhere."""
SETTLED = 1.0
"""Seconds for a change to reach every screen of a service that is well; far more than it takes."""


class Verdict(Struct):
    """What one fault did to people. Times in seconds."""

    fault: str
    lasted: float
    wrong: float
    """The longest that any screen showed something of somebody that was not true, as if it were known."""
    unknown: float
    """The longest that any screen said that it did not know."""
    unanswered: float
    """The longest that anybody waited for an act to be confirmed."""
    recovered: float
    """From the end of the fault until everybody had done something that everybody sees."""
    sent: int
    lost: int
    twice: int
    reconnects: int


class _Stretch:
    """How long the same thing has been so without a break, and at most."""

    def __init__(self) -> None:
        self._since: dict[object, tuple[object, float]] = {}
        self.longest = 0.0
        self.worst: object = None

    def note(self, who: object, what: object, now: float) -> None:
        """`what` is so of somebody; None: nothing is."""
        if what is None:
            self._since.pop(who, None)
            return
        before, since = self._since.get(who, (None, now))
        if before != what:
            since = now
        self._since[who] = what, since
        if now - since > self.longest:
            self.longest, self.worst = now - since, (who, what)

    def any_longer_than(self, seconds: float, now: float) -> bool:
        return any(now - since > seconds for _, since in self._since.values())


class _Clock:
    """Stands still while this process does not run: the screens are in it, and show nothing meanwhile."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._looked = self._loop.time()
        self.now = 0.0

    def look(self) -> float:
        """To be called every `LOOK_EVERY`."""
        before, self._looked = self._looked, self._loop.time()
        self.now += min(self._looked - before, STALLED)
        return self.now


class Judge:
    def __init__(self, people: Sequence[Person]) -> None:
        self._people = people
        self.wrong, self.unknown, self.unanswered = _Stretch(), _Stretch(), _Stretch()
        self._connections = {person.user: person.client.connections for person in people}
        self._clock = _Clock()
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            now = self._clock.look()
            for person in self._people:
                self.unanswered.note((person.user, "looks"), len(person.may_look) > 1 or None, now)
                self.unanswered.note((person.user, "says"), person.is_sending or None, now)
                for other in self._people:
                    if other is not person:
                        self._look(person, other, now)
            await asyncio.sleep(LOOK_EVERY)

    def _look(self, person: Person, other: Person, now: float) -> None:
        pair, seen = (person.user, other.user), person.sees(other.user)
        self.unknown.note(pair, seen is None or None, now)
        # As long as the screen stands still; one that is a moment behind again and again is not wrong.
        self.wrong.note(pair, None if seen in other.may_look else seen, now)

    async def until_recovered(self, since: float, within: float) -> float:
        """Until everybody has done something since then that all screens show; the seconds it took."""
        acted = {person.user: person.acted for person in self._people}
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(within):
                while not self._is_well(acted):  # noqa: ASYNC110 - many things have to hold at the same moment
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise AssertionError(f"not well again after {within} s: {self._complaints(acted)}") from None
        return loop.time() - since

    def _is_well(self, acted: Mapping[UserId, int]) -> bool:
        now = self._clock.now
        return (
            all(person.client.is_live and person.acted > acted[person.user] + 1 for person in self._people)
            and not self.wrong.any_longer_than(SETTLED, now)
            and not any(person.client.presence.doubted_since for person in self._people)
        )

    def _complaints(self, acted: Mapping[UserId, int]) -> list[object]:
        return [
            {
                "user": person.user,
                "live": person.client.is_live,
                "acted": person.acted - acted[person.user],
                "doubted": person.client.presence.doubted_since,
                "sees": {other.user: (person.sees(other.user), other.may_look) for other in self._people},
            }
            for person in self._people
        ]

    async def until_agreed(self, within: float, pool: Pool, domain: DomainId, *, may_lose: bool) -> None:
        """Nobody does anything any more: every screen shows the truth, all that was acknowledged, and nothing else.

        `may_lose`: of what was acknowledged, what is kept.
        """
        kept = await _messages_in(pool, domain)
        undisturbed = await _undisturbed_in(pool, domain)
        said = {each for person in self._people for each in person.said}
        shown = said & kept if may_lose else said
        try:
            async with asyncio.timeout(within):
                while self._first_difference(kept, shown, undisturbed) is not None:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            first = self._first_difference(kept, shown, undisturbed)
            raise AssertionError(f"still different after {within} s: {first}") from None

    def _first_difference(self, kept: set[Said], said: set[Said], undisturbed: set[UserId]) -> object:
        for person in self._people:
            for other in self._people:
                if other is not person and person.sees(other.user) not in other.may_look:
                    return person.user, "sees of", other.user, person.sees(other.user), "not", other.may_look
                seen = person.sees(other.user)
                if other is not person and seen is not None and seen[0] != (other.user in undisturbed):
                    return person.user, "sees of", other.user, seen, "which is not what is kept"
                if other is not person and not person.client.presence_of(other.user).chat:
                    return person.user, "does not see that", other.user, "is here"
            for conversation in person.client.chat.threads:
                shown = {(conversation, seq, text) for seq, text in person.reads(conversation)}
                if missing := {each for each in said if each[0] == conversation} - shown:
                    return person.user, "does not show", min(missing)
                if ghosts := shown - kept:
                    return person.user, "shows what is not there", min(ghosts)
        return None

    async def verdict(self, fault: str, lasted: float, recovered: float, pool: Pool, domain: DomainId) -> Verdict:
        await end(self._watching)
        kept = await _messages_in(pool, domain)
        said = [each for person in self._people for each in person.said]
        print("longest wrong, by and of whom, and what was seen:", self.wrong.worst)  # noqa: T201 - shown when the test fails
        return Verdict(
            fault=fault,
            lasted=round(lasted, 1),
            wrong=round(self.wrong.longest, 2),
            unknown=round(self.unknown.longest, 1),
            unanswered=round(self.unanswered.longest, 1),
            recovered=round(recovered, 1),
            sent=len(said),
            lost=sum(each not in kept for each in said),
            twice=_more_than_once(body for _, _, body in kept) + sum(self._shown_twice(each) for each in self._people),
            reconnects=sum(each.client.connections - self._connections[each.user] for each in self._people),
        )

    def _shown_twice(self, person: Person) -> int:
        return sum(
            _more_than_once(body for _, body in person.reads(conversation))
            for conversation in person.client.chat.threads
        )


async def _messages_in(pool: Pool, domain: DomainId) -> set[Said]:
    rows = await pool.fetch("SELECT conversation_id, seq, body FROM messages WHERE domain_id = $1", domain)
    return {(row["conversation_id"], row["seq"], row["body"]) for row in rows}


async def _undisturbed_in(pool: Pool, domain: DomainId) -> set[UserId]:
    """Who does not want to be disturbed."""
    rows = await pool.fetch("SELECT user_id FROM presence_settings WHERE domain_id = $1 AND dnd", domain)
    return {row["user_id"] for row in rows}


def _more_than_once(texts: object) -> int:
    return sum(count - 1 for count in Counter(texts).values())  # type: ignore[call-overload]
