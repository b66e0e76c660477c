"""Everything a scenario plays on: embedded servers, gateways, a crowd of clients, and the people they are."""

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from msgspec.msgpack import encode as pack
from redis.asyncio import Redis

from bench.clients import GATEWAY, LIMIT, Clients
from bench.company import Company, log_in, make_company
from bench.compiling import compiled, temporary_folder
from bench.gateway_process import GatewayProcess
from bench.machine import raise_file_limit, run_with_the_servers
from bench.sender import Sender
from presence.facts import AnyFact
from storage.embedded import EmbeddedServers
from storage.postgres.migrate import migrate
from storage.postgres.pool import Pool, open_pool
from storage.redis import keys
from storage.redis.client import make_client
from storage.redis.presence import SERVER_CLOCK, RedisPresenceStore, script_text
from wire.identity import UserId


class Stage:
    """`redis` and `presence` are the scenario's own, beside those of the gateway."""

    def __init__(
        self, servers: EmbeddedServers, programs: Path, pool: Pool, redis: Redis, keep: AsyncExitStack
    ) -> None:
        self._programs = programs
        self._keep = keep
        self.servers = servers
        self.postgres_pid, self.valkey_pid = servers.pids()
        self.pool = pool
        self.redis = redis
        self.presence = RedisPresenceStore(redis)
        self._script = redis.register_script(script_text())

    async def company(self, size: int) -> Company:
        return await make_company(self.pool, size)

    async def tokens(self, company: Company, count: int) -> list[str]:
        """For `count` connections, evenly spread over the company's users."""
        users: list[UserId] = [company.users[number % len(company.users)] for number in range(count)]
        return await log_in(self.pool, company, users)

    def gateway(self) -> GatewayProcess:
        """Runs until the scenario ends."""
        gateway = GatewayProcess(self.servers.database_url, self.servers.redis_url)
        self._keep.callback(_stop_and_complain, gateway)
        return gateway

    async def crowd(self, gateway: GatewayProcess) -> Clients:
        clients = await Clients.start(compiled("clients", self._programs))
        self._keep.push_async_callback(clients.stop)
        await clients.use_port(GATEWAY, gateway.port)
        return clients

    async def sender(self, clients: Clients, count: int) -> Sender:
        """The C program to compare with, reading from which are `count` further clients."""
        sender = await Sender.start(compiled("sender", self._programs), count)
        self._keep.push_async_callback(sender.stop)
        await clients.use_port(LIMIT, sender.port)
        await clients.open(LIMIT, count)
        return sender

    async def position(self, company: Company) -> tuple[str, int]:
        """Epoch and version of the company's stream."""
        epoch, version = await self.redis.hmget(keys.presence_prefix(company.domain) + "meta", ["epoch", "version"])
        assert isinstance(epoch, bytes)
        return epoch.decode(), int(version or 0)

    async def record(self, company: Company, user: UserId) -> bytes:
        """As it is sent to everybody."""
        record = await self.redis.hget(keys.presence_prefix(company.domain) + "view", str(user))
        assert isinstance(record, bytes)
        return record

    async def seed(self, company: Company) -> None:
        """Makes the company's presence without anybody having connected."""
        await self.presence.seed(company.domain, secrets.token_hex(8), False, [])

    async def command_calls(self) -> dict[str, int]:
        """How often each command was carried out so far, inside the script too."""
        stats = await self.redis.info("commandstats")
        return {name.removeprefix("cmdstat_"): each["calls"] for name, each in stats.items()}

    async def report_apart(self, company: Company, facts: Sequence[AnyFact]) -> int:
        """Each fact in a run of the script of its own, all sent at once; the version of the stream afterwards."""
        async with self.redis.pipeline(transaction=False) as pipeline:
            for fact in facts:
                await self._script(
                    keys=[keys.presence_prefix(company.domain)],
                    args=["report", SERVER_CLOCK, pack([fact])],
                    client=pipeline,
                )
            outcomes = await pipeline.execute()
        return int(outcomes[-1][1])


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Raises Skipped where there is no C compiler."""
    run_with_the_servers()
    raise_file_limit()
    async with AsyncExitStack() as keep:
        programs = Path(keep.enter_context(temporary_folder()))
        compiled("clients", programs)
        data = make_data_folder()
        keep.callback(shutil.rmtree, data, ignore_errors=True)
        servers = keep.enter_context(EmbeddedServers.start(data))
        await asyncio.to_thread(migrate, servers.database_url)
        pool = await open_pool(servers.database_url)
        keep.push_async_callback(pool.close)
        redis = make_client(servers.redis_url)
        keep.push_async_callback(redis.aclose)
        async with AsyncExitStack() as of_scenario:
            yield Stage(servers, programs, pool, redis, of_scenario)


def make_data_folder() -> Path:
    data = Path(tempfile.mkdtemp(prefix="presence-bench-data-"))
    data.chmod(0o711)  # the servers may run under another account
    return data


def _stop_and_complain(gateway: GatewayProcess) -> None:
    gateway.stop()
    for line in gateway.complaints[:5]:
        print("  the gateway complained:", line[:300])
