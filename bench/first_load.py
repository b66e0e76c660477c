"""The portal in a real browser, in a domain of 20,000 users and 50,000 shared contacts: what comes over the wire until
the lists are there, how long that takes, and what the page keeps in memory; beside what all names would weigh."""

import os
import shutil
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from accounts.model import SessionKind
from bench.company import Company, log_in
from bench.large_company import CONTACTS, USERS, large_company
from bench.report import Row, Table
from bench.skipped import Skipped
from bench.stage import Stage
from chat.model import NewMessage
from storage.postgres.chat import PostgresChatStore
from web.routes import SESSION_COOKIE
from wire.identity import UserId

try:
    from playwright.async_api import Browser, CDPSession, Page, async_playwright
except ModuleNotFoundError as missing:  # with the packages of the product alone, which is what `dev.py bench` needs
    raise Skipped("there is no playwright; `dev.py test` brings it") from missing

PARTNERS = 60
"""People with whom the user has a conversation: the list of them names each."""
_NAMED = 40
"""Conversations of the first page, at least."""
_ROUNDS = 3
_PATIENCE_MS = 60_000
_DIRECTORY = "/v1/directory?limit=1000"
_CONTACTS = "/v1/contacts?limit=500"


async def run(stage: Stage) -> Table:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise Skipped("there is no Chromium, neither in $CHROMIUM nor on the PATH")
    company = await large_company(stage)
    await _converse(stage, company)
    [cookie] = await log_in(stage.pool, company, company.users[:1], SessionKind.COOKIE)
    address = f"http://127.0.0.1:{stage.gateway().port}"
    everybody = await _weight_of_all(address, cookie)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=sandbox)
        visits = [await _visit(browser, address, cookie) for _ in range(_ROUNDS + 1)][1:]
        await browser.close()
    middle = {name: sorted(visit[name] for visit in visits)[_ROUNDS // 2] for name in visits[0]}
    rows = [
        Row("until the list of people is there, the first time", middle["list"], "ms", note="everything is fetched"),
        Row("the same with the portal's own files in the cache", middle["again"], "ms", 1_500),
        Row(
            "until the conversations are there, with names",
            middle["chats"],
            "ms",
            2_000,
            note=f"{PARTNERS} of them, files in the cache",
        ),
        Row("data: bytes over HTTP and the WebSocket", middle["data"] / 1000, "KB", 250),
        Row("data: requests, besides the WebSocket", middle["requests"], "", 15),
        Row("the portal itself: scripts, styles, icons", middle["code"] / 1000, "KB", note="once, then from the cache"),
        Row("memory of the page, after a collection", middle["heap"] / 1e6, "MB", 30),
        Row(
            "a search, from the last key to the rows",
            middle["search"],
            "ms",
            500,
            note="180 ms of it wait for more keys",
        ),
        Row("names and contacts, had they all been read", everybody / 1e6, "MB", note="JSON, as it crosses the wire"),
    ]
    return Table(f"First load of the portal: {USERS:,} users and {CONTACTS:,} shared contacts", rows)


async def _converse(stage: Stage, company: Company) -> None:
    """A message from each of some people who are spread over the directory."""
    store = PostgresChatStore(stage.pool)
    me = company.users[0]
    for number in range(PARTNERS):
        other = UserId(100 + number * (USERS // PARTNERS - 2))
        opened = await store.open_direct(company.domain, me, other)
        conversation = opened.conversation.conversation
        await store.append(
            NewMessage(domain=company.domain, conversation=conversation, sender=other, client_id="first", body="Hello")
        )
    await store.close()


async def _weight_of_all(address: str, cookie: str) -> int:
    size = 0
    async with httpx2.AsyncClient(base_url=address, cookies={SESSION_COOKIE: cookie}, timeout=60) as http:
        for path in (_DIRECTORY, _CONTACTS):
            after = ""
            while after is not None:
                answer = await http.get(path + (f"&after={after}" if after else ""))
                answer.raise_for_status()
                size += int(answer.headers.get("content-length", len(answer.content)))
                after = answer.json()["next"]
    return size


async def _visit(browser: Browser, address: str, cookie: str) -> dict[str, float]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": address}])
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    devtools = await context.new_cdp_session(page)
    traffic = _Traffic(devtools)
    await traffic.watch()
    began = time.perf_counter()
    await page.goto(address + "/app/people")
    await page.locator("contact-list .person").first.wait_for()
    seen = {"list": _milliseconds(began)}
    await page.wait_for_load_state("networkidle")
    seen |= {"data": traffic.data, "requests": traffic.requests, "code": traffic.code}
    seen["heap"] = await _heap(devtools)
    seen["search"] = await _timed(lambda: _search(page))
    began = time.perf_counter()
    await page.goto(address + "/app/people")
    await page.locator("contact-list .person").first.wait_for()
    seen["again"] = _milliseconds(began)
    began = time.perf_counter()
    await page.goto(address + "/app/chats")
    await page.locator("conversation-list .name", has_text="Given").nth(_NAMED - 1).wait_for()
    seen["chats"] = _milliseconds(began)
    await context.close()
    return seen


async def _search(page: Page) -> None:
    await page.locator("contact-list").get_by_role("searchbox").fill("last4711")
    await page.locator("contact-list .person").filter(has_text="Last4711").first.wait_for()


async def _heap(devtools: CDPSession) -> float:
    await devtools.send("HeapProfiler.enable")
    await devtools.send("HeapProfiler.collectGarbage")
    return float((await devtools.send("Runtime.getHeapUsage"))["usedSize"])


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return _milliseconds(began)


def _milliseconds(began: float) -> float:
    return (time.perf_counter() - began) * 1000


class _Traffic:
    """Bytes as they cross the wire, of data and of the portal's own files."""

    def __init__(self, devtools: CDPSession) -> None:
        self._devtools = devtools
        self._is_data: dict[str, bool] = {}
        self.data = self.code = self.requests = 0

    async def watch(self) -> None:
        self._devtools.on("Network.requestWillBeSent", self._asked)
        self._devtools.on("Network.loadingFinished", self._came)
        self._devtools.on("Network.webSocketFrameReceived", self._frame)
        await self._devtools.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        is_data = "/v1/" in event["request"]["url"]
        self._is_data[event["requestId"]] = is_data
        self.requests += is_data

    def _came(self, event: dict[str, Any]) -> None:
        if self._is_data.get(event["requestId"]):
            self.data += int(event["encodedDataLength"])
        else:
            self.code += int(event["encodedDataLength"])

    def _frame(self, event: dict[str, Any]) -> None:
        self.data += len(event["response"]["payloadData"])
