"""Importing 10,000 contacts through a gateway: when the preview is seen, how long all of it takes, what it costs in
memory, and how long others wait for their answers meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2

from bench.gateway_process import GatewayProcess
from bench.machine import resident_bytes
from bench.report import Row, Table
from bench.stage import Stage
from storage.postgres.pool import transaction

CONTACTS = 10_000
_LOOK_EVERY = 0.02
_ASK_EVERY = 0.005


def vcards(count: int) -> bytes:
    """What a telephone exports: names, company, two numbers, an address for mail and one for letters."""
    return b"".join(
        (
            "BEGIN:VCARD\r\nVERSION:3.0\r\n"
            f"N:Family{number % 997};Given{number};;;\r\nFN:Given{number} Family{number}\r\n"
            f"ORG:Company {number % 400};Sales\r\nTITLE:Buyer\r\nTEL;TYPE=WORK,VOICE:+1 212 55{number:05d}\r\n"
            f"TEL;TYPE=CELL:+1 917 55{number:05d}\r\n"
            f"EMAIL;TYPE=INTERNET:given{number}@company{number % 400}.example\r\n"
            f"ADR;TYPE=WORK:;;{number} Main Street;Springfield;IL;62701;USA\r\nCATEGORIES:customer\r\nEND:VCARD\r\n"
        ).encode()
        for number in range(count)
    )


async def run(stage: Stage) -> Table:
    company = await stage.company(2)
    async with transaction(stage.pool) as conn:
        await conn.execute("UPDATE users SET scope = 9 WHERE domain_id = $1", company.domain)
    manager, other = await stage.tokens(company, 2)
    gateway = stage.gateway()
    address = f"http://127.0.0.1:{gateway.port}"
    file = vcards(CONTACTS)
    async with (
        httpx2.AsyncClient(base_url=address, headers=headers_of(manager), timeout=60) as importing,
        httpx2.AsyncClient(base_url=address, headers=headers_of(other), timeout=60) as asking,
    ):
        await _warm_up(importing)
        idle = await _waits_while(asking, lambda: asyncio.sleep(1.5))
        before = resident_bytes(gateway.pid)
        peak = _Peak(gateway)
        watching = asyncio.create_task(peak.watch())
        seen: dict[str, Any] = {}
        busy = await _waits_while(asking, lambda: import_contacts(importing, file, seen))
        undoing = await _timed(lambda: _carry_out(importing, seen["id"], "undo", "undone"))
        watching.cancel()
        edits = await _edits_while(asking, lambda: import_contacts(importing, file, {}))
    rows = [
        Row("first rows of the preview", seen["first"] * 1000, "ms", 1_000, note=f"{len(file) / 1e6:.1f} MB of vCards"),
        Row("preview complete", seen["ready"], "s", note=f"{CONTACTS / seen['ready']:,.0f} contacts/s"),
        Row("applied", seen["applied"], "s", note=f"{CONTACTS / seen['applied']:,.0f} contacts/s, one transaction"),
        Row("taken back", undoing, "s"),
        Row("memory of the gateway, peak above idle", (peak.gateway - before) / 1e6, "MB", 100),
        Row("memory of the worker, peak", peak.worker / 1e6, "MB"),
        Row("others' answers meanwhile, middle", _at(busy, 0.5), "ms", note=f"idle {_at(idle, 0.5):.2f} ms"),
        Row("others' answers meanwhile, 99 of 100", _at(busy, 0.99), "ms", 100, note=f"idle {_at(idle, 0.99):.2f} ms"),
        Row("others' answers meanwhile, slowest", _at(busy, 1), "ms", note=f"of {len(busy):,}"),
        Row("edits of the same book meanwhile, middle", _at(edits, 0.5), "ms", note=f"of {len(edits):,}"),
        Row("edits of the same book meanwhile, slowest", _at(edits, 1), "ms", 1_000, note="waits for the book"),
    ]
    return Table(f"Import of {CONTACTS:,} contacts", rows)


def headers_of(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _warm_up(http: httpx2.AsyncClient) -> None:
    seen: dict[str, Any] = {}
    await import_contacts(http, vcards(50), seen)
    await _carry_out(http, seen["id"], "undo", "undone")


async def import_contacts(http: httpx2.AsyncClient, file: bytes, seen: dict[str, Any]) -> None:
    """Seconds from the first byte of the upload to the first rows and to the end of the preview; and of applying."""
    began = time.perf_counter()
    answer = await http.post("/v1/contacts/imports?shared=true&name=bench.vcf", content=file)
    answer.raise_for_status()
    import_id = answer.json()["id"]
    seen["id"] = import_id
    while "first" not in seen:
        rows = (await http.get(f"/v1/contacts/imports/{import_id}/rows?limit=50")).json()
        if rows["items"]:
            seen["first"] = time.perf_counter() - began
        else:
            await asyncio.sleep(_LOOK_EVERY)
    await _until(http, import_id, "ready")
    seen["ready"] = time.perf_counter() - began
    seen["applied"] = await _timed(lambda: _carry_out(http, import_id, "apply", "applied"))


async def _carry_out(http: httpx2.AsyncClient, import_id: str, what: str, until: str) -> None:
    (await http.post(f"/v1/contacts/imports/{import_id}/{what}")).raise_for_status()
    await _until(http, import_id, until)


async def _until(http: httpx2.AsyncClient, import_id: str, status: str) -> None:
    while True:
        found = (await http.get(f"/v1/contacts/imports/{import_id}")).json()
        if found["status"] == status:
            return
        if found["status"] == "failed":
            raise RuntimeError(found["problem"])
        await asyncio.sleep(_LOOK_EVERY)


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _waits_while(
    http: httpx2.AsyncClient,
    work: Callable[[], Awaitable[None]],
    ask: Callable[[], Awaitable[httpx2.Response]] | None = None,
) -> list[float]:
    """How long somebody else waits for answers while `work` goes on, in milliseconds."""
    going_on = asyncio.ensure_future(work())
    waits: list[float] = []
    while not going_on.done():
        began = time.perf_counter()
        (await (ask() if ask else http.get("/v1/me"))).raise_for_status()
        waits.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(_ASK_EVERY)
    await going_on
    return waits


async def _edits_while(http: httpx2.AsyncClient, work: Callable[[], Awaitable[None]]) -> list[float]:
    """How long somebody waits who edits a contact of the book, again and again."""
    kept = await http.post("/v1/contacts", json={"first_name": "Olga", "last_name": "Lind", "shared": True})
    kept.raise_for_status()
    contact, now = kept.json()["contact"], {"rev": kept.json()["rev"]}

    async def edit() -> httpx2.Response:
        answer = await http.patch(f"/v1/contacts/{contact}", json={"rev": now["rev"], "notes": str(now["rev"])})
        now["rev"] = answer.json().get("rev", 0)
        return answer

    return await _waits_while(http, work, edit)


def _at(waits: list[float], fraction: float) -> float:
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(len(ordered) * fraction))]


class _Peak:
    """The most memory that the gateway and its worker had, looked at now and then."""

    def __init__(self, gateway: GatewayProcess) -> None:
        self._pid = gateway.pid
        self.gateway = self.worker = 0

    async def watch(self) -> None:
        while True:
            self.gateway = max(self.gateway, resident_bytes(self._pid))
            for child in _children(self._pid):
                self.worker = max(self.worker, resident_bytes(child))
            await asyncio.sleep(_LOOK_EVERY)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
