"""The authenticator app in a real browser: set up with the code of the app, asked for at the login, lost, required."""

import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import expect

from storage.postgres.pool import connection
from tests.support.factors import App
from tests.support.gateway import PASSWORD, People
from tests.support.windows import DESK, PHONE, OpenWindow, Window, login_of
from wire.identity import UserId

PageOf = Callable[..., Awaitable[Window]]
SCREENSHOTS = os.environ.get("SCREENSHOTS")
_FORGET_STEP = "UPDATE totp_authenticators SET last_step = 0 WHERE domain_id = $1"
"""As if half a minute had passed since the last code."""


async def show(window: Window, name: str) -> None:
    if SCREENSHOTS:
        await window.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


async def half_a_minute_later(people: People) -> None:
    async with connection(people.pool) as conn:
        await conn.execute(_FORGET_STEP, people.company.domain)


async def begin_login(window: Window, people: People, user: UserId) -> None:
    window.expects("401")
    await window.open()
    await window.page.get_by_label("Login name").fill(login_of(people, user))
    await window.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await window.page.keyboard.press("Enter")


async def app_on_screen(window: Window) -> App:
    secret = await window.page.locator("p.secret code").text_content()
    assert secret is not None
    return App(secret.replace(" ", ""))


async def codes_on_screen(window: Window) -> list[str]:
    codes = window.page.locator("ul.codes code")
    await expect(codes).to_have_count(10)
    found = await codes.all_text_contents()
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in found)
    return found


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["light desk", "dark phone"])
async def test_an_app_is_set_up_asked_for_replaced_by_a_recovery_code_and_turned_off(
    people: People, page_of: PageOf, open_window: OpenWindow, size: dict[str, int], scheme: str
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    window = await page_of(anna, path="/app/security", viewport=size, color_scheme=scheme)
    window.expects("422")
    window.expects("401")
    page = window.page
    await page.get_by_role("button", name="Set up an app").click()
    proof = page.get_by_label("Your password")
    await expect(proof).to_be_focused()
    await proof.fill("Wrong123")
    await proof.press("Enter")
    await expect(proof).to_have_accessible_description("This is not right. Try again.")
    await proof.fill(PASSWORD)
    await proof.press("Enter")
    await expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    code = page.get_by_label("Code", exact=True)
    await code.scroll_into_view_if_needed()
    await show(window, f"totp-{scheme}")
    app = await app_on_screen(window)
    await code.fill(app.wrong_code(datetime.now(UTC)))
    await code.press("Enter")
    await expect(code).to_have_accessible_description(re.compile("is wrong, or was used already"))
    await code.fill(app.code(datetime.now(UTC)))
    await code.press("Enter")
    codes = await codes_on_screen(window)
    await expect(page.get_by_role("heading", name="Your recovery codes")).to_be_focused()
    await show(window, f"recovery-codes-{scheme}")
    await page.get_by_role("button", name="I have kept them").click()
    await expect(page.get_by_text("Turned on since")).to_be_visible()
    await expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()
    await show(window, f"totp-on-{scheme}")
    await half_a_minute_later(people)

    other = await open_window(people.gateway.url, viewport=size, color_scheme=scheme)
    await begin_login(other, people, anna)
    asked = other.page.get_by_label("Code", exact=True)
    await expect(asked).to_be_focused()
    await show(other, f"second-step-{scheme}")
    await asked.fill(app.wrong_code(datetime.now(UTC)))
    await asked.press("Enter")
    await expect(asked).to_have_accessible_description(re.compile("is wrong, or was used already"))
    await asked.fill(app.code(datetime.now(UTC)))
    await asked.press("Enter")
    await other.is_live()

    lost = await open_window(people.gateway.url, viewport=size, color_scheme=scheme)
    await begin_login(lost, people, anna)
    await lost.page.get_by_role("button", name="Use a recovery code instead").click()
    await expect(lost.page.get_by_label("Recovery code")).to_be_focused()
    await lost.page.keyboard.type(codes[4])
    await lost.page.keyboard.press("Enter")
    await lost.is_live()

    await page.reload()
    await window.is_live()
    await expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()
    await page.get_by_role("button", name="Turn off").click()
    await proof.fill(codes[5])
    await proof.press("Enter")
    await expect(page.get_by_text("Your password is enough from now on.")).to_be_visible()
    await expect(page.get_by_text("Turned off.")).to_be_visible()


async def test_a_company_that_requires_a_factor_leads_through_setting_it_up_at_the_login(
    people: People, open_window: OpenWindow
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    async with connection(people.pool) as conn:
        await conn.execute(
            "UPDATE domains SET second_factor_required = true WHERE domain_id = $1", people.company.domain
        )
    window = await open_window(people.gateway.url)
    page = window.page
    await begin_login(window, people, anna)
    await expect(page.get_by_role("heading", name="Set up a second factor")).to_be_focused()
    await show(window, "required-light")
    app = await app_on_screen(window)
    await page.get_by_label("Code", exact=True).fill(app.code(datetime.now(UTC)))
    await page.keyboard.press("Enter")
    await codes_on_screen(window)
    await page.get_by_role("button", name="I have kept them").click()
    await window.is_live()
    await page.goto(f"{window.url}/app/security")
    await expect(page.get_by_role("button", name="New recovery codes")).to_be_visible()
    await expect(page.get_by_role("button", name="Turn off")).to_have_count(0)


async def test_a_login_that_took_too_long_begins_again_and_says_so(people: People, open_window: OpenWindow) -> None:
    anna = await people.add("1001")
    async with connection(people.pool) as conn:
        await conn.execute(
            "INSERT INTO totp_authenticators (domain_id, user_id, secret, confirmed_at) VALUES ($1, $2, $3, now())",
            people.company.domain,
            anna,
            b"\x00" + b"k" * 20,
        )
    window = await open_window(people.gateway.url)
    await begin_login(window, people, anna)
    page = window.page
    for _ in range(5):
        await page.get_by_label("Code", exact=True).fill("aaaa-aaaa-aaaa-aaaa")
        async with page.expect_response("**/v1/login/second-factor"):
            await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Log in")).to_be_enabled()
    await page.get_by_label("Code", exact=True).fill("aaaa-aaaa-aaaa-aaaa")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("That has taken too long")
    await expect(page.get_by_label("Login name")).to_have_value(login_of(people, anna))
    await expect(page.get_by_label("Password", exact=True)).to_have_value("")
