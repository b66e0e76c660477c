"""An adapter as an operator starts it: a process with a source of its own, reporting to a real gateway."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from accounts.tokens import hash_token
from storage.postgres.pbx_sources import PostgresSourceStore
from tests.support.gateway import People
from wire.identity import SourceId

_ROOT = Path(__file__).parents[2]
_SECONDS = 60.0


class AdapterProcess:
    """`python -m cli.main adapter ...`. Its log is read all the time, and kept."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.log: deque[dict[str, object]] = deque(maxlen=2_000)
        self.output: list[str] = []
        self.written: list[str] = []
        self._logged = threading.Condition()
        own = ("PRESENCE_", "ADAPTER_", "ASTERISK_", "FREESWITCH_", "NETSAPIENS_", "NOTIFY_")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "adapter", *arguments],
            cwd=_ROOT,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(own)},
                "LOG_FORMAT": "json",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    async def logged(self, event: str, *, times: int = 1) -> dict[str, object]:
        """Waits until it has logged this so often; the last entry."""
        return await asyncio.to_thread(self._wait_for, event, times)

    async def wrote(self, part: str) -> dict[str, object]:
        """Waits until it has written a line of JSON that has this in it, and is no entry of its log."""
        return await asyncio.to_thread(self._wait_for_line, part)

    async def ended(self) -> int:
        """Waits for its end; the exit code."""
        code = await asyncio.to_thread(self._process.wait, _SECONDS)
        await asyncio.to_thread(self._reader.join, _SECONDS)
        return code

    async def stop(self) -> int:
        self._process.terminate()
        return await self.ended()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def count(self, event: str) -> int:
        return sum(entry.get("event") == event for entry in list(self.log))

    def _wait_for(self, event: str, times: int) -> dict[str, object]:
        with self._logged:
            self._logged.wait_for(lambda: self.count(event) >= times or not self._reader.is_alive(), _SECONDS)
        found = [entry for entry in list(self.log) if entry.get("event") == event]
        assert len(found) >= times, f"no {event} (times {times}): {list(self.log)[-8:]} {self.output[-8:]}"
        return found[-1]

    def _wait_for_line(self, part: str) -> dict[str, object]:
        def found() -> dict[str, object] | None:
            lines = [line for line in list(self.written) if part in line]
            return json.loads(lines[-1]) if lines else None

        with self._logged:
            self._logged.wait_for(found, _SECONDS)
        line = found()
        assert line is not None, f"no {part}: {self.written[-5:]} {list(self.log)[-5:]}"
        return line

    def _read_log(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as out:
            for line in out:
                self.written.append(line.decode(errors="replace"))
                try:
                    entry = json.loads(line)
                except ValueError:
                    self.output.append(line.decode(errors="replace").rstrip())
                    continue
                with self._logged:
                    self.log.append(entry)
                    self._logged.notify_all()
        with self._logged:
            self._logged.notify_all()


async def make_source(people: People, *domains: str) -> dict[str, str]:
    """A source for the domains, or for the company's; its variables."""
    source, token = SourceId(f"adapter-{secrets.token_hex(4)}"), secrets.token_urlsafe(32)
    await PostgresSourceStore(people.pool).add(source, hash_token(token), domains or [people.company.domain])  # type: ignore[arg-type]
    return {"ADAPTER_SOURCE": source, "ADAPTER_TOKEN": token, "ADAPTER_GATEWAY": people.gateway.url}


async def take_commands(people: People, adapter: AdapterProcess) -> str:
    """The gateway tells the adapter from now on what users set in the portal; the address of the adapter's door."""
    url = f"http://127.0.0.1:{(await adapter.logged('taking_commands'))['port']}"
    source, token = SourceId(adapter.environment["ADAPTER_SOURCE"]), adapter.environment["ADAPTER_COMMAND_TOKEN"]
    await PostgresSourceStore(people.pool).set_commands(source, url, token)
    return url


@asynccontextmanager
async def running_adapter(arguments: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[AdapterProcess]:
    """Runs until the block ends, and has told its first snapshot."""
    process = AdapterProcess(arguments, environment)
    try:
        await process.logged("snapshot_taken")
        yield process
    finally:
        process.kill()
