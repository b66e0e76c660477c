"""Login storm: everybody of a company comes at once, and everybody is to see everybody."""

from msgspec import Struct

from bench.clients import GATEWAY, Clients, Opened
from bench.gateway_process import GatewayProcess
from bench.machine import cpu_seconds, cpu_seconds_of_family
from bench.report import Row, Table, middle
from bench.stage import Stage

USERS = 500
AT_ONCE = 50
_STORMS = 5


class _Cpu(Struct, frozen=True):
    """Seconds so far."""

    gateway: float
    valkey: float
    postgres: float

    @property
    def all(self) -> float:
        return self.gateway + self.valkey + self.postgres

    def since(self, before: "_Cpu") -> "_Cpu":
        return _Cpu(self.gateway - before.gateway, self.valkey - before.valkey, self.postgres - before.postgres)


class _Storm(Struct, frozen=True):
    cpu: _Cpu
    opened: Opened
    seconds: float
    frames: float
    bytes: float
    """Frames and bytes sent to each watcher."""


async def run(stage: Stage) -> Table:
    gateway = stage.gateway()
    clients = await stage.crowd(gateway)
    await clients.order("track 1")
    storms = [await _storm(stage, gateway, clients, USERS) for _ in range(_STORMS + 1)][1:]  # the first one warms up

    def each(part: str) -> float:
        return middle([float(getattr(storm.cpu, part)) for storm in storms]) / USERS * 1_000

    return Table(
        f"Login storm: {USERS} people of one company, {AT_ONCE} at once, until all see all",
        [
            Row("CPU per login, everything", each("all"), "ms", 1.5),
            Row("  of it the gateway", each("gateway"), "ms"),
            Row("  of it Valkey", each("valkey"), "ms"),
            Row("  of it PostgreSQL", each("postgres"), "ms"),
            Row("until all are in", middle([storm.opened.seconds for storm in storms]), "s"),
            Row("until all views agree", middle([storm.seconds for storm in storms]), "s", 1.0),
            Row("frames to each watcher", middle([storm.frames for storm in storms]), ""),
            Row("bytes to each watcher", middle([storm.bytes for storm in storms]) / 1024, "KiB"),
        ],
    )


async def _storm(stage: Stage, gateway: GatewayProcess, clients: Clients, users: int) -> _Storm:
    company = await stage.company(users)
    await clients.add_tokens(await stage.tokens(company, users))
    await clients.reset()
    before = _cpu(stage, gateway)
    opened = await clients.open(GATEWAY, users, AT_ONCE)
    views = await clients.order(f"views {GATEWAY} {users} 60000")
    if views["blind"]:
        raise RuntimeError(f"{views['blind']} clients did not see everybody")
    spent = _cpu(stage, gateway).since(before)
    counts = await clients.counts()
    await clients.order(f"close {GATEWAY}")
    await clients.order("idle 5")  # until the blue of this storm is gone
    return _Storm(spent, opened, opened.seconds + views["seconds"], counts.frames / users, counts.bytes / users)


def _cpu(stage: Stage, gateway: GatewayProcess) -> _Cpu:
    return _Cpu(cpu_seconds(gateway.pid), cpu_seconds(stage.valkey_pid), cpu_seconds_of_family(stage.postgres_pid))
