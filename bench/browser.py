"""A real Chromium for scenarios, on the processor that is not the servers', and what it says of itself."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.machine import CLIENTS_ON, SERVERS_ON
from bench.skipped import Skipped

try:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright
except ModuleNotFoundError as missing:  # with the packages of the product alone, which is what `dev.py bench` needs
    raise Skipped("there is no playwright; `dev.py test` brings it") from missing

__all__ = ["Browser", "BrowserContext", "CDPSession", "Page", "chromium", "metrics"]


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
    """Durations in seconds, counts of what is there now.

    `ThreadTime` is processor time of the page's main thread since it was first asked for: the same on a busy machine.
    """
    await devtools.send("Performance.enable")
    told = await devtools.send("Performance.getMetrics")
    return {each["name"]: float(each["value"]) for each in told["metrics"]}
