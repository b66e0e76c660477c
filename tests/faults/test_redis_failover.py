"""A cluster, or what Sentinels watch, loses the server that holds a company's presence: two gateways, people on both.

What holds with one Redis holds here. Nobody sees a wrong colour for longer than the stores need to agree on another
server; what was acknowledged stays; and who is on another node notices nothing.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.pool import Pool
from storage.redis import keys
from tests.presence.words import words
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from tests.support.redis_servers import Cluster, redis_cluster, watched_by_sentinels
from tests.support.resilient import ResilientClient, fresh_view
from tests.support.talker import Talker
from wire.commands import OpenConversation, SetDnd
from wire.identity import ConversationId, UserId
from wire.records import Colour, Presence
from wire.replies import ConversationOpened

Gateways = tuple[GatewayProcess, GatewayProcess]
Meeting = Callable[[str, Sequence[Company]], AbstractAsyncContextManager[list["Two"]]]

SOON = 10.0
HEALED_WITHIN = 60.0
"""Seconds; most of them are the servers' own, until they agree that one is dead."""


class Two:
    """Anna on one gateway and Ben on the other: each looks at the other, and they write to each other."""

    def __init__(self, people: People, users: Sequence[UserId], tokens: Sequence[str], gateways: Gateways) -> None:
        self.people, (self.left, self.right) = people, gateways
        self.anna, self.ben, _ = users
        choice = random.Random(1)  # noqa: S311
        self.a = ResilientClient(tokens[0], lambda: [self.left], choice)
        self.b = ResilientClient(tokens[1], lambda: [self.right], choice)
        self.a_writes = Talker(self.anna, tokens[0], lambda: [self.left], choice)
        self.b_writes = Talker(self.ben, tokens[1], lambda: [self.right], choice)
        self.observer = tokens[2]
        self.conversation = ConversationId(0)
        self.said: list[str] = []

    @classmethod
    async def meet(cls, people: People, gateways: Gateways) -> "Two":
        users = [await people.add(extension) for extension in ("1001", "1002", "1003")]
        two = cls(people, users, [await people.token(user) for user in users], gateways)
        opened = await two.a_writes.ask(OpenConversation(user=two.ben))
        assert isinstance(opened, ConversationOpened)
        two.conversation = opened.conversation.conversation
        return two

    async def end(self) -> None:
        for each in (self.a, self.b, self.a_writes, self.b_writes):
            await each.close()

    async def set_dnd(self, on: bool) -> float:
        """Both, at once; the seconds until each sees it of the other."""
        began = time.monotonic()
        await asyncio.gather(self.a.ask(SetDnd(on=on)), self.b.ask(SetDnd(on=on)))
        wanted = Colour.RED if on else Colour.BLUE
        async with asyncio.timeout(HEALED_WITHIN):
            while {self.a.seen(self.ben).colour, self.b.seen(self.anna).colour} != {wanted}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return time.monotonic() - began

    async def say(self, body: str) -> None:
        acknowledged = await self.a_writes.send(self.conversation, body)
        assert acknowledged is not None
        self.said.append(body)

    async def agree(self) -> None:
        """Everything that was acknowledged is shown to both; everybody sees what one would see that has just come."""
        async with asyncio.timeout(HEALED_WITHIN):
            for talker in (self.a_writes, self.b_writes):
                while self._read_by(talker) != self.said:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            for gateway in (self.left, self.right):
                while not self._see_the_truth(await fresh_view(gateway, self.observer)):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        kept = await self.people.pool.fetch(
            "SELECT body FROM messages WHERE domain_id = $1 ORDER BY seq", self.people.company.domain
        )
        assert [row["body"] for row in kept] == self.said
        assert self.a.stepped_back == self.b.stepped_back == []

    def _see_the_truth(self, truth: dict[UserId, Presence]) -> bool:
        shown = {self.ben: self.a.seen(self.ben), self.anna: self.b.seen(self.anna)}
        return all(user in truth and words(truth[user]) == words(seen) for user, seen in shown.items())

    def _read_by(self, talker: Talker) -> list[str]:
        shown = talker.known.shown().get(self.conversation)
        return [message.body for message in shown.messages] if shown else []


@pytest.fixture
def meeting(servers: EmbeddedServers, pool: Pool, password_hash: str) -> Meeting:
    @asynccontextmanager
    async def meet(redis_url: str, companies: Sequence[Company]) -> AsyncIterator[list[Two]]:
        left, right = await asyncio.gather(
            *(asyncio.to_thread(GatewayProcess, servers.database_url, redis_url) for _ in range(2))
        )
        everybody = [People(pool, company, left, password_hash) for company in companies]
        pairs: list[Two] = []
        try:
            pairs += [await Two.meet(people, (left, right)) for people in everybody]
            yield pairs
        finally:
            for pair in pairs:
                await pair.end()
            left.kill()
            right.kill()

    return meet


async def a_company_on(pool: Pool, cluster: Cluster, nth: int) -> Company:
    while True:
        company = await Company.make(pool)
        if cluster.primary_of(keys.presence_prefix(company.domain)) == nth:
            return company


async def test_when_a_node_of_a_cluster_dies_its_companies_heal_and_the_others_notice_nothing(
    pool: Pool, meeting: Meeting
) -> None:
    async with redis_cluster() as cluster:
        companies = [await a_company_on(pool, cluster, nth) for nth in (0, 1)]
        async with meeting(cluster.url, companies) as (hit, spared):
            for pair in (hit, spared):
                await pair.set_dnd(True)
                await pair.say("before")
                await pair.agree()
            connections = spared.a.connections

            await cluster.let_take_over(0, False)
            cluster.primaries[0].kill()
            # Nobody serves the other company's slots: whoever waited for them would wait for ever.
            assert await spared.set_dnd(False) < SOON, "waited for a node that is none of its own"
            await spared.say("meanwhile")
            await hit.say("meanwhile")
            assert await cluster.replicas[0].role() == "slave"
            await cluster.let_take_over(0, True)
            print("seconds until healed:", await hit.set_dnd(False))  # noqa: T201
            await hit.say("after")
            for pair in (hit, spared):
                await pair.agree()
            assert await cluster.replicas[0].role() == "master"
            assert spared.a.connections == connections

            # Whoever comes back is a replica; whoever moves a slot away is followed.
            cluster.primaries[0].start()
            await cluster.move_slot_of(keys.presence_prefix(companies[1].domain), 1, 2)
            await spared.set_dnd(True)
            await spared.say("on the third node")
            await hit.set_dnd(True)
            for pair in (hit, spared):
                await pair.agree()


async def test_when_sentinels_promote_a_replica_everybody_heals(pool: Pool, meeting: Meeting) -> None:
    async with watched_by_sentinels() as watched, meeting(watched.url, [await Company.make(pool)]) as (pair,):
        await pair.set_dnd(True)
        await pair.say("before")
        await pair.agree()

        began = time.monotonic()
        watched.primary.suspend()  # it does not even refuse: everything that was sent to it waits
        await pair.say("meanwhile")
        await pair.set_dnd(False)
        print("seconds until healed:", time.monotonic() - began)  # noqa: T201
        await pair.say("after")
        await pair.agree()

        watched.primary.resume()  # thinks that it is the primary still, until the Sentinels tell it
        await pair.set_dnd(True)
        await pair.say("with the old one back")
        await pair.agree()
        assert await watched.replica.role() == "master"
