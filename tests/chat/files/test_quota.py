"""What the files of a domain may take together, and that whatever takes files away gives the room back."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from chat.files.errors import FilesFull
from chat.files.quota import in_words
from chat.files.service import ARRIVING_AT_MOST, UNSENT_AT_MOST
from chat.keeping.service import RetentionService
from chat.service import ChatService
from storage.postgres.keeping import PostgresKeepingStore
from storage.postgres.pool import Pool
from tests.support.chat import Ear, make_client_id, make_company
from tests.support.file_bench import Bench
from tests.support.retention import keep_messages_for
from wire.identity import FileId

QUOTA = 1_000


@pytest.fixture
async def full_bench(bench: Bench, pool: Pool, folder: Path) -> Bench:
    """One whose files may take QUOTA bytes together."""
    limited = Bench(pool, folder, QUOTA)
    limited.anna, limited.conversation = bench.anna, bench.conversation
    return limited


async def used(bench: Bench) -> int:
    return next(each.used for each in await bench.store.usage() if each.domain == bench.anna.domain)


async def test_what_would_not_fit_is_refused_with_what_is_used(full_bench: Bench) -> None:
    await full_bench.upload_bytes(600)
    for announced in (True, False):
        with pytest.raises(FilesFull) as refused:
            await full_bench.upload_bytes(401, announced=announced)
        assert refused.value.field == "file"
        assert "600 bytes of 1.0 kB are used" in refused.value.message
    assert await used(full_bench) == 600, "what was refused takes nothing"
    await full_bench.upload_bytes(400)
    with pytest.raises(FilesFull):
        await full_bench.upload_bytes(1, announced=False)


@pytest.mark.parametrize("announced", [True, False])
async def test_uploads_at_the_same_time_do_not_pass_it_together(full_bench: Bench, announced: bool) -> None:
    uploads = [full_bench.upload_bytes(400, announced=announced) for _ in range(5)]
    outcomes = await asyncio.gather(*uploads, return_exceptions=True)
    assert sum(isinstance(each, FilesFull) for each in outcomes) == 3, outcomes
    assert await used(full_bench) == 800
    assert len(full_bench.kept) == 2, "and nothing of the others is left"


async def test_whatever_takes_a_file_away_gives_its_room_back(full_bench: Bench, chat: ChatService, pool: Pool) -> None:
    async def send(file: FileId) -> int:
        kept = await chat.send(full_bench.anna, full_bench.conversation, make_client_id(), "", files=[file])
        return kept.message.seq

    taken_back = await full_bench.upload_bytes(100)
    await full_bench.files.discard(full_bench.anna, taken_back.file)
    assert await used(full_bench) == 0

    deleted = await send((await full_bench.upload_bytes(100)).file)
    assert await used(full_bench) == 100, "sending takes no more"
    await chat.changes.delete(full_bench.anna, full_bench.conversation, deleted)
    assert await used(full_bench) == 0

    await full_bench.upload_bytes(100)
    full_bench.now += UNSENT_AT_MOST + ARRIVING_AT_MOST
    await full_bench.files.sweep()
    assert await used(full_bench) == 0

    await send((await full_bench.upload_bytes(100)).file)
    await _expire(pool, full_bench)
    assert await used(full_bench) == 0


async def _expire(pool: Pool, bench: Bench) -> None:
    store = PostgresKeepingStore(pool)
    await keep_messages_for(pool, bench.anna.domain, 1)
    await RetentionService(store, Ear(), _NoLease(), lambda: bench.now + timedelta(days=30)).sweep()


class _NoLease:
    async def take(self, job: str, seconds: float) -> bool:
        raise AssertionError(f"a sweep by hand asks nobody for {job} of {seconds} s")


async def test_a_domain_may_have_a_quota_of_its_own_and_no_other_one_feels_it(
    full_bench: Bench, chat: ChatService, pool: Pool, folder: Path
) -> None:
    company, (carol, dave) = await make_company(pool, 2)
    elsewhere = Bench(pool, folder, QUOTA)
    elsewhere.anna = company.caller(carol)
    elsewhere.conversation = (await chat.open_conversation(elsewhere.anna, dave)).conversation
    domain = full_bench.anna.domain
    assert await full_bench.store.set_quota(domain, 5_000) is None
    await full_bench.upload_bytes(4_000)
    await elsewhere.upload_bytes(1_000)
    with pytest.raises(FilesFull):
        await elsewhere.upload_bytes(1)
    assert await full_bench.store.set_quota(domain, 0) == 5_000
    await full_bench.upload_bytes(4_000)
    assert await full_bench.store.set_quota(domain, None) == 0
    with pytest.raises(FilesFull):
        await full_bench.upload_bytes(1)
    audit = "SELECT before, after FROM audit WHERE domain_id = $1 AND action = 'files.quota_set' ORDER BY audit_id"
    assert [(row["before"]["bytes"], row["after"]["bytes"]) for row in await pool.fetch(audit, domain)] == [
        (None, 5_000),
        (5_000, 0),
        (0, None),
    ]


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (26_214_400, "26.2 MB"), (10**10, "10.0 GB")],
)
def test_sizes_are_said_as_people_say_them(size: int, words: str) -> None:
    assert in_words(size) == words
