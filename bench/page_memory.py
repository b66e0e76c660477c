"""What the portal keeps in memory: after an hour of changes of a list of 2,000, a long chat, and 200 dialogs."""

import asyncio
from typing import Any

from msgspec import Struct

from bench.browser import CDPSession, Page, chromium, metrics
from bench.company import Company
from bench.live_list import A_SECOND, PEOPLE, Changes, open_list, phones
from bench.report import Row, Table
from bench.settling import settle
from bench.stage import Stage
from chat.model import NewMessage
from storage.postgres.chat import PostgresChatStore
from wire.identity import UserId

HOUR = 3_600
"""Seconds whose changes are told as fast as the page takes them."""
_TOGETHER = 10
"""Seconds whose changes are told together."""
MESSAGES = 2_000
DIALOGS = 200
_WARM = 400
"""Seconds before the first look: code is compiled, caches are full."""
_VISITS = 2
"""The first one of a chat leaves its newest messages, as it should."""

_DIALOG = """async (user) => {
    const wanted = { "begin-wanted": null, "import-wanted": "mine", "trash-wanted": null, "export-wanted": "all" };
    wanted["why-wanted"] = user;
    const within = (one) => (one.shadowRoot ? [one, ...all(one.shadowRoot)] : [one]);
    const all = (root) => [...root.querySelectorAll("*")].flatMap(within);
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    let opened = 0;
    for (const [type, detail] of Object.entries(wanted)) {
        document.querySelector("portal-shell").dispatchEvent(new CustomEvent(type, { detail }));
        await frame();
        for (const dialog of all(document).filter((one) => one instanceof HTMLDialogElement && one.open)) {
            opened++;
            dialog.close();
        }
        await frame();
    }
    return opened;
}"""


class _Kept(Struct, frozen=True):
    """After a collection. `heap` in MB."""

    heap: float
    nodes: float
    listeners: float


async def run(stage: Stage) -> Table:
    company = await stage.company(PEOPLE)
    await stage.seed(company)
    await stage.presence.report(company.domain, phones(company))
    conversation = await _converse(stage, company)
    gateway = stage.gateway()
    async with chromium() as browser:
        page, devtools = await open_list(stage, company, gateway, browser)
        rows = await _hour(page, devtools, Changes(stage, company))
        rows += await _chat(page, devtools, conversation)
        rows += await _dialogs(page, devtools, company)
    return Table(f"Memory of the portal, with a list of {PEOPLE:,} people", rows)


async def _hour(page: Page, devtools: CDPSession, changes: Changes) -> list[Row]:
    await page.locator("contact-list").get_by_label("Sort by").select_option("status")
    await _tell(page, changes, _WARM)
    first = await _kept(devtools)
    await _tell(page, changes, HOUR // 2)
    half = await _kept(devtools)
    await _tell(page, changes, HOUR // 2)
    return _grown(f"{HOUR * A_SECOND:,} changes", first, await _kept(devtools), note=f"at half: {half.heap:.2f} MB")


async def _tell(page: Page, changes: Changes, seconds: int) -> None:
    for _ in range(seconds // _TOGETHER):
        await changes.tell(A_SECOND * _TOGETHER)
        await page.evaluate("0")  # not faster than it takes them
    await settle(1)


async def _chat(page: Page, devtools: CDPSession, conversation: int) -> list[Row]:
    seen: list[_Kept] = []
    for _ in range(_VISITS + 1):
        await page.evaluate(_GO, f"/app/chats/{conversation}")
        await page.locator("chat-window .bubble").first.wait_for()
        await _scroll_to_beginning(page)
        await page.evaluate(_GO, "/app/people")
        await page.locator("contact-list .person").first.wait_for()
        seen.append(await _kept(devtools))
    return _grown(f"a chat of {MESSAGES:,} messages read to its beginning again", seen[-2], seen[-1])


_GO = """(path) => {
    history.pushState({ depth: 1 }, "", path);
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
}"""


async def _scroll_to_beginning(page: Page) -> None:
    log = page.get_by_role("log")
    beginning = page.get_by_text("This is the beginning")
    while await beginning.count() == 0:
        await log.evaluate("(element) => { element.scrollTop = 0; }")
        await asyncio.sleep(0.05)


async def _dialogs(page: Page, devtools: CDPSession, company: Company) -> list[Row]:
    other = int(company.users[1])
    await page.evaluate(_DIALOG, other)
    first, opened = await _kept(devtools), 0
    while opened < DIALOGS:
        more = int(await page.evaluate(_DIALOG, other))
        assert more > 0, "no dialog opens"
        opened += more
    return _grown(f"{opened} dialogs opened and closed", first, await _kept(devtools))


def _grown(what: str, first: _Kept, last: _Kept, note: str = "") -> list[Row]:
    return [
        Row(
            f"{what}: heap",
            last.heap - first.heap,
            "MB",
            1,
            note=f"{first.heap:.2f} to {last.heap:.2f} MB {note}".strip(),
        ),
        Row("  nodes", last.nodes - first.nodes, "", 200, note=f"{first.nodes:,.0f} to {last.nodes:,.0f}"),
        Row(
            "  listeners",
            last.listeners - first.listeners,
            "",
            50,
            note=f"{first.listeners:,.0f} to {last.listeners:,.0f}",
        ),
    ]


async def _kept(devtools: CDPSession) -> _Kept:
    await devtools.send("HeapProfiler.enable")
    for _ in range(2):  # what the first one lets go of may have held something else
        await devtools.send("HeapProfiler.collectGarbage")
        await settle(0.5)
    await devtools.send("HeapProfiler.disable")
    seen: dict[str, Any] = await metrics(devtools)
    return _Kept(heap=seen["JSHeapUsedSize"] / 1e6, nodes=seen["Nodes"], listeners=seen["JSEventListeners"])


async def _converse(stage: Stage, company: Company) -> int:
    store = PostgresChatStore(stage.pool)
    me, other = UserId(company.users[0]), UserId(company.users[1])
    opened = await store.open_direct(company.domain, other, me)
    conversation = opened.conversation.conversation
    for number in range(MESSAGES):
        body = f"Message {number}, of some length, as people write them."
        await store.append(NewMessage(company.domain, conversation, other, f"message-{number}", body))
    await store.close()
    return int(conversation)
