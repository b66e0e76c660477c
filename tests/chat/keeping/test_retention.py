"""Messages that are too old: gone in small steps, with their files and words, and counted right before and after."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from chat.keeping.service import RetentionService
from chat.service import ChatService
from storage.postgres import keeping
from storage.postgres.chat import PostgresChatStore
from storage.postgres.keeping import PostgresKeepingStore
from storage.postgres.pool import Pool, connection
from storage.redis.leases import RedisLease
from tests.support.chat import Ear, apply, make_client_id, make_company
from tests.support.company import Company
from tests.support.retention import keep_messages_for
from tests.support.stores import redis
from wire.identity import Caller, ConversationId, GatewayId, UserId

__all__ = ["redis"]

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Always:
    async def take(self, _job: str, _seconds: float) -> bool:
        return True


class Archive:
    """A conversation of Anna and Ben with old and new messages; Ben has read two."""

    def __init__(self, pool: Pool, chat: ChatService, company: Company, users: Sequence[UserId], ear: Ear) -> None:
        self.pool = pool
        self.ear = ear
        self.chat = chat
        self.company = company
        self.domain = company.domain
        self.anna, self.ben = (company.caller(user) for user in users)
        self.store = PostgresKeepingStore(pool)
        self.conversation = ConversationId(0)

    async def write(self, *days_ago: int, by: Caller | None = None) -> None:
        for days in days_ago:
            kept = await self.chat.send(by or self.anna, self.conversation, make_client_id(), f"{days} days ago")
            async with connection(self.pool) as conn:
                await conn.execute(
                    "UPDATE messages SET sent_at = $4 WHERE domain_id = $1 AND conversation_id = $2 AND seq = $3",
                    self.domain,
                    self.conversation,
                    kept.message.seq,
                    NOW - timedelta(days=days),
                )

    async def sweep(self) -> None:
        await RetentionService(self.store, self.ear, Always(), lambda: NOW).sweep()

    async def seqs(self, reader: Caller) -> list[int]:
        page = await self.chat.messages(reader, self.conversation, 0, None, 100)
        return [message.seq for message in page.messages]

    async def unread(self, reader: Caller) -> int:
        page = await self.chat.list_conversations(reader, None, 10)
        return page.conversations[0].unread

    async def audit(self) -> list[tuple[str, object]]:
        async with connection(self.pool) as conn:
            rows = await conn.fetch(
                "SELECT action, after FROM audit WHERE domain_id = $1 ORDER BY audit_id", self.domain
            )
        return [(row["action"], row["after"]) for row in rows]


@pytest.fixture
async def archive(pool: Pool, chat: ChatService, store: PostgresChatStore, ear: Ear) -> Archive:
    company, users = await make_company(pool, 2)
    made = Archive(pool, chat, company, users, ear)
    made.conversation = (await chat.open_conversation(made.anna, users[1])).conversation
    return made


async def test_nothing_is_deleted_unless_the_domain_says_so(archive: Archive) -> None:
    await archive.write(4_000, 1)
    await archive.sweep()
    assert await archive.seqs(archive.ben) == [1, 2]
    assert await archive.audit() == []


async def test_what_is_older_is_deleted_and_the_audit_says_so(archive: Archive) -> None:
    await archive.write(50, 40, 31, 29, 1)
    await keep_messages_for(archive.pool, archive.domain, 30)
    await archive.sweep()
    assert await archive.seqs(archive.ben) == [4, 5]
    (set_line, days), (action, told) = await archive.audit()
    assert (set_line, days) == ("domain.changed", {"retention_days": 30})
    assert action == "chat.messages_expired"
    assert isinstance(told, dict)
    assert (told["messages"], told["conversations"]) == (3, 1)
    await archive.sweep()
    assert len(await archive.audit()) == 2, "with nothing to delete nothing is said"


async def test_unread_ones_count_right_before_and_after(archive: Archive) -> None:
    await archive.write(50, 49)
    await archive.write(48, by=archive.ben)
    await archive.write(47, 2, 1)
    await archive.chat.marks.mark_read(archive.ben, archive.conversation, 1)
    assert await archive.unread(archive.ben) == 4
    await keep_messages_for(archive.pool, archive.domain, 30)
    await archive.sweep()
    assert await archive.unread(archive.ben) == 2
    assert await archive.unread(archive.anna) == 0
    await archive.chat.marks.mark_read(archive.ben, archive.conversation, 5)
    assert await archive.unread(archive.ben) == 1
    await archive.write(0)
    assert await archive.unread(archive.ben) == 2


async def test_the_numbers_go_on_when_everything_is_gone(archive: Archive) -> None:
    await archive.write(50, 49)
    await keep_messages_for(archive.pool, archive.domain, 1)
    await archive.sweep()
    assert await archive.seqs(archive.ben) == []
    assert await archive.unread(archive.ben) == 0
    await archive.write(0)
    assert await archive.seqs(archive.ben) == [3]
    assert await archive.unread(archive.ben) == 1


async def test_many_are_deleted_in_small_steps(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MESSAGES_AT_ONCE", 3)
    await archive.write(*[50] * 8, 1)
    await keep_messages_for(archive.pool, archive.domain, 30)
    await archive.sweep()
    assert await archive.seqs(archive.ben) == [9]
    assert [told["messages"] for _, told in (await archive.audit())[1:] if isinstance(told, dict)] == [3, 3, 2]


async def test_a_snapshot_and_what_is_told_of_the_deletion_are_a_fresh_snapshot(archive: Archive) -> None:
    await archive.write(50, 49, by=archive.ben)
    await archive.write(48, 47, 2, 1)
    await archive.chat.marks.mark_read(archive.ben, archive.conversation, 3)
    await keep_messages_for(archive.pool, archive.domain, 30)
    await _sweep_and_compare(archive)
    assert await archive.unread(archive.ben) == 2
    await keep_messages_for(archive.pool, archive.domain, 1)
    async with connection(archive.pool) as conn:
        await conn.execute("UPDATE messages SET sent_at = $2 WHERE domain_id = $1", archive.domain, NOW - timedelta(9))
    await _sweep_and_compare(archive)
    assert await archive.seqs(archive.anna) == [], "the last one is gone, too, and shown nowhere any more"


async def _sweep_and_compare(archive: Archive) -> None:
    readers = (archive.anna, archive.ben)
    before = [(await archive.chat.snapshot(each))[0] for each in readers]
    archive.ear.take()
    await archive.sweep()
    assert archive.ear.told
    for reader, state in zip(readers, before, strict=True):
        for event in archive.ear.of(reader.user):
            state = apply(state, event, reader.user)  # noqa: PLW2901 - the next state of the same client
        assert state == (await archive.chat.snapshot(reader))[0]


async def test_another_domain_keeps_what_it_wants(pool: Pool, chat: ChatService, archive: Archive, ear: Ear) -> None:
    company, users = await make_company(pool, 2)
    other = Archive(pool, chat, company, users, ear)
    other.conversation = (await chat.open_conversation(other.anna, users[1])).conversation
    await archive.write(50)
    await other.write(50)
    await keep_messages_for(archive.pool, archive.domain, 30)
    await archive.sweep()
    assert await archive.seqs(archive.anna) == []
    assert await other.seqs(other.anna) == [1]


async def test_of_several_gateways_one_gets_the_job_until_its_time_is_over(redis: Redis) -> None:
    left, right = RedisLease(redis, GatewayId("left")), RedisLease(redis, GatewayId("right"))
    job = f"test-{id(redis)}"
    assert [await left.take(job, 60), await right.take(job, 60), await left.take(job, 60)] == [True, False, False]
    await redis.delete(f"j:{{{job}}}")
    assert await right.take(job, 60)
