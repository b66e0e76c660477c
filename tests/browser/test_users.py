"""Managing users in the portal: found, opened, edited beside somebody else, set up, reset; sites."""

import os
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from storage.postgres.pool import transaction
from storage.postgres.provisioning import add_site_in_tx
from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.links import mailed_link
from tests.support.masks import token_of_mask
from tests.support.pictures import photograph
from tests.support.ports import free_port
from tests.support.smtp import Mailbox, mailbox
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
async def box(people: People, start_gateway: Callable[..., GatewayProcess]) -> AsyncIterator[Mailbox]:
    """The people's gateway becomes one that sends its mails here."""
    async with mailbox() as box:
        port = free_port()
        people.gateway = start_gateway(port, SMTP_URL=box.url, PRESENCE_PUBLIC_URL=f"http://127.0.0.1:{port}")
        yield box
        people.gateway.kill()


async def company_of(people: People) -> tuple[UserId, UserId]:
    """The manager, and Anna."""
    async with transaction(people.pool) as conn:
        await add_site_in_tx(conn, people.company.domain, "Lisbon", time_zone="Europe/Lisbon", area_code="21")
        await add_site_in_tx(conn, people.company.domain, "Tokyo", time_zone="Asia/Tokyo")
    boss = await people.add("1900", first_name="Mara", last_name="Lind", scope=Scope.OFFICE_MANAGER, pin_hash="x")
    anna = await people.add(
        "1001", first_name="Anna", last_name="Berg", department="Sales", site="Lisbon", emails=["anna@mail.test"]
    )
    await people.add("1002", first_name="Ben", last_name="Ode", department="Support", site="Tokyo", pin_hash="x")
    await people.company.add("1003", first_name="Cara", last_name="Finn", scope=Scope.CALL_CENTER_AGENT)
    return boss, anna


@LOOKS
async def test_a_manager_finds_and_edits_somebody_while_another_one_does(
    people: People, page_of: PageOf, size: dict[str, int], scheme: str
) -> None:
    boss, anna = await company_of(people)
    window = await page_of(boss, viewport=size, color_scheme=scheme)
    window.expects("422")
    page = window.page
    await page.get_by_role("link", name="Manage").click()
    users = page.locator("user-list")
    await expect(users.locator(".user")).to_have_count(4)
    await expect(users.get_by_role("button", name=re.compile("Cara Finn"))).to_contain_text("New")
    await show(window, f"users-{scheme}")
    await users.get_by_label("Search users").fill("sal")
    await expect(users.locator(".user")).to_have_count(1)
    await users.get_by_role("button", name=re.compile("Anna Berg")).click()
    form = page.locator("profile-form[user]")
    await expect(form.get_by_label("Department")).to_have_value("Sales")
    assert page.url.endswith(f"/app/users/{anna}")
    await expect(form.get_by_text("1001@")).to_be_visible()
    await show(window, f"user-{scheme}")

    await form.get_by_label("Job title").fill("Director")
    await form.get_by_role("button", name="Save", exact=True).click()
    pin = form.get_by_label("New PIN")
    await expect(pin).to_have_accessible_description(re.compile("Set a voicemail PIN too"))
    await pin.fill("1234")
    await pin.press("Enter")
    await expect(pin).to_have_accessible_description(re.compile("must not be a run"))
    await show(window, f"user-pin-{scheme}")
    await pin.fill("8305")
    await pin.press("Enter")
    await expect(form.get_by_text("Saved.")).to_be_visible()
    await expect(pin).to_have_value("")

    await form.get_by_label("Department").fill("Exports")
    async with http_client(people.gateway.url) as http:
        other = await people.add("1901", scope=Scope.OFFICE_MANAGER)
        headers = {"Authorization": f"Bearer {await people.token(other)}"}
        edit = {"department": "Marketing", "last_name": "Hill"}
        assert (await http.patch(f"/v1/users/{anna}", json=edit, headers=headers)).status_code == 200
    told = form.get_by_role("status").filter(has_text="Somebody else has changed")
    await expect(told).to_contain_text("also: Department")
    await expect(form.get_by_label("Last name")).to_have_value("Hill")
    await expect(form.get_by_label("Department")).to_have_value("Exports")
    await show(window, f"user-overtaken-{scheme}")
    await form.get_by_role("button", name="Save", exact=True).click()
    await expect(form.get_by_text("Saved.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Anna Hill")).to_be_visible()

    await form.get_by_label("First name").fill("Annika")
    if size == DESK:
        await users.get_by_label("Search users").fill("")
        await users.get_by_role("button", name=re.compile("Ben Ode")).click()
        await page.get_by_role("dialog").get_by_role("button", name="Stay here").click()
    await expect(form.get_by_label("First name")).to_have_value("Annika")
    await form.get_by_role("button", name="Discard changes").click()
    await expect(form.get_by_label("First name")).to_have_value("Anna")
    await form.get_by_label("Site", exact=True).select_option("Tokyo")
    await form.get_by_role("switch", name="Overwrite with site defaults").click()
    await expect(form.get_by_role("switch", name="Record calls")).to_be_disabled()
    await form.get_by_role("button", name="Save", exact=True).click()
    await expect(form.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    await expect(form.get_by_label("Time zone")).not_to_be_editable()


@LOOKS
async def test_an_account_is_set_up_and_reset_and_open_windows_are_thrown_out(
    people: People, box: Mailbox, page_of: PageOf, open_window: OpenWindow, size: dict[str, int], scheme: str
) -> None:
    boss, anna = await company_of(people)
    email = f"{secrets.token_hex(4)}@mail.test"
    window = await page_of(boss, viewport=size, color_scheme=scheme, path=f"/app/users/{anna}")
    hers = await page_of(anna)
    page = window.page
    form = page.locator("profile-form[user]")
    await form.get_by_label("New PIN").fill("8305")
    await form.get_by_label("E-mail address 1").fill(email)
    await form.get_by_role("button", name="Save", exact=True).click()
    await expect(form.get_by_text("Not confirmed")).to_be_visible()
    await page.get_by_role("tab", name="Advanced").click()
    advanced = page.locator("user-advanced")
    await expect(advanced.get_by_text("Standard", exact=True)).to_be_visible()
    await show(window, f"advanced-{scheme}")

    confirming = await open_window(people.gateway.url, viewport=size, color_scheme=scheme)
    confirming.expects("401")
    await confirming.page.goto(await mailed_link(box, email))
    await expect(confirming.page.get_by_text(f"Is {email} an address of {login_of(people, anna)}?")).to_be_visible()
    await show(confirming, f"confirm-{scheme}")
    await confirming.page.get_by_role("button", name="Yes, confirm it").click()
    await expect(confirming.page.get_by_text(f"{email} is confirmed.")).to_be_visible()
    await expect(advanced.get_by_text(email, exact=True)).to_be_visible()

    await advanced.get_by_role("button", name="Force a password reset").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("checkbox")).to_be_checked()
    await show(window, f"reset-{scheme}")
    await dialog.get_by_role("button", name="Force a password reset").click()
    await expect(advanced.get_by_role("status")).to_contain_text("is logged out, and gets an e-mail")
    await expect(hers.page.get_by_text("Your session was ended. Please log in again.")).to_be_visible()
    await expect(hers.page.locator("contact-list")).to_have_count(0)
    await expect(advanced.get_by_text("Password required")).to_be_visible()
    assert "/app/password#" in await mailed_link(box, email, 2)

    await advanced.get_by_role("button", name="Send welcome e-mail").click()
    await expect(advanced.get_by_role("status")).to_contain_text("A welcome e-mail is on its way")
    await hers.page.goto(await mailed_link(box, email, 3))
    hers.expects("401")
    for label, value in (("New password", "Better-than-3"), ("New password again", "Better-than-3")):
        await hers.page.get_by_label(label, exact=True).fill(value)
    await hers.page.get_by_label("Voicemail PIN").fill("8306")
    await hers.page.get_by_label("Voicemail PIN").press("Enter")
    await hers.page.get_by_label("Password", exact=True).fill("Better-than-3")
    await hers.page.get_by_role("button", name="Log in").click()
    await hers.is_live()
    await expect(advanced.get_by_text("Standard", exact=True)).to_be_visible()

    await advanced.get_by_role("button", name="Reset user").click()
    await dialog.get_by_role("checkbox", name="Voicemail PIN").check()
    await show(window, f"reset-user-{scheme}")
    await dialog.get_by_role("button", name="Reset user").click()
    await expect(advanced.get_by_role("status")).to_contain_text("was reset")
    await expect(advanced.get_by_text("Setup required")).to_be_visible()
    await expect(hers.page.get_by_text("Your session was ended. Please log in again.")).to_be_visible()


@LOOKS
async def test_sites_are_added_edited_and_deleted(
    people: People, page_of: PageOf, size: dict[str, int], scheme: str
) -> None:
    boss, _ = await company_of(people)
    window = await page_of(boss, viewport=size, color_scheme=scheme, path="/app/users")
    window.expects("409")
    page = window.page
    await page.locator("user-list").get_by_role("button", name="Sites").click()
    sites = page.locator("sites-page")
    await expect(sites.get_by_role("listitem")).to_have_count(2)
    await expect(sites.get_by_role("button", name="Delete Lisbon")).to_be_disabled()
    await sites.get_by_role("button", name="Add a site").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Tokyo")
    await dialog.get_by_label("Name").press("Enter")
    await expect(dialog.get_by_label("Name")).to_have_accessible_description(re.compile("of this name already"))
    await show(window, f"site-{scheme}")
    await dialog.get_by_label("Name").fill("Porto")
    await dialog.get_by_label("Name").press("Enter")
    await expect(sites.get_by_text("Porto is saved.")).to_be_visible()
    await expect(sites.get_by_role("listitem")).to_have_count(3)
    await show(window, f"sites-{scheme}")
    await sites.get_by_role("button", name="Delete Porto").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(sites.get_by_role("listitem")).to_have_count(2)


async def test_by_keyboard_alone_and_only_for_who_manages_somebody(people: People, page_of: PageOf) -> None:
    boss, anna = await company_of(people)
    window = await page_of(boss, path="/app/users")
    page = window.page
    await page.get_by_label("Search users").focus()
    await expect(page.locator("user-list .user")).to_have_count(4)
    for _ in range(5):
        await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Ben Ode")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Advanced")).to_be_focused()
    await expect(page.locator("user-advanced").get_by_text("Account status")).to_be_visible()
    hers = await page_of(anna, path="/app/users")
    await expect(hers.page.get_by_role("link", name="Manage")).to_be_hidden()
    await expect(hers.page.locator("contact-list")).to_be_visible()


@LOOKS
async def test_a_manager_acts_as_somebody_under_a_banner_until_it_is_ended(
    people: People, page_of: PageOf, size: dict[str, int], scheme: str
) -> None:
    boss, anna = await company_of(people)
    window = await page_of(boss, viewport=size, color_scheme=scheme, path=f"/app/users/{anna}")
    beside = Window(await window.page.context.new_page(), window.url)
    refused: list[str] = []
    beside.page.on("response", lambda each: refused.append(each.url) if each.status >= 400 else None)
    await beside.open("/app/users")
    await beside.is_live()
    page = window.page
    banner = page.locator(".mask-banner")
    await expect(banner).to_be_hidden()
    await page.get_by_role("tab", name="Advanced").click()
    await page.get_by_role("button", name="Act as Anna Berg").click()
    await expect(banner).to_contain_text("You act as Anna Berg, extension 1001")
    await window.is_live()
    assert page.url.endswith("/")
    await expect(page.get_by_role("link", name="Manage")).to_be_hidden()
    await expect(page.get_by_role("link", name="Chats")).to_be_hidden()
    await expect(window.person("Ben Ode")).to_be_visible()
    await show(window, f"masked-{scheme}")
    await expect(beside.page.locator(".mask-banner")).to_contain_text("Anna Berg")
    await window.person("Ben Ode").click()
    await expect(page.locator("contact-page")).to_be_visible()
    await page.reload()
    await expect(banner).to_contain_text("You act as Anna Berg")
    await page.goto(f"{window.url}/app/profile")
    form = page.locator("profile-form")
    await form.get_by_label("Last name").fill("Hill")
    await expect(form.get_by_label("New PIN")).to_be_hidden()
    await expect(form.get_by_label("E-mail address 1")).not_to_be_editable()
    await show(window, f"masked-profile-{scheme}")
    await form.get_by_role("button", name="Save", exact=True).click()
    await expect(form.get_by_text("Saved.")).to_be_visible()
    await banner.get_by_role("button", name="End").click()
    await expect(banner).to_be_hidden()
    await expect(page.get_by_role("link", name="Manage")).to_be_visible()
    await window.is_live()
    await expect(beside.page.locator(".mask-banner")).to_be_hidden()
    await expect(beside.page.get_by_role("link", name="Manage")).to_be_visible()
    assert beside.unexpected == [], refused


@LOOKS
async def test_what_happened_is_looked_up_narrowed_and_taken_along(
    people: People, page_of: PageOf, size: dict[str, int], scheme: str
) -> None:
    boss, anna = await company_of(people)
    mask = await token_of_mask(people, anna, operator=boss)
    async with http_client(people.gateway.url) as http:
        for token, path, edit in (
            (await people.token(boss), f"/v1/users/{anna}", {"department": "Exports", "pin": "8305"}),
            (mask, "/v1/profile", {"last_name": "Hill", "list_in_directory": False}),
        ):
            headers = {"Authorization": f"Bearer {token}"}
            assert (await http.patch(path, json=edit, headers=headers)).status_code == 200
        headers = {"Authorization": f"Bearer {await people.token(boss)}"}
        assert (await http.post("/v1/sites", json={"name": "Porto"}, headers=headers)).status_code == 201
    window = await page_of(boss, viewport=size, color_scheme=scheme, path="/app/users")
    page = window.page
    await page.locator("user-list").get_by_role("button", name="Audit log").click()
    audit = page.locator("audit-page")
    lines = audit.get_by_role("listitem")
    await expect(lines).to_have_count(3)
    await expect(lines.nth(0)).to_contain_text("Site added: Porto")
    await expect(lines.nth(1)).to_contain_text("By Mara Lind, 1900, acting as Anna Hill, 1001")
    await expect(lines.nth(1)).to_contain_text("Last nameBerg → Hill")
    await expect(lines.nth(2)).to_contain_text("New PINnone → set anew")
    await show(window, f"audit-{scheme}")
    await audit.get_by_label("What").select_option("Sites")
    await expect(lines).to_have_count(1)
    await audit.get_by_label("Until").fill("2020-01-01")
    await expect(audit.get_by_text("Nothing of this has happened.")).to_be_visible()
    await audit.get_by_label("Until").fill("")
    async with page.expect_download() as saved:
        await audit.get_by_role("link", name="Save as CSV").click()
    file = await (await saved.value).path()
    assert "site.added" in file.read_text(encoding="utf-8-sig")
    await page.goto(f"{window.url}/app/users/{anna}")
    await page.get_by_role("tab", name="Advanced").click()
    await page.get_by_role("button", name="What happened").click()
    await expect(lines).to_have_count(2)
    await audit.get_by_role("button", name="Show everybody").click()
    await expect(lines).to_have_count(4)


async def test_the_audit_shows_what_is_new_and_moves_nothing_that_is_being_read(
    people: People, page_of: PageOf
) -> None:
    boss, anna = await company_of(people)
    headers = {"Authorization": f"Bearer {await people.token(boss)}"}
    window = await page_of(boss, path="/app/audit")
    audit = window.page.locator("audit-page")
    lines, scroll = audit.get_by_role("listitem"), audit.locator(".scroll")
    async with http_client(people.gateway.url, headers=headers) as http:

        async def happens(department: str, **more: str) -> None:
            answer = await http.patch(f"/v1/users/{anna}", json={"department": department, **more})
            assert answer.status_code == 200, answer.text

        async def adds_site(name: str) -> None:
            assert (await http.post("/v1/sites", json={"name": name})).status_code == 201

        await expect(audit.get_by_text("Nothing of this has happened.")).to_be_visible()
        await happens("Department", pin="8305")
        for number in range(19):
            await happens(f"Department {number}")
        await expect(lines).to_have_count(20)
        await scroll.evaluate("(scroll) => scroll.scrollTo(0, 300)")
        before = await lines.nth(6).bounding_box()
        await happens("Exports")
        newer = audit.get_by_role("status").get_by_role("button")
        await expect(newer).to_have_text("1 newer entry")
        await adds_site("Porto")  # of which nobody is told; it is asked for
        await expect(newer).to_have_text("2 newer entries")
        await expect(newer).to_be_in_viewport()
        await show(window, "audit-newer")
        assert await lines.nth(6).bounding_box() == before
        assert await lines.count() == 20
        await newer.click()
        await expect(lines).to_have_count(22)
        await expect(lines.first).to_contain_text("Site added: Porto")
        await expect(lines.first).to_be_in_viewport()
        await expect(newer).to_be_hidden()
        await adds_site("Faro")
        await expect(lines.first).to_contain_text("Site added: Faro")


async def test_a_photo_is_chosen_shown_to_everybody_and_taken_away(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    window, his = await page_of(anna, path="/app/profile"), await page_of(ben)
    window.expects("422")
    page = window.page
    photo = his.person("Anna Berg").locator("img")
    await expect(photo).to_be_hidden()
    for content in (b"no picture", photograph()):
        await page.locator("profile-form input[type=file]").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": content}
        )
        if content == b"no picture":
            await expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("no picture that can be shown")
    await expect(photo).to_be_visible()
    await expect(photo).to_have_js_property("naturalWidth", 256)
    await show(window, "photo-light")
    await show(his, "photo-list-light")
    await page.get_by_role("button", name="Remove it").click()
    await expect(photo).to_be_hidden()
