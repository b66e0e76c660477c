/**
 * `<chat-dock>`: a button in a corner of the page with the number of unread messages, one's conversations behind it, and
 * windows that stay open beside it, as many as there is room for; on a phone one fills the screen.
 *
 * Opens a window for `person-chosen` and `conversation-chosen` from anywhere on the page, and by `open(extension)`. Where
 * it stands is said by `inset` on the element. Parts: `launcher`, `badge`, `panel`, `window`.
 */

import { h, reconcile, setAttribute, setText } from "../elements/dom.js";
import { PresenceElement, css } from "../elements/element.js";
import { icon } from "../elements/icons.js";
import { sentenceOf } from "../elements/who.js";
import { unreadTotal } from "../client/state/chat.js";
import { userOf } from "./finding.js";
import { placeToChat } from "./page.js";
import { StateNote, stateStyles } from "./state-note.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { ChatWindow } from "../elements/chat-window.js"
 */

const NARROW = matchMedia("(width < 48rem)");
/** What a window takes, in rem; and how many are open at most. */
const WIDTH = 22;
const MOST = 4;

export class ChatDock extends PresenceElement {
  static styles = [
    stateStyles,
    css`
      :host {
        position: fixed;
        inset: auto 1rem 0 auto;
        z-index: 1000;
        display: flex;
        flex-direction: row-reverse;
        align-items: end;
        gap: 0.75rem;
        pointer-events: none;
      }
      :host > *,
      .windows > * {
        pointer-events: auto;
      }
      .base {
        display: grid;
        justify-items: end;
        gap: 0.5rem;
        padding-block-end: calc(1rem + env(safe-area-inset-bottom, 0px));
      }
      .launcher {
        position: relative;
        display: grid;
        place-items: center;
        inline-size: 3.25rem;
        block-size: 3.25rem;
        border-radius: 50%;
        background: var(--presence-accent);
        color: var(--presence-accent-ink);
        font-size: 1.2rem;
        box-shadow: var(--presence-shadow);
      }
      .launcher:hover {
        background: var(--presence-accent-strong);
      }
      .badge {
        position: absolute;
        inset: -0.3rem -0.3rem auto auto;
        min-inline-size: 1.35rem;
        padding-inline: 0.3rem;
        border-radius: 1rem;
        border: 2px solid var(--presence-surface);
        background: var(--presence-danger);
        color: var(--presence-surface);
        font-size: 0.75rem;
        font-weight: 700;
        line-height: 1.2rem;
        text-align: center;
      }
      .panel {
        display: flex;
        flex-direction: column;
        inline-size: min(22rem, 100vw - 2rem);
        block-size: min(34rem, 100dvh - 8rem);
        border: 1px solid var(--presence-line);
        border-radius: var(--presence-radius);
        background: var(--presence-surface);
        box-shadow: var(--presence-shadow);
        overflow: hidden;
      }
      .panel conversation-list {
        flex: 1;
        min-block-size: 0;
      }
      .windows {
        display: flex;
        flex-direction: row-reverse;
        align-items: end;
        gap: 0.75rem;
        list-style: none;
      }
      chat-window {
        inline-size: 22rem;
        block-size: min(32rem, 100dvh - 4rem);
        border: 1px solid var(--presence-line);
        border-block-end: 0;
        border-radius: var(--presence-radius) var(--presence-radius) 0 0;
        box-shadow: var(--presence-shadow);
      }
      .problem {
        max-inline-size: 20rem;
        padding: 0.6rem 0.8rem;
        border-radius: var(--presence-radius-small);
        background: var(--presence-danger-soft);
        color: var(--presence-danger);
        font-size: 0.875rem;
      }
      @media (width < 48rem) {
        chat-window {
          position: fixed;
          inset: 0;
          inline-size: auto;
          block-size: auto;
          border: 0;
          border-radius: 0;
        }
      }
    `,
  ];

  #state = new StateNote(this);
  #badge = h("span", { class: "badge", part: "badge", "aria-hidden": "true", hidden: true });
  #launcher = h(
    "button",
    { class: "launcher", part: "launcher", type: "button", "aria-expanded": "false", onclick: () => this.#toggle() },
    icon("chats"),
    this.#badge,
  );
  #panel = h("section", { class: "panel", part: "panel", "aria-label": words.embedded.chats, hidden: true }, this.#state.element);
  #problem = h("p", { class: "problem", role: "alert", hidden: true });
  #windows = h("div", { class: "windows" });
  /** Those that are open, the newest first. @type {number[]} */
  #open = [];

  constructor() {
    super();
    this.#panel.append(document.createElement("conversation-list"));
    this.root.append(h("div", { class: "base" }, this.#problem, this.#panel, this.#launcher), this.#windows);
    this.root.addEventListener("window-closed", (event) => this.#closed(event.target));
    this.#panel.addEventListener("keydown", (event) => event.key === "Escape" && this.#toggle(false));
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    const invalidate = () => this.invalidate();
    const onPerson = (/** @type {Event} */ event) => void this.#openWith(/** @type {CustomEvent<number>} */ (event).detail);
    const onConversation = (/** @type {Event} */ event) => this.show(/** @type {CustomEvent<number>} */ (event).detail);
    const onMessage = (/** @type {Event} */ event) => this.#toMessage(/** @type {CustomEvent} */ (event).detail);
    document.addEventListener("person-chosen", onPerson);
    document.addEventListener("conversation-chosen", onConversation);
    document.addEventListener("message-chosen", onMessage);
    addEventListener("resize", invalidate);
    return [
      ...this.#state.follow(client),
      client.on("chat", invalidate),
      placeToChat(),
      () => document.removeEventListener("person-chosen", onPerson),
      () => document.removeEventListener("conversation-chosen", onConversation),
      () => document.removeEventListener("message-chosen", onMessage),
      () => removeEventListener("resize", invalidate),
    ];
  }

  /**
   * A window with whoever has this extension.
   *
   * @param {string} extension
   * @returns {Promise<void>} rejects if there is nobody, or nobody can be asked just now
   */
  async open(extension) {
    const user = this.client && (await userSoon(this.client, extension));
    if (!user) throw new Error(words.embedded.nobody(extension));
    await this.#openWith(user);
  }

  /** A window with this conversation, in front of the others. @param {number} conversation */
  show(conversation) {
    if (this.#open.includes(conversation)) return this.#focus(conversation);
    this.#open = [conversation, ...this.#open];
    this.#toggle(false);
    this.render();
    this.#focus(conversation);
  }

  /** @override */
  render() {
    const { client } = this;
    if (!client) return;
    this.#state.show(client);
    const unread = client.session.state === "in" ? unreadTotal(client.conversations.state) : 0;
    setText(this.#badge, unread > 99 ? "99+" : unread);
    this.#badge.hidden = unread === 0;
    setAttribute(this.#launcher, "aria-label", words.embedded.openChats(unread));
    if (client.session.state !== "in") this.#open = [];
    const room = NARROW.matches ? 1 : Math.max(1, Math.floor((innerWidth / rem() - 6) / (WIDTH + 0.75)));
    const shown = this.#open.slice(0, Math.min(room, MOST));
    reconcile(this.#windows, shown, (conversation) => conversation, windowOf, () => undefined);
  }

  /** @param {boolean} [isOpen] */
  #toggle(isOpen = this.#panel.hasAttribute("hidden")) {
    this.#panel.hidden = !isOpen;
    this.#problem.hidden = true;
    setAttribute(this.#launcher, "aria-expanded", String(isOpen));
    if (!isOpen && this.#panel.contains(this.root.activeElement)) this.#launcher.focus();
  }

  /** @param {number} user */
  async #openWith(user) {
    this.#problem.hidden = true;
    try {
      const conversation = await this.client?.conversations.openWith(user);
      if (conversation) this.show(conversation);
    } catch (error) {
      setText(this.#problem, sentenceOf(error));
      this.#problem.hidden = false;
    }
  }

  /** @param {{conversation: number, seq: number}} found */
  #toMessage({ conversation, seq }) {
    this.show(conversation);
    void this.#window(conversation)?.lookAt({ around: seq });
  }

  /** @param {EventTarget | null} target */
  #closed(target) {
    const conversation = /** @type {ChatWindow} */ (target).conversation;
    this.#open = this.#open.filter((each) => each !== conversation);
    this.render();
    this.#launcher.focus();
  }

  /** @param {number} conversation */
  #focus(conversation) {
    this.#window(conversation)?.focusText();
  }

  /** @param {number} conversation */
  #window(conversation) {
    return /** @type {ChatWindow | null} */ (this.#windows.querySelector(`chat-window[conversation="${conversation}"]`));
  }
}

/** @param {number} conversation */
function windowOf(conversation) {
  const made = /** @type {ChatWindow} */ (document.createElement("chat-window"));
  for (const [name, value] of [["conversation", conversation], ["closable", ""], ["part", "window"]]) made.setAttribute(String(name), String(value));
  return made;
}

/**
 * @param {PresenceClient} client
 * @param {string} extension
 * @returns {Promise<number | null>}
 */
function userSoon(client, extension) {
  return new Promise((resolve) => {
    const look = () => {
      const user = userOf(client, extension, look);
      if (user === undefined && client.session.state !== "out") return;
      for (const stop of stops) stop();
      resolve(user ?? null);
    };
    const stops = [client.on("directory", look), client.on("session", look)];
    look();
  });
}

/** Pixels. */
function rem() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}
