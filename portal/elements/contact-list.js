/**
 * `<contact-list>`: the people one can see, in groups, searched and sorted, with live dots.
 *
 * Fires `person-chosen` (detail: the user) when somebody is chosen. The list follows presence, but never under a hand that
 * is about to click: while a pointer moves over it or the keyboard is in it, nobody changes places.
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setChildren, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { icon } from "./icons.js";
import { labelOf, reasonOf, shortReasonOf } from "./presence-view.js";
import { timesOf } from "./times.js";
import { askWhy, whyButton } from "./why-button.js";
import { byName, chosen, countByStatus, heldOrder, nameOf, valuesOf } from "../client/people.js";
import { everybody } from "../client/state/directory.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Choice, Person, SortKey, StatusGroup } from "../client/people.js"
 * @import { DirectoryState, KnownCoworker } from "../client/state/directory.js"
 * @import { Avatar } from "./avatar.js"
 */

/** @typedef {HTMLLIElement & {show: (person: Person) => void}} Row */

/** @type {StatusGroup[]} */
const GROUPS = ["all", "available", "busy", "offline", "unknown"];
/** @type {SortKey[]} */
const SORTS = ["name", "status", "extension", "department"];

const PERSON = /** @type {"button"} */ ("button.person");

/** A pointer that rests longer than this is not about to click. */
const HOLD = 3_000;

export class ContactList extends PresenceElement {
  static styles = [
    avatarStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-block-size: 0;
      }
      .controls {
        display: grid;
        gap: 0.6rem;
        padding: 0.75rem 1rem 0.6rem;
        border-block-end: 1px solid var(--presence-line);
      }
      .search {
        position: relative;
      }
      .search svg {
        position: absolute;
        inset-inline-start: 0.7rem;
        inset-block-start: 0.65rem;
        color: var(--presence-ink-soft);
        pointer-events: none;
      }
      .search .input {
        padding-inline-start: 2.3rem;
        border-radius: 1.25rem;
      }
      fieldset {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: auto;
        gap: 0.25rem;
        margin: 0;
        padding: 0;
        border: 0;
      }
      .chip {
        position: relative;
        display: grid;
        justify-items: center;
        padding: 0.3rem 0.2rem;
        border-radius: var(--presence-radius-small);
        font-size: 0.8125rem;
        line-height: 1.25;
        color: var(--presence-ink-soft);
        cursor: pointer;
      }
      .chip input {
        position: absolute;
        inset: 0;
        opacity: 0;
        margin: 0;
        cursor: pointer;
      }
      .chip b {
        font-size: 0.9375rem;
        font-variant-numeric: tabular-nums;
        color: var(--presence-ink);
      }
      .chip:has(:checked) {
        background: var(--presence-accent-soft);
        color: var(--presence-accent);
        font-weight: 600;
      }
      .chip:has(:checked) b {
        color: var(--presence-accent);
      }
      .chip:has(:focus-visible) {
        outline: 2px solid var(--presence-accent);
        outline-offset: 1px;
      }
      .selects {
        display: flex;
        gap: 0.5rem;
      }
      .selects label {
        min-inline-size: 0;
      }
      .selects label:first-child {
        flex: 1;
      }
      select {
        inline-size: 100%;
        min-block-size: 2rem;
        padding: 0.15rem 0.3rem;
        font-size: 0.8125rem;
        border: 1px solid transparent;
        border-radius: var(--presence-radius-small);
        background: transparent;
        color: var(--presence-ink-soft);
        text-overflow: ellipsis;
      }
      select option,
      select optgroup {
        background: var(--presence-surface);
        color: var(--presence-ink);
      }
      .scroll {
        flex: 1;
        min-block-size: 0;
        padding: 0.35rem 0.5rem 1rem;
      }
      li {
        content-visibility: auto;
        contain-intrinsic-size: auto 3.6rem;
      }
      .person {
        display: flex;
        align-items: center;
        gap: 0.8rem;
        inline-size: 100%;
        block-size: 3.6rem;
        padding: 0 0.6rem;
        border-radius: var(--presence-radius-small);
        --presence-dot-edge: var(--presence-surface);
      }
      @media (hover: hover) {
        .chip:hover:not(:has(:checked)),
        select:hover {
          background: var(--presence-raised);
        }
        .person:hover {
          background: var(--presence-raised);
          --presence-dot-edge: var(--presence-raised);
        }
      }
      .person[aria-current="true"] {
        background: var(--presence-accent-soft);
        --presence-dot-edge: var(--presence-accent-soft);
      }
      @media (forced-colors: active) {
        .chip:has(:checked),
        .person[aria-current="true"] {
          outline: 2px solid Highlight;
          outline-offset: -2px;
        }
      }
      .person:focus-visible {
        outline-offset: -2px;
      }
      li {
        position: relative;
      }
      li > .why {
        position: absolute;
        inset-block-start: 0.55rem;
        inset-inline-end: 0.25rem;
      }
      .person:has(+ .why:not([hidden])) {
        padding-inline-end: 2.9rem;
      }
      @media (hover: hover) {
        li:not(:hover, :focus-within) > .why {
          opacity: 0;
        }
        li > .why:hover:not(:disabled) {
          background: var(--presence-surface);
        }
      }
      .text {
        flex: 1;
        min-inline-size: 0;
      }
      .name,
      .reason {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .name {
        font-weight: 600;
      }
      .reason {
        font-size: 0.8125rem;
        color: var(--presence-ink-soft);
      }
      .reason i {
        color: var(--presence-ink);
        font-style: normal;
      }
      .extension {
        font-size: 0.8125rem;
        font-variant-numeric: tabular-nums;
        color: var(--presence-ink-soft);
      }
      :host([stale]) presence-dot {
        filter: grayscale(1);
        opacity: 0.6;
        transition: filter 0.4s 2s, opacity 0.4s 2s;
      }
      .empty {
        display: grid;
        gap: 1rem;
        justify-items: center;
        padding: 3rem 1.5rem;
        text-align: center;
        color: var(--presence-ink-soft);
      }
      .placeholder {
        display: flex;
        align-items: center;
        gap: 0.8rem;
        block-size: 3.6rem;
        padding: 0 0.6rem;
      }
      .placeholder .round {
        inline-size: 2.5rem;
        block-size: 2.5rem;
        border-radius: 50%;
      }
      .placeholder .line {
        display: block;
        block-size: 0.7rem;
        inline-size: 9rem;
      }
      .placeholder .line + .line {
        inline-size: 6rem;
        margin-block-start: 0.45rem;
      }
    `,
  ];

  static observedAttributes = ["chosen"];

  /** @type {Choice} */
  #choice = { status: "all", department: "", site: "", search: "", sort: "name" };
  /** @type {KnownCoworker[]} */
  #sorted = [];
  /** @type {DirectoryState | null} */
  #sortedFrom = null;
  /** The row that the Tab key reaches. @type {HTMLButtonElement | null} */
  #tabStop = null;
  /** Users as they stand in the list. @type {number[]} */
  #order = [];
  #heldUntil = 0;
  /** How many people's state is unknown. */
  #uncertain = 0;
  /** @type {any} */
  #release = null;

  #search = h("input", {
    class: "input",
    type: "search",
    "aria-label": words.contacts.search,
    placeholder: words.contacts.searchHint,
    autocomplete: "off",
    oninput: () => this.#choose({ search: this.#search.value }),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#searchKey(event),
  });
  /** @type {Map<StatusGroup, HTMLElement>} */
  #counts = new Map();
  #groups = h("fieldset", {}, h("legend", { class: "visually-hidden" }, words.contacts.show));
  #places = h("select", { onchange: () => this.#choosePlace() });
  #sort = h("select", {
    onchange: () => this.#choose({ sort: /** @type {SortKey} */ (this.#sort.value) }),
  });
  #told = h("p", { class: "visually-hidden", role: "status" });
  #rows = h("ul", {
    class: "rows",
    "aria-label": words.contacts.title,
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#rowKey(event),
  });
  #empty = h("div", { class: "empty", hidden: true });
  #emptyText = h("p");
  #emptyAction = h("button", { class: "button", type: "button", onclick: () => this.#clear() });
  #loading = h("div", { "aria-hidden": "true" });

  constructor() {
    super();
    for (const group of GROUPS) this.#groups.append(this.#chip(group));
    this.#sort.append(...SORTS.map((key) => h("option", { value: key }, words.contacts.sorts[key])));
    this.#empty.append(this.#emptyText, this.#emptyAction);
    for (let at = 0; at < 8; at++) this.#loading.append(placeholder());
    const list = h("div", { class: "scroll", part: "scroll" }, this.#loading, this.#rows, this.#empty);
    for (const type of ["pointermove", "pointerdown", "focusin", "keydown"]) {
      list.addEventListener(type, () => this.#hold(), { passive: true });
    }
    list.addEventListener("pointerleave", () => this.#letGo());
    this.root.append(
      h(
        "div",
        { class: "controls" },
        h("div", { class: "search", role: "search" }, icon("search"), this.#search),
        this.#groups,
        h(
          "div",
          { class: "selects" },
          h("label", {}, h("span", { class: "visually-hidden" }, words.contacts.group), this.#places),
          h("label", {}, h("span", { class: "visually-hidden" }, words.contacts.sort), this.#sort),
        ),
      ),
      this.#told,
      list,
    );
  }

  attributeChangedCallback() {
    this.invalidate();
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("presence", () => this.invalidate()),
      client.on("directory", () => this.invalidate()),
      client.on("connection", () => this.invalidate()),
      client.on("profile", () => this.invalidate()),
      () => clearTimeout(this.#release),
    ];
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  /** @override */
  render() {
    if (!this.client) return;
    const { state, problem } = this.client.coworkers;
    setAttribute(this, "stale", !this.client.isLive && state.complete);
    const people = this.#people();
    this.#renderCounts(people);
    this.#renderPlaces();
    const listed = chosen(people, this.#choice);
    const shown = this.#arranged(people, listed);
    this.#loading.hidden = state.complete || problem !== null;
    setAttribute(this.#rows, "aria-busy", state.complete ? null : "true");
    this.#renderRows(shown);
    this.#renderEmpty(shown.length === 0 && (state.complete || problem !== null));
  }

  /** Everybody but oneself, by name. */
  #people() {
    const { client } = this;
    if (!client) return [];
    const { state } = client.coworkers;
    if (state !== this.#sortedFrom) {
      this.#sortedFrom = state;
      this.#sorted = byName(everybody(state));
    }
    return this.#sorted
      .filter((coworker) => coworker.user !== client.me)
      .map((coworker) => ({ coworker, presence: client.presenceOf(coworker.user) }));
  }

  /**
   * @param {Person[]} people
   * @param {Person[]} listed
   */
  #arranged(people, listed) {
    const wanted = listed.map((person) => person.coworker.user);
    if (Date.now() >= this.#heldUntil) {
      this.#order = wanted;
      return listed;
    }
    const byUser = new Map(people.map((person) => [person.coworker.user, person]));
    this.#order = heldOrder(this.#order, wanted, (user) => byUser.has(user));
    return this.#order.map((user) => /** @type {Person} */ (byUser.get(user)));
  }

  /** @param {Person[]} people */
  #renderCounts(people) {
    const counts = countByStatus(people);
    for (const [group, place] of this.#counts) {
      setText(place, this.client?.coworkers.state.complete ? counts[group] : "–");
    }
    // There only while it is needed: switches are seldom silent.
    const unknown = this.#counts.get("unknown")?.closest("label");
    if (unknown) unknown.hidden = counts.unknown === 0 && this.#choice.status !== "unknown";
    this.#uncertain = counts.unknown;
  }

  #renderPlaces() {
    if (!this.client) return;
    const coworkers = everybody(this.client.coworkers.state);
    const departments = valuesOf(coworkers, "department");
    const sites = valuesOf(coworkers, "site");
    const names = JSON.stringify([departments, sites]);
    if (this.#places.getAttribute("data-names") === names) return;
    this.#places.setAttribute("data-names", names);
    const options = (/** @type {string} */ label, /** @type {string} */ kind, /** @type {string[]} */ values) =>
      values.length > 0
        ? h("optgroup", { label }, ...values.map((value) => h("option", { value: `${kind}:${value}` }, value)))
        : null;
    const { department, site } = this.#choice;
    this.#places.replaceChildren(
      ...[
        h("option", { value: "" }, words.contacts.everywhere),
        options(words.contacts.departments, "department", departments),
        options(words.contacts.sites, "site", sites),
      ].filter((option) => option !== null),
    );
    this.#places.value = department ? `department:${department}` : site ? `site:${site}` : "";
    if (this.#places.selectedIndex < 0) this.#places.selectedIndex = 0;
  }

  /** @param {Person[]} people */
  #renderRows(people) {
    const chosenUser = this.getAttribute("chosen");
    reconcile(
      this.#rows,
      people,
      (person) => person.coworker.user,
      (person) => this.#row(person.coworker.user),
      (row, person) => {
        row.show(person);
        setAttribute(row.firstElementChild ?? row, "aria-current", chosenUser === String(person.coworker.user) ? "true" : null);
      },
    );
    this.#keepOneTabStop();
  }

  /** @param {number} user */
  #row(user) {
    const picture = avatar();
    const name = h("span", { class: "name" });
    const reason = h("span", { class: "reason" });
    const extension = h("span", { class: "extension", "aria-hidden": "true" });
    const button = h(
      "button",
      { class: "person", type: "button", tabindex: -1, onclick: () => this.#chose(user) },
      picture,
      h("span", { class: "text" }, name, reason),
      extension,
    );
    const why = whyButton(() => askWhy(this, user));
    why.tabIndex = -1;
    const parts = { picture, name, reason, extension, button, why };
    /** What the row shows: nothing is done again for those to whom nothing happened. @type {unknown[]} */
    let shown = [];
    return Object.assign(h("li", {}, button, why), {
      show: (/** @type {Person} */ person) => {
        const wanted = [person.coworker, person.presence, today(), timesOf(this.client), this.client?.mayAskWhy(user)];
        if (wanted.every((value, at) => value === shown[at])) return;
        shown = wanted;
        this.#showPerson(person, parts);
      },
    });
  }

  /**
   * @param {Person} person
   * @param {{picture: Avatar, name: HTMLElement, reason: HTMLElement, extension: HTMLElement, button: HTMLElement,
   *   why: HTMLElement}} parts
   */
  #showPerson({ coworker, presence }, { picture, name, reason, extension, button, why }) {
    const now = Date.now();
    const times = timesOf(this.client);
    const text = nameOf(coworker);
    const state = reasonOf(presence, times, now);
    picture.show({ user: coworker.user, name: text });
    setText(name, text);
    setText(extension, coworker.extension);
    showReason(reason, presence.message ? shortReasonOf(presence) : state, presence.message);
    why.hidden = !this.client?.mayAskWhy(coworker.user);
    setAttribute(why, "aria-label", words.why.of(text));
    const spoken = [text, labelOf(presence, times, now), presence.message, words.contacts.extension(coworker.extension)];
    setAttribute(button, "aria-label", words.presence.join(spoken));
    setAttribute(button, "title", [presence.message, coworker.job_title, coworker.department, coworker.site].filter(Boolean).join(" · ") || null);
  }

  /** @param {boolean} isEmpty */
  #renderEmpty(isEmpty) {
    this.#empty.hidden = !isEmpty;
    if (!isEmpty || !this.client) return;
    const { complete } = this.client.coworkers.state;
    const isFiltered = JSON.stringify(this.#choice) !== JSON.stringify({ ...EVERYBODY, sort: this.#choice.sort });
    setText(this.#emptyText, complete ? this.#whyEmpty() : words.contacts.failed);
    setText(this.#emptyAction, complete ? words.contacts.clear : words.problems.tryAgain);
    this.#emptyAction.hidden = complete && !isFiltered;
  }

  #whyEmpty() {
    const { search, status, department, site } = this.#choice;
    const { empty } = words.contacts;
    if (search.trim()) return empty.search(search.trim());
    if (department || site) return empty.group;
    if (status === "all") return empty.nobody;
    return status !== "unknown" && this.#uncertain > 0 ? empty.uncertain(this.#uncertain) : empty[status];
  }

  /** @param {StatusGroup} group */
  #chip(group) {
    const count = h("b", {}, "–");
    this.#counts.set(group, count);
    const radio = h("input", {
      type: "radio",
      name: "group",
      checked: group === "all",
      value: group,
      onchange: () => this.#choose({ status: group }),
    });
    return h("label", { class: "chip" }, radio, count, " ", h("span", {}, words.contacts.groups[group]));
  }

  #choosePlace() {
    const [kind, ...rest] = this.#places.value.split(":");
    const value = rest.join(":");
    this.#choose({ department: kind === "department" ? value : "", site: kind === "site" ? value : "" });
  }

  /** @param {Partial<Choice>} choice */
  #choose(choice) {
    this.#choice = { ...this.#choice, ...choice };
    this.#letGo();
    setText(this.#told, words.contacts.count(chosen(this.#people(), this.#choice).length));
  }

  #clear() {
    if (!this.client?.coworkers.state.complete) return void this.client?.coworkers.read();
    this.#search.value = "";
    this.#places.selectedIndex = 0;
    const all = this.#groups.querySelector("input");
    if (all) all.checked = true;
    this.#choose({ ...EVERYBODY, sort: this.#choice.sort });
    this.#search.focus();
  }

  /** @param {number} user */
  #chose(user) {
    this.dispatchEvent(new CustomEvent("person-chosen", { bubbles: true, composed: true, detail: user }));
  }

  #hold() {
    this.#heldUntil = Date.now() + HOLD;
    clearTimeout(this.#release);
    this.#release = setTimeout(() => this.invalidate(), HOLD + 20);
  }

  #letGo() {
    this.#heldUntil = 0;
    clearTimeout(this.#release);
    this.invalidate();
  }

  /** @param {KeyboardEvent} event */
  #searchKey(event) {
    const [first] = this.#buttons();
    if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      this.#focusRow(first);
    }
    if (event.key === "Enter" && this.#search.value.trim() && first) {
      event.preventDefault();
      first.click();
    }
  }

  /** @param {KeyboardEvent} event */
  #rowKey(event) {
    const buttons = this.#buttons();
    const at = buttons.findIndex((button) => button.parentElement?.contains(this.root.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const target = buttons[Math.min(to, buttons.length - 1)];
    if (to < 0) this.#search.focus();
    else if (target) this.#focusRow(target);
  }

  /** @param {HTMLButtonElement} button */
  #focusRow(button) {
    this.#moveTabStop(button);
    button.focus();
  }

  /** The list is one stop on the way of the Tab key, with its "why" the next one; arrows lead through it. */
  #keepOneTabStop() {
    if (!this.#tabStop?.isConnected) this.#moveTabStop(this.#rows.querySelector(PERSON));
  }

  /** @param {HTMLButtonElement | null} button */
  #moveTabStop(button) {
    for (const each of this.#tabStop?.parentElement?.querySelectorAll("button") ?? []) each.tabIndex = -1;
    for (const each of button?.parentElement?.querySelectorAll("button") ?? []) each.tabIndex = 0;
    this.#tabStop = button;
  }

  /** @returns {HTMLButtonElement[]} */
  #buttons() {
    return [...this.#rows.querySelectorAll(PERSON)];
  }
}

/** @type {Choice} */
const EVERYBODY = { status: "all", department: "", site: "", search: "", sort: "name" };

/** "Since 14:02" becomes "since yesterday 14:02" at midnight. */
function today() {
  return new Date().getDate();
}

/**
 * @param {HTMLElement} place
 * @param {string} reason
 * @param {string} message gives way where there is no room for both
 */
function showReason(place, reason, message) {
  const whole = message ? `${reason} · ${message}` : reason;
  if (place.textContent === whole) return;
  setChildren(place, message ? `${reason} · ` : reason, message ? h("i", {}, message) : null);
}

function placeholder() {
  return h(
    "div",
    { class: "placeholder" },
    h("span", { class: "skeleton round" }),
    h("span", {}, h("span", { class: "skeleton line" }), h("span", { class: "skeleton line" })),
  );
}
