"""Nothing old is deleted by a clock that is not that of the database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chat.keeping import service
from chat.keeping.service import RetentionService
from contacts import trash
from contacts.trash import empty_trash_forever
from storage.postgres.clock import MOST_APART, SharedClock
from storage.postgres.keeping import PostgresKeepingStore
from storage.postgres.pool import Pool
from tests.support.chat import Ear
from wire.ending import end


@pytest.mark.parametrize(
    ("ahead", "agrees"),
    [
        (timedelta(0), True),
        (MOST_APART - timedelta(seconds=30), True),
        (-MOST_APART + timedelta(seconds=30), True),
        (timedelta(hours=1), False),
        (timedelta(hours=-1), False),
        (timedelta(days=365), False),
    ],
)
async def test_a_clock_is_believed_that_the_database_shares(pool: Pool, ahead: timedelta, agrees: bool) -> None:
    assert await SharedClock(pool, lambda: datetime.now(UTC) + ahead).agrees() is agrees


class Word:
    """Says no some times, then yes; and counts who acts meanwhile."""

    def __init__(self) -> None:
        self.asked = self.acted = self.acted_unasked = 0
        self.done = asyncio.Event()

    async def may_believe(self) -> bool:
        self.asked += 1
        return self.asked > 3

    async def act(self) -> int:
        self.acted += 1
        self.acted_unasked += self.asked <= 3
        self.done.set()
        return 0

    async def take(self, _job: str, _seconds: float) -> bool:
        await self.act()
        return False


@pytest.mark.parametrize("job", ["retention", "trash"])
async def test_what_is_old_waits_until_the_clocks_agree(pool: Pool, monkeypatch: pytest.MonkeyPatch, job: str) -> None:
    monkeypatch.setattr(service, "_LOOK_EVERY", 0.001)
    monkeypatch.setattr(trash, "EMPTY_EVERY", 0.001)
    word = Word()
    retention = RetentionService(PostgresKeepingStore(pool), Ear(), word, may_believe=word.may_believe)
    running = asyncio.create_task(
        retention.run() if job == "retention" else empty_trash_forever(word.may_believe, word.act)
    )
    async with asyncio.timeout(30):
        await word.done.wait()
    await end(running)
    assert (word.acted_unasked, word.asked) == (0, 4)
