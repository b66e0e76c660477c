"""Why a dot has its colour, who appears offline, and what a silent switch leaves: as people see it in their windows."""

import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest
from playwright.async_api import Locator, expect
from redis.asyncio import Redis

from accounts.tokens import hash_token
from storage.embedded import EmbeddedServers
from storage.postgres.pbx_sources import PostgresSourceStore
from storage.redis import keys
from storage.redis.client import make_client
from tests.support.gateway import People
from tests.support.http import http_client
from tests.support.windows import PHONE, Window
from wire.commands import CallPhase, RegisterDevice, ReportCall, SetAppearOffline, SetDnd
from wire.identity import Scope, SourceId, UserId
from wire.replies import DeviceRegistered, Done

PageOf = Callable[..., Awaitable[Window]]
SILENT_MS = 15_000
"""As in presence.lua."""


@pytest.fixture
async def redis(servers: EmbeddedServers) -> AsyncIterator[Redis]:
    client = make_client(servers.redis_url)
    yield client
    await client.aclose()


async def _anna_and_ben(people: People) -> tuple[UserId, UserId]:
    return (
        await people.add("1001", first_name="Anna", last_name="Berg"),
        await people.add("1002", first_name="Ben", last_name="Ode"),
    )


async def _manager(people: People) -> UserId:
    return await people.add("1009", first_name="Mia", last_name="Lund", scope=int(Scope.OFFICE_MANAGER))


def _dialog(window: Window) -> Locator:
    return window.page.get_by_role("dialog", name="Why this colour?")


def _facts(window: Window, title: str) -> Locator:
    return _dialog(window).locator("section").filter(has=window.page.get_by_role("heading", name=title)).locator("li")


async def _focused(window: Window) -> str:
    """What a screen reader would call the element that has the focus."""
    name: str = await window.page.evaluate(
        """() => {
            let element = document.activeElement;
            while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
            return element.getAttribute("aria-label") ?? element.textContent;
        }"""
    )
    return name


# ------------------------------------------------------------ appearing offline


async def test_who_appears_offline_keeps_the_own_colour_and_is_told_so(people: People, page_of: PageOf) -> None:
    anna, ben = await _anna_and_ben(people)
    at_anna, at_ben = await page_of(anna), await page_of(ben)
    await expect(at_ben.person("Anna Berg, Available by chat")).to_be_visible()
    switch = at_anna.page.get_by_role("switch", name="Appear offline")
    await switch.click()
    await expect(at_ben.person("Anna Berg, Offline")).to_be_visible()
    await expect(switch).to_be_checked()
    you = at_anna.page.locator("you-panel")
    await expect(you.get_by_text("Others see you as offline")).to_be_visible()
    await expect(you.get_by_text("Available by chat", exact=True)).to_be_visible()
    await expect(you.locator("presence-dot").first).to_have_attribute("shape", "chat-only")
    await switch.click()
    await expect(at_ben.person("Anna Berg, Available by chat")).to_be_visible()
    await expect(you.get_by_text("Others see you as offline")).to_be_hidden()


async def test_a_second_window_of_the_same_person_shows_the_switch_on(people: People, page_of: PageOf) -> None:
    anna, _ = await _anna_and_ben(people)
    async with await people.connect(anna) as client:
        await client.ask(SetAppearOffline(on=True), Done)
        window = await page_of(anna)
        await expect(window.page.get_by_role("switch", name="Appear offline")).to_be_checked()
        await client.ask(SetAppearOffline(on=False), Done)
        await expect(window.page.get_by_role("switch", name="Appear offline")).not_to_be_checked()


# ------------------------------------------------------------ why


async def test_a_manager_learns_by_keyboard_alone_what_is_behind_a_colour(people: People, page_of: PageOf) -> None:
    anna, _ = await _anna_and_ben(people)
    window = await page_of(await _manager(people))
    async with await people.connect(anna) as client:
        await client.ask(RegisterDevice(device="soft", ttl=60, label="Kitchen tablet"), DeviceRegistered)
        await client.ask(SetDnd(on=True), Done)
        await client.ask(ReportCall(call="c1", phase=CallPhase.ACTIVE), Done)
        await expect(window.person("Anna Berg, On the phone since")).to_be_visible()
        await window.page.get_by_role("searchbox").press("ArrowDown")
        await window.page.keyboard.press("Tab")
        assert await _focused(window) == "Why this colour? Anna Berg"
        await window.page.keyboard.press("Enter")
        await expect(_dialog(window)).to_be_visible()
        assert await _focused(window) == "Why this colour?"
        facts = _facts(window, "What counts now")
        await expect(facts).to_have_count(4)
        await expect(facts.nth(0)).to_contain_text("In a call decides")
        await expect(facts.nth(1)).to_contain_text("Do not disturb")
        await expect(facts.nth(2)).to_contain_text("Logged in and available for chat")
        await expect(facts.nth(3)).to_contain_text("Kitchen tablet")
        await expect(_dialog(window).locator(".spans")).to_contain_text("On the phone")

        await client.ask(ReportCall(call="c1", phase=CallPhase.ENDED), Done)
        await expect(facts.nth(0)).to_contain_text("Do not disturb decides")
        await expect(_facts(window, "What does not count")).to_contain_text(["A call that has ended"])

        await window.page.keyboard.press("Escape")
        await expect(_dialog(window)).to_be_hidden()
        assert await _focused(window) == "Why this colour? Anna Berg"


async def test_everybody_may_ask_of_themselves_and_nobody_else_is_offered(people: People, page_of: PageOf) -> None:
    anna, _ = await _anna_and_ben(people)
    window = await page_of(anna)
    await window.person("Ben Ode").click()
    await expect(window.text).to_be_focused()
    asking = window.page.get_by_role("button", name="Why this colour?")
    await expect(asking).to_have_count(1)
    await asking.press("Enter")
    await expect(_facts(window, "What counts now")).to_contain_text(["Logged in and available for chat decides"])
    await expect(_facts(window, "What does not count")).to_have_count(0)
    await window.page.keyboard.press("Tab")
    assert await _focused(window) == "Close"
    await window.page.keyboard.press("Enter")
    await expect(_dialog(window)).to_be_hidden()
    await expect(asking).to_be_focused()


async def test_on_a_phone_the_answer_fills_the_page(people: People, page_of: PageOf) -> None:
    await _anna_and_ben(people)
    window = await page_of(await _manager(people), viewport=PHONE)
    await window.person("Anna Berg").click()
    await window.page.locator("chat-window").get_by_role("button", name="Why this colour?").click()
    await expect(_facts(window, "What counts now")).to_contain_text(["Nothing: no telephone is registered"])
    box = await _dialog(window).bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
    await window.page.mouse.click(5, 5)
    await expect(_dialog(window)).to_be_visible()


async def test_a_refusal_is_told_in_a_sentence(people: People, page_of: PageOf) -> None:
    _, ben = await _anna_and_ben(people)
    window = await page_of(await people.add("1003"))
    await window.page.evaluate("(user) => document.querySelector('why-dialog').open(user)", ben)
    await expect(_dialog(window).get_by_role("alert")).to_have_text(
        "What is behind this dot is told only to the person and to those who manage them."
    )
    await expect(_dialog(window).get_by_role("button", name="Try again")).to_be_hidden()


async def test_a_manager_is_told_who_only_appears_offline(people: People, page_of: PageOf) -> None:
    anna, _ = await _anna_and_ben(people)
    window = await page_of(await _manager(people))
    async with await people.connect(anna) as client:
        await client.ask(SetAppearOffline(on=True), Done)
        row = window.person("Anna Berg, Offline").locator("..")
        await row.hover()
        await row.get_by_role("button", name="Why this colour?").click()
        await expect(_dialog(window).get_by_text("Appears offline: others see a grey dot.")).to_be_visible()
        await expect(_dialog(window).locator("presence-dot")).to_have_attribute("shape", "chat-only")


# ------------------------------------------------------------ a silent switch


async def _switch_tells(people: People, user: UserId) -> SourceId:
    """A switch of this company's own that has a telephone of the user registered."""
    name, token = SourceId(f"switch-{secrets.token_hex(4)}"), secrets.token_urlsafe(32)
    await PostgresSourceStore(people.pool).add(name, hash_token(token), [people.company.domain])
    now = time.time()
    told = {
        "source": name,
        "epoch": "one",
        "sent_at": now,
        "last_seq": 1,
        "events": [
            {
                "type": "device.up",
                "seq": 1,
                "at": now,
                "user": f"{people.company.caller(user).extension}@{people.company.domain}",
                "device": "desk",
                "rev": [now, 1],
                "ttl": 600,
                "user_agent": "Desk phone",
            }
        ],
    }
    async with http_client(people.gateway.url) as http:
        path, authorization = f"/ingest/v1/{name}/events", {"authorization": f"Bearer {token}"}
        answer = await http.post(path, json=told, headers=authorization)
        answer.raise_for_status()
    return name


async def _falls_silent(people: People, redis: Redis, source: SourceId) -> None:
    """As if the switch had last been heard some time ago: the gateway's sweep finds it by itself."""
    prefix = keys.presence_prefix(people.company.domain)
    heard_ms = int(time.time() * 1000) - SILENT_MS - 1_000
    await redis.hset(prefix + "sources", source, msgspec.msgpack.encode([heard_ms, False]))
    await redis.zadd(prefix + "deadlines", {f"@{source}": heard_ms + SILENT_MS})


async def test_what_a_silent_switch_said_is_unknown_everywhere(people: People, page_of: PageOf, redis: Redis) -> None:
    anna, _ = await _anna_and_ben(people)
    window = await page_of(await _manager(people))
    source = await _switch_tells(people, anna)
    await expect(window.person("Anna Berg, Available by phone")).to_be_visible()
    await window.person("Anna Berg").click()
    await expect(window.page.get_by_label("1 Available")).to_be_attached()
    await expect(window.page.get_by_label("Unknown")).to_be_hidden()

    await _falls_silent(people, redis, source)
    # Something that happens makes the gateway look at what is due; otherwise its next sweep would.
    async with await people.connect(anna, available=False) as client:
        await client.ask(SetDnd(on=False), Done)
        await expect(window.person("Anna Berg, Unknown since")).to_be_visible(timeout=45_000)
        await expect(window.dot("Anna Berg")).to_have_attribute("shape", "unknown")
        header = window.page.locator("chat-window header")
        await expect(header.get_by_text("Unknown since")).to_be_visible()
        await expect(header.locator("presence-dot")).to_have_attribute("shape", "unknown")
        for group in ("0 Available", "0 Busy", "1 Offline", "1 Unknown"):
            await expect(window.page.get_by_label(group)).to_be_attached()
        await window.page.get_by_label("1 Unknown").check()
        await expect(window.page.locator("contact-list .name")).to_have_text(["Anna Berg"])
        await header.get_by_role("button", name="Why this colour?").click()
        await expect(_facts(window, "Switches")).to_contain_text([f"{source} Silent since"], use_inner_text=True)
        await expect(_facts(window, "What counts now")).to_contain_text(["Desk phone"])
        await expect(_dialog(window).locator(".spans li").first).to_contain_text("Unknown")
        await window.page.keyboard.press("Escape")
        await window.page.get_by_label("2 All").check()
        await client.ask(SetDnd(on=True), Done)
        await expect(window.dot("Anna Berg")).to_have_attribute("shape", "dnd")
        await expect(window.page.get_by_label("1 Busy")).to_be_attached()
