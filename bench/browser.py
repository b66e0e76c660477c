"""A real Chromium for scenarios, on the processor that is not the servers', and what it says of itself."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.machine import CLIENTS_ON, SERVERS_ON
from bench.skipped import Skipped

try:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright
except ModuleNotFoundError as missing:  # with the packages of the product alone, which is what `dev.py bench` needs
    raise Skipped("there is no playwright; `dev.py test` brings it") from missing

__all__ = ["Browser", "BrowserContext", "CDPSession", "Page", "chromium", "main_thread_ms", "metrics", "renderer"]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Raises Skipped."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise Skipped("there is no Chromium, neither in $CHROMIUM nor on the PATH")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        os.sched_setaffinity(0, {CLIENTS_ON})
        browser = await playwright.chromium.launch(executable_path=program, args=sandbox)
        os.sched_setaffinity(0, {SERVERS_ON})
        yield browser
        await browser.close()


async def metrics(devtools: CDPSession) -> dict[str, float]:
    """Since the page began: durations in seconds, counts of what is there now."""
    await devtools.send("Performance.enable")
    told = await devtools.send("Performance.getMetrics")
    return {each["name"]: float(each["value"]) for each in told["metrics"]}


async def renderer(browser: Browser) -> int:
    """The process of the page that has worked most."""
    devtools = await browser.new_browser_cdp_session()
    processes = (await devtools.send("SystemInfo.getProcessInfo"))["processInfo"]
    await devtools.detach()
    busiest = max((each for each in processes if each["type"] == "renderer"), key=lambda each: float(each["cpuTime"]))
    return int(busiest["id"])


def main_thread_ms(process: int) -> float:
    """Processor time of a page's main thread so far: unlike durations it says the same where others work too."""
    spent, *_ = Path(f"/proc/{process}/task/{process}/schedstat").read_text().split()
    return int(spent) / 1_000_000
