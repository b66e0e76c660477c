"""The pictures of README.md and docs/, as the portal looks now: a demo company at work, seen in real windows.

python3 dev.py pictures
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Browser, expect

from cli.demo_company import DOMAIN, PASSWORD
from storage.embedded import EmbeddedServers
from tests.support.client import Client, log_in
from tests.support.folders import make_data_folder
from tests.support.gateway import ROOT, GatewayProcess
from tests.support.windows import CHROMIUM, DESK, PHONE, WITHOUT_CHROMIUM, Window, running_browser
from wire.commands import CallPhase, RegisterDevice, ReportCall, SetDnd, SetStatus
from wire.replies import DeviceRegistered, Done

IMAGES = ROOT / "docs" / "images"
SCHEMES = ("light", "dark")
ME, FRIEND = "1001", "Ben O’Connor"
AT_A_PHONE = ("1002", "1003", "1005", "1010", "1011", "1025", "1051")
IN_THE_PORTAL = ("1002", "1010", "1051")
IN_A_CALL, IN_DND = ("1010",), ("1002", "1003")


@contextmanager
def demo_gateway() -> Iterator[GatewayProcess]:
    """Serves the demo company from stores of its own, which are gone afterwards."""
    folder = make_data_folder()
    try:
        with EmbeddedServers.start(folder, durable=False) as servers:
            stores = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
            subprocess.run(
                [sys.executable, "-m", "cli.main", "demo"],
                cwd=ROOT,
                env={**os.environ, **stores},
                stdout=subprocess.DEVNULL,
                check=True,
            )
            gateway = GatewayProcess(servers.database_url, servers.redis_url)
            try:
                yield gateway
            finally:
                gateway.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def people_at_work(gateway: GatewayProcess) -> AsyncIterator[None]:
    """Some can be called, some are on the phone, some want quiet."""
    async with AsyncExitStack() as stack:
        for extension in AT_A_PHONE:
            token = await log_in(gateway.url, f"{extension}@{DOMAIN}", PASSWORD)
            opened = await Client.open(gateway.url, token, available=extension in IN_THE_PORTAL)
            client = await stack.enter_async_context(opened)
            await client.ask(RegisterDevice(device="desk", ttl=600, label="Desk phone"), DeviceRegistered)
            if extension in IN_A_CALL:
                await client.ask(ReportCall(call=f"call-{extension}", phase=CallPhase.ACTIVE), Done)
            if extension in IN_DND:
                await client.ask(SetDnd(on=True), Done)
            if extension == "1003":
                await client.ask(SetStatus(message="In Porto until Thursday"), Done)
        yield


async def read_before(browser: Browser, gateway: GatewayProcess) -> None:
    """So that all pictures show the same, nothing is new in the conversation any more."""
    window = Window(await browser.new_page(), gateway.url)
    await window.log_in(f"{ME}@{DOMAIN}", PASSWORD)
    await window.person(FRIEND).click()
    await expect(window.page.get_by_role("link", name="unread")).to_have_count(0)
    await window.page.context.close()


async def take(browser: Browser, gateway: GatewayProcess, scheme: str) -> None:
    seen = {"locale": "en-US", "timezone_id": "UTC", "reduced_motion": "reduce", "color_scheme": scheme}
    desk = await browser.new_context(viewport=DESK, **seen)  # type: ignore[arg-type]
    window = Window(await desk.new_page(), gateway.url)
    await window.log_in(f"{ME}@{DOMAIN}", PASSWORD)
    await window.page.get_by_role("switch", name="Ring here").click()
    await expect(window.page.get_by_text("Registered until")).to_be_visible()
    await window.person(FRIEND).click()
    await expect(window.messages.last).to_be_in_viewport()
    await expect(window.text).to_be_focused()
    await window.page.mouse.move(700, 20)  # no row looks as if somebody was about to choose it
    await photographed(window, f"portal-{scheme}")
    phone = await browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        **seen,  # type: ignore[arg-type]
    )
    window = Window(await phone.new_page(), gateway.url)
    await window.log_in(f"{ME}@{DOMAIN}", PASSWORD)
    await expect(window.person(FRIEND)).to_be_visible()
    await photographed(window, f"phone-{scheme}")
    for context in (desk, phone):
        await context.close()


async def photographed(window: Window, name: str) -> None:
    await window.page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    file = Path(os.environ.get("PICTURES") or IMAGES) / f"{name}.png"
    await window.page.screenshot(path=file)
    print(f"written: {file}")  # noqa: T201 - it is a command


async def main() -> None:
    if CHROMIUM is None:
        raise SystemExit(WITHOUT_CHROMIUM)
    with demo_gateway() as gateway:
        async with people_at_work(gateway), running_browser(CHROMIUM) as browser:
            await read_before(browser, gateway)
            for scheme in SCHEMES:
                await take(browser, gateway, scheme)


if __name__ == "__main__":
    asyncio.run(main())
