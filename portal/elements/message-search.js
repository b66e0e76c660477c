/**
 * `<message-search>`: a field over the list of conversations, and what was found in their place.
 *
 * Fires `message-chosen` (detail: conversation and number), and sets its attribute `busy` while it shows results.
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { excerptOf } from "./message-text.js";
import { timesOf } from "./times.js";
import { nameOfUser, profileNameOf, sentenceOf, titleOf } from "./who.js";
import { nameOf } from "../client/people.js";
import { queryOf, sendersIn } from "../client/searching.js";
import { everybody } from "../client/state/directory.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Hit } from "../client/protocol.js"
 * @import { Query } from "../client/searching.js"
 */

/** Whoever types on is not asked for yet, in milliseconds. */
const PAUSE = 250;
const EXCERPT = 140;

export class MessageSearch extends PresenceElement {
  static styles = [
    css`
      /* Takes part in the grid of the list that it is in: its field stands beside buttons, its results below all of it. */
      :host {
        display: contents;
      }
      .field-row {
        position: relative;
        display: block;
        grid-area: 1 / 1;
      }
      .say,
      .scroll {
        grid-column: 1 / -1;
      }
      .field-row .icon {
        position: absolute;
        inset-inline-start: 0.8rem;
        inset-block-start: 50%;
        translate: 0 -50%;
        color: var(--presence-ink-soft);
        pointer-events: none;
      }
      .field-row .input {
        padding-inline-start: 2.4rem;
        border-radius: 1.25rem;
      }
      .say {
        padding: 0.6rem 0.6rem 0.2rem;
        font-size: 0.8125rem;
      }
      .scroll {
        min-block-size: 0;
        padding-block: 0.4rem 1rem;
      }
      .hit {
        display: grid;
        gap: 0.1rem;
        inline-size: 100%;
        padding: 0.55rem 0.6rem;
        border-radius: var(--presence-radius-small);
        text-align: start;
      }
      .hit:hover {
        background: var(--presence-raised);
      }
      .hit:focus-visible {
        outline-offset: -2px;
      }
      .head {
        display: flex;
        gap: 0.6rem;
        align-items: baseline;
      }
      .head strong {
        flex: 1;
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-weight: 600;
      }
      .head span {
        font-size: 0.75rem;
        color: var(--presence-ink-soft);
      }
      .text {
        font-size: 0.875rem;
        overflow-wrap: anywhere;
      }
      mark {
        background: var(--presence-accent-soft);
        color: inherit;
        font-weight: 600;
        border-radius: 0.2rem;
      }
      .further {
        display: flex;
        justify-content: center;
        padding: 0.5rem;
      }
    `,
  ];

  #field = h("input", {
    class: "input",
    type: "search",
    placeholder: words.search.hint,
    title: words.search.help,
    "aria-label": words.search.label,
    "aria-describedby": "say",
    autocomplete: "off",
    maxlength: 200,
    oninput: () => this.#typed(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
  });
  #say = h("p", { class: "soft say", id: "say", role: "status", hidden: true });
  #rows = h("ul", { "aria-label": words.search.results });
  #further = h("div", { class: "further", hidden: true }, h("button", { class: "button small", type: "button", onclick: () => void this.#more() }, words.search.more));
  #results = h("div", { class: "scroll", hidden: true }, this.#rows, this.#further);

  /** @type {Hit[]} */
  #hits = [];
  /** @type {string | null} */
  #next = null;
  /** @type {Query | null} */
  #query = null;
  /** Only the newest question is answered. */
  #asked = 0;
  #timer = 0;
  #only = 0;
  /** Whether not all were here yet whom and what names can mean, when it was asked last. */
  #isEarly = false;
  #isTyping = false;

  constructor() {
    super();
    this.root.append(h("label", { class: "field-row" }, icon("search"), this.#field), this.#say, this.#results);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("directory", () => this.#namesCame()),
      client.on("chat", () => this.#isEarly && this.#namesCame()),
      client.on("session", () => this.#end()),
    ];
  }

  /** What was asked before all names were here may be understood now. */
  #namesCame() {
    if (this.#isEarly && this.#query === null && this.#field.value.trim()) void this.#search(this.#isTyping);
    this.invalidate();
  }

  /** @param {number} conversation to search in; 0: in all */
  begin(conversation) {
    this.#only = conversation;
    const thread = this.client?.conversations.state.threads.get(conversation);
    const name = thread && this.client ? titleOf(this.client, thread) : "";
    this.#field.value = name ? `in:"${name}" ` : "";
    this.#field.focus();
    this.#typed();
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#search(true), PAUSE);
    if (!this.#field.value.trim()) this.#end();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape" && this.#field.value) {
      event.preventDefault();
      this.#end();
    }
    if (event.key === "Enter") {
      clearTimeout(this.#timer);
      void this.#search(false);
    }
    if (event.key === "ArrowDown") this.#rows.querySelector("button")?.focus();
  }

  #end() {
    this.#asked += 1;
    if (!this.#field.matches(":focus") || !this.#field.value.trim()) this.#field.value = "";
    else this.#field.value = "";
    this.#only = 0;
    this.#query = null;
    this.#hits = [];
    this.#tell("");
    this.render();
  }

  /** @param {boolean} isTyping */
  async #search(isTyping) {
    const typed = this.#field.value.trim();
    if (!typed || !this.client) return;
    const mine = ++this.#asked;
    const { client } = this;
    this.#isEarly = !(client.coworkers.state.complete && client.conversations.state.loaded);
    this.#isTyping = isTyping;
    const query = queryOf(this.#field.value, await this.#known(typed), isTyping);
    if (mine !== this.#asked) return;
    if ("kind" in query) {
      this.#query = null;
      this.#hits = [];
      this.#tell(query.kind === "noWord" ? words.search.noWord : words.search[query.kind](query.text));
      return this.render();
    }
    this.#query = query;
    await this.#ask(query, null);
  }

  async #more() {
    if (this.#query && this.#next) await this.#ask(this.#query, this.#next);
  }

  /**
   * @param {Query} query
   * @param {string | null} before
   */
  async #ask(query, before) {
    const mine = this.#asked;
    const { client } = this;
    if (!client) return;
    if (!before && this.#hits.length === 0) this.#tell(words.search.searching);
    try {
      const found = await client.conversations.search({ ...query, ...(before && { before }) });
      if (mine !== this.#asked) return;
      this.#hits = before ? [...this.#hits, ...found.hits] : found.hits;
      this.#next = found.next ?? null;
      this.#tell(this.#hits.length === 0 ? words.search.none(this.#field.value.trim()) : "");
    } catch (error) {
      if (mine === this.#asked) this.#tell(words.search.failed(sentenceOf(error)));
    }
    this.render();
  }

  /**
   * Whom and what names can mean. Where there are too many people to have all of them here, those who are named are found
   * by the server.
   *
   * @param {string} typed
   * @returns {Promise<import("../client/searching.js").Known>}
   */
  async #known(typed) {
    const client = /** @type {PresenceClient} */ (this.client);
    if (client.isLarge) {
      const asked = sendersIn(typed).map((name) => client.findCoworkers(name).catch(() => []));
      await Promise.all(asked);
    }
    const people = everybody(client.coworkers.state);
    const threads = [...client.conversations.state.threads.values()];
    const first = threads.filter((thread) => thread.conversation === this.#only);
    const me = client.session.me;
    return {
      people: [
        ...people.map(({ user, extension }) => ({ user, name: nameOfUser(client, user), extension })),
        ...people.map(({ user, extension }) => ({ user, name: profileNameOf(client, user), extension })),
        ...(me ? [{ user: me.user, name: nameOf(me), extension: me.extension }] : []),
      ],
      conversations: [...first, ...threads].map((thread) => ({ conversation: thread.conversation, name: titleOf(client, thread) })),
    };
  }

  /** @param {string} text */
  #tell(text) {
    setText(this.#say, text);
    this.#say.hidden = text === "";
  }

  /** @override */
  render() {
    const isBusy = this.#query !== null || !this.#say.hidden;
    if (isBusy !== this.hasAttribute("busy")) {
      setAttribute(this, "busy", isBusy);
      this.dispatchEvent(new CustomEvent("search-changed", { bubbles: true, composed: true }));
    }
    this.#results.hidden = this.#hits.length === 0;
    this.#further.hidden = this.#next === null;
    reconcile(
      this.#rows,
      this.#hits,
      ({ message }) => `${message.conversation}:${message.seq}`,
      (hit) => this.#row(hit),
      (row, hit) => row.show(hit),
    );
  }

  /** @param {Hit} hit */
  #row({ message }) {
    const where = h("strong");
    const when = h("span");
    const text = h("span", { class: "text", dir: "auto" });
    const choose = () =>
      this.dispatchEvent(
        new CustomEvent("message-chosen", { bubbles: true, composed: true, detail: { conversation: message.conversation, seq: message.seq } }),
      );
    const button = h("button", { class: "hit", type: "button", onclick: choose }, h("span", { class: "head" }, where, when), text);
    return Object.assign(h("li", {}, button), {
      show: (/** @type {Hit} */ hit) => {
        const client = /** @type {PresenceClient} */ (this.client);
        const thread = client.conversations.state.threads.get(hit.message.conversation);
        setText(where, thread ? titleOf(client, thread) : words.chats.group);
        setText(when, timesOf(client).short(Date.parse(hit.message.sent_at), Date.now()));
        const sender = hit.message.sender === client.me ? words.chat.you : nameOfUser(client, hit.message.sender);
        const parts = excerptOf(hit.message.body, hit.words, EXCERPT);
        setChildren(text, `${sender}: `, ...parts.map((part) => (part.isFound ? h("mark", {}, part.text) : part.text)));
      },
    });
  }
}
