"""How one wants to be told, in a real browser; and what its service worker does with what is pushed."""

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, expect
from playwright.async_api import Error as PlaywrightError

from tests.support.gateway import GatewayProcess, People
from tests.support.http import http_client
from tests.support.windows import OpenWindow, Window

SETTINGS = "notification-settings"


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    return whole_browser


async def setting_of(people: People, user: int) -> int:
    token = await people.token(user)  # type: ignore[arg-type]
    async with http_client(people.gateway.url) as http:
        answer = await http.get("/v1/notifications", headers={"Authorization": f"Bearer {token}"})
    minutes: int = answer.json()["email_minutes"]
    return minutes


async def test_the_mail_about_unread_messages_is_set_and_remembered(
    people: People, gateway: GatewayProcess, open_window: OpenWindow
) -> None:
    anna = await people.add("1001")
    window = await open_window(gateway.url)
    await window.log_in(f"1001@{people.company.domain}")
    choice = window.page.get_by_label("Tell me by e-mail")
    await expect(choice).to_have_value("10")
    await choice.select_option(label="Never")
    await expect(choice).to_have_value("0")
    await window.page.wait_for_function(
        "() => document.querySelector('portal-shell').client.notifications.emailMinutes === 0"
    )
    assert await setting_of(people, anna) == 0
    await window.page.reload()
    await window.is_live()
    await expect(choice).to_have_value("0")


class Pusher:
    """Plays the push service: what it delivers comes to the page's worker as from the browser's own."""

    def __init__(self, window: Window, session: CDPSession) -> None:
        self.window = window
        self.session = session
        self.registration = ""
        self._known = asyncio.Event()
        session.on("ServiceWorker.workerRegistrationUpdated", self._updated)

    @classmethod
    async def of(cls, window: Window) -> "Pusher":
        session = await window.page.context.new_cdp_session(window.page)
        pusher = cls(window, session)
        await session.send("ServiceWorker.enable")
        async with asyncio.timeout(60):
            await pusher._known.wait()
        return pusher

    def _updated(self, told: dict[str, list[dict[str, str]]]) -> None:
        if told["registrations"]:
            self.registration = told["registrations"][0]["registrationId"]
            self._known.set()

    async def push(self, data: str) -> None:
        await self.session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.window.url, "registrationId": self.registration, "data": data},
        )

    async def shown(self) -> list[list[str]]:
        """As the worker sees them, since no page is open."""
        shown: list[list[str]] = await self._asks(
            "async () => (await self.registration.getNotifications()).map(({ title, body, tag }) => [title, body, tag])"
        )
        return shown

    async def is_alone(self) -> None:
        """The worker knows of no page any more; it learns of the end of one a moment after the page's own."""
        async with asyncio.timeout(60):
            while await self._asks(PAGES):  # noqa: ASYNC110 - the worker tells nobody
                await asyncio.sleep(0.05)

    async def click(self) -> dict[str, str]:
        """On what is shown; what the worker asks of the browser then, which does it only for a real click."""
        asked: dict[str, str] = await self._asks(CLICK)
        return asked

    async def _asks(self, what: str) -> Any:
        """Of the worker. Between two of its lives there is none, and the list may still name the one before."""
        async with asyncio.timeout(60):
            while True:
                for worker in reversed(self.window.page.context.service_workers):
                    with suppress(PlaywrightError):
                        return await worker.evaluate(what)
                await self.session.send("ServiceWorker.startWorker", {"scopeURL": f"{self.window.url}/"})
                await asyncio.sleep(0.05)


PAGES = "async () => (await self.clients.matchAll({ type: 'window', includeUncontrolled: true })).length"
CLICK = """async () => {
    const asked = {};
    self.clients.openWindow = async (path) => void (asked.opened = path);
    WindowClient.prototype.focus = async function () { asked.focused = this.type; };
    const [notification] = await self.registration.getNotifications();
    const event = new NotificationEvent("notificationclick", { notification });
    const done = [];
    event.waitUntil = (promise) => done.push(promise);
    self.dispatchEvent(event);
    await Promise.all(done);
    return { ...asked, left: String((await self.registration.getNotifications()).length) };
}"""


async def test_what_is_pushed_is_shown_and_opens_its_conversation(
    people: People, gateway: GatewayProcess, open_window: OpenWindow
) -> None:
    await people.add("1001", first_name="Anna", last_name="Ahorn")
    await people.add("1002", first_name="Ben", last_name="Birke")
    window = await open_window(gateway.url, permissions=["notifications"])
    await window.log_in(f"1001@{people.company.domain}")
    await window.person("Ben Birke").click()
    await expect(window.text).to_be_visible()
    await expect(window.page).to_have_url(re.compile(r"/\d+$"))
    conversation = int(window.page.url.rpartition("/")[2])
    await window.page.get_by_role("link", name="People").click()
    await window.page.wait_for_function("() => navigator.serviceWorker.ready.then((one) => Boolean(one.active))")
    pusher = await Pusher.of(window)
    await window.page.evaluate(
        """(conversation) => navigator.serviceWorker.ready.then((one) =>
            one.showNotification("Ben Birke", { data: { conversation } }))""",
        conversation,
    )
    assert await pusher.click() == {"focused": "window", "left": "0"}
    await expect(window.page).to_have_url(f"{gateway.url}/app/chats/{conversation}")
    await window.page.goto("about:blank")
    await pusher.is_alone()
    await pusher.push(f'{{"conversation":{conversation},"seq":1,"title":"Ben Birke","body":"Lunch?"}}')
    async with asyncio.timeout(60):
        while not (shown := await pusher.shown()):  # noqa: ASYNC110 - the worker tells nobody
            await asyncio.sleep(0.05)
    assert shown == [["Ben Birke", "Lunch?", f"conversation-{conversation}"]]
    assert await pusher.click() == {"opened": f"/app/chats/{conversation}", "left": "0"}


async def test_the_browser_would_install_the_page(gateway: GatewayProcess, open_window: OpenWindow) -> None:
    """By its own rules, but for one: these windows are private ones."""
    window = await open_window(gateway.url)
    await window.open()
    session = await window.page.context.new_cdp_session(window.page)
    manifest = await session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["manifest"]["id"] == f"{gateway.url}/app"
    found = await session.send("Page.getInstallabilityErrors")
    assert {each["errorId"] for each in found["installabilityErrors"]} <= {"in-incognito"}
    told = json.loads(manifest["data"])
    icons = told["icons"] + [icon for each in told["shortcuts"] for icon in each["icons"]]
    for each in icons:
        answer = await window.page.context.request.get(gateway.url + each["src"])
        assert (answer.status, answer.headers["content-type"]) == (200, each["type"])
    assert {each["purpose"] for each in told["icons"]} == {"any", "maskable"}
