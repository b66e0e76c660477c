"""What becomes of the page when a switch dies, and when one has yet to carry out what was clicked."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from storage.postgres.pbx_sources import PostgresSourceStore
from tests.support.commanded import commanded_switch
from tests.support.gateway import GatewayProcess, People
from tests.support.switches import HttpSwitch, beating
from tests.support.windows import Window

PageOf = Callable[..., Awaitable[Window]]


@pytest.fixture(scope="module")
def impatient(start_gateway: Callable[..., GatewayProcess]) -> GatewayProcess:
    """Notices after a second what others notice after fifteen."""
    return start_gateway(PRESENCE_SWITCH_SILENT_SECONDS="1", PRESENCE_CALLS_SILENT_SECONDS="2")


async def test_when_the_switch_dies_the_page_says_since_when_it_does_not_know(
    people: People, impatient: GatewayProcess, page_of: PageOf
) -> None:
    await people.add("1001", first_name="Anna", last_name="Berg")
    await people.add("1003", first_name="Carl", last_name="Lund")
    domain = people.company.domain
    window = await page_of(await people.add("1002", first_name="Ben", last_name="Ode"), url=impatient.url)
    async with await HttpSwitch.add(people.pool, impatient.url, domain) as switch:
        await switch.send_snapshot()
        await switch.send()
        await switch.send(
            *(switch.device_up(f"{extension}@{domain}", ttl=600) for extension in ("1001", "1003")),
            switch.call("c1", "active", (f"1003@{domain}", "caller")),
        )
        # The switch says nothing any more. Nobody turns grey, nobody stays green or red as if that were known.
        for name in ("Anna Berg", "Carl Lund"):
            await expect(window.dot(name)).to_have_attribute("shape", "unknown")
            await expect(window.person(name)).to_have_accessible_name(_since(name))
        async with beating(switch, 0.2):
            await expect(window.person("Anna Berg, Available by phone")).to_be_visible()
            await expect(window.dot("Carl Lund")).to_have_attribute("shape", "phone")


def _since(name: str) -> re.Pattern[str]:
    return re.compile(rf"{name}, Unknown since \d?\d:\d\d")


async def test_do_not_disturb_says_that_the_telephone_system_has_not_confirmed_it_until_it_has(
    people: People, page_of: PageOf
) -> None:
    domain = people.company.domain
    window = await page_of(await people.add("1002", first_name="Ben", last_name="Ode"))
    async with (
        commanded_switch() as commanded,
        await HttpSwitch.add(people.pool, people.gateway.url, domain) as switch,
    ):
        commanded.status = 202
        await PostgresSourceStore(people.pool).set_commands(switch.name, commanded.url, commanded.token)
        await switch.send_snapshot()
        toggle = window.page.get_by_role("switch", name="Do not disturb")
        for on, waiting in ((True, "may still ring"), (False, "may still stay silent")):
            await toggle.click()
            await expect(window.page.get_by_text(waiting)).to_be_visible()
            await expect(toggle).to_have_attribute("aria-checked", str(on).lower())
            await switch.send(switch.tell("dnd", user=f"1002@{domain}", on=on, via="portal"))
            await expect(window.page.get_by_text("Everybody sees you as busy. Messages still arrive.")).to_be_visible()
            await expect(toggle).to_have_attribute("aria-checked", str(on).lower())
