/** `<conversation-list>`: one's conversations, newest first, with the last words and what is unread.
 *
 * Fires `conversation-chosen` (detail: the conversation), and `begin-wanted` for a new one.
 */

import { PresenceElement, concerns, css } from "./element.js";
import { h, reconcile, setAttribute, setChildren, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { inWords } from "./file-view.js";
import { labelOf } from "./presence-view.js";
import { icon } from "./icons.js";
import { timesOf } from "./times.js";
import { nameOfUser, otherOf, titleOf } from "./who.js";
import { newestFirst } from "../client/state/chat.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { File as KnownFile } from "../client/protocol.js"
 * @import { Thread } from "../client/state/chat.js"
 * @import { Avatar } from "./avatar.js"
 * @import { SmsDialog } from "./sms-dialog.js"
 * @import { MessageSearch } from "./message-search.js"
 */

/** @typedef {{picture: Avatar, name: HTMLElement, sign: HTMLElement, when: HTMLElement, last: HTMLElement, unread: HTMLElement, button: HTMLElement}} Parts */

export class ConversationList extends PresenceElement {
  static observedAttributes = ["chosen"];

  static styles = [
    avatarStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-block-size: 0;
      }
      .head {
        display: grid;
        grid-template: auto auto minmax(0, 1fr) / minmax(0, 1fr) repeat(2, auto);
        padding: 0.75rem 0.75rem 0;
      }
      .head > button {
        grid-row: 1;
        margin-inline-start: 0.4rem;
      }
      :host([searching]) .head {
        flex: 1;
        min-block-size: 0;
      }
      .sign {
        display: inline-flex;
        color: var(--presence-ink-soft);
        font-size: 0.875rem;
      }
      .muted .unread {
        background: var(--presence-raised);
        color: var(--presence-ink);
      }
      .at {
        color: var(--presence-accent);
        font-weight: 700;
      }
      .scroll {
        flex: 1;
        min-block-size: 0;
        padding: 0.5rem 0.5rem 1rem;
      }
      .conversation {
        display: flex;
        gap: 0.8rem;
        align-items: center;
        inline-size: 100%;
        block-size: 4.25rem;
        padding: 0 0.6rem;
        border-radius: var(--presence-radius-small);
        --avatar-size: 2.75rem;
        --presence-dot-edge: var(--presence-surface);
      }
      @media (hover: hover) {
        .conversation:hover {
          background: var(--presence-raised);
          --presence-dot-edge: var(--presence-raised);
        }
      }
      .conversation[aria-current="true"] {
        background: var(--presence-accent-soft);
        --presence-dot-edge: var(--presence-accent-soft);
      }
      @media (forced-colors: active) {
        .conversation[aria-current="true"] {
          outline: 2px solid Highlight;
          outline-offset: -2px;
        }
        .unread {
          border: 1px solid;
        }
      }
      .conversation:focus-visible {
        outline-offset: -2px;
      }
      .text {
        flex: 1;
        min-inline-size: 0;
      }
      .line {
        display: flex;
        align-items: baseline;
        gap: 0.6rem;
      }
      .name,
      .last {
        flex: 1;
      }
      .name,
      .last {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        min-inline-size: 0;
      }
      .name {
        font-weight: 600;
      }
      .when {
        font-size: 0.75rem;
        color: var(--presence-ink-soft);
      }
      .last {
        font-size: 0.875rem;
        color: var(--presence-ink-soft);
      }
      .last .mark {
        color: var(--presence-danger);
        font-weight: 600;
      }
      .unread {
        min-inline-size: 1.35rem;
        padding: 0 0.4rem;
        border-radius: 1rem;
        background: var(--presence-accent);
        color: var(--presence-accent-ink);
        font-size: 0.75rem;
        font-weight: 700;
        line-height: 1.35rem;
        text-align: center;
        font-variant-numeric: tabular-nums;
      }
      .has-unread .last {
        color: var(--presence-ink);
        font-weight: 600;
      }
      :host([stale]) presence-dot {
        filter: grayscale(1);
        opacity: 0.6;
        transition: filter 0.4s 2s, opacity 0.4s 2s;
      }
      .empty {
        display: grid;
        justify-items: center;
        gap: 0.5rem;
        padding: 3rem 1.5rem;
        text-align: center;
        color: var(--presence-ink-soft);
      }
      .empty strong {
        color: var(--presence-ink);
      }
      .empty .button {
        margin-block-start: 0.75rem;
      }
      .placeholder {
        block-size: 3.25rem;
        margin: 0.5rem 0.6rem;
      }
      .further {
        display: flex;
        justify-content: center;
        padding: 0.75rem;
      }
    `,
  ];

  #rows = h("ul", { "aria-label": words.chats.title });
  #loading = h("div", { "aria-hidden": "true" }, ...[1, 2, 3, 4, 5].map(() => h("div", { class: "skeleton placeholder" })));
  #empty = h(
    "div",
    { class: "empty", hidden: true },
    h("strong", {}, words.chats.empty),
    h("p", {}, words.chats.emptyHint),
    h(
      "button",
      { class: "button", type: "button", onclick: () => this.dispatchEvent(new CustomEvent("people-wanted", { bubbles: true, composed: true })) },
      words.chats.toPeople,
    ),
  );
  #further = h(
    "div",
    { class: "further", hidden: true },
    h("button", { class: "button small", type: "button", onclick: () => void this.#listFurther() }, words.chats.older),
  );

  #search = /** @type {MessageSearch} */ (document.createElement("message-search"));
  #scroll = h("div", { class: "scroll", part: "scroll" }, this.#loading, this.#rows, this.#further, this.#empty);

  #smsDialog = /** @type {SmsDialog} */ (document.createElement("sms-dialog"));
  #sms = h(
    "button",
    { class: "icon-button", type: "button", hidden: true, "aria-label": words.sms.begin, title: words.sms.begin, onclick: () => this.#smsDialog.open() },
    icon("sms"),
  );

  constructor() {
    super();
    const begin = () => this.dispatchEvent(new CustomEvent("begin-wanted", { bubbles: true, composed: true }));
    const start = h("button", { class: "icon-button", type: "button", "aria-label": words.chats.start, title: words.chats.start, onclick: begin }, icon("plus"));
    this.root.append(h("div", { class: "head" }, this.#search, this.#sms, start), this.#scroll, this.#smsDialog);
    this.#search.addEventListener("search-changed", () => {
      const isSearching = this.#search.hasAttribute("busy");
      setAttribute(this, "searching", isSearching);
      this.#scroll.hidden = isSearching;
    });
  }

  /** @param {number} conversation to search in; 0: in all */
  search(conversation) {
    this.#search.begin(conversation);
  }

  /** @override */
  attributeChangedCallback() {
    this.invalidate();
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    const others = () => [...client.conversations.state.threads.values()].map((thread) => otherOf(client, thread));
    return [
      ...(/** @type {const} */ (["chat", "directory", "connection", "profile"]).map((topic) => client.on(topic, () => this.invalidate()))),
      client.on("presence", (users) => concerns(users, others()) && this.invalidate()),
    ];
  }

  /** @override */
  render() {
    if (!this.client) return;
    const { state } = this.client.conversations;
    const threads = newestFirst(state).filter((thread) => thread.last_seq > 0 || this.#isBegun(thread));
    setAttribute(this, "stale", !this.client.isLive && state.loaded);
    this.#sms.hidden = this.client.smsNumbers.length === 0;
    this.#loading.hidden = state.loaded;
    this.#empty.hidden = !state.loaded || threads.length > 0;
    this.#further.hidden = !state.next;
    reconcile(
      this.#rows,
      threads,
      (thread) => thread.conversation,
      (thread) => this.#row(thread.conversation),
      (row, thread) => row.show(thread),
    );
  }

  /** Whether something was written here that nobody has got yet. @param {Thread} thread */
  #isBegun({ conversation }) {
    const { conversations } = /** @type {PresenceClient} */ (this.client);
    return (
      conversations.outgoing.some((message) => message.conversation === conversation) ||
      conversations.draftOf(conversation) !== "" ||
      this.getAttribute("chosen") === String(conversation)
    );
  }

  /** @param {number} conversation */
  #row(conversation) {
    const picture = avatar();
    const name = h("span", { class: "name" });
    const when = h("span", { class: "when" });
    const last = h("span", { class: "last" });
    const unread = h("span", { class: "unread" });
    const sign = h("span", { class: "sign", hidden: true }, icon("mute"));
    const line = (/** @type {Node[]} */ ...parts) => h("span", { class: "line" }, ...parts);
    const text = h("span", { class: "text" }, line(name, sign, when), line(last, unread));
    const choose = () =>
      this.dispatchEvent(new CustomEvent("conversation-chosen", { bubbles: true, composed: true, detail: conversation }));
    const button = h("button", { class: "conversation", type: "button", onclick: choose }, picture, text);
    return Object.assign(h("li", {}, button), {
      show: (/** @type {Thread} */ thread) => this.#show(thread, { picture, name, sign, when, last, unread, button }),
    });
  }

  /**
   * @param {Thread} thread
   * @param {Parts} parts
   */
  #show(thread, { picture, name, sign, when, last, unread, button }) {
    const client = /** @type {PresenceClient} */ (this.client);
    const times = timesOf(client);
    const now = Date.now();
    const other = otherOf(client, thread);
    const title = titleOf(client, thread);
    const time = thread.last_message ? times.short(Date.parse(thread.last_message.sent_at), now) : "";
    picture.show({ user: other, name: title });
    setText(name, title);
    setText(when, time);
    const said = this.#lastWords(thread);
    showSaid(last, said);
    setText(unread, thread.unread > 99 ? "99+" : thread.unread);
    unread.hidden = thread.unread === 0;
    sign.hidden = !thread.muted;
    button.classList.toggle("has-unread", thread.unread > 0 && !thread.muted);
    button.classList.toggle("muted", thread.muted);
    setAttribute(button, "aria-current", this.getAttribute("chosen") === String(thread.conversation) ? "true" : null);
    const state = other ? labelOf(client.presenceOf(other), times, now) : "";
    const news = thread.unread > 0 ? words.navigation.unread(thread.unread) : "";
    const muted = thread.muted ? words.chats.muted : "";
    setAttribute(button, "aria-label", words.presence.join([title, state, muted, news, said.mark, said.text, time]));
  }

  /**
   * @param {Thread} thread
   * @returns {{mark: string, text: string}}
   */
  #lastWords(thread) {
    const client = /** @type {PresenceClient} */ (this.client);
    const { conversations } = client;
    const mine = conversations.outgoing.filter((message) => message.conversation === thread.conversation);
    const failed = mine.find((message) => message.state === "failed");
    if (failed) return { mark: words.chats.notSent, text: saidOf(failed) };
    const waiting = mine.at(-1);
    if (waiting) return { mark: "", text: words.chats.you(saidOf(waiting)) };
    const draft = conversations.draftOf(thread.conversation);
    if (draft && this.getAttribute("chosen") !== String(thread.conversation)) return { mark: "", text: words.chats.draft(draft) };
    const typists = conversations.typists.in(thread.conversation);
    if (typists.length > 0 && client.isLive) return { mark: "", text: words.chat.typing(typists.map((user) => nameOfUser(client, user))) };
    const message = thread.last_message;
    if (message?.line) return { mark: "", text: words.groups.line(message, (user) => (user === client.me ? null : nameOfUser(client, user))) };
    if (message?.deleted_at) return { mark: "", text: words.chats.deleted };
    if (!message) return { mark: "", text: words.chats.nothingYet };
    if (message.sender === client.me) return { mark: "", text: words.chats.you(saidOf(message)) };
    if (thread.kind === "sms") return { mark: "", text: saidOf(message) };
    const isGroup = thread.kind === "group";
    return { mark: "", text: isGroup ? words.chats.said(nameOfUser(client, message.sender), saidOf(message)) : saidOf(message) };
  }

  async #listFurther() {
    await this.client?.conversations.listFurther().catch(() => undefined); // the button stays
  }
}

/**
 * A message in a line: its words, or what its files are.
 *
 * @param {{body: string, files?: readonly KnownFile[]}} message
 */
function saidOf({ body, files = [] }) {
  return body || inWords(files);
}

/**
 * @param {HTMLElement} place
 * @param {{mark: string, text: string}} said
 */
function showSaid(place, { mark, text }) {
  const line = text.replace(/\s+/g, " ");
  if (place.textContent === (mark ? `${mark} · ${line}` : line)) return;
  setChildren(place, mark ? h("span", { class: "mark" }, mark) : null, mark ? ` · ${line}` : line);
}
