"""A desk phone registers with a real switch, and an open page shows it."""

from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from tests.support.gateway import People
from tests.support.kamailio import Phone, kamailio_of, needs_kamailio
from tests.support.windows import Window

pytestmark = needs_kamailio


async def test_a_desk_phone_turns_its_owner_green_in_an_open_page_and_offline_when_it_expires(
    people: People, page_of: Callable[..., Awaitable[Window]]
) -> None:
    await people.add("1001", first_name="Anna", last_name="Berg")
    window = await page_of(await people.add("1002", first_name="Ben", last_name="Ode"))
    await expect(window.person("Anna Berg, Offline")).to_be_visible()
    async with kamailio_of(people, ["1001"]) as kamailio:
        phone = Phone(kamailio, "1001")
        await phone.register(600)
        await expect(window.person("Anna Berg, Available by phone")).to_be_visible()
        await expect(window.dot("Anna Berg")).to_have_attribute("shape", "available")
        await phone.register(2)
        await expect(window.person("Anna Berg, Offline")).to_be_visible()
