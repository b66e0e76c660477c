/**
 * A small menu over the page: opened beside a button, closed by a choice, by Escape, and by whatever is done elsewhere.
 * The arrows walk through it; whoever closes it is back where they were. What stands below is brought up to date by
 * `refresh`.
 */

import { h, reconcile, setChildren, setText } from "./dom.js";
import { css } from "./element.js";
import { icon } from "./icons.js";

/**
 * @typedef {object} Choice
 * @property {string} label
 * @property {string} icon
 * @property {() => void} run
 * @property {boolean} [isDanger]
 *
 * @typedef {HTMLElement & {open: (anchor: HTMLElement, label: string, top: Node[], choices: Choice[], bottom?: () => string[]) => void, close: () => void, refresh: () => void}} Menu
 */

export const menuStyles = css`
  .menu {
    position: fixed;
    inset: auto;
    margin: 0;
    min-inline-size: 12rem;
    max-inline-size: min(22rem, calc(100vw - 1rem));
    padding: 0.35rem;
    border: 1px solid var(--presence-line);
    border-radius: var(--presence-radius-small);
    background: var(--presence-surface);
    color: var(--presence-ink);
    box-shadow: var(--presence-shadow);
  }
  .menu .row {
    display: flex;
    align-items: center;
    gap: 0.7rem;
    inline-size: 100%;
    min-block-size: 2.5rem;
    padding: 0.3rem 0.7rem;
    border-radius: 0.4rem;
    text-align: start;
  }
  .menu .row:hover,
  .menu .row:focus-visible {
    background: var(--presence-raised);
  }
  .menu .row.danger {
    color: var(--presence-danger);
  }
  .menu .pictures {
    display: flex;
    justify-content: space-between;
    gap: 0.1rem;
    padding-block-end: 0.25rem;
  }
  .menu .pictures button {
    display: grid;
    place-items: center;
    inline-size: 2.5rem;
    block-size: 2.5rem;
    border-radius: 50%;
    line-height: 1;
    font-size: 1.25rem;
  }
  .menu .pictures button:hover,
  .menu .pictures button:focus-visible,
  .menu .pictures button[aria-pressed="true"] {
    background: var(--presence-accent-soft);
  }
  .menu .bottom {
    padding: 0.5rem 0.7rem 0.3rem;
    border-block-start: 1px solid var(--presence-line);
    font-size: 0.8125rem;
    color: var(--presence-ink-soft);
  }
`;

/** @returns {Menu} */
export function menu() {
  const element = h("div", { class: "menu", role: "menu", popover: "auto" });
  /** @type {HTMLElement | null} */
  let opener = null;
  const notes = h("div", { class: "bottom" });
  let linesOf = () => /** @type {string[]} */ ([]);
  const refresh = () => {
    const lines = linesOf();
    notes.hidden = lines.length === 0;
    reconcile(notes, lines, (line) => line, () => h("p"), setText);
  };
  const close = () => element.hidePopover();
  /** Back to where it was opened from: a dialog that a choice opens leads back there too. */
  const leave = () => {
    close();
    opener?.focus({ preventScroll: true });
  };
  const buttons = () => [...element.querySelectorAll("button")];
  element.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = buttons();
    const root = /** @type {ShadowRoot} */ (element.getRootNode());
    const at = all.indexOf(/** @type {HTMLButtonElement} */ (root.activeElement));
    all[(at + step + all.length) % all.length]?.focus();
  });
  element.addEventListener("toggle", (event) => {
    const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
    opener?.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen && element.matches(":focus-within")) opener?.focus();
  });
  const open = (
    /** @type {HTMLElement} */ anchor,
    /** @type {string} */ label,
    /** @type {Node[]} */ top,
    /** @type {Choice[]} */ choices,
    /** @type {() => string[]} */ bottom = () => [],
  ) => {
    linesOf = bottom;
    opener = anchor;
    element.setAttribute("aria-label", label);
    const rows = choices.map((choice) => row(choice, leave));
    refresh();
    setChildren(element, ...top, ...rows, notes);
    element.showPopover();
    place(element, anchor);
    buttons()[0]?.focus();
  };
  return Object.assign(element, { open, close, refresh });
}

/**
 * @param {Choice} choice
 * @param {() => void} leave
 */
function row({ label, icon: name, run, isDanger = false }, leave) {
  const act = () => {
    leave();
    run();
  };
  return h("button", { class: isDanger ? "row danger" : "row", type: "button", role: "menuitem", onclick: act }, icon(name), label);
}

/**
 * Below the anchor, or above it where there is no room; within the window in any case.
 *
 * @param {HTMLElement} element
 * @param {HTMLElement} anchor
 */
function place(element, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const below = at.bottom + 4 + height <= innerHeight;
  const top = below ? at.bottom + 4 : Math.max(8, at.top - 4 - height);
  const left = Math.min(Math.max(8, at.right - width), innerWidth - width - 8);
  element.style.insetBlockStart = `${top}px`;
  element.style.insetInlineStart = `${Math.max(8, left)}px`;
}
