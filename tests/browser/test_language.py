"""The portal in another language: the browser's, or the one somebody chose; and no trace of it for the next."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from storage.postgres.pool import connection
from tests.support.gateway import PASSWORD, People
from tests.support.windows import OpenWindow, Window, login_of
from wire.identity import UserId

PageOf = Callable[..., Awaitable[Window]]


async def language_of(people: People, user: UserId) -> str:
    """In which the service writes to a user."""
    async with connection(people.pool) as conn:
        language: str = await conn.fetchval(
            "SELECT language FROM users WHERE domain_id = $1 AND user_id = $2", people.company.domain, user
        )
    return language


async def test_a_language_is_chosen_without_losing_a_draft_and_is_its_users_alone(
    people: People, page_of: PageOf
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna)
    page = window.page
    window.expects("401")  # whoever logs out while the service is still being told
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await window.person("Ben Ode").click()
    await window.text.fill("Half a sentence")
    await page.get_by_label("Language").select_option("de")
    await expect(page.get_by_label("Sprache")).to_have_value("de")
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await expect(window.text).to_have_value("Half a sentence")
    await expect(page.get_by_role("log", name="Nachrichten mit Ben Ode")).to_be_visible()
    assert "de.js" in {url.rsplit("/", 1)[1] for url in asked if "/words/" in url}

    await page.get_by_role("button", name="Abmelden").click()
    await page.get_by_label("Anmeldename").fill(login_of(people, ben))
    await page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(page.get_by_label("Language")).to_have_value("")
    await window.is_live()
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_label("Login name").fill(login_of(people, anna))
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page.get_by_label("Sprache")).to_have_value("de")
    async with asyncio.timeout(30):
        while await language_of(people, anna) != "de":  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.05)
    assert await language_of(people, ben) == "en", "as his browser"


async def test_a_browser_in_german_gets_german_with_its_dates_and_its_refusals(
    people: People, open_window: OpenWindow
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    window = await open_window(people.gateway.url, locale="de-AT")
    page = window.page
    window.expects("401")
    await window.open()
    await expect(page.locator("html")).to_have_attribute("lang", "de-AT")
    await page.get_by_label("Anmeldename").fill(login_of(people, anna))
    await page.get_by_label("Passwort", exact=True).fill("Wrong4sure")
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("passen nicht zusammen")
    await page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await window.is_live()
    assert await language_of(people, anna) == "de", "learned from the first login"
    await window.open("/app/security")
    password = page.locator("password-change")
    window.expects("422")
    await password.get_by_label("Jetziges Passwort").fill(PASSWORD)
    for label in ("Neues Passwort", "Neues Passwort wiederholen"):
        await password.get_by_label(label, exact=True).fill("allsmall1")
    await password.get_by_role("button", name="Passwort ändern").click()
    await expect(password).to_contain_text("Ein Passwort braucht einen Großbuchstaben.")


async def test_who_logs_in_can_take_the_language_of_the_company_and_keeps_it(
    people: People, open_window: OpenWindow
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    async with connection(people.pool) as conn:
        await conn.execute("UPDATE domains SET language = 'de' WHERE domain_id = $1", people.company.domain)
    window = await open_window(people.gateway.url)
    page = window.page
    await window.open()
    german = page.get_by_role("button", name="Deutsch")
    await expect(german).to_be_hidden()
    await page.get_by_label("Login name").fill(login_of(people, anna))
    await page.keyboard.press("Tab")
    await expect(german).to_be_visible()
    await german.click()
    await expect(page.get_by_label("Anmeldename")).to_have_value(login_of(people, anna))
    await page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(page.get_by_label("Sprache")).to_have_value("de")
    await window.is_live()
    await page.reload()
    await expect(page.get_by_label("Sprache")).to_have_value("de")
    await page.get_by_role("button", name="Abmelden").click()
    await expect(page.get_by_label("Anmeldename")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Login name")).to_have_value("")
