"""Contacts in the portal: groups, stars, editing with undo and with both versions, tags, trash, import and export."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Page, expect

from storage.postgres.pool import transaction
from storage.postgres.provisioning import add_contact_in_tx
from tests.support.gateway import People
from tests.support.windows import PHONE, Window, answered_late
from wire.commands import SetDnd
from wire.contacts import ContactFields, Email, Number
from wire.identity import Scope, UserId
from wire.replies import Done

PageOf = Callable[..., Awaitable[Window]]


async def add_shared(people: People, first: str, last: str = "Lind", **fields: object) -> int:
    async with transaction(people.pool) as conn:
        contact = ContactFields(first_name=first, last_name=last, **fields)  # type: ignore[arg-type]
        return await add_contact_in_tx(conn, people.company.domain, contact)


async def manager(people: People, extension: str = "1050", **fields: object) -> UserId:
    return await people.add(extension, scope=Scope.CALL_CENTER_SUPERVISOR, **fields)


async def shows(window: Window, *names: str) -> None:
    await expect(window.page.locator("contact-list .name")).to_have_text(list(names))


async def choose(window: Window, group: str) -> None:
    await window.page.get_by_role("combobox", name="Group").select_option(label=group)


async def more(page: Page, item: str) -> None:
    await page.locator("contact-list").get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("menuitem", name=item).click()


def card(first: str, *lines: str) -> str:
    return "\r\n".join(
        ["BEGIN:VCARD", "VERSION:3.0", f"N:Card;{first};;;", f"FN:{first} Card", *lines, "END:VCARD", ""]
    )


async def test_each_group_shows_who_it_should_and_follows_presence_live(people: People, page_of: PageOf) -> None:
    ben = await people.add("1002", first_name="Ben", last_name="Ode", department="Sales")
    await people.add("1003", first_name="Cleo", last_name="Pratt")
    await add_shared(people, "Nora")
    anna = await people.add("1001")
    async with transaction(people.pool) as conn:
        own = ContactFields(first_name="Mum", numbers=[Number("home", "0177")])
        await add_contact_in_tx(conn, people.company.domain, own, anna)
    window = await page_of(anna)
    await shows(window, "Ben Ode", "Cleo Pratt", "Mum", "Nora Lind")
    for group, names in {
        "Shared contacts": ["Nora Lind"],
        "My contacts": ["Mum"],
        "Coworkers": ["Ben Ode", "Cleo Pratt"],
        "Sales": ["Ben Ode"],
        "Your favorites": [],
    }.items():
        await choose(window, group)
        await shows(window, *names)
    await expect(window.page.get_by_text("You have no favorites yet")).to_be_visible()
    await choose(window, "All people")
    await window.page.get_by_label("Busy").check()
    await shows(window)
    async with await people.connect(ben) as client:
        await client.ask(SetDnd(on=True), Done)
        await shows(window, "Ben Ode")
    await window.page.get_by_role("searchbox").fill("0177")
    await window.page.get_by_label("All", exact=False).first.check()
    await shows(window, "Mum")


async def test_a_star_shows_in_all_of_ones_windows_at_once(people: People, page_of: PageOf) -> None:
    await people.add("1002", first_name="Ben", last_name="Ode")
    anna = await people.add("1001")
    one, other = await page_of(anna), await page_of(anna)
    await choose(other, "Your favorites")
    await one.person("Ben Ode").hover()
    await one.page.get_by_role("button", name="Make Ben Ode a favorite").click()
    await shows(other, "Ben Ode")
    await other.person("Ben Ode").hover()
    await other.page.get_by_role("button", name="Ben Ode is a favorite").click()
    await expect(one.page.get_by_role("button", name="Make Ben Ode a favorite")).to_be_attached()


async def test_the_list_is_sorted_both_ways(people: People, page_of: PageOf) -> None:
    await add_shared(people, "Room", "9", emails=[Email("", "b@a.example")])
    await add_shared(people, "Room", "10", emails=[Email("", "a@a.example")])
    window = await page_of(await people.add("1001"))
    await shows(window, "Room 9", "Room 10")
    await window.page.get_by_role("button", name="The other way round").click()
    await shows(window, "Room 10", "Room 9")
    await window.page.get_by_role("combobox", name="Sort by").select_option("E-mail")
    await shows(window, "Room 9", "Room 10")


async def test_what_is_typed_while_a_contact_is_being_saved_stays_and_is_of_that_contact(
    people: People, page_of: PageOf
) -> None:
    window = await page_of(await people.add("1001"))
    page = window.page
    save = page.get_by_role("button", name="Save", exact=True)
    await page.get_by_role("button", name="Add a contact").click()
    await page.get_by_label("First name").fill("Nora")
    async with answered_late(page, "**/v1/contacts") as answered:
        await page.get_by_role("button", name="Save and add another").click()
        await answered.wait()
        await page.get_by_label("Last name").press_sequentially("Li")
    await expect(page.get_by_text("What you have typed since then is not saved yet.")).to_be_visible()
    await expect(page.get_by_label("Last name")).to_be_focused()
    await page.keyboard.type("nd")
    await expect(page.get_by_label("First name")).to_have_value("Nora")
    await expect(page.get_by_label("Last name")).to_have_value("Lind")
    async with answered_late(page, "**/v1/contacts/*") as answered:
        await save.click()
        await answered.wait()
        await page.get_by_label("Number", exact=True).press_sequentially("017")
    await expect(save).to_be_enabled()
    await expect(page.get_by_label("Number", exact=True)).to_be_focused()
    await page.keyboard.type("7")
    await save.click()
    await expect(page.locator("contact-page dd")).to_have_text(["0177"])
    await shows(window, "Nora Lind")


async def test_an_answer_that_comes_late_leaves_the_form_of_another_contact_alone(
    people: People, page_of: PageOf
) -> None:
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(await people.add("1001"))
    page = window.page
    await page.get_by_role("button", name="Add a contact").click()
    await page.get_by_label("First name").fill("Nora")
    async with answered_late(page, "**/v1/contacts") as answered:
        await page.get_by_role("button", name="Save", exact=True).click()
        await answered.wait()
        await window.person("Ben Ode").hover()
        await page.get_by_role("button", name="About Ben Ode").click()
        await page.get_by_role("button", name="Edit", exact=True).click()
        await page.get_by_label("Notes").fill("Likes tea")
    await expect(page.get_by_text("Nora was added.")).to_be_visible()
    await expect(page.get_by_label("Notes")).to_have_value("Likes tea")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Likes tea")).to_be_visible()


async def test_a_contact_is_added_edited_deleted_and_brought_back(people: People, page_of: PageOf) -> None:
    boss = await manager(people)
    window, other = await page_of(boss), await page_of(await people.add("1001"))
    page = window.page
    await page.get_by_role("button", name="Add a contact").click()
    await page.get_by_label("Shared with everybody").check()
    await page.get_by_label("First name").fill("Nora")
    await page.get_by_role("button", name="Save", exact=True).click()
    window.expects("422")
    await expect(page.get_by_label("Last name")).to_be_focused()
    await expect(page.get_by_text("A shared contact needs a last name")).to_be_visible()
    await page.get_by_label("Last name").fill("Lind")
    await page.get_by_label("Number", exact=True).fill("+1 212 555 0100")
    await page.get_by_role("button", name="Save and add another").click()
    await expect(page.get_by_text("Nora Lind was added.")).to_be_visible()
    await expect(page.get_by_label("First name")).to_have_value("")
    await expect(page.get_by_label("Shared with everybody")).to_be_checked()
    await expect(other.person("Nora Lind, Shared contact")).to_be_visible()

    await window.person("Nora Lind").click()
    await expect(page.get_by_role("link", name="+1 212 555 0100")).to_have_attribute("href", "tel:+12125550100")
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_label("Company").fill("Alder")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(other.person("Nora Lind, Shared contact, Alder")).to_be_visible()

    await page.locator("contact-page").get_by_role("button", name="Delete").click()
    await shows(other, "User 1050")
    await page.get_by_role("button", name="Undo").click()
    await expect(other.person("Nora Lind, Shared contact, Alder")).to_be_visible()

    await expect(window.person("Nora Lind, Shared contact, Alder")).to_be_visible()
    await window.person("Nora Lind").focus()
    await page.keyboard.press("Delete")
    await shows(other, "User 1050")
    await more(page, "Trash")
    await page.get_by_role("button", name="Bring Nora Lind back").click()
    await expect(other.person("Nora Lind")).to_be_visible()
    await expect(page.get_by_text("The trash is empty.")).to_be_visible()


async def test_who_is_not_allowed_is_offered_nothing(people: People, page_of: PageOf) -> None:
    await add_shared(people, "Nora")
    window = await page_of(await people.add("1001"))
    await window.person("Nora Lind").click()
    await expect(window.page.locator("contact-page h3")).to_have_text("Nora Lind")
    await expect(window.page.get_by_role("button", name="Edit", exact=True)).to_be_hidden()
    await window.page.get_by_role("button", name="Add a contact").click()
    await expect(window.page.get_by_label("First name")).to_be_focused()
    await expect(window.page.get_by_label("Shared with everybody")).to_be_hidden()


async def test_of_two_who_edit_the_same_contact_the_second_sees_both_versions(people: People, page_of: PageOf) -> None:
    await add_shared(people, "Nora", company="Alder")
    one = await page_of(await manager(people, first_name="Mia", last_name="One"))
    two = await page_of(await manager(people, "1051"))
    two.expects("409")
    for window in (one, two):
        await window.person("Nora Lind").click()
        await window.page.get_by_role("button", name="Edit", exact=True).click()
    await two.page.get_by_label("Company").fill("Birch")
    await one.page.get_by_label("Company").fill("Cedar")
    await one.page.get_by_label("Job title").fill("Buyer")
    await one.page.get_by_role("button", name="Save", exact=True).click()
    await expect(one.page.locator("contact-page dl")).to_contain_text("Cedar")
    await two.page.get_by_role("button", name="Save", exact=True).click()
    conflict = two.page.get_by_role("alert").filter(has_text="Mia One has changed this contact")
    await expect(conflict).to_contain_text("Cedar")
    await expect(conflict).to_contain_text("Birch")
    await expect(two.page.get_by_label("Job title")).to_have_value("Buyer")
    await two.page.get_by_role("button", name="Save what stands below").click()
    await expect(one.page.locator("contact-page dl")).to_contain_text("Birch")
    await expect(one.page.locator("contact-page dl")).to_contain_text("Buyer")


async def test_who_edits_what_was_deleted_meanwhile_can_bring_it_back(people: People, page_of: PageOf) -> None:
    await add_shared(people, "Nora")
    one, two = await page_of(await manager(people)), await page_of(await manager(people, "1051"))
    two.expects("409")
    for window in (one, two):
        await window.person("Nora Lind").click()
    await two.page.get_by_role("button", name="Edit", exact=True).click()
    await two.page.get_by_label("Company").fill("Birch")
    await one.page.locator("contact-page").get_by_role("button", name="Delete").click()
    await shows(two, "User 1050")
    await two.page.get_by_role("button", name="Save", exact=True).click()
    await two.page.get_by_role("button", name="Bring it back and save mine").click()
    await expect(one.person("Nora Lind, Shared contact, Birch")).to_be_visible()


async def test_what_one_writes_down_about_a_coworker_is_ones_own(people: People, page_of: PageOf) -> None:
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    anna = await people.add("1001")
    window, again = await page_of(anna, path=f"/app/people/u{ben}"), await page_of(anna)
    page = window.page
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_label("First name").fill("Benny")
    await page.get_by_label("Number", exact=True).fill("+1 212 555 0188")
    await page.get_by_label("Notes").fill("Sits upstairs")
    await page.get_by_role("button", name="Save", exact=True).click()
    await shows(again, "Benny Ode")
    await again.page.get_by_role("searchbox").fill("0188")
    await shows(again, "Benny Ode")
    await expect(page.locator("contact-page dl")).to_contain_text("Sits upstairs")


async def test_several_contacts_are_tagged_and_deleted_together(people: People, page_of: PageOf) -> None:
    for name in ("A", "B", "C"):
        await add_shared(people, name, tags=["old"])
    window = await page_of(await manager(people))
    page = window.page
    await more(page, "Select several")
    for name in ("A Lind", "B Lind"):
        await page.get_by_role("checkbox", name=f"Select {name}").check()
    await page.get_by_role("button", name="Tags…").click()
    await page.get_by_label("Put on").fill("new, vip")
    await page.get_by_label("old").check()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("2 contacts tagged.")).to_be_visible()
    await page.get_by_role("searchbox").fill("vip")
    await shows(window, "A Lind", "B Lind")
    await more(page, "Select several")
    for name in ("A Lind", "B Lind"):
        await page.get_by_role("checkbox", name=f"Select {name}").check()
    await page.locator("contact-list .picked").get_by_role("button", name="Delete").click()
    await shows(window)
    await page.get_by_role("button", name="Undo").click()
    await shows(window, "A Lind", "B Lind")


async def test_a_file_is_previewed_imported_and_taken_back(people: People, page_of: PageOf, tmp_path: Path) -> None:
    await add_shared(people, "Nora", "Card", emails=[Email("", "n@a.example")])
    window = await page_of(await manager(people))
    page = window.page
    file = tmp_path / "people.vcf"
    cards = [card(f"P{number}") for number in range(130)]
    file.write_text(
        card("Nora", "EMAIL:n@a.example", "ORG:Alder") + card("Nora", "EMAIL:n@a.example") + "".join(cards), newline=""
    )
    await choose(window, "Shared contacts")
    await more(page, "Import")
    await expect(page.get_by_label("Into the shared contacts")).to_be_checked()
    await page.locator("import-dialog input[type=file]").set_input_files(file)
    await expect(page.get_by_role("button", name="Import 131 contacts")).to_be_enabled()
    await expect(page.locator("import-dialog .rows > li")).to_have_count(100)
    await page.get_by_role("button", name="Show more").click()
    await expect(page.locator("import-dialog .rows > li")).to_have_count(132)
    await page.get_by_label("Added to").check()
    await expect(page.locator("import-dialog .rows > li")).to_have_count(1)
    await expect(page.locator("import-dialog .rows > li")).to_contain_text("Company: + Alder")
    await page.get_by_role("button", name="Import 131 contacts").click()
    await expect(page.get_by_text("Imported: 130 new, 1 added to.")).to_be_visible()
    await page.get_by_role("button", name="Take it back").click()
    await expect(page.get_by_text("Taken back.")).to_be_visible()
    await page.get_by_role("button", name="Done").click()
    await shows(window, "Nora Card")


async def test_what_is_exported_and_imported_again_changes_nothing(
    people: People, page_of: PageOf, tmp_path: Path
) -> None:
    await add_shared(people, "Béatrice", "Moreau", numbers=[Number("work", "+1 212 555 0102")], tags=["a", "b"])
    window = await page_of(await manager(people))
    page = window.page
    for format_name, name in (("vCard", "contacts.vcf"), ("Google", "contacts.csv"), ("Outlook", "contacts.csv")):
        await choose(window, "Shared contacts")
        await more(page, "Export")
        asked = page.get_by_role("dialog", name="Export…")
        choice = asked.get_by_label("Format")
        await choice.select_option(label=await choice.locator("option", has_text=format_name).inner_text())
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="Export", exact=True).click()
        download = await downloading.value
        assert download.suggested_filename == name
        kept = tmp_path / f"{format_name}-{name}"
        await download.save_as(kept)
        await more(page, "Import")
        await page.locator("import-dialog input[type=file]").set_input_files(kept)
        await expect(page.get_by_role("button", name="Nothing to import")).to_be_disabled()
        await expect(page.get_by_label("1 There already")).to_be_attached()
        await page.locator("import-dialog").get_by_role("button", name="Close").click()


async def test_what_is_no_file_of_contacts_is_said_and_another_can_be_chosen(
    people: People, page_of: PageOf, tmp_path: Path
) -> None:
    window = await page_of(await people.add("1001"))
    page = window.page
    picture = tmp_path / "picture.vcf"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200))
    await more(page, "Import")
    await page.locator("import-dialog input[type=file]").set_input_files(picture)
    await expect(page.locator("import-dialog").get_by_role("alert")).not_to_be_empty()
    good = tmp_path / "good.vcf"
    good.write_text(card("Nora"), newline="")
    await page.locator("import-dialog input[type=file]").set_input_files(good)
    await page.get_by_role("button", name="Import 1 contact").click()
    await page.get_by_role("button", name="Done").click()
    await shows(window, "Nora Card")


async def test_a_long_list_has_rows_only_for_what_is_seen_and_the_keyboard_reaches_its_end(
    people: People, page_of: PageOf
) -> None:
    async with transaction(people.pool) as conn:
        for number in range(300):
            contact = ContactFields(first_name="Row", last_name=str(number))
            await add_contact_in_tx(conn, people.company.domain, contact)
    window = await page_of(await people.add("1001"))
    page = window.page
    await expect(page.get_by_label("300 All")).to_be_attached()
    await page.get_by_role("searchbox").press("ArrowDown")
    await page.keyboard.press("End")
    await expect(window.person("Row 299")).to_be_focused()
    assert await page.locator("contact-list .person").count() < 60
    await page.keyboard.press("Home")
    await expect(window.person("Row 0, Shared")).to_be_focused()


async def test_contacts_fit_on_a_phone(people: People, page_of: PageOf) -> None:
    await add_shared(people, "Nora", numbers=[Number("work", "0100")])
    window = await page_of(await manager(people), viewport=PHONE, has_touch=True, is_mobile=True)
    page = window.page
    await window.person("Nora Lind").click()
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_label("Company").fill("Alder")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("contact-page dl")).to_contain_text("Alder")
    await page.locator("contact-page").get_by_role("button", name="Back").click()
    await expect(window.person("Nora Lind, Shared contact, Alder")).to_be_visible()
    overflow = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not overflow


async def test_a_large_domain_is_listed_searched_and_sorted_by_the_server(people: People, page_of: PageOf) -> None:
    ben = await people.add("1002", first_name="Ben", last_name="Ode", department="Sales")
    async with transaction(people.pool) as conn:
        await conn.execute(
            """
            INSERT INTO contacts (domain_id, contact_id, rev, first_name, last_name, search)
            SELECT $1, n, n, 'Row', n::text, 'row ' || n FROM generate_series(1, 2200) n
            """,
            people.company.domain,
        )
        await conn.execute(
            "INSERT INTO contact_books (domain_id, book_id, rev, contacts) VALUES ($1, 0, 2200, 2200)",
            people.company.domain,
        )
        await conn.execute("UPDATE domains SET last_contact_id = 2200 WHERE domain_id = $1", people.company.domain)
    window = await page_of(await manager(people))
    page = window.page
    await expect(page.get_by_label("2201 All")).to_be_attached()
    await expect(window.person("Ben Ode, Offline")).to_be_visible()
    assert await page.evaluate("document.querySelector('portal-shell').client.contacts.state.contacts.size") == 0
    await page.get_by_role("searchbox").fill("row 1711")
    await shows(window, "Row 1711")
    await page.get_by_role("searchbox").fill("")
    await page.get_by_role("button", name="The other way round").click()
    await expect(page.locator("contact-list .name").first).to_have_text("Row 2200")
    await choose(window, "Sales")
    await shows(window, "Ben Ode")
    async with await people.connect(ben) as client:
        await client.ask(SetDnd(on=True), Done)
        await expect(window.person("Ben Ode, Do not disturb")).to_be_visible()
    await choose(window, "Shared contacts")
    await expect(page.get_by_label("2200 All")).to_be_attached()
    await expect(page.get_by_label("0 Busy")).to_be_attached()
    await window.person("Row 2199,").click()
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_label("Company").fill("Alder")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(window.person("Row 2199, Shared contact, Alder")).to_be_visible()
    await page.locator("contact-list .person").nth(3).focus()
    await page.keyboard.press("End")
    await expect(page.locator('contact-list li[aria-setsize="200"]').first).to_be_attached()
    await page.keyboard.press("End")
    await expect(window.person("Row 2001,")).to_be_focused()
