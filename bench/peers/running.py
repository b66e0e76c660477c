"""A server that is measured: where it listens, how it is spoken to, and whose CPU and memory are its own."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from bench.machine import cpu_seconds_of_family, resident_bytes_of_family

_PATIENCE = 60.0
SECRET = "secret"  # noqa: S105  (of users that exist while this runs)


class Scene(Struct, frozen=True):
    """What is to be played: `play` is idle, team, chat or fan, as bench/peers/programs/load.c knows them."""

    play: str
    people: int
    is_kept: bool = False
    """Chat: in PostgreSQL before anybody hears of it."""

    @property
    def host(self) -> str:
        """The domain of the people, in XMPP."""
        return f"{'team' if self.play == 'team' else 'people'}{self.people}.test"


class Running(Struct, frozen=True):
    """`parts`: processes that count, with their children, by what they are; `options` are the protocol's."""

    protocol: str
    port: int
    parts: Mapping[str, int]
    options: Sequence[str] = ()

    def cpu(self) -> dict[str, float]:
        return {part: cpu_seconds_of_family(pid) for part, pid in self.parts.items()}

    def memory(self) -> dict[str, int]:
        """Without the database, whose caches grow with what is kept, not with who is there."""
        return {part: resident_bytes_of_family(pid) for part, pid in self.parts.items() if part != "database"}


class Place:
    """Where a server is started: a folder for what it writes, and a stack that ends what was started."""

    def __init__(self, folder: Path, keep: AsyncExitStack) -> None:
        self.folder = folder
        self._keep = keep

    def start(self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> int:
        """A process on the servers' processor, as which this one runs; its PID."""
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._keep.callback(_stop, process)
        return process.pid

    async def wait_for(self, port: int) -> None:
        """Until somebody listens there. Raises RuntimeError with the end of what the server said."""
        end = asyncio.get_running_loop().time() + _PATIENCE
        while asyncio.get_running_loop().time() < end:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return
        raise RuntimeError(f"nobody listens: {self.output()[-1_500:]}")

    def output(self) -> str:
        said = self.folder / "output"
        return said.read_text("utf-8", errors="replace") if said.exists() else ""

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


def filled_in(name: str, **values: object) -> str:
    """The text of `servers/<name>` with its `@NAME@`s replaced."""
    text = source_of(name).read_text("utf-8")
    for name_of, value in values.items():
        text = text.replace(f"@{name_of}@", str(value))
    return text


def source_of(name: str) -> Path:
    return Path(str(files("bench.peers.servers").joinpath(name)))


def free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        port: int = candidate.getsockname()[1]
    return port


def program(name: str, *places: Path) -> Path | None:
    """On the PATH or in one of the places."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, places)]))
    return Path(found) if found else None


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
