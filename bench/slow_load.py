"""First load on a slow telephone, by the profile with which Lighthouse judges pages on telephones ("slow 4G").

Straight from the gateway, which speaks HTTP/1.1 like any gateway without a proxy, and over HTTP/2 by nginx, as it is
deployed. The page itself looks for what is waited for, at each frame: to be asked from outside would cost it time.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from accounts.model import SessionKind
from bench.browser import Browser, BrowserContext, CDPSession, chromium
from bench.company import log_in
from bench.peers.running import free_port
from bench.report import Row, Table
from bench.stage import Stage
from web.routes import SESSION_COOKIE

PEOPLE = 200
LATENCY_MS = 562.5
DOWN = 1_474.56 * 1_024 / 8
UP = 675 * 1_024 / 8
"""Bytes a second. As Lighthouse applies it by the developer tools (`mobileSlow4G`): 150 ms, 1.6 Mbit/s and 750 kbit/s,
each with its factor (3.75 and 0.9) for a delay by request instead of by packet."""
SLOWER = 4
_ROUNDS = 3
_PATIENCE_MS = 60_000
_PLACES = "/usr/bin:/usr/sbin:/usr/local/sbin"

_KEPT = """async () => {
    await navigator.serviceWorker.ready;
    const names = async () => (await caches.keys()).length;
    while ((await names()) === 0 || !navigator.serviceWorker.controller) await new Promise((go) => setTimeout(go, 100));
}"""
_LOOK = """
(() => {
    const seen = (globalThis.seen = { form: 0, list: 0, usable: 0 });
    const sizeOf = (element) => element?.getBoundingClientRect().height ?? 0;
    const parts = {
        form: () => sizeOf(document.querySelector("login-form")?.shadowRoot?.querySelector("input")),
        list: () => sizeOf(document.querySelector("contact-list")?.shadowRoot?.querySelector(".person")),
    };
    const usable = () => requestIdleCallback(() => (seen.usable ||= performance.now()));
    const look = () => {
        for (const [name, part] of Object.entries(parts)) {
            if (seen[name] || !part()) continue;
            requestAnimationFrame(() => {
                seen[name] = performance.now();
                if (name === globalThis.wanted) usable();
            });
        }
        requestAnimationFrame(look);
    };
    look();
})();
"""
"""Milliseconds since the address was asked for, until each is on the screen; and until the page is idle after that."""
_SEEN = """() => ({
    ...globalThis.seen,
    painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
})"""


class _Seen(Struct, frozen=True):
    """Milliseconds from the address until each; requests and KB until it was usable."""

    painted: float
    shown: float
    usable: float
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
    return Table(f"First load: {LATENCY_MS} ms a request, 1.47 Mbit/s, a processor {SLOWER} times slower", rows)


async def _visits(browser: Browser, address: str, cookie: str, protocol: str) -> list[Row]:
    rows: list[Row] = []
    for what, is_in, part in (("form to log in", False, "form"), ("list of people", True, "list")):
        named = f"{what}, {protocol}"
        rounds = [await _round(browser, address, cookie if is_in else "", part) for _ in range(_ROUNDS)]
        rows += [_row(f"{named}, {name}", [each[name] for each in rounds]) for name in rounds[0]]
    return rows


async def _round(browser: Browser, address: str, cookie: str, part: str) -> dict[str, _Seen]:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, ignore_https_errors=True)
    await context.add_init_script(f"globalThis.wanted = '{part}'; {_LOOK}")
    if cookie:
        await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": address}])
    visits = {"nothing kept": await _visit(context, address, part)}
    if address.startswith("http:"):  # a browser keeps nothing that comes by a certificate which it does not know
        visits["files in the browser's cache"] = await _visit(context, address, part)
        await _until_kept(context, address)
        visits["kept by the service worker"] = await _visit(context, address, part)
    await context.close()
    return visits


def _row(what: str, rounds: list[_Seen]) -> Row:
    seen = sorted(rounds, key=lambda one: one.usable)[len(rounds) // 2]
    times = f"first paint {seen.painted / 1_000:.1f} s, shown {seen.shown / 1_000:.1f} s"
    needed = f"{seen.requests} requests, {seen.kilobytes:,.0f} KB until then"
    return Row(what, seen.usable / 1_000, "s", note=f"{times}; {needed}")


async def _visit(context: BrowserContext, address: str, part: str) -> _Seen:
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    devtools = await context.new_cdp_session(page)
    traffic = _Traffic(devtools)
    await traffic.slow()
    await page.goto(address + "/app/people", wait_until="commit")
    await page.wait_for_function("() => globalThis.seen.usable > 0", polling=250)
    requests, kilobytes = traffic.requests, traffic.bytes / 1_000
    times = await page.evaluate(_SEEN)
    await page.wait_for_load_state("networkidle")
    await page.close()
    return _Seen(times["painted"], times[part], times["usable"], requests, kilobytes)


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
        slow = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": DOWN, "uploadThroughput": UP}
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
