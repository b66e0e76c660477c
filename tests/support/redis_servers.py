"""Three Valkey servers that make a cluster, each with a replica; and a primary with a replica that Sentinels watch."""

import asyncio
import secrets
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from storage.embedded.binaries import find_valkey
from storage.redis.shard_map import slot_of
from tests.support.folders import make_data_folder
from tests.support.ports import free_node_ports

PASSWORD = "cluster-" + secrets.token_hex(8)
SLOTS = 16_384
NODE_TIMEOUT_MS = 2_000
SENTINEL_DOWN_MS = 1_500
READY_WITHIN = 60.0


class Server:
    """One valkey-server of a folder of its own."""

    def __init__(self, folder: Path, port: int, settings: dict[str, str], *arguments: str) -> None:
        self.port = port
        self.host = f"127.0.0.1:{port}"
        self._folder = folder / str(port)
        self._folder.mkdir()
        self._settings = settings
        self._arguments = arguments
        self.start()

    def start(self) -> None:
        file = self._folder / "valkey.conf"
        if not file.exists():  # Sentinels and nodes write what they learn into it
            lines = {"bind": "127.0.0.1", "port": str(self.port), "dir": str(self._folder), **self._settings}
            file.write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(find_valkey().program("valkey-server")), str(file), *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def client(self, seconds: float) -> Redis:
        return Redis(port=self.port, password=PASSWORD, socket_timeout=seconds, legacy_responses=False)

    def suspend(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    async def says(self, *command: Any, within: float = READY_WITHIN) -> Any:
        client = self.client(within)
        try:
            return await client.execute_command(*command)  # type: ignore[no-untyped-call]
        finally:
            await client.aclose()

    async def role(self) -> str:
        told = await self.says("INFO", "replication")
        return str(told["role"])

    async def answers(self) -> bool:
        try:
            return bool(await self.says("PING", within=2))
        except Exception:  # noqa: BLE001 - not yet, for whatever reason
            return False


async def until(holds: Callable[[], Any], what: str) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN):
            while not await holds():  # noqa: ASYNC110 - servers tell nobody
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"waited {READY_WITHIN} s for {what}") from None


class Cluster:
    """`primaries[n]` has `replicas[n]`, at first. `url` is for REDIS_URL."""

    def __init__(self, primaries: Sequence[Server], replicas: Sequence[Server]) -> None:
        self.primaries, self.replicas = list(primaries), list(replicas)
        self.url = f"redis+cluster://:{PASSWORD}@" + ",".join(each.host for each in primaries)

    async def let_take_over(self, replica: int, may: bool) -> None:
        """Whether a replica becomes a primary by itself when its own one is dead."""
        await self.replicas[replica].says("CONFIG", "SET", "cluster-replica-no-failover", "no" if may else "yes")

    def primary_of(self, key: str) -> int:
        """Which of the primaries was given the slot of this key."""
        return slot_of(key.encode()) * len(self.primaries) // SLOTS

    async def move_slot_of(self, key: str, source: int, target: int) -> None:
        """With everything in it, as an operator would who has it moved as a whole."""
        slot, there = slot_of(key.encode()), await self.primaries[target].says("CLUSTER", "MYID")
        command = ("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", there)
        await self.primaries[source].says(*command)

        async def has_moved() -> bool:
            return await self.primaries[target].says(
                "CLUSTER", "COUNTKEYSINSLOT", slot
            ) > 0 and not await self.primaries[source].says("CLUSTER", "COUNTKEYSINSLOT", slot)

        await until(has_moved, f"slot {slot} to be moved")


@asynccontextmanager
async def redis_cluster() -> AsyncIterator[Cluster]:
    folder = make_data_folder()
    settings = {
        "cluster-enabled": "yes",
        "cluster-node-timeout": str(NODE_TIMEOUT_MS),
        "cluster-require-full-coverage": "no",
        "cluster-replica-validity-factor": "0",  # a replica takes over, however long a slow machine kept it from it
        "appendonly": "no",
        "save": '""',
        "requirepass": PASSWORD,
        "primaryauth": PASSWORD,
        "repl-diskless-sync-delay": "0",
    }
    servers = [Server(folder, port, settings) for port in free_node_ports(6)]
    try:
        yield await _joined(servers[:3], servers[3:])
    finally:
        _end(servers, folder)


async def _joined(primaries: list[Server], replicas: list[Server]) -> Cluster:
    servers = primaries + replicas
    for server in servers:
        await until(server.answers, f"{server.host} to answer")
    for nth, server in enumerate(primaries):
        first, last = -(-SLOTS * nth // 3), -(-SLOTS * (nth + 1) // 3) - 1
        await server.says("CLUSTER", "ADDSLOTSRANGE", first, last)
        await server.says("CLUSTER", "SET-CONFIG-EPOCH", nth + 1)
    for server in servers[1:]:
        await servers[0].says("CLUSTER", "MEET", "127.0.0.1", server.port)

    async def all_know_all() -> bool:
        return all([(await each.says("CLUSTER INFO"))["cluster_known_nodes"] == "6" for each in servers])

    await until(all_know_all, "all nodes to know all others")
    for primary, replica in zip(primaries, replicas, strict=True):
        await replica.says("CLUSTER", "REPLICATE", await primary.says("CLUSTER", "MYID"))

    async def is_whole() -> bool:
        told = [await each.says("CLUSTER INFO") for each in servers]
        synced = [await each.says("INFO", "replication") for each in replicas]
        return all(each["cluster_state"] == "ok" for each in told) and all(
            each["role"] == "slave" and each["master_link_status"] == "up" for each in synced
        )

    await until(is_whole, "the cluster to be whole")
    return Cluster(primaries, replicas)


class Watched:
    """A primary, its replica, and three Sentinels."""

    SERVICE = "presence"

    def __init__(self, primary: Server, replica: Server, sentinels: Sequence[Server]) -> None:
        self.primary, self.replica, self.sentinels = primary, replica, list(sentinels)
        hosts = ",".join(each.host for each in sentinels)
        self.url = f"redis+sentinel://:{PASSWORD}@{hosts}/{self.SERVICE}/0?sentinel_password={PASSWORD}"


@asynccontextmanager
async def watched_by_sentinels() -> AsyncIterator[Watched]:
    folder = make_data_folder()
    ports = free_node_ports(5)
    settings = {
        "appendonly": "no",
        "save": '""',
        "requirepass": PASSWORD,
        "primaryauth": PASSWORD,
        "repl-diskless-sync-delay": "0",
    }
    primary = Server(folder, ports[0], settings)
    replica = Server(folder, ports[1], settings | {"replicaof": f"127.0.0.1 {ports[0]}"})
    servers = [primary, replica]
    try:

        async def is_synced() -> bool:
            return await replica.answers() and (await replica.says("INFO", "replication"))["master_link_status"] == "up"

        await until(is_synced, "the replica to have everything")
        watching = {
            "requirepass": PASSWORD,
            "sentinel monitor": f"{Watched.SERVICE} 127.0.0.1 {ports[0]} 2",
            "sentinel auth-pass": f"{Watched.SERVICE} {PASSWORD}",
            "sentinel sentinel-pass": PASSWORD,
            "sentinel down-after-milliseconds": f"{Watched.SERVICE} {SENTINEL_DOWN_MS}",
            "sentinel failover-timeout": f"{Watched.SERVICE} 10000",
        }
        sentinels = [Server(folder, port, watching, "--sentinel") for port in ports[2:]]
        servers += sentinels

        async def all_watch() -> bool:
            for each in sentinels:
                if not await each.answers():
                    return False
                told = await each.says("SENTINEL", "MASTER", Watched.SERVICE)
                told = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
                text = {_text(name): _text(value) for name, value in told.items()}
                if text["num-other-sentinels"] != "2" or text["num-slaves"] != "1":
                    return False
            return True

        await until(all_watch, "the Sentinels to know each other")
        yield Watched(primary, replica, sentinels)
    finally:
        _end(servers, folder)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _end(servers: Sequence[Server], folder: Path) -> None:
    for server in servers:
        server.resume()
        server.kill()
    shutil.rmtree(folder, ignore_errors=True)
