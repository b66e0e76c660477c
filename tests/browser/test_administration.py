"""A manager adds, switches off and deletes users in the portal, and decides about logins and keys of the company."""

import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from storage.postgres.pool import connection, transaction
from storage.postgres.provisioning import add_site_in_tx
from tests.support.gateway import People
from tests.support.http import http_client
from tests.support.windows import DESK, PHONE, OpenWindow, Window, login_of
from wire.identity import Scope, UserId

PageOf = Callable[..., Awaitable[Window]]
SCREENSHOTS = os.environ.get("SCREENSHOTS")
LOOKS = pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["light desk", "dark phone"]
)


async def show(window: Window, name: str) -> None:
    if SCREENSHOTS:
        await window.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


@pytest.fixture
async def boss(people: People) -> UserId:
    async with transaction(people.pool) as conn:
        await add_site_in_tx(conn, people.company.domain, "Lisbon")
    return await people.add("1900", first_name="Mara", last_name="Lind", scope=Scope.OFFICE_MANAGER, pin_hash="x")


@LOOKS
async def test_a_user_is_added_switched_off_and_deleted(
    people: People, boss: UserId, page_of: PageOf, size: dict[str, int], scheme: str
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg", pin_hash="x")
    window = await page_of(boss, viewport=size, color_scheme=scheme, path="/app/users")
    window.expects("409")
    hers = await page_of(anna)
    page = window.page
    users = page.locator("user-list")
    await expect(users.locator(".user")).to_have_count(2)
    await users.get_by_role("button", name="Add a user").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Extension").fill("x")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog.get_by_label("Extension")).to_have_accessible_description(re.compile("made of digits"))
    await dialog.get_by_label("Extension").fill("1001")
    await dialog.get_by_label("First name").fill("Cleo")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog.get_by_label("Extension")).to_have_accessible_description(re.compile("a user 1001 already"))
    await dialog.get_by_label("Extension").fill("1003")
    await dialog.get_by_label("Last name").fill("Ray")
    await dialog.get_by_label("Site").select_option("Lisbon")
    await expect(dialog.get_by_label("Role").get_by_role("option", name="Office Manager")).to_have_count(0)
    await dialog.get_by_label("E-mail address").fill("cleo@mail.test")
    await show(window, f"new-user-{scheme}")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("heading", name="Cleo Ray")).to_be_visible()
    if size == DESK:
        await expect(users.locator(".user")).to_have_count(3)

    await window.open(f"/app/users/{anna}")
    await page.get_by_role("tab", name="Advanced").click()
    advanced = page.locator("user-advanced")
    await advanced.get_by_role("button", name="Change role").click()
    await dialog.get_by_label("Role").select_option("Call Center Agent")
    await show(window, f"role-{scheme}")
    await dialog.get_by_role("button", name="Change role").click()
    await expect(advanced.get_by_role("status")).to_contain_text("Anna Berg is Call Center Agent now")
    await expect(hers.page.get_by_text("Your session was ended. Please log in again.")).to_be_visible()
    await advanced.get_by_role("button", name="Switch off", exact=True).click()
    await dialog.get_by_role("button", name="Switch off").click()
    await expect(advanced.get_by_role("status")).to_contain_text("cannot log in any more")
    await expect(advanced.get_by_text("Switched off", exact=True)).to_be_visible()
    await advanced.get_by_role("button", name="Switch on again").scroll_into_view_if_needed()
    await show(window, f"switched-off-{scheme}")
    await advanced.get_by_role("button", name="Switch on again").click()
    await expect(advanced.get_by_role("status")).to_contain_text("can log in again")
    await advanced.get_by_role("button", name="Delete for good").click()
    await expect(dialog.get_by_role("listitem")).to_have_count(3)
    await show(window, f"delete-user-{scheme}")
    await dialog.get_by_role("button", name="Delete for good").click()
    await expect(users.locator(".user")).to_have_count(2)
    assert page.url.endswith("/app/users")
    await expect(users.get_by_role("button", name=re.compile("Anna Berg"))).to_have_count(0)
    await show(window, f"deleted-user-{scheme}")


@LOOKS
async def test_a_key_is_made_shown_once_used_and_revoked(
    people: People, boss: UserId, page_of: PageOf, size: dict[str, int], scheme: str
) -> None:
    window = await page_of(boss, viewport=size, color_scheme=scheme, path="/app/users")
    page = window.page
    await page.locator("user-list").get_by_role("button", name="Security and keys").click()
    keys = page.locator("api-key-list")
    await expect(keys.get_by_text("There are no keys.")).to_be_visible()
    await keys.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("CRM")
    await dialog.get_by_role("button", name="Make key").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("at least one")
    await dialog.get_by_label("Read the directory of coworkers").check()
    await show(window, f"new-key-{scheme}")
    await dialog.get_by_role("button", name="Make key").click()
    token = await keys.locator("code").inner_text()
    await show(window, f"key-{scheme}")
    async with http_client(people.gateway.url) as http:
        headers = {"Authorization": f"Bearer {token}"}
        assert (await http.get("/v1/directory", headers=headers)).status_code == 200
        assert (await http.get("/v1/users", headers=headers)).status_code == 403
        await keys.get_by_role("button", name="I have kept it").click()
        await expect(keys.locator("code")).to_have_count(0)
        await page.reload()
        row = keys.get_by_role("listitem")
        await expect(row).to_contain_text("Read the directory of coworkers")
        await expect(row).to_contain_text("As extension 1900 · last used")
        await expect(page.get_by_text(token)).to_have_count(0)
        await keys.get_by_role("button", name="Revoke CRM").click()
        await dialog.get_by_role("button", name="Revoke").click()
        await expect(keys.get_by_text("CRM is revoked.")).to_be_visible()
        assert (await http.get("/v1/directory", headers=headers)).status_code == 401
    await expect(keys.get_by_text("There are no keys.")).to_be_visible()


async def test_whoever_has_no_second_factor_sets_one_up_once_it_is_required(
    people: People, boss: UserId, page_of: PageOf, open_window: OpenWindow
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    window = await page_of(boss, path="/app/company")
    security = window.page.locator("company-security")
    await expect(security.get_by_text("2 users have none yet.")).to_be_visible()
    required = security.get_by_role("switch", name="Second factor required")
    await required.focus()
    await window.page.keyboard.press("Space")
    await expect(required).to_be_checked()
    await expect(security.get_by_text("2 users have none yet, and will be asked to set one up.")).to_be_visible()
    await window.is_live()
    hers = await open_window(people.gateway.url)
    hers.expects("401")
    await hers.open()
    await hers.page.get_by_label("Login name").fill(login_of(people, anna))
    await hers.page.get_by_label("Password", exact=True).fill("Secret12")
    await hers.page.get_by_role("button", name="Log in", exact=True).click()
    await expect(hers.page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    await required.click()
    await expect(required).not_to_be_checked()
    async with connection(people.pool) as conn:
        lines = await conn.fetchval(
            "SELECT count(*) FROM audit WHERE domain_id = $1 AND action = 'domain.security_changed'",
            people.company.domain,
        )
    assert lines == 2


async def test_a_company_chooses_the_language_of_its_mails(people: People, boss: UserId, page_of: PageOf) -> None:
    window = await page_of(boss, path="/app/company")
    choice = window.page.locator("company-language").get_by_label("E-mails and notifications")
    await expect(choice).to_be_enabled()
    await expect(choice).to_have_value("")
    await choice.select_option(label="Deutsch")
    await expect(window.page.locator("company-language").get_by_text("Saved.")).to_be_visible()
    await window.page.reload()
    await expect(choice).to_have_value("de")


async def test_by_keyboard_alone_somebody_is_added_and_a_form_is_left(
    people: People, boss: UserId, page_of: PageOf
) -> None:
    window = await page_of(boss, path="/app/users")
    page, keyboard = window.page, window.page.keyboard
    await expect(page.locator("user-list .user")).to_have_count(1)
    add = page.locator("user-list").get_by_role("button", name="Add a user")
    await add.focus()
    await keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(add).to_be_focused()
    await keyboard.press("Enter")
    await dialog.get_by_label("Extension").focus()
    for typed in ("1007", "Ida"):
        await keyboard.type(typed)
        await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Ida")).to_be_focused()
