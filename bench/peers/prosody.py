"""Prosody over XMPP WebSocket: epoll, the generational collector, everybody in one group of mod_groups."""

from contextlib import AsyncExitStack
from pathlib import Path

from bench.peers import install
from bench.peers.database import database
from bench.peers.running import SECRET, Place, Running, Scene, filled_in, free_port
from bench.skipped import Skipped

PACKAGES = ("prosody", "lua5.4", "lua-dbi-postgresql", "lua-event")


async def start(scene: Scene, place: Place, keep: AsyncExitStack) -> Running:
    root = install.debian(*PACKAGES)
    host, port, archive, parts = scene.host, free_port(), "", {}
    if scene.is_kept:
        beside = database(keep)
        archive, parts = filled_in("prosody-archive.lua", **beside.settings), {"database": beside.pid}
    modules = ['"groups"'] * (scene.play == "team") + ['"mam"'] * scene.is_kept
    values = {"RUN": place.folder, "PORT": port, "HOST": host, "MODULES": ", ".join(modules), "ARCHIVE": archive}
    configuration = place.write("prosody.cfg.lua", filled_in("prosody.cfg.lua", **values))
    _make_accounts(scene, place, host)
    pid = place.start(*_command(root, place, configuration))
    await place.wait_for(port)
    roster = [f"roster={scene.people - 1}"] if scene.play == "team" else []
    return Running("xmpp", port, {"server": pid, **parts}, ["path=/xmpp-websocket", f"host={host}", *roster])


def _make_accounts(scene: Scene, place: Place, host: str) -> None:
    folder = f"data/{host.replace('.', '%2e')}/accounts"
    for number in range(scene.people):
        place.write(f"{folder}/u{number:05d}.dat", f'return {{ ["password"] = "{SECRET}"; }};\n')
    members = "".join(f"u{number:05d}@{host}=User {number}\n" for number in range(scene.people))
    place.write("groups.txt", "[+Everybody]\n" + members)


def _command(root: Path, place: Place, configuration: Path) -> tuple[list[str | Path], dict[str, str]]:
    """Debian's start program knows only the places of an installed package."""
    libraries = next(root.glob("usr/lib/*/lua"), None)
    if libraries is None:
        raise Skipped("Prosody's libraries are not where Debian's packages have them")
    main = (root / "usr/bin/prosody").read_text("utf-8").partition("\n")[2]
    for installed, here in (
        ("/usr/lib/prosody", root / "usr/lib/prosody"),
        ("/etc/prosody", place.folder),
        ("/var/lib/prosody", place.folder / "data"),
    ):
        main = main.replace(installed, str(here))
    environment = {
        "LUA_PATH": f"{root}/usr/share/lua/5.4/?.lua;;",
        "LUA_CPATH": f"{libraries}/5.4/?.so;;",
        "LD_LIBRARY_PATH": str(libraries.parent),
    }
    return [root / "usr/bin/lua5.4", place.write("prosody", main), "-F", "--config", configuration], environment
