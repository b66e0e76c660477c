"""deploy/valkey/start.sh as the compose files for Sentinels and for a cluster start it, on ports of this machine."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import yaml
from redis.asyncio import Redis

from storage.embedded.binaries import find_valkey
from storage.redis.address import address_of
from storage.redis.client import make_client
from tests.support.folders import make_data_folder
from tests.support.ports import free_node_ports
from tests.support.redis_servers import until

CHECKOUT = Path(__file__).parents[2]
SCRIPT = CHECKOUT / "deploy" / "valkey" / "start.sh"
PASSWORD = "parts-of-valkey"
CLI = shutil.which("valkey-cli") or shutil.which("redis-cli")
OTHERS, REPLICAS = r"num-other-sentinels\D+2\D", r"num-slaves\D+1\D"

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(part, port, **environment)`, each with a folder of its own."""
    folder, running = make_data_folder(), []
    programs = folder / "programs"
    programs.mkdir()
    (programs / "valkey-server").symlink_to(find_valkey().program("valkey-server"))
    if CLI is not None:
        (programs / "valkey-cli").symlink_to(CLI)

    def start(part: str, port: int = 0, **more: str) -> "subprocess.Popen[bytes]":
        own = folder / f"{part}-{port}"
        own.mkdir(exist_ok=True)
        environment = {"VALKEY_PASSWORD": PASSWORD, "FOLDER": str(own), "BIND": "127.0.0.1", "PORT": str(port)}
        environment |= {"DOWN_AFTER": "1500", "FAILOVER_TIMEOUT": "3000"}
        environment |= {"PATH": f"{programs}:{os.environ['PATH']}", **more}
        with (own / "log").open("ab") as log:
            running.append(subprocess.Popen([SCRIPT, part], env=environment, stdout=log, stderr=log))
        return running[-1]

    yield start
    for each in running:
        each.kill()
        each.wait()
    shutil.rmtree(folder, ignore_errors=True)


async def is_written(client: Redis, value: str) -> bool:
    try:
        await client.set("key", value)
    except Exception:  # noqa: BLE001 - not yet, for whatever reason
        return False
    return True


async def says(server: Redis, name: str, value: str) -> bool:
    try:
        return str((await server.info("replication")).get(name)) == value
    except Exception:  # noqa: BLE001 - as above
        return False


async def all_know(sentinels: Sequence[int]) -> bool:
    """Each other and the replica: who does not know it cannot promote it."""
    for port in sentinels:
        sentinel = make_client(f"redis://:{PASSWORD}@127.0.0.1:{port}")
        try:
            told = repr(await sentinel.execute_command("SENTINEL", "MASTER", "presence"))  # type: ignore[no-untyped-call]
        except Exception:  # noqa: BLE001 - as above
            return False
        finally:
            await sentinel.aclose()
        if not (re.search(OTHERS, told) and re.search(REPLICAS, told)):
            return False
    return True


async def test_three_sentinels_replace_a_primary_that_dies_and_it_comes_back_as_a_replica(start: Start) -> None:
    primary, replica, *sentinels = free_node_ports(5)
    whom = {"PRIMARY": f"127.0.0.1 {primary}"}
    first = start("primary", primary)
    start("replica", replica, **whom)
    for port in sentinels:
        start("sentinel", port, **whom)
    hosts = ",".join(f"127.0.0.1:{port}" for port in sentinels)
    url = f"redis+sentinel://:{PASSWORD}@{hosts}/presence/0?sentinel_password={PASSWORD}"
    client = make_client(url)
    at_replica = make_client(f"redis://:{PASSWORD}@127.0.0.1:{replica}")
    at_first = make_client(f"redis://:{PASSWORD}@127.0.0.1:{primary}")

    try:
        await until(lambda: is_written(client, "before"), "the Sentinels to name a primary")
        await until(lambda: says(at_replica, "master_link_status", "up"), "the replica to follow")
        await until(lambda: all_know(sentinels), "the Sentinels to know each other and the replica")
        first.kill()
        first.wait()
        await until(lambda: says(at_replica, "role", "master"), "another primary")
        await until(lambda: is_written(client, "after"), "the new primary to be written to")
        start("primary", primary)
        await until(lambda: says(at_first, "role", "slave"), "the old primary to follow the new one")
        assert await at_replica.get("key") == b"after"
    finally:
        for each in (client, at_replica, at_first):
            await each.aclose()


@pytest.mark.skipif(CLI is None, reason="neither valkey-cli nor redis-cli is on this machine")
async def test_six_nodes_are_joined_to_one_cluster_once(start: Start) -> None:
    ports = free_node_ports(6)
    for port in ports:
        start("node", port)
    nodes = {"NODES": " ".join(f"127.0.0.1:{port}" for port in ports), "REPLICAS": "1", "REDISCLI_AUTH": PASSWORD}
    assert start("join", **nodes).wait(timeout=120) == 0
    client = make_client(f"redis+cluster://:{PASSWORD}@" + ",".join(f"127.0.0.1:{port}" for port in ports[:3]))

    async def is_whole() -> bool:
        try:
            return all([await client.set(f"{{{name}.test}}", name) for name in ("anna", "ben", "chloe", "daniel")])
        except Exception:  # noqa: BLE001 - not yet, for whatever reason
            return False

    try:
        await until(is_whole, "every node to serve")
        assert start("join", **nodes).wait(timeout=120) == 0
        assert await client.get("{ben.test}") == b"ben"
    finally:
        await client.aclose()


def test_a_part_that_does_not_exist_is_named(start: Start) -> None:
    assert start("primry").wait(timeout=120) == 2


@pytest.mark.parametrize("name", ["sentinel", "cluster"])
def test_a_compose_file_keeps_to_its_schema_and_names_servers_that_it_starts(name: str) -> None:
    file = CHECKOUT / "deploy" / "compose" / f"{name}.yml"
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    finished = subprocess.run([*checker, str(file)], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout
    parsed = yaml.safe_load(file.read_text())
    services = parsed["services"]
    addresses = {
        service["networks"]["stores"]["ipv4_address"]: each
        for each, service in services.items()
        if isinstance(service.get("networks"), dict)
    }
    for ours in ("migrate", "gateway-left", "gateway-right"):
        url = services[ours]["environment"]["REDIS_URL"].replace("${VALKEY_PASSWORD:?set it in .env}", PASSWORD)
        assert {host.split(":")[0] for host in address_of(url).hosts} <= set(addresses)
    named = re.findall(r"172\.30\.77\.\d+", file.read_text())
    assert set(named) - {"172.30.77.0"} == set(addresses)
    assert {each for each in services if each.startswith(("valkey", "sentinel"))} == set(addresses.values())
    mounted = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert mounted == {"./deploy/valkey/start.sh", *parsed["volumes"]}
