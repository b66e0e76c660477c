"""Every screen, as axe-core judges it (names, roles, contrast, landmarks, headings), and in the narrowest window."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.support.gateway import PASSWORD, People
from tests.support.windows import DESK, PHONE, OpenWindow, login_of
from wire.identity import Scope

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW: ViewportSize = {"width": 320, "height": 640}
"""What is left of 1,280 pixels at four times the size (WCAG 1.4.10)."""
PAGES = {
    "/app/people": "contact-list .person",
    "/app/people/new": "contact-page input",
    "/app/people/u{ben}": "contact-page h2",
    "/app/chats": "conversation-list li",
    "/app/you": "you-panel h2",
    "/app/profile": "profile-form h3",
    "/app/security": "password-change input[type=password]",
    "/app/users": "user-list li",
    "/app/users/{ben}": "user-page h3",
    "/app/sites": "sites-page h2",
    "/app/audit": "audit-page h2",
}
"""What is there when a page is."""
DIALOGS = {
    "why-dialog": "shell.querySelector('why-dialog').open(shell.client.me)",
    "import-dialog": "shell.querySelector('import-dialog').open('mine')",
    "trash-dialog": "shell.querySelector('trash-dialog').open()",
    "group-dialog": "shell.querySelector('group-dialog').begin()",
}


@cache
def _axe() -> str:
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("axe-core is not installed (axe-playwright-python)")
    return (Path(found.origin).parent / "axe.min.js").read_text()


class Examiner:
    """Looks at one screen after the other in one window."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        self._page = page
        self._size = page.viewport_size

    async def look(self, screen: str) -> None:
        if not await self._page.evaluate("'axe' in window"):
            await self._page.evaluate(_axe())
        answer = await self._page.evaluate("rules => axe.run({ runOnly: rules, resultTypes: ['violations'] })", RULES)
        self.found += [
            f"{screen}: {violation['id']}: {node['target']}: {node['html'][:120]}"
            for violation in answer["violations"]
            for node in violation["nodes"]
        ]

    async def narrow(self, screen: str) -> None:
        await self._page.set_viewport_size(NARROW)
        wide = await self._page.evaluate("document.documentElement.scrollWidth")
        if wide > NARROW["width"]:
            self.found.append(f"{screen}: {wide} pixels wide in a window of {NARROW['width']}")
        assert self._size
        await self._page.set_viewport_size(self._size)


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("en", "light", DESK), ("de", "dark", PHONE)], ids=["light desk", "dark phone"]
)
async def test_nothing_is_wrong_with_any_screen(
    people: People, open_window: OpenWindow, language: str, scheme: str, size: ViewportSize
) -> None:
    anna = await people.add("1001", first_name="Anna", last_name="Berg", scope=int(Scope.OFFICE_MANAGER))
    ben = await people.add("1002", first_name="Ben", last_name="Ode")
    window = await open_window(people.gateway.url, locale=language, color_scheme=scheme, viewport=size)
    page = window.page
    examiner = Examiner(page)
    await window.open()
    await expect(page.locator("login-form input").first).to_be_focused()
    await examiner.look("login")
    await page.locator("login-form input").first.fill(login_of(people, anna))
    await page.locator("login-form input[type=password]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await window.is_live()
    await window.person("Ben Ode").click()
    await window.write("Hello")
    await expect(page.locator("chat-window .meta .state")).to_be_attached()
    await examiner.look("conversation")
    await examiner.narrow("conversation")
    for path, sign in PAGES.items():
        await page.evaluate(
            "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')); }",
            path.format(ben=ben),
        )
        await expect(page.locator(sign).first).to_be_visible()
        await examiner.look(path)
        await examiner.narrow(path)
    for dialog, opened in DIALOGS.items():
        await page.evaluate(f"const shell = document.querySelector('portal-shell'); void {opened}")
        await expect(page.locator(f"{dialog} dialog[open] h2").first).to_be_visible()
        await examiner.look(dialog)
        await examiner.narrow(dialog)
        await page.keyboard.press("Escape")
        await expect(page.locator(f"{dialog} dialog[open]")).to_have_count(0)
    assert "\n".join(examiner.found) == ""
