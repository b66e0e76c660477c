"""A switch over real HTTP: what it may not do changes nothing and is counted; what comes out of order comes right."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx2
import pytest

from tests.support.client import Client
from tests.support.company import Company
from tests.support.gateway import People
from tests.support.http import http_client
from tests.support.metrics import counted, risen
from tests.support.operator import Operator
from tests.support.switches import HttpSwitch
from wire.events import PresenceChanged
from wire.identity import Scope, UserId
from wire.ingest import MAX_BATCH_BYTES, MAX_EVENTS
from wire.records import Colour

REFUSED = "presence_switch_refused_total"
EVENTS = "presence_switch_events_total"
HUGE = 100_000_000


@pytest.fixture
async def switch(people: People) -> AsyncIterator[HttpSwitch]:
    """In step with the gateway: the next heartbeat asks for nothing."""
    async with await HttpSwitch.add(people.pool, people.gateway.url, people.company.domain) as made:
        await made.send_snapshot()
        yield made


@pytest.fixture
async def anna(people: People) -> UserId:
    return await people.add("1001")


@pytest.fixture
async def watcher(people: People, anna: UserId) -> AsyncIterator[Client]:
    async with await people.connect(await people.add("1002"), available=False) as client:
        yield client


def address(people: People, extension: str = "1001") -> str:
    return f"{extension}@{people.company.domain}"


async def nothing_changed(people: People, switch: HttpSwitch, watcher: Client, anna: UserId) -> None:
    """What is told next arrives, and was not preceded by anything about Anna."""
    marker = await people.add(f"9{secrets.randbelow(10**6)}")
    await switch.send(switch.device_up(address(people, people.company.caller(marker).extension)))
    await watcher.sees(marker, colour=Colour.GREEN)
    told = [each.user for one in watcher.messages if isinstance(one, PresenceChanged) for each in one.users]
    assert anna not in told


# ------------------------------------------------------------ refused, counted, nothing changed


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic eDp5", "Bearer " + "x" * 5_000])
async def test_a_wrong_token_opens_nothing(
    people: People, switch: HttpSwitch, watcher: Client, anna: UserId, authorization: str
) -> None:
    before = await counted(people.gateway)
    batch = switch.batch(switch.device_up(address(people)))
    for what in ("events", "snapshots"):
        answer = await switch.post(what, batch, headers={"Authorization": authorization})
        assert answer.status_code == 401, answer.text
    assert risen(before, await counted(people.gateway), REFUSED, reason="not_logged_in") == 2
    switch.last_seq = 0
    await nothing_changed(people, switch, watcher, anna)


async def test_a_token_of_another_switch_opens_nothing(
    people: People, switch: HttpSwitch, watcher: Client, anna: UserId
) -> None:
    before = await counted(people.gateway)
    async with await HttpSwitch.add(people.pool, people.gateway.url, people.company.domain) as other:
        batch = switch.batch(switch.device_up(address(people)))
        answer = await switch.post("events", batch, headers={"Authorization": f"Bearer {other.token}"})
        assert answer.status_code == 401
        # Its own token, in the name of the first one.
        assert (await other.post("events", batch)).status_code == 422
    after = await counted(people.gateway)
    assert risen(before, after, REFUSED, reason="not_logged_in") == 1
    assert risen(before, after, REFUSED, reason="invalid") == 1
    switch.last_seq = 0
    await nothing_changed(people, switch, watcher, anna)


async def test_a_token_is_exchanged_without_a_gap_and_the_old_one_ends_when_an_operator_says_so(
    people: People, switch: HttpSwitch, watcher: Client, anna: UserId, database_url: str
) -> None:
    operator = Operator(database_url, "redis://127.0.0.1:1")
    new = (await operator.types("rotate", switch.name)).stdout.strip()
    for token in (switch.token, new):
        answer = await switch.post("events", switch.batch(), headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
    assert (await operator.types("settle", switch.name)).exit_code == 0
    batch = switch.batch(switch.device_up(address(people)))
    assert (await switch.post("events", batch)).status_code == 401
    answer = await switch.post("events", batch, headers={"Authorization": f"Bearer {new}"})
    assert answer.status_code == 200
    await watcher.sees(anna, colour=Colour.GREEN)
    assert (await operator.types("disable", switch.name)).exit_code == 0
    answer = await switch.post("events", switch.batch(), headers={"Authorization": f"Bearer {new}"})
    assert answer.status_code == 401


async def test_what_is_said_of_a_foreign_domain_is_counted_and_changes_nothing(
    people: People, switch: HttpSwitch, password_hash: str
) -> None:
    neighbours = People(people.pool, await Company.make(people.pool), people.gateway, password_hash)
    carol = await neighbours.add("1001")
    foreign = f"1001@{neighbours.company.domain}"
    before = await counted(people.gateway)
    async with await neighbours.connect(await neighbours.add("1002"), available=False) as watcher:
        taken = await switch.send(
            switch.device_up(foreign),
            switch.call("c1", "active", (foreign, "caller")),
            switch.tell("dnd", user=foreign, on=True),
        )
        assert (taken.applied, taken.foreign, taken.ack, taken.resync) == (0, 3, 3, False)
        await switch.send_snapshot(devices=[switch.device_up(foreign)], dnd=[foreign])
        async with await HttpSwitch.add(people.pool, people.gateway.url, neighbours.company.domain) as own:
            await own.send_snapshot()
            await nothing_changed(neighbours, own, watcher, carol)
    assert risen(before, await counted(people.gateway), EVENTS, source=switch.name, outcome="foreign") == 4


async def test_a_recorded_batch_that_is_played_again_changes_nothing(
    people: People, switch: HttpSwitch, watcher: Client, anna: UserId
) -> None:
    up = switch.device_up(address(people))
    recorded = switch.batch(up)
    await switch.post("events", recorded)
    await watcher.sees(anna, colour=Colour.GREEN)
    await switch.send(switch.tell("device.down", user=address(people), device="d1", rev=up["rev"]))
    await watcher.sees(anna, colour=Colour.OFFLINE)
    before = await counted(people.gateway)
    answer = (await switch.post("events", recorded)).json()
    assert (answer.get("applied"), answer["repeated"]) == (None, 1)
    switch.restart()
    await switch.send_snapshot()
    answer = (await switch.post("events", recorded)).json()
    assert (answer.get("applied"), answer["repeated"]) == (None, 1)
    assert risen(before, await counted(people.gateway), EVENTS, source=switch.name, outcome="repeated") == 2
    watcher.messages.clear()
    await nothing_changed(people, switch, watcher, anna)


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"{", 400, "malformed"),
        (b"\x00\xff" * 500, 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"source":"s","epoch":"e","sent_at":1,"contract":2}', 422, "invalid"),
        (b'{"source":"s","epoch":"e","sent_at":1,"events":[' + b"{}," * MAX_EVENTS + b"{}]}", 422, "invalid"),
        (b'{"source":"' + b"s" * MAX_BATCH_BYTES + b'"}', 413, "too_large"),
    ],
)
async def test_garbage_is_refused_and_counted(
    people: People, switch: HttpSwitch, watcher: Client, anna: UserId, content: bytes, status: int, reason: str
) -> None:
    before = await counted(people.gateway)
    headers = {"Content-Type": "application/json"}
    for what in ("events", "snapshots", "../adapters/kamailio/" + switch.name + "/events"):
        url = f"/{switch.name}/{what}" if not what.startswith("..") else what[2:]
        answer = await switch.http.post(url, content=content, headers=headers)
        assert answer.status_code in {status, 422}, (what, answer.text)
    assert (await switch.http.post(f"/{switch.name}/events", content=content, headers=headers)).status_code == status
    after = await counted(people.gateway)
    assert risen(before, after, REFUSED) == 4
    assert risen(before, after, REFUSED, reason=reason) >= 1
    await nothing_changed(people, switch, watcher, anna)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(("token", "status", "reason"), [("", 413, "too_large"), ("wrong", 401, "not_logged_in")])
async def test_a_hundred_megabytes_are_refused_without_being_kept(
    people: People,
    switch: HttpSwitch,
    watcher: Client,
    anna: UserId,
    declared: bool,
    token: str,
    status: int,
    reason: str,
) -> None:
    """With its length told before, and without; with the right token, and without."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(HUGE // 1_000_000):
            yield b"x" * 1_000_000

    before, memory = await counted(people.gateway), peak_memory(people.gateway.pid)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or switch.token}"}
    headers |= {"Content-Length": str(HUGE)} if declared else {}
    try:
        answer = await switch.http.post(f"/{switch.name}/events", content=body(), headers=headers)
        assert answer.status_code == status
    except (httpx2.WriteError, httpx2.ReadError, httpx2.RemoteProtocolError):
        pass  # cut off while it was still sending
    assert peak_memory(people.gateway.pid) - memory < 20_000_000
    assert risen(before, await counted(people.gateway), REFUSED, reason=reason) == 1
    await nothing_changed(people, switch, watcher, anna)


def peak_memory(pid: int) -> int:
    """The most that a process has ever held, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


# ------------------------------------------------------------ out of order, stale, too large


async def test_numbers_out_of_order_over_several_connections_lose_nobody(people: People, switch: HttpSwitch) -> None:
    """The workers of a switch overtake each other between taking a number and putting it into the queue."""
    extensions = [str(3_000 + number) for number in range(300)]
    crowd = [await people.add(extension) for extension in extensions]
    events = [switch.device_up(address(people, extension)) for extension in extensions]
    choice = random.Random(7)  # noqa: S311 - no secret
    shuffled = sorted(events, key=lambda event: int(str(event["seq"])) + choice.uniform(0, 60))
    batches = [switch.batch(*shuffled[start : start + 10]) for start in range(0, len(shuffled), 10)]

    async def post(mine: Sequence[object]) -> list[dict[str, object]]:
        return [(await switch.post("events", batch)).json() for batch in mine]

    answers = [each for told in await asyncio.gather(*(post(batches[lane::4]) for lane in range(4))) for each in told]
    assert sum(int(str(each["applied"])) for each in answers) == len(crowd)
    assert not any(each["resync"] for each in answers)
    beat = await switch.send()
    assert (beat.ack, beat.resync) == (len(crowd), False)
    async with await people.connect(await people.add("1002")) as client:
        assert {client.seen(user).colour for user in crowd} == {Colour.GREEN}


async def test_a_stale_full_list_removes_no_phone_that_overtook_it(people: People, switch: HttpSwitch) -> None:
    """Two phones of each user register in the same instant. Each list is read before it gets its number, so that of
    two of them the one with only the first phone in it may be told last."""
    extensions = [str(3_000 + number) for number in range(200)]
    crowd = [await people.add(extension) for extension in extensions]
    lists = []
    for extension in extensions:
        phones = [{"device": name, "rev": [switch.now, 1], "ttl": 600} for name in ("desk", "mobile")]
        lists += [
            switch.tell("devices", user=address(people, extension), devices=seen) for seen in (phones, phones[:1])
        ]
    for start in range(0, len(lists), 100):
        await switch.send(*lists[start : start + 100])
    manager = await people.add("1000", scope=Scope.SUPER_USER)
    headers = {"Authorization": f"Bearer {await people.token(manager)}"}
    async with http_client(people.gateway.url, headers=headers) as http:
        for user in crowd:
            devices = (await http.get(f"/v1/presence/{user}/why")).json()["devices"]
            assert sum(device["live"] for device in devices) == 2, user


async def test_a_batch_that_is_too_large_is_dropped_and_healed_by_a_snapshot(
    people: People, switch: HttpSwitch, watcher: Client, anna: UserId
) -> None:
    before = await counted(people.gateway)
    large = switch.batch(*(switch.device_up(address(people), f"d{number}") for number in range(MAX_EVENTS + 1)))
    assert (await switch.post("events", large)).status_code == 422
    # The sender drops it and goes on, as the contract says; the hole is noticed by the next heartbeat.
    assert (await switch.send()).resync
    listed = {"user": address(people), "device": "d1", "rev": [switch.now, 1], "ttl": 600}
    taken = await switch.send_snapshot(devices=[listed])
    assert taken.corrected == 1
    assert not (await switch.send()).resync
    await watcher.sees(anna, colour=Colour.GREEN)
    after = await counted(people.gateway)
    assert risen(before, after, "presence_switch_losses_total", source=switch.name) == 1
    assert risen(before, after, "presence_switch_corrections_total", source=switch.name) == 1
