"""`python3 dev.py bench peers [scenarios] [--turns N] [--only SERVER,SERVER] [--json FILE] [--write]`"""

import argparse
import asyncio
import math
import time
from collections.abc import Sequence
from pathlib import Path

from bench.machine import describe, raise_file_limit, run_with_the_servers
from bench.peers import page
from bench.peers.figures import lines_of
from bench.peers.measured import Campaign, Measured, Skip
from bench.peers.playing import play
from bench.peers.scenarios import OURS, SCENARIOS, STARTS, version_of

_STARTED = time.monotonic()


def main(arguments: Sequence[str]) -> int:
    given = _parsed(arguments)
    machine = describe()  # with all its processors
    run_with_the_servers()
    raise_file_limit()
    campaign = (page.kept(given.json) if given.json else None) or Campaign(machine, {}, [])
    for name in () if given.draw else given.names or SCENARIOS:
        measured, skipped, versions = _played(name, given.only, given.turns, _STARTED + given.within)
        campaign = campaign.merged_with(Campaign(machine, versions, measured, skipped))
        if given.json:  # after each, since all of them take a quarter of an hour
            page.keep(campaign, given.json)
    print("\n" + page.table(lines_of(campaign)))
    for skip in campaign.skipped:
        print(f"not measured: {skip.system}: {skip.reason}")
    if given.write:
        page.write(campaign)
    return 0


def _played(name: str, only: str, turns: int, end: float) -> tuple[list[Measured], list[Skip], dict[str, str]]:
    wanted = {OURS, *only.split(",")} if only else set(STARTS)
    systems = [system for system in SCENARIOS[name].systems if system in wanted]
    measured, skipped = asyncio.run(play(name, SCENARIOS[name], systems, turns, end, _tell))
    return measured, skipped, {system: version_of(system) for system in systems if system != OURS}


def _tell(line: str) -> None:
    print(f"{time.monotonic() - _STARTED:6.0f} s  {line}", flush=True)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 dev.py bench peers",
        description="The same work by this gateway and by others, by turns: docs/benchmarks.md tells how.",
        epilog="\n".join(f"  {name:15}{scenario.title}" for name, scenario in SCENARIOS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios, all of them if none is named")
    parser.add_argument("--turns", type=int, default=3, help="of each server in each scenario (3)")
    parser.add_argument("--only", metavar="SERVER,SERVER", default="", help=f"besides ours; of {', '.join(STARTS)}")
    parser.add_argument(
        "--within", type=float, default=math.inf, metavar="SECONDS", help="no further turn begins after so long"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="keep the figures there, beside those of scenarios not played now"
    )
    parser.add_argument("--write", action="store_true", help="write the table and the plots into docs/")
    parser.add_argument("--draw", action="store_true", help="measure nothing, only tell of what FILE has")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in SCENARIOS]
    if unknown:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(SCENARIOS)}")
    return given
