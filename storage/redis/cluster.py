"""A Redis Cluster behind the interface of one server: each command, script and transaction goes to the node of its key.

A plain redis-py client for each node, and the map of shards over them. redis-py's own cluster client is not used: its
transactions start a thread and an event loop for each queued command, it lets no script into a pipeline, and its
subscriptions poll their nodes by turns (docs/decisions/0030).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as NotConnected

from storage.redis.shard_map import Shard, merged, shard_of

log = structlog.get_logger(__name__)

ATTEMPTS = 3
"""Of a command. Between them the map is read anew; a failover takes longer, and is not waited for here."""
PAUSE = 0.05
"""Seconds before the second attempt, twice as long before the third."""
ANSWER_WITHIN = 1.0
"""Seconds for a node to say what it knows of the cluster; whoever needs longer is not waited for."""

_ELSEWHERE = (AskError, ClusterDownError, MasterDownError, MovedError, ReadOnlyError, TryAgainError)
_UNREACHABLE = (NotConnected, OSError)
"""But for a node that lets us wait: nobody should wait twice."""

_ON_EVERY_NODE = frozenset({"SCRIPT LOAD", "SCRIPT FLUSH", "FLUSHALL", "FLUSHDB"})
_ON_ANY_NODE = frozenset({"PING", "TIME"})
_BY_CHANNEL = "PUBSUB SHARDNUMSUB"

Answer = TypeVar("Answer")


class ClusterClient(Redis):
    """`hosts`: nodes to begin with; `connect` makes a client of "host:port", without connecting yet."""

    def __init__(self, hosts: Sequence[str], connect: Callable[[str], Redis]) -> None:
        self._connect = connect
        self._seeds = tuple(hosts)
        self._nodes: dict[str, Redis] = {host: connect(host) for host in hosts}
        self._shards: tuple[Shard, ...] = ()
        self._reading: asyncio.Task[None] | None = None
        # Of this pool only the settings are used, by which commands are packed and answers read.
        super().__init__(connection_pool=self._nodes[hosts[0]].connection_pool)

    # ------------------------------------------------------------ the map

    async def shards(self) -> tuple[Shard, ...]:
        """As the nodes say now. Raises RedisError if none of them answers."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_map())
        await asyncio.shield(self._reading)
        return self._shards

    def node(self, host: str) -> Redis:
        if host not in self._nodes:
            self._nodes[host] = self._connect(host)
        return self._nodes[host]

    async def _read_map(self) -> None:
        asked = {asyncio.create_task(_told_by(node)): host for host, node in self._nodes.items()}
        done, pending = await asyncio.wait(asked, timeout=ANSWER_WITHIN)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        answers = {asked[task]: task.result() for task in done if task.exception() is None}
        if not answers:
            raise NotConnected("no node of the cluster answers")
        shards = merged(answers)
        if shards != self._shards:
            log.info("cluster_map", shards=[shard.host for shard in shards])
            self._shards = shards
            await self._forget_nodes()

    async def _forget_nodes(self) -> None:
        """Those that are neither primaries nor named by whoever runs us."""
        needed = {shard.host for shard in self._shards} | set(self._seeds)
        for host in self._nodes.keys() - needed:
            await self._nodes.pop(host).aclose()

    async def _node_of(self, key: bytes) -> Redis:
        shard = shard_of(key, self._shards or await self.shards())
        if shard is None:
            raise ClusterDownError("CLUSTERDOWN Hash slot not served")
        return self.node(shard.host)

    # ------------------------------------------------------------ commands

    async def on_node_of(self, key: bytes, run: Callable[[Redis], Awaitable[Answer]]) -> Answer:
        """Runs something on the node of a key, and again if that is another one by now: it may be done twice."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await run(await self._node_of(key))
            except (*_ELSEWHERE, *_UNREACHABLE):
                if attempt == ATTEMPTS:
                    raise
            await asyncio.sleep(PAUSE * attempt * random.uniform(0.5, 1.0))  # noqa: S311 - only spread
            await self.shards()
        raise AssertionError("unreachable")

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        command = args[0]
        if command in _ON_EVERY_NODE:
            return await self._on_every_node(*args, **options)
        if command in _ON_ANY_NODE:
            return await self._on_any_node(*args, **options)
        if command == _BY_CHANNEL:
            return await self._by_channel(args[1:])
        return await self.on_node_of(_bytes(_key_of(args)), lambda node: node.execute_command(*args, **options))  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:  # noqa: ARG002
        return _NodePipeline(self, transaction)

    async def _on_every_node(self, *args: Any, **options: Any) -> Any:
        shards = self._shards or await self.shards()
        answers = await asyncio.gather(*(self.node(each.host).execute_command(*args, **options) for each in shards))  # type: ignore[no-untyped-call]
        return answers[0]

    async def _on_any_node(self, *args: Any, **options: Any) -> Any:
        """The first that answers: one dead node is no reason to think that the whole cluster is away."""
        failure: Exception = NotConnected("the cluster has no nodes")
        for shard in random.sample(self._shards, len(self._shards)) or await self.shards():
            try:
                return await self.node(shard.host).execute_command(*args, **options)  # type: ignore[no-untyped-call]
            except (RedisError, OSError) as error:
                failure = error
        raise failure

    async def _by_channel(self, channels: Sequence[Any]) -> list[Any]:
        """A node counts the subscribers of its own channels only."""
        shards = self._shards or await self.shards()
        asked: dict[str, list[Any]] = {}
        for channel in channels:
            shard = shard_of(_bytes(channel), shards)
            if shard is None:
                raise ClusterDownError("CLUSTERDOWN Hash slot not served")
            asked.setdefault(shard.host, []).append(channel)
        counts = await asyncio.gather(
            *(
                self.on_node_of(_bytes(some[0]), lambda node, some=some: node.pubsub_shardnumsub(*some))  # type: ignore[misc]
                for some in asked.values()
            )
        )
        return [count for each in counts for count in each]

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        for node in self._nodes.values():
            await node.aclose(close_connection_pool)


class _NodePipeline(Pipeline):
    """Goes as a whole to the node of the first key in it; so all its keys have to be on one node."""

    def __init__(self, cluster: ClusterClient, transaction: bool) -> None:
        super().__init__(cluster.connection_pool, cluster.response_callbacks, transaction, None)
        self._cluster = cluster

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        stack = list(self.command_stack)
        key = next(_key_of(args) for args, _ in stack if args[0] not in _ON_ANY_NODE)

        async def run(node: Redis) -> list[Any]:
            async with node.pipeline(transaction=self.is_transaction) as pipeline:
                pipeline.command_stack = list(stack)
                return await pipeline.execute(raise_on_error)

        try:
            return await self._cluster.on_node_of(_bytes(key), run)
        finally:
            await self.reset()  # type: ignore[no-untyped-call]


async def _told_by(node: Redis) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = await node.cluster("NODES")
    return told


def _key_of(args: Sequence[Any]) -> Any:
    """The first key of a command. Ours all have it in front, but for scripts, where the script comes first."""
    return args[3] if args[0] in ("EVALSHA", "EVAL") else args[1]


def _bytes(key: Any) -> bytes:
    return key if isinstance(key, bytes) else str(key).encode()
