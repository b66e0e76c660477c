"""Which node of a cluster answers for which keys: pure, from what the nodes themselves say."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from msgspec import Struct
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

EVERY_SLOT = ((0, REDIS_CLUSTER_HASH_SLOTS - 1),)


class Shard(Struct, frozen=True):
    """A server that answers for a part of the keys. `slots`: first and last of each range."""

    host: str
    slots: tuple[tuple[int, int], ...]

    def holds(self, key: bytes) -> bool:
        slot = slot_of(key)
        return any(first <= slot <= last for first, last in self.slots)


class _Claim(Struct, frozen=True):
    """What a node says of a node. The higher `epoch` is the newer word, by the cluster's own rule."""

    host: str
    epoch: int
    slots: tuple[tuple[int, int], ...]


def slot_of(key: bytes) -> int:
    return key_slot(key)


def merged(answers: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> tuple[Shard, ...]:
    """`answers`: asked host -> its answer to CLUSTER NODES, as redis-py gives it. Slots that nobody claims are in none.

    A node that was cut off, or was dead for a while, answers with what it knew then; its word does not count against a
    newer one.
    """
    claims = sorted(
        (claim for asked, nodes in answers.items() for claim in _claims(asked, nodes)), key=lambda claim: claim.epoch
    )
    owners: list[str | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
    for claim in claims:
        for first, last in claim.slots:
            owners[first : last + 1] = [claim.host] * (last + 1 - first)
    ranges: dict[str, list[tuple[int, int]]] = {}
    for owner, run in groupby(range(REDIS_CLUSTER_HASH_SLOTS), key=owners.__getitem__):
        slots = list(run)
        if owner is not None:
            ranges.setdefault(owner, []).append((slots[0], slots[-1]))
    return tuple(Shard(host, tuple(ranges[host])) for host in sorted(ranges))


def shard_of(key: bytes, shards: Iterable[Shard]) -> Shard | None:
    return next((shard for shard in shards if shard.holds(key)), None)


def _claims(asked: str, nodes: Mapping[str, Mapping[str, Any]]) -> Iterable[_Claim]:
    for address, node in nodes.items():
        if "master" in node["flags"].split(","):
            slots = tuple((int(each[0]), int(each[-1])) for each in node["slots"])
            yield _Claim(_host(asked, address, node), int(node["epoch"]), slots)


def _host(asked: str, address: str, node: Mapping[str, Any]) -> str:
    """Where clients reach it: by name if it has one (TLS wants that). A node that knows no address is the one asked."""
    ip, _, port = address.rpartition(":")
    name = node["hostname"] or ip
    if not name:
        return asked
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
