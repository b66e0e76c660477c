"""Compiles the programs into a temporary folder, where there is a C compiler."""

import shutil
import subprocess
import tempfile
from importlib.resources import as_file, files
from pathlib import Path


class NoCompiler(Exception):
    """Measurements are skipped, and say so."""


def compiled(program: str, folder: Path) -> Path:
    """The executable of `programs/<program>.c`. Raises NoCompiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompiler("there is no C compiler on this machine")
    executable = folder / program
    if not executable.exists():
        with as_file(files("bench.programs").joinpath(f"{program}.c")) as source:
            subprocess.run([compiler, "-O2", "-o", str(executable), str(source)], check=True)
    return executable


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="presence-bench-")
