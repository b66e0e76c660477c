"""A process whose time of day is put forward and back while it runs; where there is a C compiler, on Linux."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_SOURCE = Path(__file__).parent / "programs" / "wall_clock.c"


class WallClock:
    """Give `environment` to the process."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None or sys.platform != "linux":
            pytest.skip("what puts the clock of a process forward takes Linux and a C compiler")
        library = folder / "wall_clock.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, _SOURCE, "-ldl"], check=True)
        self._file = folder / "ahead"
        self.put(0)
        self.environment = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(self._file)}

    def put(self, seconds: int) -> None:
        """Ahead of the truth by so many seconds, from now on."""
        written = self._file.with_suffix(".new")
        written.write_text(str(seconds))
        written.rename(self._file)
