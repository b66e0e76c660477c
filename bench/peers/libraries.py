"""nchan, Socket.IO, python-socketio and Django Channels, and the physical limit."""

import asyncio
import subprocess
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bench.compiling import compiled
from bench.peers import install
from bench.peers.database import database
from bench.peers.running import Place, Running, Scene, filled_in, free_port, program, source_of
from bench.skipped import Skipped
from connections.websocket.protocol import KERNEL_SEND_BUFFER

_SUBSCRIBE = ["path=/subscribe", "publish=/publish"]


async def nchan(_scene: Scene, place: Place, _keep: AsyncExitStack) -> Running:
    root = install.debian("libnginx-mod-nchan", "nginx-light")
    nginx = _nginx(root)
    values = {"MODULE": root / "usr/lib/nginx/modules/ngx_nchan_module.so", "RUN": place.folder}
    port = free_port()
    configuration = place.write("nginx.conf", filled_in("nchan.conf", PORT=port, **values))
    pid = place.start([nginx, "-p", place.folder, "-c", configuration, "-e", place.folder / "error.log"])
    await place.wait_for(port)
    return Running("raw", port, {"server": pid}, _SUBSCRIBE)


def _nginx(root: Path) -> Path:
    found = program("nginx", root / "usr/sbin")
    if found is None or not Path("/var/lib/nginx").exists():
        raise Skipped("nginx itself has to be installed: Debian's looks for its folder under /var/lib")
    return found


async def socketio(_scene: Scene, place: Place, _keep: AsyncExitStack) -> Running:
    environment = {"NODE_PATH": str(install.node_modules()), "NODE_ENV": "production"}
    return await _library("socketio", ["node", source_of("socketio.js")], place, environment)


async def python_socketio(_scene: Scene, place: Place, _keep: AsyncExitStack) -> Running:
    return await _library("socketio", [install.python(), source_of("python_socketio.py")], place)


async def channels(_scene: Scene, place: Place, keep: AsyncExitStack) -> Running:
    command: list[str | Path] = [install.python(), source_of("channels_group.py")]
    beside = database(keep)
    running = await _library("raw", command, place, {"REDIS_URL": beside.redis_url})
    return Running("raw", running.port, {**running.parts, "redis": beside.redis_pid}, _SUBSCRIBE)


async def _library(
    protocol: str, command: Sequence[str | Path], place: Place, environment: Mapping[str, str] | None = None
) -> Running:
    port = free_port()
    pid = place.start([*command, str(port)], environment)
    await place.wait_for(port)
    return Running(protocol, port, {"server": pid})


async def limit(scene: Scene, place: Place, keep: AsyncExitStack) -> Running:
    """No server: a loop of send()."""
    executable = compiled("limit", place.folder, package="bench.peers.programs")
    process = await asyncio.create_subprocess_exec(
        *(executable, str(scene.people), str(KERNEL_SEND_BUFFER)), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    keep.push_async_callback(process.wait)
    keep.callback(_kill, process)
    assert process.stdout is not None
    return Running("plain", int(await process.stdout.readline()), {"server": process.pid})


def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
