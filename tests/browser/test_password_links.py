"""A forgotten password, from the login page through the mail that arrives and back."""

import os
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.http import http_client
from tests.support.links import mailed_link, some_network
from tests.support.ports import free_port
from tests.support.smtp import Mailbox, mailbox
from tests.support.windows import DESK, PHONE, OpenWindow, Window, login_of
from wire.identity import Scope

PageOf = Callable[..., Awaitable[Window]]
NEW = "Better-than-3"
SCREENSHOTS = os.environ.get("SCREENSHOTS")


@pytest.fixture
async def box(people: People, start_gateway: Callable[..., GatewayProcess]) -> AsyncIterator[Mailbox]:
    """The people's gateway becomes one that sends its mails here."""
    async with mailbox() as box:
        port = free_port()
        people.gateway = start_gateway(port, SMTP_URL=box.url, PRESENCE_PUBLIC_URL=f"http://127.0.0.1:{port}")
        yield box
        people.gateway.kill()


async def show(window: Window, name: str) -> None:
    if SCREENSHOTS:
        await window.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["light desk", "dark phone"])
async def test_a_forgotten_password_is_set_anew_through_the_mail(
    people: People, box: Mailbox, page_of: PageOf, open_window: OpenWindow, size: dict[str, int], scheme: str
) -> None:
    email = f"{secrets.token_hex(4)}@mail.test"
    anna = await people.add("1001", first_name="Anna", last_name="Berg", emails=[email])
    elsewhere = await page_of(anna)
    window = await open_window(
        people.gateway.url, viewport=size, color_scheme=scheme, extra_http_headers=some_network()
    )
    window.expects("401")
    window.expects("422")
    window.expects("404")
    page = window.page
    await window.open()
    await page.get_by_label("Login name").fill(login_of(people, anna))
    await show(window, f"login-{scheme}")
    await page.get_by_role("button", name="Forgotten your password?").click()
    await expect(page.get_by_role("heading", name="Forgotten your password?")).to_be_visible()
    await expect(page.get_by_label("Login name")).to_have_value(login_of(people, anna))
    await page.get_by_role("button", name="Mail me a link").click()
    await expect(page.get_by_role("status").filter(visible=True)).to_contain_text("a mail with a link is on its way")
    await show(window, f"forgotten-{scheme}")

    link = await mailed_link(box, email)
    await page.goto(link)
    await expect(page.get_by_text(login_of(people, anna))).to_be_visible()
    assert "#" not in page.url, "the token does not stay in the address"
    first, second = page.get_by_label("New password", exact=True), page.get_by_label("New password again")
    await expect(first).to_be_focused()
    await first.fill("alllowercase1")
    await second.fill("alllowercase2")
    await second.press("Enter")
    await expect(second).to_have_accessible_description("The two passwords are not the same.")
    await second.fill("alllowercase1")
    await second.press("Enter")
    await expect(first).to_have_accessible_description(
        "At least 8 characters, with a capital letter and a digit. A password needs a capital letter"
    )
    await show(window, f"password-{scheme}")
    await first.fill(NEW)
    await second.fill(NEW)
    await second.press("Enter")
    await expect(page.get_by_text("Your new password is set. Log in with it.")).to_be_visible()
    await expect(page.get_by_label("Login name")).to_have_value(login_of(people, anna))
    await expect(elsewhere.page.get_by_text("Your session was ended. Please log in again.")).to_be_visible()
    await expect(elsewhere.page.locator("contact-list")).to_have_count(0)
    await show(window, f"set-{scheme}")

    password = page.get_by_label("Password", exact=True)
    await expect(password).to_be_focused()
    await password.fill(PASSWORD)
    await password.press("Enter")
    await expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("do not belong together")
    await password.fill(NEW)
    await password.press("Enter")
    await window.is_live()

    await page.goto(link)
    await expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("used already or is too old")
    await expect(first).to_be_hidden()
    await show(window, f"over-{scheme}")
    await page.get_by_role("button", name="Back to the login").click()
    await window.is_live()
    assert page.url.endswith("/")


async def test_another_link_in_the_same_window_counts(people: People, open_window: OpenWindow) -> None:
    window = await open_window(people.gateway.url)
    window.expects("401")
    window.expects("404")
    await window.open("/app/password#one")
    alert = window.page.get_by_role("alert").filter(visible=True)
    await expect(alert).to_contain_text("used already or is too old")
    async with window.page.expect_response("**/v1/password/link") as asked:
        await window.page.evaluate("location.hash = 'two'")
    assert (await asked.value).request.post_data_json == {"token": "two"}
    await expect(alert).to_contain_text("used already or is too old")
    await window.page.get_by_role("button", name="Ask for a new link").click()
    await expect(window.page.get_by_label("Login name")).to_be_focused()


async def test_a_forced_reset_throws_out_an_open_window(people: People, box: Mailbox, page_of: PageOf) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    manager = await people.add("1051", scope=Scope.OFFICE_MANAGER)
    window = await page_of(anna)
    async with http_client(people.gateway.url) as http:
        headers = {"Authorization": f"Bearer {await people.token(manager)}"}
        path = f"/v1/users/{anna}/password-reset"
        assert (await http.post(path, json={"send_mail": False}, headers=headers)).status_code == 200
    await expect(window.page.get_by_text("Your session was ended. Please log in again.")).to_be_visible()
    await expect(window.page.locator("contact-list")).to_have_count(0)
    window.expects("401")
    await window.page.get_by_label("Login name").fill(login_of(people, anna))
    await window.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await window.page.get_by_role("button", name="Log in").click()
    await expect(window.page.get_by_role("alert").filter(visible=True)).to_contain_text("do not belong together")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["light desk", "dark phone"])
async def test_a_welcome_link_leads_in(
    people: People, box: Mailbox, open_window: OpenWindow, size: dict[str, int], scheme: str
) -> None:
    email = f"{secrets.token_hex(4)}@mail.test"
    anna = await people.company.add("1001", first_name="Anna", last_name="Berg", emails=[email])
    manager = await people.add("1051", scope=Scope.OFFICE_MANAGER)
    async with http_client(people.gateway.url) as http:
        headers = {"Authorization": f"Bearer {await people.token(manager)}", **some_network()}
        assert (await http.post(f"/v1/users/{anna}/welcome", headers=headers)).status_code == 200
    window = await open_window(people.gateway.url, viewport=size, color_scheme=scheme)
    window.expects("401")
    window.expects("422")
    page = window.page
    await page.goto(await mailed_link(box, email))
    await expect(page.get_by_role("heading", name="Welcome: set your password and PIN")).to_be_visible()
    await page.get_by_label("New password", exact=True).fill(NEW)
    await page.get_by_label("New password again").fill(NEW)
    await page.get_by_role("button", name="Set password").click()
    pin = page.get_by_label("Voicemail PIN")
    await expect(pin).to_have_accessible_description(re.compile("Enter a PIN"))
    await pin.fill("1234")
    await pin.press("Enter")
    await expect(pin).to_have_accessible_description(re.compile("must not be a run"))
    await show(window, f"welcome-{scheme}")
    await pin.fill("8305")
    await pin.press("Enter")
    await expect(page.get_by_text("Your new password is set. Log in with it.")).to_be_visible()
    await page.get_by_label("Password", exact=True).fill(NEW)
    await page.get_by_role("button", name="Log in").click()
    await window.is_live()
