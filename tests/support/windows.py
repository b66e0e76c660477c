"""Real browser windows with the portal in them, each at a machine of its own: nothing is shared but the server."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Route,
    async_playwright,
    expect,
)

from tests.support.gateway import PASSWORD, People
from wire.identity import UserId

WHOLE = ("chromium", "chromium-browser", "google-chrome")
SHELL = "chromium-headless-shell"
"""The same engine without the browser around it: a third less work, but it shows no notifications."""


def _found(*programs: str) -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, programs)), None)


CHROMIUM = _found(SHELL, *WHOLE)
WHOLE_CHROMIUM = _found(*WHOLE)
WITHOUT_CHROMIUM = "no Chromium: neither $CHROMIUM nor " + ", ".join((SHELL, *WHOLE)) + " on the PATH"

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
WAIT_MS = 30_000
"""Until a test gives up; far more than anything should take, on a machine that does much else too."""
expect.set_options(timeout=WAIT_MS)

_QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


class Window:
    """One page. What goes wrong in it fails the test at its end, unless it was expected."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self._expected: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("request", self._on_request)

    def expects(self, complaint: str) -> None:
        """The browser itself reports what the test provokes, e.g. an answer of 401."""
        self._expected.append(complaint)

    @property
    def unexpected(self) -> list[str]:
        return [each for each in self.complaints if not any(expected in each for expected in self._expected)]

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self.url + path)

    async def log_in(self, login: str, password: str = PASSWORD, path: str = "/") -> None:
        await self.open(path)
        await self.page.get_by_label("Login name").fill(login)
        await self.page.get_by_label("Password", exact=True).fill(password)
        await self.page.get_by_role("button", name="Log in", exact=True).click()
        await self.is_live()

    async def is_live(self) -> None:
        try:
            await expect(self.page.get_by_text("Live", exact=True)).to_be_attached(timeout=WAIT_MS)
        except AssertionError as error:
            state = await self.page.evaluate("JSON.stringify(document.querySelector('portal-shell').client.connection)")
            raise AssertionError(f"not live: {state}, {self.complaints}") from error

    def person(self, name: str) -> Locator:
        """Somebody's row in the list of people; its name says what its dot shows."""
        return self.page.locator("contact-list .person").and_(self.page.get_by_role("button", name=name))

    def dot(self, name: str) -> Locator:
        return self.person(name).locator("presence-dot")

    def conversation(self, name: str) -> Locator:
        return self.page.locator("conversation-list").get_by_role("button", name=name)

    @property
    def messages(self) -> Locator:
        return self.page.locator("chat-window .bubble")

    @property
    def text(self) -> Locator:
        return self.page.locator("chat-window").get_by_role("textbox")

    async def write(self, text: str) -> None:
        await self.text.fill(text)
        await self.text.press("Enter")

    async def when_dot_is(self, name: str, shape: str) -> "asyncio.Future[int]":
        """The moment (ms since 1970) at which a dot has this shape; seen in the page, where nothing delays it.

        It is watched for before anything that is asked of a page from now on.
        """
        dot = await self.dot(name).element_handle()
        assert dot is not None
        seen = self.page.evaluate(
            """([dot, shape]) => new Promise((resolve) => {
                const look = () => dot.getAttribute("shape") === shape && resolve(Date.now());
                new MutationObserver(look).observe(dot, { attributes: true });
                look();
            })""",
            [dot, shape],
        )
        return asyncio.ensure_future(seen)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def _on_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc and not request.url.startswith(("data:", "blob:")):
            self.complaints.append(f"request to another host: {request.url}")


_HOLD_FRAMES = """() => {
    const held = [];
    const draw = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (step) => (held.push(step), 0);
    window.drawAgain = () => {
        window.requestAnimationFrame = draw;
        held.forEach((step) => draw(step));
        return new Promise((go) => draw(() => draw(go)));
    };
}"""


@asynccontextmanager
async def frames_held(page: Page) -> AsyncIterator[None]:
    """A page that draws nothing for the body's time, as a slow machine does; after it, two frames are drawn."""
    await page.evaluate(_HOLD_FRAMES)
    yield
    await page.evaluate("() => window.drawAgain()")


async def until(page: Page, look: str, wanted: object) -> None:
    """`look`: an asynchronous function of JavaScript, asked again and again. Playwright's own waiting takes its promise
    for an answer."""
    async with asyncio.timeout(2 * WAIT_MS / 1_000):
        while await page.evaluate(look) != wanted:  # noqa: ASYNC110 - the page tells nobody
            await asyncio.sleep(0.1)


@asynccontextmanager
async def answered_late(page: Page, addresses: str) -> AsyncIterator[asyncio.Event]:
    """The server answers what the body asks for; the page hears of it after the body. The event: it has answered."""
    answered, over, told = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(route: Route) -> None:
        response = await route.fetch()
        answered.set()
        await over.wait()
        await route.fulfill(response=response)
        told.set()

    await page.route(addresses, answer)
    yield answered
    over.set()
    await told.wait()
    # What was saved is news too, which the page asks for at once: that answer may be under way as well.
    await page.unroute_all(behavior="wait")


OpenWindow = Callable[..., Awaitable[Window]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with running_browser(CHROMIUM) as running:
        yield running


@pytest.fixture(scope="session")
async def whole_browser() -> AsyncIterator[Browser]:
    """For what `SHELL` cannot do."""
    async with running_browser(WHOLE_CHROMIUM) as running:
        yield running


@asynccontextmanager
async def running_browser(program: str | None) -> AsyncIterator[Browser]:
    if program is None:
        pytest.skip(WITHOUT_CHROMIUM)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=program, args=[*sandbox, *_QUIET], timeout=4 * WAIT_MS
        )
        yield running
        await running.close()


@pytest.fixture
async def open_window(browser: Browser) -> AsyncIterator[OpenWindow]:
    """`await open_window(url)`: a window of its own; options of a browser context may follow, or a context to share."""
    windows: list[Window] = []
    contexts: list[BrowserContext] = []

    async def open_one(url: str, *, context: BrowserContext | None = None, **options: Any) -> Window:
        if context is None:
            settings = {
                "viewport": DESK,
                "locale": "en-GB",
                "timezone_id": "UTC",
                "reduced_motion": "reduce",
                **options,
            }
            context = await browser.new_context(**settings)
            contexts.append(context)
        windows.append(Window(await context.new_page(), url))
        return windows[-1]

    yield open_one
    complaints = [each for window in windows for each in window.unexpected]
    for each in contexts:
        await each.close()
    assert complaints == [], complaints


@pytest.fixture
def page_of(open_window: OpenWindow, people: People) -> Callable[..., Awaitable[Window]]:
    """`await page_of(user)`: a window in which one of the test's people is logged in already."""

    async def page(user: UserId, *, url: str | None = None, path: str = "/", **options: Any) -> Window:
        window = await open_window(url or people.gateway.url, **options)
        login = {"login": login_of(people, user), "password": PASSWORD}
        answer = await window.page.context.request.post(f"{window.url}/v1/login", data=login)
        assert answer.ok, await answer.text()
        await window.open(path)
        await window.is_live()
        return window

    return page


def login_of(people: People, user: UserId) -> str:
    return f"{people.company.caller(user).extension}@{people.company.domain}"
