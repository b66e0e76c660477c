"""Text messages in the portal: begun with a number, answered from outside, and told what became of them."""

from collections.abc import Callable
from uuid import uuid4

from playwright.async_api import expect

from storage.postgres.sms import PostgresSmsStore
from tests.browser.test_files import given
from tests.support.gateway import GatewayProcess, People
from tests.support.serving import serving
from tests.support.sms_provider import SECRET, FakeProvider
from tests.support.windows import PHONE, OpenWindow
from wire.identity import Extension

OUTSIDE = "+41791234567"


async def test_a_text_message_is_written_answered_and_told_as_delivered(
    people: People, start_gateway: Callable[..., GatewayProcess], open_window: OpenWindow
) -> None:
    provider = FakeProvider()
    domain = people.company.domain
    await people.add("1001", first_name="Anna", last_name="Ahorn")
    await people.add("1002", first_name="Ben", last_name="Birke")
    number = f"+4143{uuid4().int % 10_000_000:07d}"
    await PostgresSmsStore(people.pool).add_number(domain, number, [Extension("1001"), Extension("1002")], "Sales")
    async with serving(provider.application) as url:
        gateway = start_gateway(PRESENCE_SMS_URL=f"{url}/messages", PRESENCE_SMS_SECRET=SECRET)
        anna, ben = await open_window(gateway.url), await open_window(gateway.url, viewport=PHONE, has_touch=True)
        await anna.log_in(f"1001@{domain}")
        await ben.log_in(f"1002@{domain}")
        await anna.page.get_by_role("link", name="Chats").click()
        await anna.page.get_by_role("button", name="New text message").click()
        to = anna.page.get_by_label("To", exact=True)
        await to.fill("nobody")
        anna.expects("422")
        await anna.page.get_by_role("button", name="Write", exact=True).click()
        await expect(anna.page.get_by_role("alert").filter(has_text="no telephone number")).to_be_visible()
        await to.fill("+41 79 123 45 67")
        await to.press("Enter")
        await expect(anna.page.locator("chat-window h2")).to_have_text(OUTSIDE)
        await expect(anna.page.locator("chat-window header").first).to_contain_text(
            "Text messages · shared with Ben Birke"
        )
        await expect(anna.page.get_by_role("button", name="Attach files")).to_be_hidden()
        await given(anna, "paste", ("shot.png", "image/png", b"x"))
        await expect(anna.page.get_by_text("A text message carries no files.")).to_be_visible()
        await anna.write("Good morning")
        window = anna.page.locator("chat-window")
        await expect(window.get_by_text("Sent", exact=True)).to_be_visible()
        event = {"type": "status", "id": provider.sent[0]["id"], "status": "delivered"}
        assert (await provider.tells(gateway.url, event)).status_code == 204
        await expect(window.get_by_text("Delivered", exact=True)).to_be_visible()
        event = {"type": "message", "id": "p-1", "from": OUTSIDE, "to": number, "text": "Hello, are you open?"}
        assert (await provider.tells(gateway.url, event)).status_code == 204
        await expect(anna.messages.last).to_have_text("Hello, are you open?")
        await ben.page.get_by_role("link", name="Chats").click()
        await ben.conversation(OUTSIDE).click()
        await expect(ben.messages).to_have_text(["Good morning", "Hello, are you open?"])
        provider.status = 400
        await ben.write("Yes")
        await expect(anna.page.locator("chat-window").get_by_text("Not delivered")).to_be_visible()


async def test_who_has_no_number_is_offered_none(
    people: People, gateway: GatewayProcess, open_window: OpenWindow
) -> None:
    await people.add("1001")
    window = await open_window(gateway.url)
    await window.log_in(f"1001@{people.company.domain}")
    await window.page.get_by_role("link", name="Chats").click()
    await expect(window.page.get_by_role("button", name="New conversation")).to_be_visible()
    await expect(window.page.get_by_role("button", name="New text message")).to_be_hidden()


async def test_a_conversation_is_taken_along(people: People, gateway: GatewayProcess, open_window: OpenWindow) -> None:
    await people.add("1001", first_name="Anna", last_name="Ahorn")
    await people.add("1002", first_name="Ben", last_name="Birke")
    window = await open_window(gateway.url)
    await window.log_in(f"1001@{people.company.domain}")
    await window.person("Ben Birke").click()
    await window.write("for the record")
    await expect(window.page.locator("chat-window").get_by_text("Sent", exact=True)).to_be_visible()
    await (
        window.page.locator("chat-window header")
        .get_by_role("button", expanded=None, name="More")
        .or_(window.page.locator("chat-window header [aria-haspopup=menu]"))
        .first.click()
    )
    async with window.page.expect_download() as downloading:
        await window.page.get_by_role("menuitem", name="Save as text").click()
    assert (await downloading.value).suggested_filename.startswith("conversation-")
