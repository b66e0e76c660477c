/**
 * `<audit-page>`: who did what, as whom, to whom, when and from where; with the attribute `user` only what that person did
 * or had done.
 *
 * Fires `audit-closed`.
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { profileStyles } from "./profile-styles.js";
import { timesOf } from "./times.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { AuditEntry, AuditPage as Page, AuditPerson } from "../client/protocol.js"
 * @import { AuditChoice } from "../client/users.js"
 */

/** Milliseconds until it is asked again what is new; whatever concerns users is heard of before that. */
const LOOK_EVERY = 5_000;
/** Pixels: whoever has scrolled less than this looks at the newest. */
const NEAR = 8;

/** @typedef {HTMLLIElement & {show?: (entry: AuditEntry) => void}} Row */

export class AuditPage extends PresenceElement {
  static styles = [
    profileStyles,
    css`
      :host([user]) {
        grid-template-rows: auto minmax(0, 1fr);
      }
      .filters {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr));
        gap: 0.6rem;
        align-items: end;
      }
      .exports {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        align-items: center;
      }
      .exports a {
        text-decoration: none;
      }
      /* Takes no room: nothing that somebody reads moves when it comes. */
      .newer {
        position: sticky;
        inset-block-start: 0;
        z-index: 1;
        block-size: 0;
        display: grid;
        justify-items: center;
      }
      .newer button {
        box-shadow: var(--presence-shadow);
      }
      ol {
        display: grid;
        gap: 0;
        border: 1px solid var(--presence-line);
        border-radius: var(--presence-radius);
      }
      ol:empty {
        display: none;
      }
      li {
        display: grid;
        gap: 0.15rem;
        padding: 0.7rem 1rem;
      }
      li + li {
        border-block-start: 1px solid var(--presence-line);
      }
      .what {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .about {
        font-size: 0.8125rem;
        color: var(--presence-ink-soft);
        overflow-wrap: anywhere;
      }
      .changes {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.1rem 0.75rem;
        margin-block-start: 0.3rem;
        padding: 0.5rem 0.75rem;
        font-size: 0.8125rem;
      }
      .changes:empty {
        display: none;
      }
      .changes del {
        color: var(--presence-ink-soft);
      }
      .changes ins {
        text-decoration: none;
      }
    `,
  ];

  static observedAttributes = ["user"];

  /** @type {AuditEntry[]} */
  #entries = [];
  /** @type {string | null} */
  #next = null;
  /** What has come since, for somebody who reads further down. @type {Page | null} */
  #newer = null;
  #isRead = false;
  #asked = 0;
  /** @type {unknown} */
  #problem = null;

  #title = h("h2", { tabindex: -1 }, words.audit.title);
  #kind = h(
    "select",
    { class: "input", id: "kind", onchange: () => void this.#read() },
    h("option", { value: "" }, words.audit.anyKind),
    ...Object.entries(words.audit.kinds).map(([value, name]) => h("option", { value }, name)),
  );
  #since = h("input", { class: "input", id: "since", type: "date", onchange: () => void this.#read() });
  #until = h("input", { class: "input", id: "until", type: "date", onchange: () => void this.#read() });
  #exports = h("p", { class: "exports" });
  #anybody = h("p", {}, h("button", { class: "button small", type: "button", onclick: () => this.#everybody() }, words.audit.everybody));
  #showNewer = h("button", { class: "button small", type: "button", onclick: () => this.#goToNewest() });
  #rows = h("ol", { "aria-label": words.audit.title });
  #more = h("button", { class: "button", type: "button", onclick: () => void this.#readMore() }, words.users.more);
  #again = h("button", { class: "button", type: "button", onclick: () => void this.#read() }, words.problems.tryAgain);
  #end = h("div", { role: "status" });
  #scroll = h("div", { class: "scroll" });

  constructor() {
    super();
    const close = () => this.dispatchEvent(new CustomEvent("audit-closed", { bubbles: true, composed: true }));
    const field = (/** @type {string} */ id, /** @type {string} */ name, /** @type {HTMLElement} */ input) =>
      h("div", { class: "field" }, h("label", { for: id }, name), input);
    this.root.append(
      h(
        "header",
        {},
        h("button", { class: "icon-button", type: "button", "aria-label": words.navigation.back, onclick: close }, icon("back")),
        this.#title,
      ),
      this.#scroll,
    );
    this.#scroll.append(
      h(
        "div",
        { class: "fields" },
        h(
          "div",
          { class: "filters", role: "group", "aria-label": words.audit.filters },
          field("kind", words.audit.kind, this.#kind),
          field("since", words.audit.since, this.#since),
          field("until", words.audit.until, this.#until),
        ),
        this.#anybody,
        this.#exports,
        h("div", { class: "newer", role: "status" }, this.#showNewer),
        this.#rows,
        this.#end,
      ),
    );
  }

  /** @override @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    this.#entries = [];
    this.#next = this.#problem = null;
    this.#isRead = false;
    if (this.client) void this.#read();
    super.attributeChangedCallback(name, before, after);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    void this.#read();
    const looking = setInterval(() => void this.#look(), LOOK_EVERY);
    return [client.on("profile", () => this.invalidate()), client.on("users", () => void this.#look()), () => clearInterval(looking)];
  }

  focusTitle() {
    this.#title.focus();
  }

  /** @returns {AuditChoice} */
  get #choice() {
    // Days are those of whoever looks; `until` means the whole of that day.
    const times = timesOf(this.client);
    return {
      user: Number(this.getAttribute("user") ?? 0),
      action: this.#kind.value,
      since: this.#since.value && new Date(times.startOf(this.#since.value)).toISOString(),
      until: this.#until.value && new Date(times.startOf(this.#until.value) + 86_400_000).toISOString(),
    };
  }

  /** @override */
  render() {
    const { client } = this;
    if (!client) return;
    this.#anybody.hidden = !this.hasAttribute("user");
    setChildren(
      this.#exports,
      ...(/** @type {const} */ (["csv", "json"])).map((format) =>
        h("a", { class: "button small", href: client.users.auditExport(this.#choice, format), download: `audit.${format}` }, icon("save"), words.audit.exports[format]),
      ),
    );
    const unseen = this.#newer ? this.#unknownOf(this.#newer).length : 0;
    this.#showNewer.hidden = unseen === 0;
    if (unseen) setText(this.#showNewer, words.audit.newer(unseen));
    reconcile(this.#rows, this.#entries, ({ id }) => id, () => this.#row(), (row, entry) => row.show?.(entry));
    const sentence = this.#problem ? sentenceOf(this.#problem) : this.#isRead && this.#entries.length === 0 ? words.audit.nothing : "";
    setChildren(this.#end, sentence ? h("p", {}, sentence) : null, this.#problem ? this.#again : this.#next ? this.#more : null);
    setAttribute(this.#rows, "aria-busy", this.#isRead ? null : "true");
  }

  #everybody() {
    this.removeAttribute("user");
    this.#title.focus();
  }

  async #read() {
    const { client } = this;
    if (!client?.may("audit.read")) return;
    const asked = ++this.#asked;
    try {
      const page = await client.users.audit(this.#choice);
      if (asked !== this.#asked) return;
      this.#entries = page.items;
      this.#next = page.next ?? null;
      this.#newer = null;
      this.#isRead = true;
      this.#problem = null;
    } catch (error) {
      if (asked === this.#asked) this.#problem = error;
    }
    this.invalidate();
  }

  /** Whether there is something new; that comes in by itself only where it moves nothing that is being read. */
  async #look() {
    const { client } = this;
    if (!client?.may("audit.read") || !this.#isRead || document.hidden || !this.checkVisibility()) return;
    const asked = this.#asked;
    const page = await client.users.audit(this.#choice).catch(() => null); // it is asked again soon
    if (!page || asked !== this.#asked || this.#unknownOf(page).length === 0) return;
    this.#newer = page;
    if (this.#scroll.scrollTop < NEAR) this.#takeNewer();
    this.invalidate();
  }

  /** @param {Page} page */
  #unknownOf(page) {
    const known = new Set(this.#entries.map(({ id }) => id));
    return page.items.filter(({ id }) => !known.has(id));
  }

  #takeNewer() {
    if (!this.#newer) return;
    const unknown = this.#unknownOf(this.#newer);
    const isGap = unknown.length === this.#newer.items.length && this.#entries.length > 0;
    // Lines of changes that took long come late, among others.
    this.#entries = isGap ? unknown : [...unknown, ...this.#entries].sort((one, other) => other.id - one.id);
    if (isGap) this.#next = this.#newer.next ?? null;
    this.#newer = null;
  }

  #goToNewest() {
    this.#takeNewer();
    this.render();
    this.#scroll.scrollTop = 0;
    this.#title.focus();
  }

  async #readMore() {
    const { client } = this;
    const asked = this.#asked;
    if (!client || !this.#next) return;
    try {
      const page = await client.users.audit(this.#choice, this.#next);
      if (asked !== this.#asked) return;
      this.#entries = [...this.#entries, ...page.items];
      this.#next = page.next ?? null;
    } catch (error) {
      if (asked === this.#asked) this.#problem = error;
    }
    this.invalidate();
  }

  /** @returns {Row} */
  #row() {
    const what = h("p", { class: "what" });
    const about = h("p", { class: "about" });
    const changes = h("dl", { class: "changes" });
    /** @type {Row} */
    const row = h("li", {}, what, about, changes);
    row.show = (entry) => {
      const times = timesOf(this.client);
      const at = Date.parse(entry.at);
      const whom = entry.person ? personName(entry.person) : targetName(entry.target ?? "");
      setText(what, words.audit.line(words.audit.actions[entry.action] ?? entry.action, whom));
      setText(
        about,
        [words.audit.by(entry.by ? personName(entry.by) : "", entry.operator ? personName(entry.operator) : ""), times.full(at), entry.address].filter(Boolean).join(" · "),
      );
      setChildren(changes, ...changesOf(entry));
    };
    return row;
  }
}

/** @param {AuditPerson} person */
function personName({ user, name, extension }) {
  return [name || words.audit.former(user), extension].filter(Boolean).join(", ");
}

/** @param {string} target of something that is no user */
function targetName(target) {
  const [kind = "", ...id] = target.split(":");
  return kind === "site" ? id.join(":") : "";
}

/** @param {AuditEntry} entry */
function changesOf({ before, after }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names.flatMap((name) => {
    const was = before && name in before ? valueOf(before[name]) : "";
    const now = after && name in after ? valueOf(after[name]) : "";
    const called = /** @type {Record<string, string>} */ (words.profile.fields)[name] ?? words.audit.fields[name] ?? name;
    return [h("dt", {}, called), h("dd", {}, was ? h("del", {}, was) : null, was ? " → " : null, h("ins", {}, now || words.profile.none))];
  });
}

/** @param {unknown} value */
function valueOf(value) {
  if (value === true) return words.profile.yes;
  if (value === false) return words.profile.no;
  if (Array.isArray(value)) return value.map(String).join(", ");
  return value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
}
