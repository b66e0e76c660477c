"""The portal's modules under Node: pure functions, and the client with time and network in the test's hands.

Each `*.test.mjs` beside this file is one test here. Node comes from the PATH, or with Playwright.
"""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OLDEST_NODE = 20


@cache
def find_node() -> str | None:
    """A Node that is new enough to know the modules' syntax and to run tests."""
    for candidate in filter(None, (shutil.which("node"), _node_of_playwright())):
        version = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.match(r"v(\d+)\.", version)
        if found and int(found[1]) >= OLDEST_NODE:
            return candidate
    return None


def _node_of_playwright() -> str | None:
    try:
        import playwright
    except ImportError:
        return None
    node = Path(playwright.__file__).parent / "driver" / "node"
    return str(node) if node.exists() else None


@pytest.mark.skipif(find_node() is None, reason=f"no Node {OLDEST_NODE} or newer, on the PATH or with Playwright")
@pytest.mark.parametrize("file", sorted(file.name for file in HERE.glob("*.test.mjs")))
def test_modules_under_node(file: str) -> None:
    node = find_node()
    assert node is not None
    run = subprocess.run(
        [node, "--test", "--test-reporter=spec", file], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
