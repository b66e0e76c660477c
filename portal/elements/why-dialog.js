/**
 * `<why-dialog>`: what is behind somebody's colour, in plain words: what counts now, what does not and why, and the day.
 * `open(user)` shows it; Escape, its button and a click beside it close it, and the focus returns to where it was.
 *
 * It is asked again whenever the person's presence changes, and now and then, since registrations are renewed without
 * any change.
 */

import { PresenceElement, css } from "./element.js";
import { h, setAttribute, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { dayLine, dayLineStyles } from "./day-line.js";
import { icon } from "./icons.js";
import { reasonOf } from "./presence-view.js";
import { reasonLine } from "./reason-line.js";
import { timesOf } from "./times.js";
import { nameOfUser, sentenceOf } from "./who.js";
import { factsOf, noticesOf, spansOf, switchesOf } from "./why-view.js";
import { Refused } from "../client/errors.js";
import { complete } from "../client/state/presence.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Explanation } from "../client/protocol.js"
 * @import { Fact, Kind, Span } from "./why-view.js"
 */

const ASK_AGAIN = 20_000;
/** A list as short as this is shown at once. */
const FEW = 5;
/** @type {Record<Kind, string>} */
const ICONS = { call: "phone", dnd: "dnd", chat: "chats", phone: "device" };

export class WhyDialog extends PresenceElement {
  static styles = [
    avatarStyles,
    dayLineStyles,
    css`
      :host {
        display: contents;
      }
      dialog {
        inline-size: min(36rem, 100vw - 3rem);
        max-inline-size: none;
        max-block-size: min(48rem, 100dvh - 3rem);
        padding: 0;
        border: 1px solid var(--presence-line);
        border-radius: calc(var(--presence-radius) * 1.5);
        background: var(--presence-surface);
        color: var(--presence-ink);
        box-shadow: var(--presence-shadow);
        overflow: hidden;
      }
      dialog[open] {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      @media (width < 48rem) {
        dialog {
          inline-size: 100vw;
          block-size: 100dvh;
          max-block-size: none;
          border: 0;
          border-radius: 0;
        }
      }
      header {
        display: flex;
        align-items: center;
        gap: 0.75rem;
        min-block-size: 3.5rem;
        padding: 0.4rem 0.75rem 0.4rem 1.25rem;
        border-block-end: 1px solid var(--presence-line);
      }
      h2 {
        margin-inline-end: auto;
        font-size: 1.0625rem;
      }
      h2:focus-visible {
        outline-offset: 4px;
        border-radius: 2px;
      }
      .scroll {
        padding: 1.25rem 1.25rem calc(1.5rem + env(safe-area-inset-bottom, 0px));
      }
      .scroll:focus-visible {
        outline-offset: -2px;
      }
      .content {
        display: grid;
        gap: 1.5rem;
      }
      .person {
        display: flex;
        align-items: center;
        gap: 0.9rem;
        --avatar-size: 3rem;
        --presence-dot-edge: var(--presence-surface);
      }
      .person .name {
        overflow-wrap: anywhere;
      }
      .person .reason {
        font-size: 1.0625rem;
        font-weight: 600;
      }
      .notices:empty {
        display: none;
      }
      .notices {
        display: grid;
        gap: 0.4rem;
      }
      .notices li {
        display: flex;
        gap: 0.6rem;
        padding: 0.5rem 0.75rem;
        border-radius: var(--presence-radius-small);
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
        font-size: 0.875rem;
      }
      section {
        display: grid;
        gap: 0.6rem;
      }
      h3 {
        font-size: 0.875rem;
        color: var(--presence-ink-soft);
      }
      .facts {
        display: grid;
        gap: 0.75rem;
      }
      .facts li {
        display: grid;
        grid-template-columns: 1.25rem minmax(0, 1fr);
        column-gap: 0.75rem;
      }
      .facts svg {
        margin-block-start: 0.1em;
        color: var(--presence-ink-soft);
      }
      .what {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .decides {
        margin-inline-start: 0.5rem;
        padding: 0.05rem 0.5rem;
        border-radius: 1rem;
        background: var(--presence-accent-soft);
        color: var(--presence-accent);
        font-size: 0.75rem;
        font-weight: 600;
        white-space: nowrap;
      }
      .detail {
        grid-column: 2;
        color: var(--presence-ink-soft);
        font-size: 0.8125rem;
        overflow-wrap: anywhere;
      }
      .nothing .what {
        font-weight: 400;
      }
      .silent .detail {
        color: var(--presence-danger);
      }
      summary {
        inline-size: fit-content;
        padding-block: 0.25rem;
        color: var(--presence-accent);
        font-size: 0.875rem;
        font-weight: 600;
        cursor: pointer;
      }
      .spans {
        display: grid;
        gap: 0.2rem;
        padding-block-start: 0.25rem;
        font-size: 0.875rem;
      }
      .spans li {
        display: grid;
        grid-template-columns: 9.5rem minmax(0, 1fr) auto;
        gap: 0.75rem;
        font-variant-numeric: tabular-nums;
      }
      .spans li > :first-child,
      .spans li > :last-child,
      .foot {
        color: var(--presence-ink-soft);
      }
      .foot {
        font-size: 0.8125rem;
      }
      .problem {
        display: grid;
        justify-items: center;
        gap: 1rem;
        padding: 2rem 1rem;
        text-align: center;
        color: var(--presence-ink-soft);
      }
      .loading .skeleton {
        block-size: 0.9rem;
      }
      .loading .skeleton:nth-child(even) {
        inline-size: 60%;
      }
      :host([stale]) presence-dot {
        filter: grayscale(1);
        opacity: 0.6;
      }
    `,
  ];

  #user = 0;
  /** @type {Explanation | null} */
  #told = null;
  #toldAt = 0;
  /** @type {unknown} */
  #problem = null;
  /** Answers to earlier questions are not shown. */
  #asked = 0;
  /** @type {any} */
  #again = null;

  #title = h("h2", { id: "title", tabindex: -1, autofocus: true }, words.why.title);
  #picture = avatar();
  #name = h("p", { class: "name" });
  #reason = reasonLine();
  #notices = h("ul", { class: "notices" });
  #counts = h("ul", { class: "facts" });
  #ignored = h("ul", { class: "facts" });
  #ignoredSection = section(words.why.ignored, this.#ignored);
  #switches = h("ul", { class: "facts" });
  #switchesSection = section(words.why.switches, this.#switches);
  #day = dayLine();
  #spans = h("ol", { class: "spans" });
  #summary = h("summary");
  #list = h("details", {}, this.#summary, this.#spans);
  #foot = h("p", { class: "foot" });
  #answer = h(
    "div",
    { class: "content" },
    this.#notices,
    section(words.why.counts, this.#counts),
    this.#ignoredSection,
    this.#switchesSection,
    section(words.why.day, this.#day, this.#list),
    this.#foot,
  );
  #loading = h("div", { class: "content loading", "aria-hidden": "true" }, ...[0, 1, 2, 3].map(() => h("span", { class: "skeleton" })));
  #problemText = h("p", { role: "alert" });
  #tryAgain = h("button", { class: "button", type: "button", onclick: () => void this.#ask() }, words.problems.tryAgain);
  #problemPart = h("div", { class: "problem" }, this.#problemText, this.#tryAgain);
  #dialog = h(
    "dialog",
    { "aria-labelledby": "title", onclose: () => this.#closed(), onclick: (/** @type {MouseEvent} */ event) => this.#clicked(event) },
    h(
      "header",
      { role: "presentation" },
      this.#title,
      h("button", { class: "icon-button", type: "button", "aria-label": words.why.close, onclick: () => this.#dialog.close() }, icon("close")),
    ),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "title" },
      h(
        "div",
        { class: "content" },
        h("div", { class: "person" }, this.#picture, h("div", {}, this.#name, this.#reason.element)),
        this.#loading,
        this.#problemPart,
        this.#answer,
      ),
    ),
  );

  constructor() {
    super();
    this.root.append(this.#dialog);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("presence", (users) => (!users || users.has(this.#user)) && void this.#ask()),
      client.on("connection", () => {
        this.invalidate();
        if (client.isLive && !this.#isCurrent()) void this.#ask();
      }),
      client.on("profile", () => this.invalidate()),
      client.on("directory", () => this.invalidate()),
      () => this.#dialog.close(),
    ];
  }

  /** @param {number} user */
  open(user) {
    this.#user = user;
    this.#told = this.#problem = null;
    this.#list.open = false;
    this.render();
    this.#dialog.showModal();
    void this.#ask();
  }

  #isCurrent() {
    return this.#told !== null && performance.now() - this.#toldAt < ASK_AGAIN;
  }

  async #ask() {
    clearTimeout(this.#again);
    const { client } = this;
    if (!client || !this.#dialog.open) return;
    const asked = ++this.#asked;
    try {
      const told = await client.why(this.#user);
      if (asked !== this.#asked) return;
      if (!this.#told) this.#list.open = spansOf(told).length <= FEW;
      this.#told = told;
      this.#toldAt = performance.now();
      this.#problem = null;
    } catch (problem) {
      if (asked !== this.#asked) return;
      this.#problem = problem;
      // What may no longer be seen goes; what could only not be asked again stays, with its time.
      if (problem instanceof Refused && !problem.temporary) this.#told = null;
    }
    this.#again = setTimeout(() => void this.#ask(), ASK_AGAIN);
    this.invalidate();
  }

  #closed() {
    clearTimeout(this.#again);
    this.#asked++;
    this.#user = 0;
    this.#told = this.#problem = null;
  }

  /** Beside the dialog is the dialog itself; everything within it is inside one of its parts. @param {MouseEvent} event */
  #clicked(event) {
    if (event.target === this.#dialog) this.#dialog.close();
  }

  /** @override */
  render() {
    const { client } = this;
    if (!client || !this.#user) return;
    const told = this.#told;
    const name = nameOfUser(client, this.#user);
    const presence = told ? complete(told.presence) : client.presenceOf(this.#user);
    const reason = reasonOf(presence, timesOf(client), Date.now());
    setAttribute(this, "stale", !client.isLive);
    this.#picture.show({ user: this.#user, name });
    this.#picture.dot.presence = presence;
    setText(this.#name, name);
    this.#reason.show(reason, client.isLive);
    this.#loading.hidden = told !== null || this.#problem !== null;
    this.#problemPart.hidden = told !== null || this.#problem === null;
    this.#answer.hidden = told === null;
    if (this.#problem !== null && !told) this.#renderProblem();
    if (told) this.#renderAnswer(told);
  }

  #renderProblem() {
    const { refused } = words.why;
    const code = this.#problem instanceof Refused ? this.#problem.code : "";
    const isFinal = code === "not_allowed" || code === "not_found";
    setText(this.#problemText, isFinal ? refused[code] : sentenceOf(this.#problem));
    this.#tryAgain.hidden = isFinal;
  }

  /** @param {Explanation} told */
  #renderAnswer(told) {
    const times = timesOf(this.client);
    const { counts, ignored } = factsOf(told, times);
    const switches = switchesOf(told, times);
    const spans = spansOf(told);
    this.#notices.replaceChildren(...noticesOf(told).map((notice) => h("li", {}, icon("hidden"), notice)));
    this.#counts.replaceChildren(...(counts.length > 0 ? counts.map(factItem) : [h("li", { class: "nothing" }, icon("clock"), h("p", { class: "what" }, words.why.nothing))]));
    this.#ignoredSection.hidden = ignored.length === 0;
    this.#ignored.replaceChildren(...ignored.map(factItem));
    this.#switchesSection.hidden = switches.length === 0;
    this.#switches.replaceChildren(...switches.map(switchItem));
    this.#day.show(spans, times);
    setText(this.#summary, words.why.asList(spans.length));
    const item = (/** @type {Span} */ span) => {
      const until = span === spans.at(-1) ? words.why.now : times.time(span.to * 1_000);
      const duration = words.why.duration(Math.round((span.to - span.from) / 60));
      return h(
        "li",
        {},
        h("span", {}, words.why.fromTo(times.since(span.from * 1_000, told.at * 1_000), until)),
        h("span", {}, words.why.states[span.state]),
        h("span", {}, duration),
      );
    };
    this.#spans.replaceChildren(...spans.map(item).reverse());
    setText(this.#foot, `${words.why.asOf(times.time(told.at * 1_000))} ${words.why.rule}`);
  }
}

/**
 * @param {string} title
 * @param {...Node} children
 */
function section(title, ...children) {
  return h("section", {}, h("h3", {}, title), ...children);
}

/** @param {Fact} fact */
function factItem({ kind, what, detail, decides }) {
  const mark = decides ? h("span", { class: "decides" }, words.why.decides) : null;
  return h("li", {}, icon(ICONS[kind]), h("p", { class: "what" }, what, " ", mark), h("p", { class: "detail" }, detail));
}

/** @param {{name: string, detail: string, isSilent: boolean}} told */
function switchItem({ name, detail, isSilent }) {
  return h("li", { class: isSilent ? "silent" : null }, icon(isSilent ? "cut" : "live"), h("p", { class: "what" }, name), h("p", { class: "detail" }, detail));
}
