"""Getting in and out: by mouse, by keyboard, with a wrong password, and when a session ends elsewhere."""

from collections.abc import Awaitable, Callable

from playwright.async_api import WebSocketRoute, expect

from storage.postgres.chat import PostgresChatStore
from tests.support.chat import message
from tests.support.gateway import PASSWORD, People
from tests.support.windows import OpenWindow, Window, login_of

PageOf = Callable[..., Awaitable[Window]]


async def test_a_wrong_password_is_told_and_lets_nobody_in(people: People, open_window: OpenWindow) -> None:
    anna = await people.add("1001")
    window = await open_window(people.gateway.url)
    window.expects("401")
    await window.open()
    await expect(window.page.get_by_label("Login name")).to_be_focused()
    await window.page.get_by_label("Login name").fill(login_of(people, anna))
    await window.page.get_by_label("Password", exact=True).fill("Secret13")
    await window.page.get_by_role("button", name="Log in").click()
    await expect(window.page.get_by_role("alert").filter(visible=True)).to_contain_text("do not belong together")
    await expect(window.page.get_by_label("Password", exact=True)).to_be_focused()
    await window.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await window.page.get_by_role("button", name="Log in").click()
    await window.is_live()


async def test_who_logs_in_at_the_address_of_a_conversation_finds_it_open(
    people: People, open_window: OpenWindow
) -> None:
    anna, ben = await people.add("1001"), await people.add("1002", first_name="Ben", last_name="Ode")
    store = PostgresChatStore(people.pool)
    opened = await store.open_direct(people.company.domain, anna, ben)
    await store.append(message(people.company.domain, opened.conversation.conversation, ben, "Hello"))
    await store.close()
    window = await open_window(people.gateway.url)
    await window.log_in(login_of(people, anna), path=f"/app/chats/{opened.conversation.conversation}")
    await expect(window.page.locator("chat-window h2")).to_have_text("Ben Ode")
    await expect(window.conversation("Ben Ode")).to_be_visible()


async def test_the_form_is_there_and_lets_in_before_the_server_has_said_that_nobody_is_logged_in(
    people: People, open_window: OpenWindow
) -> None:
    anna = await people.add("1001")
    window = await open_window(people.gateway.url)
    sockets: list[WebSocketRoute] = []

    def hold_the_first(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if len(sockets) > 1:
            socket.connect_to_server()

    await window.page.route_web_socket("**/ws", hold_the_first)
    await window.log_in(login_of(people, anna))
    assert len(sockets) == 2


async def test_who_is_logged_in_never_sees_the_form_however_late_the_server_says_so(
    people: People, page_of: PageOf
) -> None:
    window = await page_of(await people.add("1001"))
    page = window.page
    await page.route_web_socket("**/ws", lambda _: None)
    await page.reload()
    await expect(page.locator("portal-shell connection-state").first).to_be_attached()
    await expect(page.locator("login-form")).to_have_count(0)


async def test_what_is_missing_is_said_beside_its_field(people: People, open_window: OpenWindow) -> None:
    window = await open_window(people.gateway.url)
    await window.open()
    login, password = window.page.get_by_label("Login name"), window.page.get_by_label("Password", exact=True)
    await login.fill("anna")
    await login.press("Enter")
    await expect(login).to_have_accessible_description("A login name looks like name@company.example.")
    await expect(password).to_have_accessible_description("Enter your password.")
    await expect(login).to_be_focused()


async def test_the_keyboard_alone_leads_from_the_login_to_a_message(people: People, open_window: OpenWindow) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    await people.add("1002", first_name="Ben", last_name="Ode")
    await people.add("1003", first_name="Béla", last_name="Nagy")
    window = await open_window(people.gateway.url)
    keyboard = window.page.keyboard
    await window.open()
    await expect(window.page.get_by_label("Login name")).to_be_focused()
    await keyboard.type(login_of(people, anna))
    await keyboard.press("Tab")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await window.is_live()
    await expect(window.person("Ben Ode")).to_be_visible()
    search = window.page.get_by_role("searchbox")
    for _ in range(10):
        await keyboard.press("Tab")
        if await search.evaluate("(input) => input.getRootNode().activeElement === input"):
            break
    await keyboard.type("be")
    await expect(window.person("Anna Berg")).to_have_count(0)
    await keyboard.press("ArrowDown")
    await expect(window.person("Béla Nagy")).to_be_focused()
    await keyboard.press("ArrowDown")
    await expect(window.person("Ben Ode")).to_be_focused()
    await keyboard.press("Enter")
    await expect(window.text).to_be_focused()
    await keyboard.type("By keyboard")
    await keyboard.press("Shift+Enter")
    await keyboard.type("on two lines")
    await keyboard.press("Enter")
    await expect(window.messages).to_have_text(["By keyboard\non two lines"])
    await expect(window.page.get_by_text("Sent", exact=True)).to_be_visible()


async def test_a_session_that_ends_elsewhere_leads_back_to_the_login_with_the_reason(
    people: People, page_of: PageOf, open_window: OpenWindow
) -> None:
    first = await page_of(await people.add("1001"))
    second = await open_window(people.gateway.url, context=first.page.context)
    await second.open()
    await second.is_live()
    await second.page.get_by_role("button", name="Log out").click()
    await expect(second.page.get_by_role("button", name="Log in")).to_be_visible()
    await expect(first.page.get_by_text("You were logged out in another window.")).to_be_visible()
    await expect(second.page.get_by_text("another window")).to_have_count(0)
    await expect(first.page.locator("contact-list")).to_have_count(0)


async def test_a_reload_stays_logged_in_and_on_its_page(people: People, page_of: PageOf) -> None:
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(await people.add("1001"))
    await window.person("Ben Ode").click()
    await window.text.fill("half a thou")
    await window.page.reload()
    await window.is_live()
    await expect(window.page.get_by_role("heading", name="Ben Ode")).to_be_visible()
    await expect(window.text).to_have_value("half a thou")


async def test_nothing_of_one_person_is_left_for_the_next(people: People, page_of: PageOf) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna)
    await window.person("Ben Ode").click()
    await window.text.fill("a secret draft")
    await window.page.get_by_role("button", name="Log out").click()
    await expect(window.page.get_by_role("button", name="Log in")).to_be_visible()
    assert "secret" not in await window.page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    await window.log_in(login_of(people, ben))
    await expect(window.page.locator("you-panel").get_by_role("heading", name="Ben Ode")).to_be_visible()
    await expect(window.page.get_by_text("No conversation is open.")).to_be_visible()
