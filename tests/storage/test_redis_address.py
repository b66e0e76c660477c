"""Where Redis is, as operators write it; and which node of a cluster has which key, as the nodes tell it."""

import inspect
from typing import Any

import pytest
from redis.asyncio import Redis

from settings import SettingError, load
from storage.redis import keys
from storage.redis.address import Kind, address_of
from storage.redis.client import make_client
from storage.redis.cluster import ClusterClient
from storage.redis.primary import PrimaryClient
from storage.redis.shard_map import Shard, merged, shard_of, slot_of


def test_one_server_is_left_to_the_driver() -> None:
    for url in ("redis://:pa%2Fss@db:6380/3", "rediss://db?ssl_ca_certs=/ca.pem", "unix:///run/valkey.sock"):
        address = address_of(url)
        assert (address.kind, address.url) == (Kind.SERVER, url)
        assert type(make_client(url)) is Redis


def test_a_cluster_is_named_by_some_of_its_nodes() -> None:
    address = address_of("rediss+cluster://me:pa%40ss@one,two:7001,[::1]:7002?ssl_ca_certs=/ca.pem")
    assert address.hosts == ("one:6379", "two:7001", "[::1]:7002")
    assert address.server_url("three:7003") == "rediss://me:pa%40ss@three:7003?ssl_ca_certs=%2Fca.pem"
    assert isinstance(make_client("redis+cluster://one,two"), ClusterClient)


def test_sentinels_have_a_login_of_their_own_and_name_a_service() -> None:
    address = address_of("redis+sentinel://me:mine@s1,s2:26380/presence/2?sentinel_password=theirs")
    assert (address.hosts, address.service) == (("s1:26379", "s2:26380"), "presence")
    assert address.server_url("s1:26379") == "redis://me:mine@s1:26379/2"
    assert address.sentinel_url("s1:26379") == "redis://:theirs@s1:26379"
    client = make_client("rediss+sentinel://me:mine@s1/presence/2?sentinel_password=theirs&ssl_ca_certs=/ca.pem")
    assert isinstance(client, PrimaryClient)
    options = client.connection_pool.connection_kwargs
    assert (options["username"], options["password"], options["db"], options["ssl_ca_certs"]) == (
        "me",
        "mine",
        2,
        "/ca.pem",
    )
    assert "SSL" in client.connection_pool.connection_class.__name__
    [sentinel] = client.connection_pool.sentinel_manager.sentinels
    assert sentinel.connection_pool.connection_kwargs["password"] == "theirs"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis+sentinel://host:26379", "must name the service"),
        ("redis+cluster://host:6379/3", "no databases"),
        ("redis+cluster://:secret@", "names no host"),
        ("redis+ring://host", "must start with"),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_start_without_its_password(url: str, problem: str) -> None:
    with pytest.raises(SettingError) as refused:
        load({"REDIS_URL": url})
    assert problem in str(refused.value)
    assert "REDIS_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


Told = dict[str, dict[str, Any]]


def node(host: str, epoch: int, *slots: tuple[int, int], flags: str = "master", name: str = "") -> Told:
    return {
        host: {"flags": flags, "epoch": str(epoch), "slots": [[str(a), str(b)] for a, b in slots], "hostname": name}
    }


def test_each_key_has_the_shard_of_its_slot() -> None:
    shards = merged({"a:1": node("a:1", 1, (0, 8191)) | node("b:1", 2, (8192, 16383))})
    assert shards == (Shard("a:1", ((0, 8191),)), Shard("b:1", ((8192, 16383),)))
    assert slot_of(b"p:{acme.example}:meta") == slot_of(b"p:{acme.example}:bus") == slot_of(b"{acme.example}")
    assert shard_of(b"123456789", shards) == shards[1]  # 12739, by the cluster's specification


def test_the_newer_word_counts_and_a_node_that_was_away_does_not_get_its_slots_back() -> None:
    old = node("a:1", 1, (0, 16383), flags="myself,master") | node("b:1", 1, flags="slave")
    new = node("a:1", 1, flags="slave") | node("b:1", 7, (0, 16383), flags="myself,master")
    for answers in ({"a:1": old, "b:1": new}, {"b:1": new, "a:1": old}):
        assert merged(answers) == (Shard("b:1", ((0, 16383),)),)


def test_slots_of_nobody_are_nobodys_and_single_slots_count() -> None:
    shards = merged({"a:1": {"a:1": {"flags": "master", "epoch": "1", "slots": [["5"], ["7", "8"]], "hostname": ""}}})
    assert shards == (Shard("a:1", ((5, 5), (7, 8))),)
    assert shard_of(b"123456789", shards) is None


def test_a_node_is_reached_by_its_name_and_one_that_knows_no_address_is_the_one_asked() -> None:
    assert merged({"a:1": node("10.0.0.1:1", 1, (0, 9), name="valkey-0")}) == (Shard("valkey-0:1", ((0, 9),)),)
    assert merged({"a:1": node(":1", 1, (0, 9), flags="myself,master")}) == (Shard("a:1", ((0, 9),)),)


def test_every_key_of_a_domain_is_on_one_node() -> None:
    """By what keys.py says; a key without a tag would be on whatever node its own name hashes to."""
    functions = [f for _, f in inspect.getmembers(keys, inspect.isfunction) if f.__module__ == keys.__name__]
    assert len(functions) >= 12
    for function in functions:
        parameters = inspect.signature(function).parameters.values()
        wanted = [each for each in parameters if each.default is each.empty]
        key = function(*(_sample(each) for each in wanted))
        tag = key[key.index("{") + 1 : key.index("}")]
        assert tag == f"some {wanted[0].name}", f"{function.__name__} makes {key}"
    for name in ("GATEWAYS", "KEPT_MAIL"):
        assert "{" in getattr(keys, name)


def _sample(parameter: inspect.Parameter) -> object:
    kind = getattr(parameter.annotation, "__supertype__", parameter.annotation)
    return {int: 7, bytes: b"7"}.get(kind, f"some {parameter.name}")
