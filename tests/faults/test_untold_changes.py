"""A gateway is killed after something was committed and before anybody was told; whoever did it never comes back."""

import asyncio
from collections.abc import Callable

from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool
from tests.support.cable import Cable
from tests.support.client import Client
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from wire.commands import MarkRead, OpenConversation, SendMessage
from wire.events import ConversationsSnapshot
from wire.identity import ConversationId, UserId
from wire.replies import ConversationOpened, MessageSent

_READ = "SELECT read_seq FROM conversation_members WHERE domain_id = $1 AND conversation_id = $2 AND user_id = $3"


async def is_kept(people: People, conversation: ConversationId, reader: UserId, seq: int) -> None:
    while await people.pool.fetchval(_READ, people.company.domain, conversation, reader) != seq:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def test_what_a_killed_gateway_kept_and_did_not_tell_is_shown_to_the_others_within_seconds(
    servers: EmbeddedServers, pool: Pool, start_gateway: Callable[..., GatewayProcess], password_hash: str
) -> None:
    async with Cable(servers.redis_url) as cable:
        here = await asyncio.to_thread(start_gateway)
        there = await asyncio.to_thread(start_gateway, REDIS_URL=cable.url, PRESENCE_GATEWAY_ID="dying")
        people = People(pool, await Company.make(pool), here, password_hash)
        anna, ben = await people.add("1001"), await people.add("1002")
        async with await people.connect(anna, here) as writer:
            opened = await writer.ask(OpenConversation(user=ben), ConversationOpened)
            conversation = opened.conversation.conversation
            await writer.ask(SendMessage(conversation=conversation, client_id="untold-message", body="x"), MessageSent)
            reader = await people.connect(ben, there)
            async with asyncio.timeout(60):
                await _knows_of(here, "dying")

            cable.freeze()  # what is committed there is told to nobody
            await reader.send(MarkRead(id=7, conversation=conversation, seq=1))
            async with asyncio.timeout(60):
                await is_kept(people, conversation, ben, 1)
            there.kill()
            cable.cut()
            await reader.vanish()

            await writer.until(lambda: _shows_read(writer, conversation, ben), "how far the other has read")


async def _knows_of(gateway: GatewayProcess, other: str) -> None:
    while not any(  # noqa: ASYNC110 - a log tells nobody
        entry.get("event") == "gateway_came" and str(entry["gateway"]).startswith(other) for entry in list(gateway.log)
    ):
        await asyncio.sleep(0.05)


def _shows_read(client: Client, conversation: ConversationId, user: UserId) -> bool:
    shown = [
        member.read_seq
        for snapshot in client.messages
        if isinstance(snapshot, ConversationsSnapshot)
        for each in snapshot.conversations
        if each.conversation == conversation
        for member in each.members
        if member.user == user
    ]
    return bool(shown) and max(shown) == 1
