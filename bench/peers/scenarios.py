"""Who plays what, how often and how fast."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from msgspec import Struct

from bench.peers import ejabberd, libraries, ours, prosody
from bench.peers.install import debian_version
from bench.peers.running import Place, Running, Scene, source_of

OURS = "presence-gateway"
Start = Callable[[Scene, Place, AsyncExitStack], Awaitable[Running]]

STARTS: Mapping[str, Start] = {
    OURS: ours.start,
    "ejabberd": ejabberd.start,
    "Prosody": prosody.start,
    "Socket.IO": libraries.socketio,
    "nchan": libraries.nchan,
    "python-socketio": libraries.python_socketio,
    "Channels": libraries.channels,
    "send() in C": libraries.limit,
}


class Scenario(Struct, frozen=True):
    """`rate` and `window`: units of work a second, and under way; 0: there is no such phase.

    `storms`: how often everybody logs in; `at_once`: logins under way.
    """

    title: str
    scene: Scene
    systems: tuple[str, ...]
    rate: float = 0
    window: int = 0
    storms: int = 1
    at_once: int = 20
    paced_seconds: float = 4
    saturated_seconds: float = 2


_WITHIN_A_BURST = 0.7
"""A domain's changes are limited with us (connections/rate.py); 200 people have used up five seconds' worth in one."""

_WITH_PRESENCE = (OURS, "ejabberd", "Prosody", "Socket.IO")
SCENARIOS: Mapping[str, Scenario] = {
    "directory_200": Scenario(
        "200 people who see each other",
        Scene("team", 200),
        _WITH_PRESENCE,
        50,
        8,
        storms=3,
        saturated_seconds=_WITHIN_A_BURST,
    ),
    "directory_500": Scenario("500 people who see each other", Scene("team", 500), _WITH_PRESENCE, 20, 8),
    "chat_kept": Scenario(
        "chat between pairs, kept in PostgreSQL",
        Scene("chat", 1_000, is_kept=True),
        (OURS, "ejabberd", "Prosody"),
        200,
        200,
    ),
    "chat_unkept": Scenario(
        "chat between pairs, kept nowhere", Scene("chat", 1_000), ("ejabberd", "Prosody", "Socket.IO"), 200, 200
    ),
    "idle": Scenario("2,000 who only stay", Scene("idle", 2_000), _WITH_PRESENCE),
    "fan_out": Scenario(
        "one message to 1,000 subscribers",
        Scene("fan", 1_000),
        ("send() in C", OURS, "nchan", "Socket.IO", "python-socketio", "Channels"),
        2,
        4,
    ),
}


def version_of(system: str) -> str:
    """Of what `install` brought; ours has none."""
    pinned = dict(line.split("==") for line in source_of("requirements.txt").read_text("utf-8").split())
    versions = {
        "ejabberd": debian_version("ejabberd"),
        "Prosody": debian_version("prosody"),
        "nchan": debian_version("libnginx-mod-nchan"),
        "Socket.IO": "4.8.4",
        "python-socketio": pinned["python-socketio"],
        "Channels": pinned["channels"],
    }
    return versions.get(system, "")


SETTINGS: Mapping[str, str] = {
    OURS: "`presence serve` on one processor with PostgreSQL (synchronous commit) and Valkey, everything counted",
    "ejabberd": "one scheduler without busy waiting, Mnesia, plain passwords, no shapers; everybody in each other's "
    "own roster (a shared roster group costs three times as much); chat kept: `mod_mam`, `default: always`, SQL, "
    "10 connections",
    "Prosody": "epoll, `gc` generational, plain passwords, `mod_groups` for the roster; chat kept: `mod_mam` over "
    "`sql` (LuaDBI, PostgreSQL)",
    "Socket.IO": "Node.js, WebSocket only, no compression, `bufferutil`, adapter in memory; an application of 40 "
    "lines, which keeps nothing and checks nothing (`bench/peers/servers/socketio.js`)",
    "nchan": "in nginx, one worker, ten messages kept in memory",
    "python-socketio": "uvicorn with uvloop and httptools, no compression, manager in memory",
    "Channels": "uvicorn with uvloop and httptools, no compression, `RedisPubSubChannelLayer` over Valkey",
    "send() in C": "no server: one `send()` for each message and subscriber, what the kernel asks at least",
}
