"""`presence simulate` plays a script to a real gateway, and people see it."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from storage.embedded import EmbeddedServers
from tests.support.gateway import People
from tests.support.processes import started_from
from wire.records import Calls, Colour, Reason

CHECKOUT = Path(__file__).parents[2]

SCRIPT = [
    {"do": "register", "user": "1001"},
    {"do": "register", "user": "1002"},
    {"do": "call", "after": 1, "call": "c1", "phase": "ringing", "caller": "1001", "callee": "1002"},
    {"do": "call", "after": 2, "call": "c1", "phase": "active", "caller": "1001", "callee": "1002"},
    {"do": "lose", "after": 2},
    {"do": "call", "call": "c1", "phase": "ended", "caller": "1001", "callee": "1002"},
    {"do": "dnd", "user": "1002", "on": True},
]


async def simulate(people: People, database_url: str, *words: str) -> asyncio.subprocess.Process:
    with started_from(background=True):
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "cli.main", "simulate", "--url", people.gateway.url, "--domain", people.company.domain, *words),
            cwd=CHECKOUT,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": database_url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )


async def test_a_script_is_seen_as_colours_what_was_lost_heals_and_at_the_end_everybody_is_at_home(
    people: People, database_url: str, servers: EmbeddedServers, tmp_path: Path
) -> None:
    anna, ben, carol = [await people.add(str(1001 + number)) for number in range(3)]
    file = tmp_path / "script.jsonl"
    file.write_text("\n".join(map(json.dumps, SCRIPT)))
    async with await people.connect(carol) as watcher:
        process = await simulate(people, database_url, str(file), "--linger", "8")
        await watcher.sees(anna, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        await watcher.sees(ben, calls=Calls.RINGING)
        await watcher.sees(ben, colour=Colour.RED, reason=Reason.ON_THE_PHONE)
        # The end of the call got lost; the next heartbeat shows that, and a snapshot what it was.
        await watcher.sees(anna, colour=Colour.GREEN)
        await watcher.sees(ben, colour=Colour.RED, reason=Reason.DO_NOT_DISTURB)
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        for user in (anna, ben):
            await watcher.sees(user, colour=Colour.OFFLINE, dnd=False)


async def test_a_day_goes_on_until_it_is_interrupted_and_then_everybody_goes_home(
    people: People, database_url: str
) -> None:
    crowd = [await people.add(str(1001 + number)) for number in range(5)]
    watching = await people.add("1000")
    async with await people.connect(watching) as watcher:
        process = await simulate(people, database_url, "--day", "--from", "11", "--speed", "600")
        for user in crowd:
            await watcher.sees(user, phone=True)
        await watcher.until(lambda: any(watcher.seen(user).calls is Calls.BUSY for user in crowd), "a call")
        process.send_signal(signal.SIGTERM)
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        for user in crowd:
            await watcher.sees(user, colour=Colour.OFFLINE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "either a file or --day"),
        (("--day", "--source", "x"), "go together"),
        (("--day", "--domain", "nowhere.test"), "There is no domain nowhere.test"),
    ],
)
async def test_what_cannot_be_played_is_told(
    people: People, database_url: str, words: tuple[str, ...], told: str
) -> None:
    process = await simulate(people, database_url, *words)
    output, _ = await process.communicate()
    assert process.returncode in (1, 2)
    assert told in output.decode()
