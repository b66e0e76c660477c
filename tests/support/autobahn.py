"""The Autobahn test suite's cases against our WebSocket protocol and the `websockets` library, beside each other.

    python -m tests.support.autobahn                     # sections 1 to 7, 9 and 10, by the package `kosoku`
    python -m tests.support.autobahn --wstest PATH       # the same by the suite itself (Python 2.7: autobahntestsuite)

Prints a table for docs/operations/conformance.md and every case that is not simply passed. Sections 12 and 13 are about
compression, which we do not offer. Ends with 1 if ours fails a case.
"""

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import kosoku

from tests.support.echo import IMPLEMENTATIONS, echo, serving_websockets

SECTIONS = {
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "opcodes",
    "5": "fragmentation",
    "6": "UTF-8",
    "7": "closing",
    "9": "large messages, and many",
    "10": "fragments of one message",
}
AT_ONCE, TRIES = 8, 3

Verdicts = Mapping[str, str]
"""By the number of the case: OK, NON-STRICT (right, and could be stricter), INFORMATIONAL, or what is wrong."""


async def run_cases(address: str, *sections: str) -> Verdicts:
    """By the cases themselves in a runner for today's Python.

    Many cases give a second for an answer, which a busy machine may miss: what failed is tried again, by itself.
    """
    verdicts = await _run_once(address, _cases(sections), AT_ONCE)
    for _ in range(TRIES - 1):
        if failed := [number for number, each in verdicts.items() if each.startswith("FAILED")]:
            verdicts |= await _run_once(address, failed, 1)
    return verdicts


async def _run_once(address: str, cases: Sequence[str], at_once: int) -> dict[str, str]:
    try:
        results = await kosoku.run_fuzzingclient(address, cases, concurrency=at_once)
    except kosoku.FailureError as failure:
        results = failure.results  # of all cases, not only those that failed
    return {each.case_id: _verdict(each.behavior.value, each.behavior_close.value) for each in results}


def _cases(sections: Sequence[str]) -> list[str]:
    return [f"{section}.*" for section in sections]


def _verdict(messages: str, close: str) -> str:
    passed = ("OK", "NON-STRICT", "INFORMATIONAL")
    return messages if messages in passed and close in passed else f"FAILED ({messages}, {close})"


async def _run_wstest(program: str, address: str, *sections: str) -> Verdicts:
    """By the suite as it was published."""
    with tempfile.TemporaryDirectory() as folder:
        cases = await asyncio.to_thread(_results_of_wstest, program, address, _cases(sections), Path(folder))
    return {number: _verdict(case["behavior"], case["behaviorClose"]) for number, case in cases.items()}


def _results_of_wstest(program: str, address: str, cases: list[str], folder: Path) -> Mapping[str, Any]:
    servers = [{"agent": "gateway", "url": address}]
    asked = {"outdir": str(folder), "servers": servers, "cases": cases}
    file = folder / "asked.json"
    file.write_text(json.dumps({**asked, "exclude-cases": [], "exclude-agent-cases": {}}))
    command = [program, "-m", "fuzzingclient", "-s", str(file)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    results: Mapping[str, Any] = json.loads((folder / "index.json").read_bytes())["gateway"]
    return results


def print_table(found: Mapping[str, Verdicts]) -> None:
    print(f"| section | cases | {' | '.join(found)} |")
    print(f"| --- | --- |{' --- |' * len(found)}")
    for section, about in SECTIONS.items():
        counts = [_in_section(verdicts, section) for verdicts in found.values()]
        print(f"| {section} {about} | {counts[0].total()} | {' | '.join(map(_in_words, counts))} |")
    for name, verdicts in found.items():
        print(f"\n{name}:", ", ".join(f"{number} {each}" for number, each in verdicts.items() if each != "OK"))


def _in_section(verdicts: Verdicts, section: str) -> Counter[str]:
    return Counter(each.split(" ")[0] for number, each in verdicts.items() if number.split(".")[0] == section)


def _in_words(count: Counter[str]) -> str:
    return ", ".join(f"{number} {verdict}" for verdict, number in sorted(count.items(), reverse=True))


async def _main(wstest: str | None) -> int:
    logging.disable()  # every case is a mistake of the client's, and the library writes each of them down
    found = {}
    for name in IMPLEMENTATIONS:
        async with serving_websockets(echo, name) as address:
            found[name] = await (_run_wstest(wstest, address, *SECTIONS) if wstest else run_cases(address, *SECTIONS))
    print_table(found)
    return int(any(each.startswith("FAILED") for each in found["own"].values()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wstest", help="where the suite's own program is")
    sys.exit(asyncio.run(_main(parser.parse_args().wstest)))
