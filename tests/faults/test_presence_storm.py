"""Three gateways, watchers on all of them, a storm of changes, and everything that can die dies once.

At the end nobody sees a wrong colour; and at no time did anybody see an older revision after a newer one.
"""

import asyncio
import random
from collections.abc import Callable

import pytest

from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from storage.postgres.pool import open_pool
from storage.redis.client import make_client
from tests.presence.words import words
from tests.support.company import Company
from tests.support.gateway import GatewayProcess, People
from tests.support.resilient import ResilientClient, fresh_view, is_ready
from wire.commands import (
    CallPhase,
    Command,
    RegisterDevice,
    ReportCall,
    SetAppearOffline,
    SetDnd,
    SetStatus,
    UnregisterDevice,
)
from wire.identity import UserId
from wire.records import Presence

PEOPLE = 10
CHANGES_BETWEEN_FAULTS = 40
AGREE_WITHIN = 90.0
"""Seconds: the lease of the gateway that was killed has to end."""


class Storm:
    """The gateways and people of one run. `seed` makes it repeatable, but for what the machine does in between."""

    def __init__(self, servers: EmbeddedServers, seed: int) -> None:
        self.servers = servers
        self.choice = random.Random(seed)  # noqa: S311
        self.gateways = [self._start() for _ in range(3)]
        self.clients: dict[UserId, ResilientClient] = {}

    def _start(self) -> GatewayProcess:
        return GatewayProcess(self.servers.database_url, self.servers.redis_url)

    async def fill(self, people: People) -> None:
        for number in range(PEOPLE):
            user = await people.add(str(1001 + number))
            self.clients[user] = ResilientClient(await people.token(user), lambda: self.gateways, self.choice)

    def any_change(self) -> Command:
        choice = self.choice
        return choice.choice(
            [
                SetDnd(on=choice.random() < 0.5),
                SetAppearOffline(on=choice.random() < 0.3),
                SetStatus(message=choice.choice(["", "Lunch", "In a meeting"])),
                RegisterDevice(device=choice.choice(["desk", "mobile"]), ttl=600),
                UnregisterDevice(device=choice.choice(["desk", "mobile"])),
                ReportCall(call=str(choice.randrange(10**9)), phase=choice.choice(list(CallPhase))),
            ]
        )

    async def blow(self) -> None:
        """Many changes at once, by everybody."""
        users = [self.choice.choice(list(self.clients)) for _ in range(CHANGES_BETWEEN_FAULTS)]
        await asyncio.gather(*(self.clients[user].ask(self.any_change()) for user in users))

    async def all_agree(self, token: str) -> None:
        """Waits until every client shows what a client would be told that has never been here."""
        wrong: object = None
        try:
            async with asyncio.timeout(AGREE_WITHIN):
                while True:
                    truth = await fresh_view(self.gateways[0], token)
                    wrong = self._first_wrong(truth)
                    if wrong is None:
                        return
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(f"still wrong after {AGREE_WITHIN} s: {wrong}") from None

    def _first_wrong(self, truth: dict[UserId, Presence]) -> object:
        for watcher, client in self.clients.items():
            for user in self.clients:
                if user == watcher:
                    continue  # sees the own truth, which may be more than others are told
                told = words(client.seen(user))
                if user in truth and told != words(truth[user]):
                    return {"watcher": watcher, "user": user, "sees": told, "is": truth[user]}
        return None

    async def end(self) -> None:
        for client in self.clients.values():
            await client.close()
        for gateway in self.gateways:
            gateway.kill()


@pytest.mark.parametrize("seed", [1, 2])
async def test_after_every_fault_everybody_sees_the_truth_and_nobody_ever_saw_it_step_back(
    clean_servers: Callable[[], EmbeddedServers], password_hash: str, seed: int
) -> None:
    servers = clean_servers()
    await asyncio.to_thread(migrate, servers.database_url)
    pool = await open_pool(servers.database_url)
    storm = Storm(servers, seed)
    people = People(pool, await Company.make(pool), storm.gateways[0], password_hash)
    observer = await people.token(await people.add("2001"))
    await storm.fill(people)
    try:
        await storm.blow()
        await storm.all_agree(observer)

        storm.gateways[1].kill()
        await storm.blow()
        storm.gateways[1] = await asyncio.to_thread(GatewayProcess, servers.database_url, servers.redis_url)
        await storm.blow()
        await storm.all_agree(observer)

        await asyncio.to_thread(servers.kill_valkey)
        await asyncio.to_thread(servers.restart_valkey)
        await storm.blow()
        await storm.all_agree(observer)

        redis = make_client(servers.redis_url)
        await redis.flushall()
        await redis.aclose()
        await storm.blow()
        await storm.all_agree(observer)

        assert all(await asyncio.gather(*(is_ready(gateway) for gateway in storm.gateways)))
        stepped_back = [each for client in storm.clients.values() for each in client.stepped_back]
        assert stepped_back == []
        assert sum(client.resumed for client in storm.clients.values()) > 0, "nobody ever resumed"
    finally:
        await storm.end()
        await pool.close()
