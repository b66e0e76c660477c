"""Passkeys in a real browser, with Chromium's own virtual authenticator."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from storage.postgres.pool import connection
from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.ports import free_port
from tests.support.windows import PHONE, OpenWindow, Window, login_of

SCREENSHOTS = os.environ.get("SCREENSHOTS")


async def show(window: Window, name: str) -> None:
    if SCREENSHOTS:
        await window.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


@pytest.fixture
async def address(people: People, start_gateway: Callable[..., GatewayProcess]) -> str:
    """Passkeys are bound to a name; under a bare address there are none."""
    port = free_port()
    url = f"http://localhost:{port}"
    people.gateway = start_gateway(port, PRESENCE_PUBLIC_URL=url)
    return url


async def give_authenticator(window: Window) -> None:
    session = await window.page.context.new_cdp_session(window.page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_is_made_lets_in_alone_and_after_a_password_and_is_removed(
    people: People, address: str, open_window: OpenWindow
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    window = await open_window(address, viewport=PHONE, color_scheme="dark")
    window.expects("401")
    page = window.page
    await give_authenticator(window)
    await window.log_in(login_of(people, anna), path="/app/security")
    await page.get_by_role("button", name="Add a passkey").click()
    name = page.get_by_label("What to call it")
    await expect(name).to_have_value("Chrome on Linux")
    await name.fill("My laptop")
    await page.locator("passkey-list").get_by_label("Your password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    await expect(page.locator("passkey-list li")).to_contain_text("My laptop")
    await page.locator("passkey-list").scroll_into_view_if_needed()
    await show(window, "passkeys-dark")

    async def leave() -> None:
        await page.goto(f"{address}/app/you")
        await page.get_by_role("button", name="Log out").click()
        await page.get_by_label("Login name").fill(login_of(people, anna))

    await leave()
    await show(window, "passkey-login-dark")
    await page.get_by_role("button", name="Log in with a passkey").press("Enter")
    await window.is_live()

    async with connection(people.pool) as conn:
        await conn.execute(
            "UPDATE domains SET second_factor_required = true WHERE domain_id = $1", people.company.domain
        )
    await leave()
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Use your passkey")).to_be_focused()
    await show(window, "passkey-step-dark")
    await page.keyboard.press("Enter")
    await window.is_live()

    await page.goto(f"{address}/app/security")
    await page.get_by_role("button", name="Remove My laptop").click()
    await page.locator("passkey-list").get_by_label("Your password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Your passkey is removed.")).to_be_visible()
    await expect(page.locator("passkey-list li")).to_have_count(0)
