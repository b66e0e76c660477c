"""`python3 dev.py bench peers [scenarios] [--turns N] [--only SERVER,SERVER] [--json FILE] [--write]`"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.machine import describe, raise_file_limit, run_with_the_servers
from bench.peers import page
from bench.peers.figures import lines_of
from bench.peers.measured import Campaign, Measured, Skip
from bench.peers.playing import play
from bench.peers.scenarios import OURS, SCENARIOS, STARTS, version_of


def main(arguments: Sequence[str]) -> int:
    given = _parsed(arguments)
    run_with_the_servers()
    raise_file_limit()
    before = _read(given.json)
    wanted = given.only.split(",") if given.only else []
    measured: list[Measured] = []
    skipped: list[Skip] = []
    for name in () if given.draw else given.names or SCENARIOS:
        systems = [system for system in SCENARIOS[name].systems if not wanted or system in (OURS, *wanted)]
        found, failed = asyncio.run(play(name, SCENARIOS[name], systems, given.turns, _tell))
        measured += found
        skipped += failed
    versions = {system: version_of(system) for system in {each.system for each in measured} - {OURS}}
    campaign = Campaign(describe(), versions, measured, skipped)
    if before is not None:
        campaign = before if given.draw else before.merged_with(campaign)
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(campaign)) + b"\n")
    print("\n" + page.table(lines_of(campaign)))
    for skip in campaign.skipped:
        print(f"not measured: {skip.system}: {skip.reason}")
    if given.write:
        page.write(campaign)
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)


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
        "--json", type=Path, metavar="FILE", help="keep the figures there, beside those of scenarios not played now"
    )
    parser.add_argument("--write", action="store_true", help="write the table and the plots into docs/")
    parser.add_argument("--draw", action="store_true", help="measure nothing, only tell of what FILE has")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in SCENARIOS]
    if unknown:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(SCENARIOS)}")
    return given


def _read(file: Path | None) -> Campaign | None:
    if file is None or not file.exists():
        return None
    return msgspec.json.decode(file.read_bytes(), type=Campaign)
