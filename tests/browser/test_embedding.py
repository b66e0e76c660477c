"""A page of another origin with our elements in it: what works there, and what of us it does not get."""

import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FilePayload,
    Page,
    Request,
    WebSocket,
    WebSocketRoute,
    expect,
)

from examples.embedding.serve import make_server
from storage.postgres.pool import Pool
from tests.support.company import Company
from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.pictures import picture
from tests.support.ports import free_port
from tests.support.windows import WAIT_MS
from wire.commands import SetDnd
from wire.identity import UserId
from wire.replies import Done

ANNA, BEN = "1001", "1002"


@pytest.fixture(scope="module")
def port() -> int:
    """Of the page's own server: the gateway has to know its origin before either of them runs."""
    return free_port()


@pytest.fixture(scope="module")
def allowing(start_gateway: Callable[..., GatewayProcess], port: int) -> GatewayProcess:
    return start_gateway(PRESENCE_ALLOWED_ORIGINS=f"http://localhost:{port}")


@dataclass
class Embedding:
    """The example page with Anna logged in, and Ben on it. `allowed` and `refused` are two origins of one server."""

    people: People
    page: Page
    context: BrowserContext
    anna: UserId
    ben: UserId
    allowed: str
    refused: str
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    sockets: list[WebSocket] = field(default_factory=list)

    async def is_live(self) -> None:
        await expect(self.page.locator("presence-session[state=live]")).to_be_attached(timeout=WAIT_MS)

    @property
    def hosts(self) -> set[str]:
        asked = [request.url for request in self.requests] + [each.url for each in self.sockets]
        return {urlsplit(url).netloc for url in asked if not url.startswith("blob:")}


@pytest.fixture
async def embedding(
    browser: Browser, allowing: GatewayProcess, port: int, pool: Pool, password_hash: str
) -> AsyncIterator[Embedding]:
    people = People(pool, await Company.make(pool), allowing, password_hash)
    anna = await people.add(ANNA, first_name="Anna", last_name="Berg")
    ben = await people.add(BEN, first_name="Ben", last_name="Ode")
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
    )
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS)
    made = Embedding(people, page, context, anna, ben, f"http://localhost:{port}", f"http://127.0.0.1:{port}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            made.complaints.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("request", lambda request: made.requests.append(request))
    page.on("websocket", lambda opened: made.sockets.append(opened))
    for _ in _serving(people, port):
        yield made
    await context.close()


def _serving(people: People, port: int) -> Iterator[None]:
    login = f"{ANNA}@{people.company.domain}"
    server = make_server(people.gateway.url, login, PASSWORD, (BEN, "Ben Ode"), port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_page_of_another_origin_shows_dots_and_chats_with_a_token_and_without_cookies(
    embedding: Embedding,
) -> None:
    page, people = embedding.page, embedding.people
    # Anna is logged in to the portal itself in this browser: her cookie is there to be sent.
    login = {"login": f"{ANNA}@{people.company.domain}", "password": PASSWORD}
    assert (await embedding.context.request.post(f"{people.gateway.url}/v1/login", data=login)).ok
    await page.goto(embedding.allowed)
    await embedding.is_live()
    dot = page.locator("p presence-dot")
    await expect(dot).to_have_attribute("shape", "offline")
    async with await people.connect(embedding.ben) as at_ben:
        await expect(dot).to_have_attribute("shape", "chat-only")
        await expect(dot).to_have_accessible_name("Available by chat")
        assert (await at_ben.sees(embedding.anna, colour="blue")).chat

        window = page.locator("section chat-window")
        await window.get_by_role("textbox").fill("From the intranet")
        await window.get_by_role("textbox").press("Enter")
        await expect(window.locator(".bubble")).to_have_text(["From the intranet"])
        await page.get_by_role("switch", name="Do not disturb").click()
        await at_ben.sees(embedding.anna, dnd=True)
        await page.get_by_role("button", name="ask in the chat").click()
        docked = page.locator("chat-dock chat-window")
        await expect(docked.locator(".bubble")).to_have_text(["From the intranet"])
    await expect(dot).to_have_attribute("shape", "offline")

    gateway = urlsplit(people.gateway.url).netloc
    assert embedding.hosts == {gateway, urlsplit(embedding.allowed).netloc}
    assert len(embedding.sockets) == 1  # for all elements
    at_gateway = [request for request in embedding.requests if urlsplit(request.url).netloc == gateway]
    assert [each.url for each in at_gateway if "cookie" in await each.all_headers()] == []
    assert [each.url for each in at_gateway if await people.token(embedding.anna) in each.url] == []
    stolen = """(url) => fetch(url, { credentials: "include" }).then((answer) => answer.text(), () => "refused")"""
    assert await page.evaluate(stolen, f"{people.gateway.url}/v1/me") == "refused"
    embedding.complaints = [each for each in embedding.complaints if "/v1/me" not in each and "ERR_FAILED" not in each]
    assert embedding.complaints == []  # nothing of the page is against its own strict policy


async def test_pictures_and_files_are_seen_and_saved_with_the_token_alone(embedding: Embedding) -> None:
    page = embedding.page
    await page.goto(embedding.allowed)
    await embedding.is_live()
    window = page.locator("section chat-window")
    await expect(window.get_by_role("heading", name="Ben Ode")).to_be_visible()
    photo = FilePayload(name="desk.png", mimeType="image/png", buffer=picture())
    notes = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"for later")
    await window.locator("input[type=file]").set_input_files([photo, notes])
    await window.get_by_role("textbox").fill("Both")
    await expect(window.get_by_role("button", name="Send")).to_be_enabled()
    await window.get_by_role("textbox").press("Enter")
    shown = window.locator(".files img")
    await expect(shown).to_have_js_property("complete", True)
    await expect(shown).to_have_js_property("naturalWidth", 64)
    assert (await shown.get_attribute("src") or "").startswith("blob:")
    async with page.expect_download() as saving:
        await window.get_by_role("link", name="notes.txt").click()
    saved = await saving.value
    assert saved.suggested_filename == "notes.txt"
    assert (await saved.path()).read_bytes() == b"for later"
    gateway = urlsplit(embedding.people.gateway.url).netloc
    asked = [each for each in embedding.requests if f"{gateway}/v1/files/" in each.url]
    assert len(asked) >= 2
    assert not [each.url for each in asked if "cookie" in await each.all_headers()]
    assert embedding.complaints == []


async def test_a_page_whose_origin_is_not_allowed_is_refused_and_says_so(embedding: Embedding) -> None:
    page = embedding.page
    await page.goto(embedding.refused)
    await expect(page.locator("presence-session[state=origin_refused]")).to_be_attached()
    await expect(page.locator("section chat-window")).to_contain_text("This page may not connect")
    await expect(page.locator("p presence-dot")).to_have_attribute("shape", "unknown")
    gateway = urlsplit(embedding.people.gateway.url).netloc
    answers = [await each.response() for each in embedding.requests if f"{gateway}/v1/" in each.url]
    assert answers == []


async def test_a_token_that_has_ended_is_replaced_once_and_then_said_to_have_expired(embedding: Embedding) -> None:
    page, people = embedding.page, embedding.people
    await page.goto(embedding.allowed)
    await embedding.is_live()
    renew = """(token) => new Promise((resolve) => {
        window.asked = [];
        const tokens = ["worn", token];
        document.querySelector("presence-session").getToken = (refused) => {
            window.asked.push(refused);
            if (window.asked.length === 2) resolve();
            return tokens.shift() ?? null;
        };
    })"""
    token = await people.token(embedding.anna)
    await page.evaluate(renew, token)
    await embedding.is_live()
    assert await page.evaluate("window.asked") == [None, "worn"]
    answer = await embedding.context.request.post(
        f"{people.gateway.url}/v1/logout", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.ok
    await expect(page.locator("presence-session[state=expired]")).to_be_attached()
    await expect(page.locator("section chat-window")).to_contain_text("The login has expired.")
    await expect(page.locator("p presence-dot")).to_have_attribute("shape", "unknown")
    assert await page.evaluate("window.asked.length") == 2  # whoever was logged out is not logged in again by itself


async def test_a_page_without_a_token_says_that_nobody_is_logged_in(embedding: Embedding) -> None:
    page = embedding.page
    await page.route("**/token", lambda route: route.fulfill(status=401))
    await page.goto(embedding.allowed)
    await expect(page.locator("presence-session[state=no_token]")).to_be_attached()
    await expect(page.locator("section chat-window")).to_contain_text("Nobody is logged in here.")
    assert embedding.sockets == []


class Line:
    """The page's way to the gateway, which can be cut: what is open is lost, and nothing new gets through."""

    def __init__(self) -> None:
        self._open: list[WebSocketRoute] = []
        self._is_cut = False

    async def lay(self, page: Page) -> None:
        await page.route_web_socket(re.compile("/ws$"), self._connects)

    async def _connects(self, wire: WebSocketRoute) -> None:
        if self._is_cut:
            await wire.close()
        else:
            wire.connect_to_server()
            self._open.append(wire)

    async def cut(self) -> None:
        self._is_cut = True
        for wire in self._open:
            await wire.close()
        self._open.clear()

    def mend(self) -> None:
        self._is_cut = False


async def test_a_page_whose_line_is_cut_shows_no_colour_as_certain_and_heals_by_itself(embedding: Embedding) -> None:
    page, people, line = embedding.page, embedding.people, Line()
    await line.lay(page)
    await page.goto(embedding.allowed)
    await embedding.is_live()
    dot, listed = page.locator("p presence-dot"), page.locator("presence-list")
    phone, dnd = page.locator("softphone-status"), page.get_by_role("switch", name="Do not disturb")
    async with await people.connect(embedding.ben) as at_ben:
        await expect(dot).to_have_attribute("shape", "chat-only")
        await expect(dot.locator("svg")).to_have_css("filter", "none")
        await expect(phone).to_have_attribute("phone", "none")

        await line.cut()
        await expect(page.locator("presence-session[state=offline]")).to_contain_text("No connection just now.")
        await expect(dot).to_have_accessible_name(re.compile(r"^Available by chat.*Shown as of"))
        for shown in (dot, listed.locator("presence-dot")):
            await expect(shown.locator("svg")).to_have_css("filter", "grayscale(1)")
        await expect(phone).to_have_attribute("phone", "unknown")
        await expect(dnd).to_be_disabled()
        await expect(page.locator("section chat-window")).to_contain_text("Shown as of")
        await at_ben.ask(SetDnd(on=True), Done)  # which the page cannot know yet
        await expect(dot).to_have_attribute("shape", "chat-only")

        line.mend()
        await embedding.is_live()
        await expect(dot).to_have_attribute("shape", "dnd")
        await expect(dot).to_have_accessible_name(re.compile(r"^Do not disturb(?!.*Shown as of)"))
        for shown in (dot, listed.locator("presence-dot")):
            await expect(shown.locator("svg")).to_have_css("filter", "none")
        await expect(phone).to_have_attribute("phone", "none")
        await expect(dnd).to_be_enabled()
        await expect(page.locator("section chat-window")).not_to_contain_text("Shown as of")


@pytest.mark.parametrize(
    ("page_in", "session_in", "switch"), [("de", "", "Nicht stören"), ("de-AT", "en", "Do not disturb")]
)
async def test_elements_speak_the_language_of_the_page_unless_their_session_is_told_another(
    embedding: Embedding, page_in: str, session_in: str, switch: str
) -> None:
    # Before its scripts run, which is once all of it was read.
    await embedding.page.add_init_script(
        f"""document.addEventListener("readystatechange", () => {{
            document.documentElement.lang = "{page_in}";
            if ("{session_in}") document.querySelector("presence-session").lang = "{session_in}";
        }}, {{ once: true }})"""
    )
    await embedding.page.goto(embedding.allowed)
    await embedding.is_live()
    element = embedding.page.locator("dnd-switch")
    await expect(element.get_by_role("switch", name=switch)).to_be_visible()
    # Readers say words in the language they are marked with: the page's own, where it is the same.
    assert await element.get_attribute("lang") == (session_in or None)
    assert embedding.complaints == []
