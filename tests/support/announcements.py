"""What a screen reader says by itself of a page: what comes into its live regions (WAI-ARIA 1.2, `aria-live`)."""

from playwright.async_api import Page

LISTENING = """
() => {
    const LIVE = "[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive]";
    const said = (window.announced = []);
    const wasThere = new WeakSet();
    const regions = new Set();
    const watched = { childList: true, characterData: true, attributes: true, subtree: true, attributeOldValue: true };

    // A region counts that was on the page before its words were; most readers say nothing of one that comes with them.
    const settle = () => {
        for (const region of regions) {
            const isBusy = region.getAttribute("aria-busy") === "true";
            if (region.isConnected && region.checkVisibility() && !isBusy) wasThere.add(region);
            else wasThere.delete(region);
        }
    };
    const regionOf = (node) => {
        const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
        return element?.closest(LIVE) ?? null;
    };
    const isAtomic = (region) =>
        (region.getAttribute("aria-atomic") ?? String(region.getAttribute("role") !== "log")) === "true";
    const heard = (node) => node.nodeType === Node.TEXT_NODE
        ? (node.parentElement?.closest("[aria-hidden=true], [hidden]") ? "" : node.data)
        : node.matches("[aria-hidden=true], [hidden]") || !node.checkVisibility() ? "" : node.textContent;
    const say = (region, text) => {
        const words = text.replace(/\\s+/g, " ").trim();
        if (words && wasThere.has(region)) said.push(words);
    };
    const look = (records) => {
        const whole = new Set();
        for (const { type, target, addedNodes } of records) {
            if (type === "childList") for (const node of addedNodes) follow(node);
            if (type === "attributes") continue;
            const region = regionOf(target);
            if (!region) continue;
            // Of a log what is new, of the others all of it, unless they say otherwise.
            if (isAtomic(region)) whole.add(region);
            else if (type === "characterData") say(region, heard(target));
            else for (const node of addedNodes) if (node.isConnected) say(region, heard(node));
        }
        for (const region of whole) say(region, heard(region));
        settle();
    };
    const follow = (node) => {
        if (node.nodeType !== Node.ELEMENT_NODE) return;
        if (node.matches(LIVE)) regions.add(node);
        for (const region of node.querySelectorAll(LIVE)) regions.add(region);
        for (const element of [node, ...node.querySelectorAll("*")]) if (element.shadowRoot) watch(element.shadowRoot);
    };
    const roots = new WeakSet();
    const watch = (root) => {
        if (roots.has(root)) return;
        roots.add(root);
        new MutationObserver(look).observe(root, watched);
        for (const element of root.children) follow(element);
    };
    watch(document);
    settle();
}
"""


class Announcements:
    """Of one page, from the moment at which somebody began to listen."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @classmethod
    async def of(cls, page: Page) -> "Announcements":
        await page.evaluate(LISTENING)
        return cls(page)

    async def made(self) -> list[str]:
        said: list[str] = await self._page.evaluate("() => window.announced")
        return said

    async def until(self, words: str) -> list[str]:
        """All so far, once something with these words is among them."""
        await self._page.wait_for_function(
            "(words) => window.announced.some((said) => said.includes(words))", arg=words
        )
        return await self.made()
