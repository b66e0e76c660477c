"""Files and pictures in two browsers: chosen, dropped, pasted, seen, looked at, saved, refused."""

import base64
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Locator, Route, expect

from storage.postgres.files import PostgresFileStore
from tests.support.gateway import GatewayProcess, People
from tests.support.pictures import photograph, picture
from tests.support.windows import PHONE, OpenWindow, Window
from wire.limits import LIMITS

GIVEN = (
    "([name, type, content]) => new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name, { type })"
)


async def chosen(window: Window, *files: tuple[str, str, bytes]) -> None:
    await window.page.locator("chat-window input[type=file]").set_input_files(
        [FilePayload(name=name, mimeType=kind, buffer=content) for name, kind, content in files]
    )


async def given(window: Window, event: str, *files: tuple[str, str, bytes]) -> None:
    """Dropped on, or pasted into, the conversation."""
    encoded = [[name, kind, base64.b64encode(content).decode()] for name, kind, content in files]
    await window.page.evaluate(
        f"""([event, files]) => {{
            const data = new DataTransfer();
            for (const file of files.map({GIVEN})) data.items.add(file);
            const target = document.querySelector("chat-window");
            const given = {{ bubbles: true, composed: true, cancelable: true }};
            const fire = (made) => target.dispatchEvent(made);
            if (event === "paste") return fire(new ClipboardEvent("paste", {{ ...given, clipboardData: data }}));
            for (const type of ["dragenter", "dragover", "drop"]) {{
                fire(new DragEvent(type, {{ ...given, dataTransfer: data }}));
            }}
        }}""",
        [event, encoded],
    )


async def two_windows(
    people: People, gateway: GatewayProcess, open_window: OpenWindow, **options: object
) -> tuple[Window, Window]:
    anna = await people.add("1001", first_name="Anna", last_name="Ahorn")
    ben = await people.add("1002", first_name="Ben", last_name="Birke")
    assert anna < ben
    a, b = await open_window(gateway.url, **options), await open_window(gateway.url, **options)
    await a.log_in(f"1001@{people.company.domain}")
    await b.log_in(f"1002@{people.company.domain}")
    for window, other in ((a, "Ben Birke"), (b, "Anna Ahorn")):
        await window.person(other).click()
        await expect(window.text).to_be_visible()
    return a, b


def tray(window: Window) -> Locator:
    return window.page.locator("attachment-tray li")


async def never_answered(_route: Route) -> None:
    """The picture is on its way for ever."""


async def send(window: Window) -> None:
    await window.page.get_by_role("button", name="Send", exact=True).click()


async def test_a_picture_is_seen_by_the_other_without_a_jump(
    people: People, gateway: GatewayProcess, open_window: OpenWindow
) -> None:
    a, b = await two_windows(people, gateway, open_window)
    await chosen(a, ("tower.jpg", "image/jpeg", photograph((800, 600), 6)))
    await expect(tray(a)).to_contain_text("kB")
    await a.text.fill("look at this")
    await b.page.route("**/preview?size=small", never_answered)
    await send(a)
    shown = b.page.get_by_role("button", name="Look at tower.jpg")
    await expect(shown).to_be_visible()
    before = await shown.bounding_box()
    assert before is not None
    assert (round(before["width"]), round(before["height"])) == (210, 280), "its room is there before its bytes"
    await b.page.unroute("**/preview?size=small")
    await b.page.reload()
    await b.is_live()
    await expect(shown).to_be_visible()
    await b.page.wait_for_function(
        "() => document.querySelector('chat-window').root.querySelector('.picture img')?.naturalWidth > 0"
    )
    after = await shown.bounding_box()
    assert after is not None
    assert (after["width"], after["height"]) == (before["width"], before["height"])
    await expect(b.messages).to_have_text("look at this")
    await expect(tray(a)).to_have_count(0)


async def test_pictures_are_looked_at_with_the_keyboard(
    people: People, gateway: GatewayProcess, open_window: OpenWindow
) -> None:
    a, b = await two_windows(people, gateway, open_window)
    files = [(f"{number}.png", "image/png", picture(size=(900, 500 + number))) for number in (1, 2, 3)]
    await given(a, "drop", *files)
    await expect(tray(a)).to_have_count(3)
    await expect(a.page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    await a.text.press("Enter")
    await b.page.get_by_role("button", name="Look at 2.png").focus()
    await b.page.keyboard.press("Enter")
    dialog = b.page.get_by_role("dialog", name="Picture")
    await expect(dialog).to_contain_text("2.png (2 of 3)")
    await b.page.keyboard.press("ArrowRight")
    await expect(dialog).to_contain_text("3.png")
    await b.page.keyboard.press("ArrowRight")
    await expect(dialog).to_contain_text("1.png")
    await b.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert await b.page.evaluate("document.querySelector('chat-window').root.activeElement?.title") == "2.png"


async def test_a_file_is_saved_as_it_was(people: People, gateway: GatewayProcess, open_window: OpenWindow) -> None:
    a, b = await two_windows(people, gateway, open_window)
    content = b"%PDF-1.7 " + bytes(range(256)) * 100
    await chosen(a, ("Übersicht.pdf", "application/pdf", content))
    await expect(tray(a)).to_contain_text("26 kB")
    await send(a)
    row = b.page.get_by_role("link", name="Save Übersicht.pdf, 26 kB")
    async with b.page.expect_download() as downloading:
        await row.click()
    download = await downloading.value
    assert download.suggested_filename == "Übersicht.pdf"
    assert Path(await download.path()).read_bytes() == content  # noqa: ASYNC240
    await b.page.get_by_role("link", name="Chats").click()
    await expect(b.conversation("Anna Ahorn")).to_contain_text("Übersicht.pdf")


async def test_a_pasted_picture_is_attached_and_a_pasted_text_is_text(
    people: People, gateway: GatewayProcess, open_window: OpenWindow
) -> None:
    a, _ = await two_windows(people, gateway, open_window)
    await given(a, "paste", ("image.png", "image/png", picture()))
    await expect(tray(a)).to_have_count(1)
    await expect(a.text).to_be_focused()
    await a.page.get_by_role("button", name="Remove image.png").click()
    await expect(tray(a)).to_have_count(0)
    await expect(a.text).to_be_focused()


async def test_what_cannot_be_sent_is_named(people: People, gateway: GatewayProcess, open_window: OpenWindow) -> None:
    a, _ = await two_windows(people, gateway, open_window)
    await chosen(a, ("setup.exe", "application/x-msdownload", b"MZ"))
    await expect(tray(a)).to_contain_text("Programs are not taken")
    await expect(a.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await chosen(a, ("holiday.jpg", "image/jpeg", b"MZ not a picture"))
    a.expects("422")
    await expect(tray(a).nth(1)).to_contain_text("Programs are not taken, and holiday.jpg is one")
    await a.page.evaluate(
        """(bytes) => document.querySelector("portal-shell").client.uploads.add(
            document.querySelector("chat-window").conversation, [new File([new Uint8Array(bytes)], "huge.bin")])""",
        LIMITS.file_bytes + 1,
    )
    await expect(tray(a).nth(2)).to_contain_text("Too large. A file has at most 26 MB.")
    for name in ("setup.exe", "holiday.jpg", "huge.bin"):
        await a.page.get_by_role("button", name=f"Remove {name}").click()
    await chosen(a, *[(f"{number}.txt", "text/plain", b"x") for number in range(LIMITS.files_per_message + 1)])
    await expect(tray(a).last).to_contain_text("at most 10 files")


async def test_a_broken_upload_can_be_tried_again(
    people: People, gateway: GatewayProcess, open_window: OpenWindow
) -> None:
    a, b = await two_windows(people, gateway, open_window)
    await a.page.route("**/files?name=*", lambda route: route.abort())
    a.expects("net::ERR_FAILED")
    await chosen(a, ("notes.txt", "text/plain", b"x"))
    await expect(tray(a)).to_contain_text("The connection was lost.")
    await a.page.unroute("**/files?name=*")
    await a.page.get_by_role("button", name="Try to upload notes.txt again").click()
    await expect(tray(a)).to_contain_text("1 byte")
    await a.text.press("Enter")
    await expect(b.page.get_by_role("link", name="Save notes.txt")).to_be_visible()


async def test_a_quota_that_is_used_up_is_named_and_tried_again_once_there_is_room(
    people: People, gateway: GatewayProcess, open_window: OpenWindow
) -> None:
    a, _ = await two_windows(people, gateway, open_window)
    store = PostgresFileStore(people.pool)
    await store.set_quota(people.company.domain, 1_000)
    a.expects("507")
    await chosen(a, ("notes.txt", "text/plain", b"x" * 1_001))
    await expect(tray(a)).to_contain_text("There is no room for this file: 0 bytes of 1.0 kB are used")
    await store.set_quota(people.company.domain, None)
    await a.page.get_by_role("button", name="Try to upload notes.txt again").click()
    await expect(tray(a).locator(".about")).to_have_text("1.0 kB")


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "picture.png"])
async def test_nothing_that_is_sent_runs_in_the_page_or_beside_it(
    people: People, gateway: GatewayProcess, open_window: OpenWindow, name: str
) -> None:
    a, b = await two_windows(people, gateway, open_window)
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>window.top.document.title='taken'</script></svg>"
    await chosen(a, (name, "image/svg+xml", svg))
    await expect(tray(a)).to_contain_text("bytes")
    await send(a)
    row = b.page.get_by_role("link", name=f"Save {name}")
    address = await row.get_attribute("href")
    assert address is not None
    async with b.page.expect_download():
        await b.page.evaluate("(address) => { location.href = address; }", address)
    # Embedded as a page of an attacker's making would: nothing is shown, nothing runs.
    await b.page.evaluate(
        """(address) => {
            for (const tag of ["iframe", "embed", "img"]) {
                document.body.append(Object.assign(document.createElement(tag), { src: address }));
            }
        }""",
        address,
    )
    b.expects("")  # whatever the browser says of all that, and whenever
    await b.write("still here")
    await expect(a.messages.last).to_have_text("still here")
    assert "taken" not in await b.page.title()


async def test_files_work_on_a_phone(people: People, gateway: GatewayProcess, open_window: OpenWindow) -> None:
    a, b = await two_windows(people, gateway, open_window, viewport=PHONE, has_touch=True)
    await chosen(
        a,
        (
            "a very long name of a report that nobody will ever read to its end, final version 7.docx",
            "x/y",
            b"x" * 2_000_000,
        ),
        ("wide.png", "image/png", picture(size=(4_000, 300))),
    )
    await expect(tray(a).nth(1)).to_contain_text("kB")
    await expect(tray(a).first).to_contain_text("2.0 MB")
    await send(a)
    await expect(b.page.get_by_role("button", name="Look at wide.png")).to_be_visible()
    for window in (a, b):
        assert await window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = await window.page.get_by_role("link", name="Save a very long").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
