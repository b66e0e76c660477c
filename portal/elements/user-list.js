/**
 * `<user-list>`: the users whom one manages, searched and filtered, page by page.
 *
 * Fires `user-chosen` (detail: the user), `sites-wanted`, `company-wanted` and `audit-wanted`. The attribute `chosen` marks one.
 */

import { PresenceElement, css } from "./element.js";
import { focused, h, moveFocus, reconcile, setAttribute, setChildren, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { formDialogStyles } from "./form-dialog.js";
import { icon } from "./icons.js";
import { askNewUser } from "./new-user.js";
import { sentenceOf } from "./who.js";
import { nameOf } from "../client/people.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { UserSummary } from "../client/protocol.js"
 * @import { UsersChoice } from "../client/users.js"
 * @import { Avatar } from "./avatar.js"
 */

/** @typedef {HTMLLIElement & {show?: (user: UserSummary) => void}} Row */

/** Typing is over after this, and changes elsewhere are looked for no more often than this, in milliseconds. */
const TYPED = 200;
const AGAIN = 1_000;
const STATUSES = /** @type {const} */ (["new", "setup_required", "password_required", "standard"]);

export class UserList extends PresenceElement {
  static styles = [
    avatarStyles,
    formDialogStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        min-block-size: 0;
      }
      .controls {
        display: grid;
        gap: 0.6rem;
        padding: 0.9rem 0.9rem 0.7rem;
        border-block-end: 1px solid var(--presence-line);
      }
      .top {
        display: flex;
        gap: 0.4rem;
        align-items: center;
      }
      h2 {
        flex: 1;
        font-size: 1.0625rem;
      }
      .pages {
        display: flex;
        flex-wrap: wrap;
        gap: 0.1rem 0.25rem;
        margin-inline: -0.45rem;
      }
      .page {
        display: flex;
        align-items: center;
        gap: 0.35rem;
        min-block-size: 2.25rem;
        padding: 0.2rem 0.45rem;
        border-radius: var(--presence-radius-small);
        color: var(--presence-accent);
        font-size: 0.8125rem;
        font-weight: 600;
      }
      .page svg {
        inline-size: 1.05rem;
        block-size: 1.05rem;
      }
      @media (hover: hover) {
        .page:hover {
          background: var(--presence-raised);
        }
      }
      .search {
        position: relative;
      }
      .search svg {
        position: absolute;
        inset-block-start: calc(50% - 0.625em);
        inset-inline-start: 0.7rem;
        color: var(--presence-ink-soft);
        pointer-events: none;
      }
      .search .input {
        padding-inline-start: 2.3rem;
      }
      .selects {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 0.4rem;
      }
      select {
        inline-size: 100%;
        min-block-size: 2.25rem;
        padding: 0.2rem 0.4rem;
        border: 1px solid var(--presence-line-control);
        border-radius: var(--presence-radius-small);
        background: var(--presence-surface);
        text-overflow: ellipsis;
      }
      .rows {
        padding: 0.4rem;
      }
      .user {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 0.75rem;
        align-items: center;
        inline-size: 100%;
        min-block-size: 3.4rem;
        padding: 0.35rem 0.6rem;
        border-radius: var(--presence-radius-small);
        --presence-dot-edge: var(--presence-surface);
      }
      @media (hover: hover) {
        .user:hover {
          background: var(--presence-raised);
        }
      }
      .user[aria-current] {
        background: var(--presence-accent-soft);
        --presence-dot-edge: var(--presence-accent-soft);
      }
      .name,
      .about {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .name {
        display: block;
        font-weight: 600;
      }
      .about {
        display: block;
        font-size: 0.8125rem;
        color: var(--presence-ink-soft);
      }
      .status {
        padding: 0.1rem 0.55rem;
        border-radius: 1rem;
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
        font-size: 0.75rem;
        font-weight: 600;
        white-space: nowrap;
      }
      .off .name {
        color: var(--presence-ink-soft);
        text-decoration: line-through;
      }
      .end {
        display: grid;
        justify-items: center;
        gap: 0.6rem;
        padding: 1rem;
        text-align: center;
      }
      .end:empty {
        display: none;
      }
    `,
  ];

  static observedAttributes = ["chosen"];

  /** @type {UsersChoice} */
  #choice = { search: "", site: "", status: "", scope: "", sort: "name" };
  /** @type {UserSummary[]} */
  #users = [];
  /** @type {string | null} */
  #next = null;
  #isRead = false;
  #asked = 0;
  /** @type {any} */
  #timer = null;
  /** @type {unknown} */
  #problem = null;

  #search = h("input", {
    class: "input",
    type: "search",
    autocomplete: "off",
    "aria-label": words.users.search,
    placeholder: words.users.searchHint,
    oninput: () => this.#choose({ search: this.#search.value }, TYPED),
  });
  #site = h("select", { "aria-label": words.profile.fields.site, onchange: () => this.#choose({ site: this.#site.value }) }, h("option", { value: "" }, words.users.anySite));
  #status = h(
    "select",
    { "aria-label": words.profile.fields.status, onchange: () => this.#choose({ status: this.#status.value }) },
    h("option", { value: "" }, words.users.anyStatus),
    ...STATUSES.map((value) => h("option", { value }, words.profile.statuses[value])),
  );
  #scope = h(
    "select",
    { "aria-label": words.profile.fields.scope, onchange: () => this.#choose({ scope: this.#scope.value }) },
    h("option", { value: "" }, words.users.anyScope),
    ...Object.entries(words.scopes).map(([value, name]) => h("option", { value }, name)),
  );
  #sort = h(
    "select",
    { "aria-label": words.contacts.sort, onchange: () => this.#choose({ sort: /** @type {"name"} */ (this.#sort.value) }) },
    ...Object.entries(words.users.sorts).map(([value, name]) => h("option", { value }, name)),
  );
  #sites = h("button", { class: "page", type: "button", onclick: () => this.#fire("sites-wanted") }, icon("site"), words.sites.title);
  #company = h("button", { class: "page", type: "button", hidden: true, onclick: () => this.#fire("company-wanted") }, icon("lock"), words.company.title);
  #add = h(
    "button",
    { class: "icon-button", type: "button", hidden: true, "aria-label": words.users.add.title, title: words.users.add.title, onclick: () => void this.#addUser() },
    icon("plus"),
  );
  #audit = h("button", { class: "page", type: "button", hidden: true, onclick: () => this.#fire("audit-wanted", 0) }, icon("log"), words.audit.title);
  #rows = h("ul", { class: "rows", "aria-label": words.users.title, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
  #told = h("p", { class: "visually-hidden", role: "status" });
  #more = h("button", { class: "button", type: "button", onclick: () => void this.#readMore() }, words.users.more);
  #again = h("button", { class: "button", type: "button", onclick: () => this.#later(0) }, words.problems.tryAgain);
  #end = h("div", { class: "end" });

  constructor() {
    super();
    this.root.append(
      h(
        "div",
        { class: "controls" },
        h("div", { class: "top" }, h("h2", {}, words.users.title), this.#add),
        h("nav", { class: "pages", "aria-label": words.users.further }, this.#sites, this.#audit, this.#company),
        h("div", { class: "search", role: "search" }, icon("search"), this.#search),
        h("div", { class: "selects" }, this.#site, this.#scope, this.#status, this.#sort),
      ),
      h("div", { class: "scroll" }, this.#told, this.#rows, this.#end),
    );
  }

  /** @override */
  attributeChangedCallback() {
    this.invalidate();
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    this.#later(0);
    void this.#readSites();
    return [client.on("users", () => this.#later(AGAIN, true)), () => this.#stop()];
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  focusSearch() {
    this.#search.focus();
  }

  /** @override */
  render() {
    const isAgents = this.client?.session.me?.scope === "call_center_supervisor";
    setText(/** @type {HTMLElement} */ (this.root.querySelector("h2")), isAgents ? words.users.agents : words.users.title);
    this.#scope.hidden = isAgents;
    this.#audit.hidden = !this.client?.may("audit.read");
    this.#add.hidden = !this.client?.may("users.administer");
    this.#company.hidden = !this.client?.may("domain.manage_security");
    reconcile(this.#rows, this.#users, ({ user }) => user, () => this.#row(), (row, user) => row.show?.(user));
    const sentence = this.#problem ? sentenceOf(this.#problem) : this.#isRead && this.#users.length === 0 ? words.users.nobody : "";
    setChildren(this.#end, sentence ? h("p", { role: this.#problem ? "alert" : null }, sentence) : null, this.#problem ? this.#again : null, this.#next && !this.#problem ? this.#more : null);
    setAttribute(this.#rows, "aria-busy", this.#isRead ? null : "true");
  }

  /** @param {string} type @param {unknown} [detail] */
  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  /** @param {Partial<UsersChoice>} part @param {number} [after] */
  #choose(part, after = 0) {
    this.#choice = { ...this.#choice, ...part };
    this.#later(after);
  }

  /** @param {number} after milliseconds @param {boolean} [isRefresh] keeps what was read of further pages */
  #later(after, isRefresh = false) {
    if (isRefresh && this.#timer !== null) return; // it is read soon anyway
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(isRefresh ? this.#users.length : 0), after);
  }

  /** @param {number} least so many again */
  async #read(least) {
    this.#timer = null;
    const { client } = this;
    if (!client?.may("users.see_profile")) return;
    const asked = ++this.#asked;
    try {
      /** @type {UserSummary[]} */
      const users = [];
      /** @type {string | null} */
      let next = null;
      do {
        const page = await client.users.list(this.#choice, next);
        users.push(...page.items);
        next = page.next ?? null;
      } while (next && users.length < least && asked === this.#asked);
      if (asked !== this.#asked) return;
      this.#users = users;
      this.#next = next;
      this.#isRead = true;
      this.#problem = null;
      setText(this.#told, words.users.count(users.length, next !== null));
    } catch (error) {
      if (asked === this.#asked) this.#problem = error;
    }
    this.invalidate();
  }

  async #readMore() {
    const { client } = this;
    const asked = this.#asked;
    const from = focused();
    if (!client || !this.#next) return;
    try {
      const page = await client.users.list(this.#choice, this.#next);
      if (asked !== this.#asked) return;
      const first = page.items[0];
      this.#users = [...this.#users, ...page.items];
      this.#next = page.next ?? null;
      this.render();
      if (first) moveFocus(this.#rows.querySelector(`[data-user="${first.user}"]`), from);
    } catch (error) {
      this.#problem = error;
    }
    this.invalidate();
  }

  async #addUser() {
    const { client } = this;
    if (!client) return;
    const sites = [...this.#site.options].map(({ value }) => value).filter(Boolean);
    const added = await askNewUser(this.root, client, sites);
    if (!added) return;
    setText(this.#told, words.users.add.done(added.name));
    this.#later(0);
    this.#fire("user-chosen", added.user);
  }

  async #readSites() {
    if (!this.client?.may("users.see_profile")) return;
    try {
      const sites = (await this.client?.users.sites())?.items ?? [];
      const chosen = this.#site.value;
      this.#site.replaceChildren(h("option", { value: "" }, words.users.anySite), ...sites.map(({ name }) => h("option", { value: name }, name)));
      this.#site.value = chosen;
      this.#site.hidden = sites.length === 0;
    } catch {
      // One can search for a site by its name all the same.
    }
  }

  /** @returns {Row} */
  #row() {
    /** @type {Avatar} */
    const picture = avatar();
    const name = h("span", { class: "name" });
    const about = h("span", { class: "about" });
    const status = h("span", { class: "status" });
    const button = h("button", { class: "user", type: "button" }, picture, h("span", {}, name, about), status);
    /** @type {Row} */
    const row = h("li", {}, button);
    row.show = (user) => {
      picture.show({ user: user.user, name: nameOf({ first_name: user.first_name ?? "", last_name: user.last_name ?? "", extension: user.extension }) });
      setText(name, nameOf({ first_name: user.first_name ?? "", last_name: user.last_name ?? "", extension: user.extension }));
      setText(about, [user.extension, user.department, user.site].filter(Boolean).join(" · "));
      const isOff = user.disabled ?? false;
      const isStandard = user.status === "standard" && !isOff;
      setText(status, isOff ? words.users.disabled : (words.profile.statuses[/** @type {"new"} */ (user.status)] ?? ""));
      status.hidden = isStandard;
      button.classList.toggle("off", isOff);
      setAttribute(button, "data-user", user.user);
      setAttribute(button, "aria-current", this.getAttribute("chosen") === String(user.user) ? "true" : null);
      button.onclick = () => this.#fire("user-chosen", user.user);
    };
    return row;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...this.#rows.querySelectorAll("button")];
    const at = all.indexOf(/** @type {HTMLButtonElement} */ (this.root.activeElement));
    all[Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
  }
}
