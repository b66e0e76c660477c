"""What somebody has told the whole system: few colours, no motion, no pointer."""

import io
from collections.abc import Awaitable, Callable
from itertools import combinations
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.support.gateway import PASSWORD, GatewayProcess, People
from tests.support.windows import DESK, PHONE, OpenWindow, Window, login_of
from wire.commands import SetDnd
from wire.replies import Done

PageOf = Callable[..., Awaitable[Window]]
MOST_STOPS = 60
STATES: dict[str, dict[str, Any]] = {
    "available": {"colour": "green", "phone": True},
    "with chat": {"colour": "blue", "phone": True, "chat": True},
    "chat only": {"colour": "blue", "chat": True},
    "on the phone": {"colour": "red", "reason": "on_the_phone", "phone": True, "calls": "busy"},
    "dnd": {"colour": "red", "reason": "do_not_disturb", "dnd": True},
    "offline": {"colour": "offline"},
    "unknown": {"colour": "offline", "unknown_since": 1_795_357_834},
}
DOTS = """
(states) => {
    const row = document.body.appendChild(document.createElement("div"));
    row.id = "dots";
    row.style.cssText = "position:fixed;inset:0 auto auto 0;z-index:9;background:Canvas;padding:16px;font-size:64px";
    for (const [name, state] of Object.entries(states)) {
        const dot = document.createElement("presence-dot");
        dot.id = name;
        dot.style.fontSize = "64px";
        row.append(dot);
        dot.presence = {
            user: 1, rev: 1, colour: "offline", reason: "", since: 0, phone: false, chat: false, calls: "none",
            dnd: false, message: "", unknown_since: 0, ...state,
        };
    }
}
"""


def _luminance(pixel: bytes) -> float:
    """Of red, green and blue."""
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in pixel]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _shape(picture: bytes) -> list[bool]:
    """Which pixels stand out from the corner by a contrast of 3:1 (WCAG 1.4.11): what is left without any colour."""
    raw = Image.open(io.BytesIO(picture)).convert("RGB").tobytes()
    light = [_luminance(raw[at : at + 3]) for at in range(0, len(raw), 3)]
    ground = light[0]
    return [(max(one, ground) + 0.05) / (min(one, ground) + 0.05) >= 3 for one in light]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_with_forced_colours_every_dot_is_seen_and_told_apart_by_its_shape(
    gateway: GatewayProcess, open_window: OpenWindow, scheme: str
) -> None:
    window = await open_window(gateway.url, forced_colors="active", color_scheme=scheme)
    await window.open()
    await window.page.wait_for_function("() => customElements.get('presence-dot')")
    await window.page.evaluate(DOTS, STATES)
    await expect(window.page.locator("#dots presence-dot[shape=unknown]")).to_be_visible()
    shapes = {}
    for name in STATES:
        shapes[name] = _shape(await window.page.locator(f"#dots [id='{name}']").screenshot())
    assert {name: sum(shape) > len(shape) / 20 for name, shape in shapes.items()} == dict.fromkeys(STATES, True)
    alike = {
        (one, other): sum(a != b for a, b in zip(shapes[one], shapes[other], strict=True)) / len(shapes[one])
        for one, other in combinations(STATES, 2)
    }
    assert [pair for pair, differs in alike.items() if differs < 0.02] == []


async def _motions(page: Page, started: list[float]) -> None:
    """Keeps of every animation and transition that begins, anywhere in the page, how long it takes in milliseconds."""
    session = await page.context.new_cdp_session(page)
    await session.send("Animation.enable")
    session.on("Animation.animationStarted", lambda told: started.append(told["animation"]["source"]["duration"]))


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
async def test_who_wants_no_motion_gets_none(people: People, page_of: PageOf, wish: str) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    window = await page_of(anna, reduced_motion=wish)
    page, started = window.page, list[float]()
    await _motions(page, started)
    async with await people.connect(ben) as at_ben:
        await at_ben.ask(SetDnd(on=True), Done)
        await expect(window.dot("Ben Ode")).to_have_attribute("shape", "dnd")
        await window.person("Ben Ode").click()
        await window.write("Hello")
        await expect(window.messages).to_have_text(["Hello"])
        await page.get_by_role("switch", name="Do not disturb").click()
        await page.get_by_role("button", name="Why this colour?").click()
        await expect(page.locator("why-dialog dialog")).to_be_visible()
    assert bool(started) == (wish == "no-preference"), started


async def _focused(page: Page) -> tuple[str, bool]:
    """What the focused control is called, and whether it is seen that it has the focus."""
    name, is_seen = await page.evaluate(
        """() => {
            let element = document.activeElement;
            while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
            if (element === document.body) return ["", true];
            const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent;
            const isSeen = [element, element.closest("label"), element.parentElement].some((shown) => {
                const { outlineStyle, outlineWidth } = getComputedStyle(shown ?? element);
                return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
            });
            return [label.trim(), isSeen];
        }"""
    )
    return name, is_seen


async def _go_to(page: Page, name: str, key: str = "Tab") -> None:
    """By that key alone, and wherever it stops on the way it is seen where one is."""
    passed: list[str] = []
    while len(passed) < MOST_STOPS:
        focused, is_seen = await _focused(page)
        assert is_seen, focused
        if focused.startswith(name):
            return
        passed.append(focused)
        await page.keyboard.press(key)
    raise AssertionError(f"{name} was not reached by way of {passed}")


@pytest.mark.parametrize(("size", "forced"), [(DESK, "active"), (PHONE, "none")], ids=["desk", "phone"])
async def test_without_a_pointer_one_logs_in_chats_and_comes_back_and_always_sees_where_one_is(
    people: People, open_window: OpenWindow, size: dict[str, int], forced: str
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg")
    await people.add("1002", first_name="Ben", last_name="Ode")
    window = await open_window(people.gateway.url, viewport=size, forced_colors=forced)
    page, keys = window.page, window.page.keyboard
    await window.open()
    await expect(page.get_by_label("Login name")).to_be_visible()
    await _go_to(page, "Login name")
    await keys.type(login_of(people, anna))
    await _go_to(page, "Password")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await window.is_live()
    await expect(window.person("Ben Ode")).to_be_visible()
    await _go_to(page, "Search")
    await keys.press("ArrowDown")
    await _go_to(page, "Ben Ode", "ArrowDown")
    await keys.press("Enter")
    await expect(window.text).to_be_focused()
    await keys.type("Hello")
    await keys.press("Enter")
    await expect(window.messages).to_have_text(["Hello"])
    await expect(window.text).to_be_focused()
    assert (await _focused(page))[1]
    back = "Back" if size is PHONE else "People"
    await _go_to(page, back, "Shift+Tab")
    await keys.press("Enter")
    if size is PHONE:
        await expect(window.person("Ben Ode")).to_be_focused()
    else:
        await _go_to(page, "Ben Ode")
    assert (await _focused(page))[1]
