"""`python3 dev.py fuzz [NAMES] [--seconds N]`: wrong input without end, for one function of targets.py after the other.

With atheris on the path (`pip install --target FOLDER atheris`, PYTHONPATH=FOLDER; Linux) the inputs follow the
branches of the code; without it they are made from the seeds by chance. What was a finding is kept as a file and named,
and has to become a seed. Ends with 1 if there was one.
"""

import argparse
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzzing.mutations import mutated
from tests.fuzzing.targets import SEEDS, TARGETS

SLOWEST = 20
"""Seconds that one input may take."""


def by_chance(name: str, seconds: float, findings: Path) -> bool:
    """Returns whether all went well."""
    chance = random.Random()
    seeds, target = SEEDS[name](), TARGETS[name]
    until, tried = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        data = mutated(chance.choice(seeds), chance)
        tried += 1
        try:
            target(data)
        except Exception as error:
            file = findings / f"{name}-{tried}"
            file.write_bytes(data)
            print(f"{name}: {error!r:.300}\n  {file}")
            return False
    print(f"{name}: {tried:,} inputs, no finding")
    return True


def by_branches(name: str, seconds: float, findings: Path) -> bool:
    corpus = findings / f"corpus-{name}"
    corpus.mkdir(exist_ok=True)
    for at, seed in enumerate(SEEDS[name]()):
        (corpus / f"seed-{at}").write_bytes(seed)
    words = [f"-max_total_time={int(seconds)}", f"-artifact_prefix={findings}/{name}-", f"-timeout={SLOWEST}"]
    command = [sys.executable, "-m", "tests.fuzzing.following", name, "-print_final_stats=1", "-max_len=60000"]
    done = subprocess.run([*command, *words, str(corpus)], capture_output=True, text=True, check=False)
    kept = [line for line in done.stderr.splitlines() if "exec" in line or "ERROR" in line or "Error" in line]
    print(f"{name}: {'no finding' if done.returncode == 0 else 'a finding'}\n  " + "\n  ".join(kept[-6:]))
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=600, help="for each")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in TARGETS]:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(TARGETS)}")
    findings = Path(tempfile.gettempdir(), f"fuzzing-{os.getuid()}")
    findings.mkdir(exist_ok=True)
    run = by_branches if importlib.util.find_spec("atheris") else by_chance
    went_well = [run(name, given.seconds, findings) for name in given.names or TARGETS]
    return int(not all(went_well))


if __name__ == "__main__":
    sys.exit(main())
