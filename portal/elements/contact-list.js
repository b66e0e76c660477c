/**
 * `<contact-list>`: coworkers and contacts in groups, searched and sorted, with live dots and stars.
 *
 * Fires `person-chosen` (detail: the user) for a coworker, `contact-wanted` (detail: a key, `new`, `u12` or `c7`) for the
 * page about somebody, `import-wanted`, `export-wanted` and `trash-wanted`, and `notice-wanted`. The list follows
 * presence, but never under a hand that is about to click: while a pointer is over it or the keyboard is in it, and where
 * there are fingers, dots and words change in place, and a button puts it in order. Only the rows that are seen exist.
 */

import { PresenceElement } from "./element.js";
import { h, setAttribute, setText } from "./dom.js";
import { avatarStyles } from "./avatar.js";
import { contactListStyles } from "./contact-list-styles.js";
import { contactRow } from "./contact-row.js";
import { icon } from "./icons.js";
import { LongList } from "./long-list.js";
import { menu, menuStyles } from "./menu.js";
import { timesOf } from "./times.js";
import { sentenceOf } from "./who.js";
import { askWhy } from "./why-button.js";
import { compareNames } from "../client/alphabet.js";
import { Listing } from "../client/listing.js";
import { Standing } from "../client/standing.js";
import { heldOrder, peopleByName, personOfContact, personOfCoworker, valuesOf } from "../client/people.js";
import { everyContact, isFavourite, overlayOf } from "../client/state/books.js";
import { everybody } from "../client/state/directory.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Choice, Person, SortKey, StatusGroup } from "../client/people.js"
 * @import { KnownContact } from "../client/state/books.js"
 * @import { PeoplePages } from "../client/people-pages.js"
 * @import { ContactRow, Shown } from "./contact-row.js"
 */

/** @type {StatusGroup[]} */
const GROUPS = ["all", "available", "busy", "offline", "unknown"];
/** @type {SortKey[]} */
const SORTS = ["name", "status", "extension", "department", "email"];
const BOOKS = /** @type {const} */ (["all", "favourites", "shared", "mine", "coworkers"]);

/** @type {Choice} */
const EVERYBODY = { group: "all", status: "all", search: "", sort: "name", descending: false };

const PERSON = /** @type {"button"} */ ("button.person");
/** Of a row, in rem. */
const ROW = 3.6;

const HOVER = matchMedia("(hover: hover)");
/** @type {ReadonlySet<string>} */
const NOBODY = new Set();
/** Counts change no more often than this: nobody reads faster, in milliseconds. */
const CALM = 250;

export class ContactList extends PresenceElement {
  static styles = [
    avatarStyles,
    menuStyles,
    contactListStyles,
  ];

  static observedAttributes = ["chosen"];

  /** @type {Choice} */
  #choice = { ...EVERYBODY };
  /** Everybody but oneself; of a very large domain those whose pages were read. */
  #listing = new Listing(EVERYBODY);
  /** What `#listing` was made of: made anew when one of them is another. @type {unknown[]} */
  #madeOf = [];
  /** Whose presence may be another than `#listing` has it; null: everybody's. @type {Set<number> | null} */
  #changed = null;
  /** Of what the names of groups were made. @type {object | null} */
  #groupsOf = null;
  /** The key of the row that the Tab key reaches. */
  #tabStop = "";
  /** Keys as they stand in the list. @type {readonly string[]} */
  #order = [];
  /** As they should have stood when that was last looked at. @type {readonly string[]} */
  #wanted = [];
  #standing = new Standing(() => HOVER.matches);
  /** Put in order whoever is about to click: the list has just been chosen or come in front, or somebody asked for it. */
  #isOrderAsked = true;
  /** Who may have moved since it was put in order, by key. @type {Set<string>} */
  #movers = new Set();
  /** Keys of the contacts that are picked; null: nothing is being picked. @type {Set<string> | null} */
  #picked = null;
  /** What the counts were last shown for, and when. @type {unknown} */
  #countedFor = null;
  #countedAt = 0;
  /** @type {any} */
  #countAgain = null;
  /** How many people's state is unknown. */
  #uncertain = 0;
  /** @type {any} */
  #release = null;
  /** In a domain that is too large to have everybody here. @type {PeoplePages | null} */
  #pages = null;
  /** How many are listed by the server, as it was last said. */
  #toldTotal = -1;
  /** Enter was pressed before those who match were here. */
  #isFirstWanted = false;
  /** Stars that were clicked and are not yet told, by key. @type {Map<string, boolean>} */
  #starring = new Map();

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
  #statuses = h("fieldset", {}, h("legend", { class: "visually-hidden" }, words.contacts.show));
  #groups = h("select", { "aria-label": words.contacts.group, onchange: () => this.#choose({ group: this.#groups.value }) });
  #sort = h("select", {
    "aria-label": words.contacts.sort,
    onchange: () => this.#choose({ sort: /** @type {SortKey} */ (this.#sort.value) }),
  });
  #direction = h(
    "button",
    {
      class: "icon-button direction",
      type: "button",
      "aria-pressed": "false",
      "aria-label": words.contacts.descending,
      title: words.contacts.descending,
      onclick: () => this.#choose({ descending: !this.#choice.descending }),
    },
    icon("down"),
  );
  /** Keeps its place, so that nothing moves when it appears. */
  #reorder = h("button", { class: "reorder", type: "button", hidden: true, "aria-label": words.contacts.reorderName, title: words.contacts.reorderHint, onclick: () => this.#putInOrder() }, words.contacts.reorder);
  #add = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": words.contacts.add, title: words.contacts.add, onclick: () => this.#ask("contact-wanted", "new") },
    icon("plus"),
  );
  #menu = menu();
  #more = h(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": words.contacts.more,
      title: words.contacts.more,
      onclick: () => this.#menu.open(this.#more, words.contacts.more, [], this.#moreItems()),
    },
    icon("more"),
  );
  #pickedCount = h("b", { role: "status" });
  #pickedBar = h(
    "div",
    { class: "picked", hidden: true },
    this.#pickedCount,
    h("button", { class: "button small", type: "button", onclick: () => this.#tagPicked() }, words.contacts.tagPicked),
    h("button", { class: "button small danger", type: "button", onclick: () => void this.#deletePicked() }, words.contacts.delete),
    h("button", { class: "button small", type: "button", onclick: () => this.#pick(null) }, words.contacts.cancel),
  );
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
  #scroll = h("div", { class: "scroll", part: "scroll" }, this.#loading, this.#rows, this.#empty);
  /** @type {Shown} */
  #shown = { times: timesOf(null), day: 0, picked: null, tabStop: "", chosen: null };
  #list = new LongList(this.#scroll, this.#rows, ROW, {
    create: (key) => this.#row(key),
    update: (row, key) => this.#showRow(row, key),
    kept: () => this.#focusedKey(),
    seen: (first, last, keys) => this.#seen(first, last, keys),
    scrolled: () => this.#standing.scrolled(performance.now()),
  });

  constructor() {
    super();
    for (const group of GROUPS) this.#statuses.append(this.#chip(group));
    this.#sort.append(...SORTS.map((key) => h("option", { value: key }, words.contacts.sorts[key])));
    this.#empty.append(this.#emptyText, this.#emptyAction);
    for (let at = 0; at < 8; at++) this.#loading.append(placeholder());
    this.#heed(this.#scroll);
    this.root.append(
      this.#menu,
      h(
        "div",
        { class: "controls" },
        h("div", { class: "top" }, h("div", { class: "search", role: "search" }, icon("search"), this.#search), this.#add, this.#more),
        this.#statuses,
        h(
          "div",
          { class: "selects" },
          this.#groups,
          this.#sort,
          this.#direction,
          this.#reorder,
        ),
      ),
      this.#pickedBar,
      this.#told,
      this.#scroll,
    );
  }

  /** @override */
  attributeChangedCallback() {
    this.invalidate();
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    this.#changed = null; // whatever happened while the list was not on the page
    this.#comeInFront();
    const seen = () => document.hidden || this.#comeInFront();
    document.addEventListener("visibilitychange", seen);
    return [
      () => document.removeEventListener("visibilitychange", seen),
      client.on("presence", (users) => this.#presenceChanged(users)),
      client.on("directory", () => this.#changedElsewhere()),
      client.on("contacts", () => this.#contactsChanged()),
      client.on("connection", () => this.#changedElsewhere()),
      client.on("profile", () => this.invalidate()),
      () => clearTimeout(this.#release),
      () => this.#stopCounting(),
      () => this.#pages?.stop(),
    ];
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  /** Shows one of the groups. @param {string} group */
  showGroup(group) {
    this.#choose({ ...EVERYBODY, group });
    this.#renderGroups();
  }

  /** All groups by value and name. @returns {Array<[string, string]>} */
  groups() {
    return [...this.#groups.options].map(({ value, text }) => [value, text]);
  }

  #contactsChanged() {
    this.#starring.clear();
    this.#changedElsewhere();
  }

  /** @param {ReadonlySet<number> | null} users */
  #presenceChanged(users) {
    if (!users) this.#changed = null;
    for (const user of users ?? []) this.#changed?.add(user);
    if (this.#choice.sort === "status" || this.#choice.status !== "all") this.#pages?.refresh();
    this.invalidate();
  }

  #changedElsewhere() {
    this.#changed = null;
    this.#pages?.refresh();
    this.invalidate();
  }

  /** Whether the server makes the lists. */
  #asksServer() {
    const { client } = this;
    if (!client?.isLarge) {
      this.#pages?.stop();
      this.#pages = null;
    } else if (!this.#pages) {
      this.#pages = client.peoplePages(() => this.invalidate());
      this.#pages.show(this.#choice);
    }
    return this.#pages;
  }

  get #isComplete() {
    if (this.#pages) return this.#pages.isRead;
    return (this.client?.coworkers.state.complete && this.client.contacts.state.complete) ?? false;
  }

  /** @override */
  render() {
    if (!this.client) return;
    const pages = this.#asksServer();
    const problem = pages ? pages.problem : (this.client.coworkers.problem ?? this.client.contacts.problem);
    const isComplete = this.#isComplete;
    setAttribute(this, "stale", !this.client.isLive && isComplete);
    this.#add.hidden = !this.client.may("contacts.manage_own") && !this.client.may("contacts.manage_shared");
    for (const user of this.#changed ?? []) this.#movers.add(`u${user}`);
    const isMadeAnew = this.#makePeople(this.client);
    this.#renderGroups();
    const movers = this.#arrange(isComplete, isMadeAnew);
    this.#renderCounts();
    this.#loading.hidden = isComplete || problem !== null;
    setAttribute(this.#rows, "aria-busy", isComplete ? null : "true");
    this.#renderRows(movers);
    this.#renderPicked();
    this.#renderEmpty(this.#order.length === 0 && (isComplete || problem !== null));
    if (pages && !pages.isPending && pages.total !== this.#toldTotal) {
      this.#toldTotal = pages.total;
      setText(this.#told, words.contacts.count(pages.total));
    }
    this.#chooseFirst();
  }

  /** @param {PresenceClient} client @returns {boolean} whether more than presence may be another */
  #makePeople(client) {
    const changed = this.#changed;
    this.#changed = new Set();
    if (this.#pages) {
      this.#listing.list(this.#pages.people.filter((person) => !this.#isGone(person)).map((person) => this.#asItIs(person)));
      return this.#listing.order !== this.#wanted;
    }
    const directory = client.coworkers.state;
    const books = client.contacts.state;
    const madeOf = [directory, books.contacts, books.overlays, books.favourites, this.#starring.size, client.me];
    const presenceOf = (/** @type {number} */ user) => client.presenceOf(user);
    if (madeOf.every((each, at) => each === this.#madeOf[at])) {
      if (changed) this.#listing.follow(changed, presenceOf);
      else this.#listing.followAll(presenceOf);
      return false;
    }
    this.#madeOf = madeOf;
    const coworkers = everybody(directory)
      .filter((coworker) => coworker.user !== client.me)
      .map((coworker) => {
        const overlay = overlayOf(books, coworker.user);
        return personOfCoworker(coworker, client.presenceOf(coworker.user), overlay, this.#isStarred("coworker", coworker.user));
      });
    const contacts = everyContact(books).map((contact) => personOfContact(contact, this.#isStarred("contact", contact.contact)));
    this.#listing.replace(peopleByName([...coworkers, ...contacts]));
    return true;
  }

  /** Whether somebody of a page has been deleted or unlisted since. @param {Person} person */
  #isGone({ coworker, contact }) {
    const { client } = this;
    if (coworker) return client?.coworkers.state.people.get(coworker.user)?.gone ?? false;
    const newer = contact ? client?.contacts.state.contacts.get(contact.contact) : null;
    return newer?.gone ?? false;
  }

  /** Of a page that was read a while ago: presence and stars are known better here. @param {Person} person */
  #asItIs(person) {
    const { coworker, contact } = person;
    if (coworker && this.client) {
      const { user } = coworker;
      const newest = this.client.coworkers.find(user);
      const known = newest && !newest.gone && newest.rev > coworker.rev ? newest : coworker;
      const overlay = overlayOf(this.client.contacts.state, user);
      return personOfCoworker(known, this.client.presenceOf(user), overlay, this.#isStarred("coworker", user));
    }
    const newer = contact ? this.client?.contacts.state.contacts.get(contact.contact) : null;
    const known = contact && newer && newer.rev > contact.rev && !newer.gone ? personOfContact(newer, false) : person;
    return { ...known, favourite: contact ? this.#isStarred("contact", contact.contact) : false };
  }

  /** @param {"coworker" | "contact"} kind @param {number} target */
  #isStarred(kind, target) {
    const clicked = this.#starring.get(`${kind}:${target}`);
    return clicked ?? (this.client ? isFavourite(this.client.contacts.state, kind, target) : false);
  }

  /**
   * @param {boolean} isComplete
   * @param {boolean} isMadeAnew
   * @returns {ReadonlySet<string>} who may have changed places by themselves
   */
  #arrange(isComplete, isMadeAnew) {
    const now = performance.now();
    this.#isOrderAsked ||= !isComplete;
    const until = this.#isOrderAsked ? now : this.#standing.until(this.#isByPresence && (!isMadeAnew || this.#pages !== null));
    if (now < until) {
      this.#release ??= setTimeout(() => ((this.#release = null), this.invalidate()), until - now);
      if (isMadeAnew) this.#order = heldOrder(this.#order, this.#listing.order, (key) => this.#listing.get(key) !== undefined);
      if (isMadeAnew) this.#wanted = this.#listing.order;
      return NOBODY;
    }
    clearTimeout(this.#release);
    this.#release = null;
    this.#wanted = isComplete ? this.#listing.order : [];
    if (this.#order !== this.#wanted) this.#standing.ordered(now);
    this.#order = this.#wanted;
    this.#isOrderAsked = !isComplete;
    const movers = this.#movers;
    this.#movers = new Set();
    return movers;
  }

  /** Whether it is presence that says who is in the list, or where. */
  get #isByPresence() {
    return this.#choice.sort === "status" || this.#choice.status !== "all";
  }

  #renderReorder() {
    const isBehind = this.#isByPresence && this.#standing.isAttended(performance.now()) && !isSameOrder(this.#order, this.#listing.order);
    this.#reorder.hidden = !this.#isByPresence;
    this.#reorder.toggleAttribute("data-off", !isBehind);
  }

  #renderCounts() {
    // What is chosen, and lists that have just come, are counted at once.
    const countedFor = this.#isComplete ? this.#choice : null;
    const rest = this.#countedAt + CALM - performance.now();
    if (countedFor === this.#countedFor && rest > 0) {
      this.#countAgain ??= setTimeout(() => (this.#stopCounting(), this.invalidate()), rest);
      return;
    }
    this.#countedFor = countedFor;
    this.#countedAt = performance.now();
    this.#showCounts();
    this.#renderReorder();
  }

  #stopCounting() {
    clearTimeout(this.#countAgain);
    this.#countAgain = null;
  }

  #showCounts() {
    // What a group shows by status is counted within it.
    const counts = this.#pages ? sizesByStatus(this.#pages.sizes, this.#choice.group) : this.#listing.counts;
    for (const [group, place] of this.#counts) setText(place, this.#isComplete ? counts[group] : "–");
    // There only while it is needed: switches are seldom silent.
    const unknown = this.#counts.get("unknown")?.closest("label");
    if (unknown) unknown.hidden = counts.unknown === 0 && this.#choice.status !== "unknown";
    this.#uncertain = Number(counts.unknown);
    for (const radio of this.#statuses.querySelectorAll("input")) radio.checked = radio.value === this.#choice.status;
    setAttribute(this.#direction, "aria-pressed", String(this.#choice.descending));
  }

  #renderGroups() {
    if (!this.client) return;
    const groupsOf = this.#pages ? this.#pages.sizes : this.client.coworkers.state.people;
    if (groupsOf !== this.#groupsOf) this.#listGroups(this.client);
    this.#groupsOf = groupsOf;
    if (this.#groups.value === this.#choice.group) return;
    this.#groups.value = this.#choice.group;
    if (this.#groups.selectedIndex < 0) this.#groups.selectedIndex = 0;
  }

  /** @param {PresenceClient} client */
  #listGroups(client) {
    const [departments, sites] = this.#groupNames(client);
    const names = JSON.stringify([departments, sites]);
    if (this.#groups.getAttribute("data-names") !== names) {
      this.#groups.setAttribute("data-names", names);
      const options = (/** @type {string} */ label, /** @type {string} */ kind, /** @type {string[]} */ values) =>
        values.length > 0
          ? h("optgroup", { label }, ...values.map((value) => h("option", { value: `${kind}:${value}` }, value)))
          : null;
      this.#groups.replaceChildren(
        ...[
          ...BOOKS.map((book) => h("option", { value: book }, words.contacts.books[book])),
          options(words.contacts.departments, "department", departments),
          options(words.contacts.sites, "site", sites),
        ].filter((option) => option !== null),
      );
    }
  }

  /** Departments and sites. @param {PresenceClient} client @returns {[string[], string[]]} */
  #groupNames(client) {
    if (this.#pages) return [namesOf(this.#pages.sizes, "department:"), namesOf(this.#pages.sizes, "site:")];
    const coworkers = everybody(client.coworkers.state);
    return [valuesOf(coworkers, "department"), valuesOf(coworkers, "site")];
  }

  /** @param {ReadonlySet<string>} [movers] who may have changed places */
  #renderRows(movers = NOBODY) {
    if (!this.#order.includes(this.#tabStop)) this.#tabStop = this.#order[0] ?? "";
    const times = timesOf(this.client);
    this.#shown = { times, day: new Date().getDate(), picked: this.#picked, tabStop: this.#tabStop, chosen: this.getAttribute("chosen") };
    this.#list.show(this.#order, movers);
  }

  /** @param {number} first @param {number} last @param {readonly string[]} keys */
  #seen(first, last, keys) {
    if (!this.#pages) return;
    this.#pages.seen(first, last);
    this.client?.lookAt(keys.flatMap((key) => this.#listing.get(key)?.coworker?.user ?? []));
  }

  /** @param {ContactRow} row @param {string} key */
  #showRow(row, key) {
    const person = this.#listing.get(key);
    if (person) row.show(person, this.#shown);
  }

  /** @param {string} key */
  #row(key) {
    return contactRow(key, {
      choose: () => this.#chose(key),
      explain: () => askWhy(this, Number(key.slice(1))),
      edit: () => this.#ask("contact-wanted", key),
      star: () => void this.#star(key),
      pick: () => this.#togglePick(key),
      mayChange: (contact) => this.#mayChange(contact),
      mayExplain: (user) => this.client?.mayAskWhy(user) ?? false,
    });
  }

  /** @param {boolean} isEmpty */
  #renderEmpty(isEmpty) {
    this.#empty.hidden = !isEmpty;
    if (!isEmpty || !this.client) return;
    const complete = this.#isComplete;
    const { sort, descending } = this.#choice;
    const isFiltered = JSON.stringify(this.#choice) !== JSON.stringify({ ...EVERYBODY, sort, descending });
    setText(this.#emptyText, complete ? this.#whyEmpty() : words.contacts.failed);
    setText(this.#emptyAction, complete ? words.contacts.clear : words.problems.tryAgain);
    this.#emptyAction.hidden = complete && !isFiltered;
  }

  #whyEmpty() {
    const { search, status, group } = this.#choice;
    const { empty } = words.contacts;
    if (search.trim()) return empty.search(search.trim());
    if (status === "all" && (group === "favourites" || group === "mine" || group === "shared")) return empty[group];
    if (group !== "all") return empty.group;
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

  /** @param {Partial<Choice>} choice */
  #choose(choice) {
    this.#choice = { ...this.#choice, ...choice };
    this.#isFirstWanted = false;
    this.#list.toTop();
    this.#listing.choose(this.#choice);
    this.#pages?.show(this.#choice);
    this.#isOrderAsked = true;
    this.invalidate();
    if (!this.#pages) setText(this.#told, words.contacts.count(this.#listing.order.length));
  }

  #clear() {
    if (!this.#isComplete) {
      void this.client?.coworkers.read();
      void this.client?.contacts.read();
      return;
    }
    this.#search.value = "";
    const { sort, descending } = this.#choice;
    this.#choose({ ...EVERYBODY, sort, descending });
    this.#search.focus();
  }

  /** @param {string} key */
  #chose(key) {
    if (this.#picked && key.startsWith("c")) return this.#togglePick(key);
    if (key.startsWith("u")) {
      this.dispatchEvent(new CustomEvent("person-chosen", { bubbles: true, composed: true, detail: Number(key.slice(1)) }));
    } else this.#ask("contact-wanted", key);
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #ask(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  // ------------------------------------------------------------ changing

  #moreItems() {
    const { client } = this;
    const mayOwn = client?.may("contacts.manage_own") ?? false;
    const mayShared = client?.may("contacts.manage_shared") ?? false;
    const keeping = [
      { label: words.contacts.import, icon: "up", run: () => this.#ask("import-wanted", this.#choice.group) },
      { label: words.contacts.select, icon: "check", run: () => this.#pick(new Set()) },
      { label: words.contacts.trash, icon: "trash", run: () => this.#ask("trash-wanted", null) },
    ];
    const exporting = { label: words.contacts.export, icon: "save", run: () => this.#ask("export-wanted", this.#choice.group) };
    return mayOwn || mayShared ? [...keeping, exporting] : [exporting];
  }

  /** @param {KnownContact} contact */
  #mayChange(contact) {
    return this.client?.may(contact.shared ? "contacts.manage_shared" : "contacts.manage_own") ?? false;
  }

  /** @param {string} key */
  async #star(key) {
    const { client } = this;
    const person = this.#listing.get(key);
    if (!client || !person) return;
    const kind = person.coworker ? "coworker" : "contact";
    const target = Number(key.slice(1));
    const on = !person.favourite;
    this.#starring.set(`${kind}:${target}`, on);
    this.#madeOf = [];
    this.invalidate();
    try {
      await client.contacts.star(kind, target, on);
    } catch (error) {
      this.#starring.delete(`${kind}:${target}`);
      this.#madeOf = [];
      this.invalidate();
      this.#ask("notice-wanted", { sentence: sentenceOf(error) });
    }
  }

  /** @param {Set<string> | null} picked */
  #pick(picked) {
    this.#picked = picked;
    this.invalidate();
  }

  /** @param {string} key */
  #togglePick(key) {
    const contact = this.#listing.get(key)?.contact;
    if (!this.#picked || !contact || !this.#mayChange(contact)) return;
    if (!this.#picked.delete(key)) this.#picked.add(key);
    this.#picked = new Set(this.#picked);
    this.invalidate();
  }

  #pickedContacts() {
    return this.#listing.people.flatMap((person) => (person.contact && this.#picked?.has(person.key) ? [person.contact] : []));
  }

  #renderPicked() {
    this.#pickedBar.hidden = this.#picked === null;
    if (!this.#picked) return;
    const count = this.#pickedContacts().length;
    setText(this.#pickedCount, words.contacts.picked(count));
    for (const button of this.#pickedBar.querySelectorAll("button")) button.disabled = count === 0 && button.textContent !== words.contacts.cancel;
  }

  #tagPicked() {
    this.#ask("tags-wanted", this.#pickedContacts());
    this.#pick(null);
  }

  async #deletePicked() {
    const contacts = this.#pickedContacts();
    this.#pick(null);
    this.#ask("delete-wanted", contacts);
  }

  // ------------------------------------------------------------ holding still, and the keyboard

  /** @param {HTMLElement} scroll */
  #heed(scroll) {
    const standing = this.#standing;
    const isFinger = (/** @type {PointerEvent} */ event) => event.pointerType === "touch";
    for (const type of ["pointermove", "pointerdown"]) {
      scroll.addEventListener(type, (event) => standing.over(!isFinger(/** @type {PointerEvent} */ (event)), performance.now()), { passive: true });
    }
    scroll.addEventListener("keydown", () => standing.sign(performance.now()));
    scroll.addEventListener("focusin", () => standing.focus(true, performance.now()));
    const left = () => {
      // As soon as nobody can click it is put in order.
      clearTimeout(this.#release);
      this.#release = null;
      this.invalidate();
    };
    scroll.addEventListener("pointerleave", () => (standing.over(false, performance.now()), left()));
    scroll.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && scroll.contains(relatedTarget)) return;
      standing.focus(false, performance.now());
      left();
    });
  }

  /** Whoever sees it for the first time has not chosen anybody in it yet. */
  #comeInFront() {
    this.#isOrderAsked = true;
    this.#standing.sign(performance.now());
    this.invalidate();
  }

  #putInOrder() {
    this.#isOrderAsked = true;
    this.#countedFor = null;
    this.#list.toTop();
    this.render();
    this.#direction.focus();
  }

  /** @param {KeyboardEvent} event */
  #searchKey(event) {
    if (event.key === "ArrowDown" && this.#order.length > 0) {
      event.preventDefault();
      this.#focusRow(0);
    }
    if (event.key === "Enter" && this.#search.value.trim()) {
      event.preventDefault();
      this.#isFirstWanted = true;
      this.#chooseFirst();
    }
  }

  /** Once those are here who match what was typed. */
  #chooseFirst() {
    if (!this.#isFirstWanted || this.#pages?.isPending) return;
    this.#isFirstWanted = false;
    const [first] = this.#order;
    if (first) this.#chose(first);
  }

  #focusedKey() {
    return this.root.activeElement?.closest("li")?.querySelector(PERSON)?.dataset["key"] ?? "";
  }

  /** @param {KeyboardEvent} event */
  #rowKey(event) {
    const at = this.#order.indexOf(this.#focusedKey());
    const last = this.#order.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last, PageDown: at + 10, PageUp: Math.max(0, at - 10) }[event.key];
    if (to === undefined) {
      const contact = this.#listing.get(this.#order[at] ?? "")?.contact;
      if (event.key === "Delete" && contact && this.#mayChange(contact)) {
        event.preventDefault();
        this.#focusRow(Math.min(at + 1, last));
        this.#ask("delete-wanted", [contact]);
      }
      return;
    }
    event.preventDefault();
    if (to < 0) this.#search.focus();
    else this.#focusRow(Math.min(to, last));
  }

  /** The list is one stop on the way of the Tab key, with the row's own buttons after it; arrows lead through it. @param {number} at */
  #focusRow(at) {
    const key = this.#order[at];
    if (!key) return;
    this.#tabStop = key;
    this.#list.reveal(at);
    this.#renderRows();
    const button = this.#rows.querySelector(`[data-key="${key}"]`);
    if (button instanceof HTMLElement) button.focus({ preventScroll: true });
  }
}

/**
 * @param {readonly string[]} one
 * @param {readonly string[]} other
 */
function isSameOrder(one, other) {
  return one === other || (one.length === other.length && one.every((key, at) => key === other[at]));
}

/**
 * @param {ReadonlyMap<string, number>} sizes of groups
 * @param {string} kind
 */
function namesOf(sizes, kind) {
  const names = [...sizes.keys()].filter((group) => group.startsWith(kind)).map((group) => group.slice(kind.length));
  return names.sort(compareNames);
}

/**
 * How many people of a group have a status, as far as the server counts them: of all coworkers, but not of some of them.
 *
 * @param {ReadonlyMap<string, number>} sizes of groups
 * @param {string} chosen
 * @returns {Record<StatusGroup, number | string>}
 */
function sizesByStatus(sizes, chosen) {
  const size = (/** @type {string} */ group) => sizes.get(group) ?? 0;
  const isCounted = chosen === "all" || chosen === "coworkers";
  const hasNone = chosen === "shared" || chosen === "mine";
  const of = (/** @type {StatusGroup} */ status) => (isCounted ? size(status) : hasNone ? 0 : "–");
  return { all: size(chosen), available: of("available"), busy: of("busy"), offline: of("offline"), unknown: isCounted ? size("unknown") : 0 };
}

function placeholder() {
  return h(
    "div",
    { class: "placeholder" },
    h("span", { class: "skeleton round" }),
    h("span", {}, h("span", { class: "skeleton line" }), h("span", { class: "skeleton line" })),
  );
}
