"""The portal's JSDoc types, checked by the TypeScript compiler where there is one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILER = os.environ.get("TSC") or shutil.which("tsc")


@pytest.mark.skipif(COMPILER is None, reason="no TypeScript compiler: neither $TSC nor tsc on the PATH")
def test_the_portal_type_checks() -> None:
    assert COMPILER is not None
    run = subprocess.run([COMPILER, "-p", ROOT / "portal"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
