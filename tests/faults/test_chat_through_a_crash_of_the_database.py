"""PostgreSQL dies in the middle of everything, and comes back: nothing that was acknowledged is lost or there twice."""

import asyncio
from collections.abc import Callable

from chat.model import NewMessage
from storage.embedded import EmbeddedServers
from storage.postgres.chat import PostgresChatStore
from storage.postgres.migrate import migrate
from storage.postgres.pool import open_pool
from tests.support.chat import make_company, message
from wire.errors import Unavailable
from wire.identity import ConversationId

SENDERS = 40


async def test_acknowledged_messages_survive_and_repeats_make_no_second_one(
    clean_servers: Callable[[], EmbeddedServers],
) -> None:
    servers = await asyncio.to_thread(clean_servers)
    await asyncio.to_thread(migrate, servers.database_url)
    pool = await open_pool(servers.database_url)
    store = PostgresChatStore(pool)
    company, people = await make_company(pool, 6)
    opened = [await store.open_direct(company.domain, people[0], other) for other in people]
    conversations = [each.conversation.conversation for each in opened]
    acknowledged: dict[ConversationId, dict[int, NewMessage]] = {number: {} for number in conversations}
    half_way, over = asyncio.Event(), asyncio.Event()
    interrupted = 0

    async def sender(number: int) -> None:
        nonlocal interrupted
        conversation = conversations[number % len(conversations)]
        sent = 0
        while not over.is_set() or sent < 100:
            new = message(company.domain, conversation, people[0])
            kept = None
            while kept is None:
                try:
                    kept = await store.append(new)
                except Unavailable as unavailable:
                    interrupted += 1
                    await asyncio.sleep((unavailable.retry_after or 0) / 20)
            assert acknowledged[conversation].setdefault(kept.message.seq, new) is new
            sent += 1
            if sent == 50:
                half_way.set()

    async def crash() -> None:
        await half_way.wait()
        await asyncio.to_thread(servers.kill_postgres)
        await asyncio.to_thread(servers.restart_postgres)
        over.set()

    await asyncio.gather(crash(), *(sender(number) for number in range(SENDERS)))

    assert interrupted > 0
    for conversation, by_seq in acknowledged.items():
        kept = await store.messages_after(company.domain, people[0], conversation, 0, 1_000_000)
        assert [each.seq for each in kept] == list(range(1, len(kept) + 1))
        assert {each.seq: each.client_id for each in kept} == {seq: new.client_id for seq, new in by_seq.items()}
    await store.close()
    await pool.close()
