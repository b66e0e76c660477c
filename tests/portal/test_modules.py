"""The portal's modules under Node: pure functions, and the client with time and network in the test's hands.

Each `*.test.mjs` beside this file is one test here. Node comes from the PATH, or with Playwright.
"""

import subprocess
from pathlib import Path

import pytest

from tests.support.node import OLDEST_NODE, find_node

HERE = Path(__file__).parent


@pytest.mark.skipif(find_node() is None, reason=f"no Node {OLDEST_NODE} or newer, on the PATH or with Playwright")
@pytest.mark.parametrize("file", sorted(file.name for file in HERE.glob("*.test.mjs")))
def test_modules_under_node(file: str) -> None:
    node = find_node()
    assert node is not None
    run = subprocess.run(
        [node, "--test", "--test-reporter=spec", file], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
