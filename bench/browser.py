"""A real Chromium for scenarios, on the processor that is not the servers', and what it says of itself."""

import asyncio
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

__all__ = ["Browser", "BrowserContext", "CDPSession", "Page", "chromium", "metrics", "within"]

_CLOSED_WITHIN = 30.0


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Raises Skipped."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise Skipped("there is no Chromium, neither in $CHROMIUM nor on the PATH")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    # The driver starts the browser, so it is the driver that has to be there.
    os.sched_setaffinity(0, {CLIENTS_ON})
    starting = async_playwright()
    playwright = await starting.start()
    os.sched_setaffinity(0, {SERVERS_ON})
    try:
        browser = await playwright.chromium.launch(executable_path=program, args=sandbox)
        try:
            yield browser
        finally:
            async with within(_CLOSED_WITHIN, "the browser to close"):
                await browser.close()
    finally:
        await playwright.stop()


@asynccontextmanager
async def within(seconds: float, awaited: str) -> AsyncIterator[None]:
    """For what a page may never do. Raises TimeoutError, which says what was waited for."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise TimeoutError(f"waited {seconds:.0f} s for {awaited}: {error}") from error


async def metrics(devtools: CDPSession) -> dict[str, float]:
    """Durations in seconds, counts of what is there now.

    `ThreadTime` is processor time of the page's main thread since it was first asked for: the same on a busy machine.
    """
    await devtools.send("Performance.enable")
    told = await devtools.send("Performance.getMetrics")
    return {each["name"]: float(each["value"]) for each in told["metrics"]}
