"""A list of 2,000 people in a real browser while 50 of them change a second: frames, work of the main thread, jumps.

Work is counted as processor time, which other work on the machine changes little; frames are what the machine allows.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from accounts.model import SessionKind
from bench.browser import Browser, CDPSession, Page, chromium, metrics, within
from bench.company import Company, log_in
from bench.gateway_process import GatewayProcess
from bench.report import Row, Table
from bench.settling import settle
from bench.stage import Stage
from presence.facts import PORTAL, AnyFact, CallChanged, DeviceUp
from web.routes import SESSION_COOKIE
from wire.commands import CallPhase
from wire.identity import CallId, DeviceId

PEOPLE = 2_000
A_SECOND = 50
SECONDS = 6.0
"""Of each measurement."""
_SETTLING = 8.0
"""Seconds until nothing of the first load goes on any more."""
_PATIENCE = 60.0
"""Seconds for one step, beside what it is meant to take: a page that is kept too busy never draws and never answers."""

# What a frame costs is seen from inside: from its first callback to the first task after it.
_WATCH = """() => {
    const seen = (window.seen = { gaps: [], work: [], shifts: 0, long: 0, last: 0, on: true });
    const port = new MessageChannel();
    let began = 0;
    port.port1.onmessage = () => seen.work.push(performance.now() - began);
    const frame = (now) => {
        if (seen.last) seen.gaps.push(now - seen.last);
        seen.last = now;
        began = performance.now();
        port.port2.postMessage(0);
        if (seen.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    seen.observers = [["shifts", "layout-shift"], ["long", "longtask"]].map(([name, type]) => {
        const observer = new PerformanceObserver((list) => { seen[name] += list.getEntries().length; });
        observer.observe({ type });
        return observer;
    });
}"""
_SEEN = """() => {
    seen.on = false;
    for (const each of seen.observers) each.disconnect();
    const { gaps, work, shifts, long } = seen;
    return { gaps, work, shifts, long };
}"""
_SCROLL = """(seconds) => new Promise((resolve) => {
    const scroll = document.querySelector("contact-list").shadowRoot.querySelector(".scroll");
    const end = performance.now() + seconds * 1000;
    let step = 40;
    const frame = () => {
        const before = scroll.scrollTop;
        scroll.scrollTop += step;
        if (scroll.scrollTop === before) step = -step;
        if (performance.now() < end) requestAnimationFrame(frame);
        else resolve();
    };
    requestAnimationFrame(frame);
})"""


async def run(stage: Stage) -> Table:
    company = await stage.company(PEOPLE)
    await stage.seed(company)
    await stage.presence.report(company.domain, phones(company))
    gateway = stage.gateway()
    async with chromium() as browser:
        page, devtools = await open_list(stage, company, gateway, browser)
        changes = Changes(stage, company)
        await asyncio.sleep(_SETTLING)
        rows = [row for name in _VIEWS for row in await _view(page, devtools, changes, name)]
        rows += [await _moved(page, changes, name, at) for name, at in _READ]
    return Table(f"A list of {PEOPLE:,} people, {A_SECOND} changes a second", rows)


def phones(company: Company) -> list[AnyFact]:
    return [DeviceUp(user, PORTAL, DeviceId("desk"), 3_600_000) for user in company.users[: PEOPLE // 2]]


class Changes:
    """Somebody's call begins, or ends: one after the other, all over the list."""

    def __init__(self, stage: Stage, company: Company) -> None:
        self._stage = stage
        self._company = company
        self._number = 0

    async def tell(self, count: int) -> None:
        facts: list[AnyFact] = []
        for _ in range(count):
            others = PEOPLE - 1
            turn = self._number // others
            user = self._company.users[1 + self._number * 7 % others]
            phase = CallPhase.ENDED if turn % 2 else CallPhase.ACTIVE
            facts.append(CallChanged(user, PORTAL, CallId(f"call-{turn // 2}"), phase, 600_000))
            self._number += 1
        await self._stage.presence.report(self._company.domain, facts)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        async def tell_all() -> None:
            first, told = time.monotonic(), 0
            while True:
                await asyncio.sleep(max(0.0, first + told / A_SECOND - time.monotonic()))
                await self.tell(1)
                told += 1

        telling = asyncio.create_task(tell_all())
        try:
            yield
        finally:
            telling.cancel()
            async with within(_PATIENCE, "the last change to be told"):
                await asyncio.wait([telling])
        if not telling.cancelled():
            telling.result()


_VIEWS: dict[str, dict[str, Any]] = {
    "everybody by name": {},
    "coworkers by status": {"group": "coworkers", "sort": "status"},
    "available, by status": {"status": "available", "sort": "status"},
    "busy": {"status": "busy"},
    "everybody by status, scrolling": {"sort": "status", "scrolls": True},
    "everybody by status, a machine four times slower": {"sort": "status", "slower": 4},
    "the same, scrolling": {"sort": "status", "slower": 4, "scrolls": True},
}


async def _view(page: Page, devtools: CDPSession, changes: Changes, name: str) -> list[Row]:
    wanted = _VIEWS[name]
    await _choose(page, name, wanted)
    slower = wanted.get("slower", 1)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    async with changes.going_on():
        await settle(1)
        async with within(_PATIENCE, f"the page to be watched: {name}"):
            await page.evaluate(_WATCH)
            before = await metrics(devtools)
        if wanted.get("scrolls"):
            async with within(SECONDS + _PATIENCE, f"frames to scroll in: {name}"):
                await page.evaluate(_SCROLL, SECONDS)
        else:
            await asyncio.sleep(SECONDS)
        async with within(_PATIENCE, f"what the page has seen: {name}"):
            after = await metrics(devtools)
            seen = await page.evaluate(_SEEN)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    seconds = after["Timestamp"] - before["Timestamp"]
    work_ms = (after["ThreadTime"] - before["ThreadTime"]) * 1_000
    spent = {part: (after[part] - before[part]) / seconds * 1_000 for part in _PARTS}
    gaps, work = sorted(seen["gaps"]), sorted(seen["work"])
    parts = ", ".join(f"{label} {spent[part]:.0f}" for part, label in _PARTS.items())
    figures = [f"{_at(gaps, share):.1f}" for share in (0.5, 0.95, 0.99, 1)]
    return [
        Row(
            f"{name}: main thread for each frame",
            work_ms / max(1, len(gaps)),
            "ms",
            _FRAME_MS * slower,
            note=f"{len(gaps) / seconds:.0f} frames a second; a frame's own time, 99 of 100: {_at(work, 0.99):.1f} ms",
        ),
        Row("  main thread each second", work_ms / seconds, "ms", note=f"by the clock: {parts}"),
        Row("  between frames, longest", gaps[-1], "ms", note=f"50, 95, 99, 100 of 100: {', '.join(figures)}"),
        Row("  layout jumps", seen["shifts"], "", 0, note=f"{seen['long']} tasks of more than 50 ms"),
    ]


_FRAME_MS = 4.0
_PARTS = {
    "TaskDuration": "all",
    "ScriptDuration": "script",
    "RecalcStyleDuration": "style",
    "LayoutDuration": "layout",
}
_READ = [("everybody by name", 0.0), ("everybody by name", 0.5), ("everybody by status", 0.25)]
"""Views in which one reads at some place, as a share of the list."""
# Of the rows that are seen in one frame and in the next one: those that are elsewhere on the screen.
_MOVED = """(seconds) => new Promise((resolve) => {
    const scroll = document.querySelector("contact-list").shadowRoot.querySelector(".scroll");
    const end = performance.now() + seconds * 1000;
    let before = new Map();
    let moved = 0;
    const frame = () => {
        const box = scroll.getBoundingClientRect();
        const rows = [...scroll.querySelectorAll("li")].map((row) => [row, row.getBoundingClientRect().top]);
        const now = new Map(rows.filter(([, top]) => top >= box.top && top < box.bottom));
        for (const [row, top] of now) if (before.has(row) && Math.abs(before.get(row) - top) > 1) moved++;
        before = now;
        if (performance.now() < end) requestAnimationFrame(frame);
        else resolve(moved);
    };
    requestAnimationFrame(frame);
})"""
_RESTING = 4.0
"""Seconds after which somebody who has scrolled counts as reading."""


async def _moved(page: Page, changes: Changes, name: str, at: float) -> Row:
    await _choose(page, name, _VIEWS.get(name, {"sort": "status"}))
    await page.locator("contact-list .scroll").evaluate(
        "(scroll, at) => { scroll.scrollTop = scroll.scrollHeight * at; }", at
    )
    async with changes.going_on():
        await asyncio.sleep(_RESTING)
        async with within(SECONDS + _PATIENCE, f"frames in which rows may move: {name}"):
            moved = await page.evaluate(_MOVED, SECONDS)
    where = "at its beginning" if at == 0 else f"at {at:.0%} of it"
    if name in _VIEWS:
        return Row(f"{name}, read {where}: rows that move", moved, "", 0)
    note = "below somebody who comes or goes in sight"
    return Row(f"{name}, read {where}: rows that move", moved, "", note=note)


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


async def open_list(
    stage: Stage, company: Company, gateway: GatewayProcess, browser: Browser
) -> tuple[Page, CDPSession]:
    [cookie] = await log_in(stage.pool, company, company.users[:1], SessionKind.COOKIE)
    address = f"http://127.0.0.1:{gateway.port}"
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": address}])
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE * 1_000)
    await page.goto(address + "/app/people")
    await page.locator("contact-list .person").first.wait_for()
    return page, await context.new_cdp_session(page)


async def _choose(page: Page, name: str, wanted: dict[str, Any]) -> None:
    contacts = page.locator("contact-list")
    async with within(_PATIENCE, f"the list to be chosen: {name}"):
        await contacts.get_by_label("Group").select_option(wanted.get("group", "all"))
        await contacts.get_by_label("Sort by").select_option(wanted.get("sort", "name"))
        await contacts.locator(f'input[type=radio][value="{wanted.get("status", "all")}"]').check(force=True)
        await contacts.locator(".person").first.wait_for()
