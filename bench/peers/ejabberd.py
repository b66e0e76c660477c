"""ejabberd over XMPP WebSocket: one scheduler, Mnesia, everybody in each other's own roster, which is quicker."""

import json
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2

from bench.peers import install
from bench.peers.database import database
from bench.peers.running import SECRET, Place, Running, Scene, filled_in, free_port
from bench.settling import settle

PACKAGES = ("ejabberd", "erlang-p1-pgsql")
_TUNED = ("+K", "true", "+P", "250000", "+S", "1:1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")
"""One processor, one scheduler; no busy waiting, which would be charged as work."""
_SCHEMA = "usr/share/ejabberd/sql/pg.sql"


async def start(scene: Scene, place: Place, keep: AsyncExitStack) -> Running:
    root = install.debian(*PACKAGES)
    host, archive, parts = scene.host, "", {}
    if scene.is_kept:
        beside = database(keep)
        await beside.run((root / _SCHEMA).read_text("utf-8"))
        archive, parts = filled_in("ejabberd-archive.yml", **beside.settings), {"database": beside.pid}
    server = _Ejabberd(root, place, host, archive)
    accounts = install.FOLDER / f"ejabberd-{host}"
    if not accounts.exists():
        await _make_accounts(root, scene, host, accounts)
    shutil.copytree(accounts, place.folder / "mnesia")
    pid = await server.start()
    roster = [f"roster={scene.people - 1}"] if scene.play == "team" else []
    return Running("xmpp", server.port, {"server": pid, **parts}, ["path=/ws", f"host={host}", *roster])


class _Ejabberd:
    def __init__(self, root: Path, place: Place, host: str, archive: str) -> None:
        self.port = free_port()
        self._root = root
        self._place = place
        self._host = host
        self._configuration = place.write(
            "ejabberd.yml", filled_in("ejabberd.yml", HOST=host, PORT=self.port, ARCHIVE=archive)
        )

    async def start(self) -> int:
        erlang, [library] = self._root / "usr/lib/erlang", list(self._root.glob("usr/lib/*/ejabberd-*/.."))[:1]
        [binaries] = erlang.glob("erts-*/bin")
        folder = self._place.folder
        environment = {
            "ROOTDIR": str(erlang),
            "BINDIR": str(binaries),
            "EMU": "beam",
            "PROGNAME": "erl",
            "ERL_LIBS": str(library),
            "LD_LIBRARY_PATH": str(library),
            "ERL_MAX_PORTS": "32000",
            "ERL_CRASH_DUMP": str(folder / "crash"),
            "EJABBERD_CONFIG_PATH": str(self._configuration),
            "EJABBERD_LOG_PATH": str(folder / "log"),
            "HOME": str(folder),
        }
        data = ["-mnesia", "dir", f'"{folder / "mnesia"}"']
        pid = self._place.start(
            [binaries / "erlexec", *_TUNED, "-noinput", "-noshell", *data, "-s", "ejabberd"], environment
        )
        await self._place.wait_for(self.port)
        await settle(1)
        return pid

    async def ask(self, command: str, **arguments: Any) -> None:
        async with httpx2.AsyncClient(timeout=300, trust_env=False) as client:
            answer = await client.post(
                f"http://127.0.0.1:{self.port}/api/{command}",
                content=json.dumps({"host": self._host, **arguments}),
                headers={"Content-Type": "application/json"},
            )
            answer.raise_for_status()


async def _make_accounts(root: Path, scene: Scene, host: str, accounts: Path) -> None:
    """Once for each size, since it takes long."""
    async with AsyncExitStack() as keep:
        folder = accounts.with_name(accounts.name + ".new")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        server = _Ejabberd(root, Place(folder, keep), host, "")
        await server.start()
        for number in range(scene.people):
            await server.ask("register", user=f"u{number:05d}", password=SECRET)
        if scene.play == "team":
            await server.ask("push_alltoall", group="all")
    (folder / "mnesia").rename(accounts)
    shutil.rmtree(folder)
