"""Brings the peers into a folder of their own: nothing is installed on the machine, and no root is needed.

Each function returns where things are then, and raises Skipped with the reason where they cannot be had. What is there
from another time is taken as it is.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from bench.peers.running import source_of
from bench.skipped import Skipped

FOLDER = Path(__file__).parents[2] / ".dev" / "peers"
_NODE_PACKAGES = ("socket.io@4.8.4", "bufferutil@4.1.0")
_LONGEST = 600.0


def debian(*packages: str) -> Path:
    """The root under which the packages lie unpacked, with those they need that this machine has not."""
    root, archives = FOLDER / "debian", FOLDER / "archives"
    if all(debian_version(package) for package in packages):
        return root
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Skipped("this machine has no apt-get")
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    before = set(archives.glob("*.deb"))
    fetch = ["apt-get", "install", "--yes", "--quiet", "--download-only", "--reinstall", "--no-install-recommends"]
    fetch += ["-o", "Debug::NoLocking=1", "-o", f"Dir::Cache::archives={archives}", *packages]
    try:
        _run(fetch)
    except Skipped:
        if os.geteuid() != 0:
            raise
        _run(["apt-get", "update", "--quiet"])  # its lists may be those of the day the machine was made
        _run(fetch)
    for archive in set(archives.glob("*.deb")) - before or before:
        _run(["dpkg", "--extract", str(archive), str(root)])
    return root


def debian_version(package: str) -> str:
    """Of what was brought, or empty."""
    return next((unquote(path.name.split("_")[1]) for path in (FOLDER / "archives").glob(f"{package}_*.deb")), "")


def node_modules() -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Skipped("this machine has no Node.js with npm")
    folder = FOLDER / "node"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n', "utf-8")
        _run(["npm", "install", "--silent", "--ignore-scripts", "--prefix", str(folder), *_NODE_PACKAGES])
        (folder / "done").touch()
    return folder / "node_modules"


def python() -> Path:
    """The Python of an environment with servers/requirements.txt."""
    folder = FOLDER / "python"
    program = folder / "bin" / "python"
    if not (folder / "done").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(program), "-m", "pip", "install", "--quiet", "-r", str(source_of("requirements.txt"))])
        (folder / "done").touch()
    return program


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Skipped(f"{command[0]} failed: {error}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Skipped(f"{Path(command[0]).name} failed: {said[-1] if said else done.returncode}")
