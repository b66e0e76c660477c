"""First load on a slow telephone: what Lighthouse calls slow 4G, on a processor four times slower.

Straight from the gateway, which speaks HTTP/1.1 like any gateway without a proxy, and over HTTP/2 by nginx, as it is
deployed. Requests wait by themselves, so how many follow each other counts more than how long each is.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from accounts.model import SessionKind
from bench.browser import Browser, BrowserContext, CDPSession, Page, chromium
from bench.company import log_in
from bench.peers.running import free_port
from bench.report import Row, Table
from bench.stage import Stage
from web.routes import SESSION_COOKIE

PEOPLE = 200
ROUND_TRIP_MS = 400
DOWN = 1_600_000 / 8
UP = 750_000 / 8
"""Bytes a second."""
SLOWER = 4
_PATIENCE_MS = 60_000
_PLACES = "/usr/bin:/usr/sbin:/usr/local/sbin"

_KEPT = """async () => {
    await navigator.serviceWorker.ready;
    const names = async () => (await caches.keys()).length;
    while ((await names()) === 0 || !navigator.serviceWorker.controller) await new Promise((go) => setTimeout(go, 100));
}"""
_PAINTED = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0"""


class _Seen(Struct, frozen=True):
    """Milliseconds from the address to the first paint, and to what was waited for; requests and KB until then."""

    painted: float
    there: float
    requests: int
    kilobytes: float


async def run(stage: Stage) -> Table:
    company = await stage.company(PEOPLE)
    [cookie] = await log_in(stage.pool, company, company.users[:1], SessionKind.COOKIE)
    port = stage.gateway().port
    rows: list[Row] = []
    async with chromium() as browser:
        rows += await _visits(browser, f"http://127.0.0.1:{port}", cookie, "HTTP/1.1")
        program = shutil.which("nginx", path=_PLACES)
        if program and shutil.which("openssl"):
            with _nginx(program, port) as address:
                rows += await _visits(browser, address, cookie, "HTTP/2")
    return Table(f"First load: {ROUND_TRIP_MS} ms a round trip, 1.6 Mbit/s, a processor {SLOWER} times slower", rows)


async def _visits(browser: Browser, address: str, cookie: str, protocol: str) -> list[Row]:
    rows: list[Row] = []
    for what, is_in, wait in (("form to log in", False, _form), ("list of people", True, _list)):
        context = await browser.new_context(viewport={"width": 390, "height": 844}, ignore_https_errors=True)
        if is_in:
            await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": address}])
        rows += _rows(f"{what}, {protocol}, nothing kept", await _visit(context, address, wait))
        if address.startswith("http:"):  # a browser keeps nothing that comes by a certificate which it does not know
            rows += _rows(f"{what}, {protocol}, files in the browser's cache", await _visit(context, address, wait))
            await _until_kept(context, address)
            rows += _rows(f"{what}, {protocol}, kept by the service worker", await _visit(context, address, wait))
        await context.close()
    return rows


def _rows(what: str, seen: _Seen) -> list[Row]:
    needed = f"{seen.requests} requests, {seen.kilobytes:,.0f} KB until then"
    return [Row(what, seen.there / 1_000, "s", note=f"first paint {seen.painted / 1_000:.1f} s; {needed}")]


async def _visit(context: BrowserContext, address: str, wait: Callable[[Page], Awaitable[None]]) -> _Seen:
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    devtools = await context.new_cdp_session(page)
    traffic = _Traffic(devtools)
    await traffic.slow()
    began = time.perf_counter()
    await page.goto(address + "/app/people", wait_until="commit")
    await wait(page)
    there = (time.perf_counter() - began) * 1_000
    seen = _Seen(await page.evaluate(_PAINTED), there, traffic.requests, traffic.bytes / 1_000)
    await page.wait_for_load_state("networkidle")
    await page.close()
    return seen


async def _form(page: Page) -> None:
    await page.get_by_label("Login name").fill("somebody")


async def _list(page: Page) -> None:
    await page.locator("contact-list .person").first.wait_for()


async def _until_kept(context: BrowserContext, address: str) -> None:
    page = await context.new_page()
    await page.goto(address + "/app/people")
    await page.evaluate(_KEPT)
    await page.close()


class _Traffic:
    def __init__(self, devtools: CDPSession) -> None:
        self._devtools = devtools
        self.requests = 0
        self.bytes = 0.0

    async def slow(self) -> None:
        self._devtools.on("Network.requestWillBeSent", self._asked)
        self._devtools.on("Network.loadingFinished", self._came)
        await self._devtools.send("Network.enable")
        slow = {"offline": False, "latency": ROUND_TRIP_MS, "downloadThroughput": DOWN, "uploadThroughput": UP}
        await self._devtools.send("Network.emulateNetworkConditions", slow)
        await self._devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def _asked(self, _: dict[str, Any]) -> None:
        self.requests += 1

    def _came(self, event: dict[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]


_SERVER = """
daemon off; pid {folder}/pid; error_log stderr error; events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{own} ssl http2;
        ssl_certificate {folder}/certificate; ssl_certificate_key {folder}/key;
        location / {{
            proxy_pass http://127.0.0.1:{port};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }}
    }}
}}
"""


@contextmanager
def _nginx(program: str, port: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="presence-bench-nginx-") as name:
        folder = Path(name)
        own = free_port()
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2"]
        files = ["-keyout", str(folder / "key"), "-out", str(folder / "certificate")]
        subprocess.run([*request, *files], check=True, capture_output=True)
        (folder / "conf").write_text(_SERVER.format(folder=folder, own=own, port=port))
        process = subprocess.Popen([program, "-e", "stderr", "-c", str(folder / "conf")])
        try:
            yield f"https://127.0.0.1:{own}"
        finally:
            process.terminate()
            process.wait()
