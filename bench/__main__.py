"""`python -m bench [names] [--json FILE]`: runs the scenarios and holds their figures against the goals."""

import argparse
import asyncio
import importlib
import sys
from pathlib import Path

import msgspec

from bench.machine import describe
from bench.report import Table, show
from bench.skipped import Skipped
from bench.stage import stage

SCENARIOS = {
    "fan_out": "CPU per delivered update, 1 to 16 changes at once, 100 to 5,000 watchers",
    "latency": "from a change to the screens of 500 watchers",
    "login_storm": "500 people of one company come at once",
    "returning": "5,000 clients come back at once after a restart of the proxy, and others go on working",
    "noisy_neighbour": "one company floods with messages, changes, logins and an import: what another one notices",
    "wrong_passwords": "what answers tell of who exists, 10,000 guesses, and who waits meanwhile",
    "memory": "RSS of idle sessions, at 1,000 and 5,000; garbage",
    "idle": "CPU and Redis commands of 5,000 and 10,000 sessions that do nothing",
    "busy": "5,000 people of 50 companies at work: memory, CPU, latency; and 10,000 connected that do nothing",
    "commands": "logins, and commands answered, per CPU second",
    "presence_changes": "changes through Redis, and reading them",
    "registrations": "5,000 phones re-register through the switch contract",
    "chat": "durable messages from socket to socket, beside plain inserts; at 200 a second",
    "chat_history": "a conversation of 100,000 messages: opened, paged, searched",
    "slow_readers": "clients that stop reading, and the others",
    "contact_import": "10,000 contacts through a gateway: preview, import, memory, and the others meanwhile",
    "people_lists": "lists, searches and look-ups in a domain of 20,000 users and 50,000 contacts",
    "first_load": "the portal in a real browser, in a domain of 20,000 users and 50,000 contacts",
    "slow_load": "first load on a slow telephone: form to log in and list, cold, cached, kept; HTTP/1.1 and HTTP/2",
    "live_list": "a list of 2,000 people in a real browser while 50 of them change a second",
    "page_memory": "what the portal keeps in memory: an hour of changes of 2,000 people, a long chat, 200 dialogs",
    "contact_codecs": "reading and writing files of contacts, beside vobject and the csv module",
}
_WEEK = "a week of ten million people, simulated from measured costs; only alone"
_PEERS = "beside ejabberd, Prosody, nchan, Socket.IO, Django Channels; only alone, and with options of its own"


async def _run(name: str) -> Table:
    scenario = importlib.import_module(f"bench.{name}")
    async with stage() as played_on:
        table: Table = await scenario.run(played_on)
        return table


def main() -> int:
    if sys.argv[1:2] == ["peers"]:
        from bench.peers.command import main as compare

        return compare(sys.argv[2:])
    if sys.argv[1:2] == ["week"]:
        from bench.week import simulated

        show(simulated())
        return 0
    parser = argparse.ArgumentParser(
        prog="python3 dev.py bench",
        description="Measures a running gateway against the goals in docs/benchmarks.md.",
        epilog="\n".join(f"  {name:18}{what}" for name, what in {**SCENARIOS, "week": _WEEK, "peers": _PEERS}.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios, all of them if none is named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in SCENARIOS]
    if unknown:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(SCENARIOS)}")
    print(describe())
    tables: list[Table] = []
    for name in given.names or SCENARIOS:
        try:
            tables.append(asyncio.run(_run(name)))
        except Skipped as reason:
            print(f"\nskipped: {name}, since {reason}")
            continue
        show(tables[-1])
        sys.stdout.flush()
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(tables)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
