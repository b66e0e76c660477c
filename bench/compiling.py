"""Compiles the programs into a temporary folder, where there is a C compiler."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from bench.skipped import Skipped


def compiled(program: str, folder: Path, *, package: str = "bench.programs", also: Sequence[str] = ()) -> Path:
    """The executable of `<program>.c` and what else it consists of. Raises Skipped."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Skipped("there is no C compiler on this machine")
    executable = folder / program
    if not executable.exists():
        with as_file(files(package)) as sources:
            parts = [str(sources / f"{part}.c") for part in (program, *also)]
            subprocess.run([compiler, "-O2", "-o", str(executable), *parts], check=True)
    return executable


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="presence-bench-")
