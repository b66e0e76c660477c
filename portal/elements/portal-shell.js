/**
 * `<portal-shell>`: the page around the elements. Who is logged in decides what is shown at all; the address decides which
 * part is in front. Lives in the page itself, without a shadow root: styles.css lays it out for desks and phones.
 *
 * Addresses: /app/people, /app/people/c7, /app/chats, /app/chats/12, /app/you, /app/profile, /app/security, and for who
 * manages somebody /app/users, /app/users/12, /app/sites, /app/company, /app/audit, /app/audit/12. On a desk the list stays beside what it led to, and conversations can be kept open beside the one in front; on a phone one of them fills the
 * screen.
 */

import { focused, h, setAttribute, setChildren, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { Entrance } from "./entrance.js";
import { icon, mark } from "./icons.js";
import { provideClient } from "./context.js";
import { loadNewest } from "./loading-newest.js";
import { usePhotosOf } from "./photos.js";
import { otherOf, sentenceOf, titleOf } from "./who.js";
import { askExport, askTags } from "./small-dialogs.js";
import { nameOf, nameOfContact } from "../client/people.js";
import { unreadTotal } from "../client/state/chat.js";
import { choose, languageFor, tellChoice } from "../language.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { AuditPage } from "./audit-page.js"
 * @import { ChatWindow } from "./chat-window.js"
 * @import { ContactList } from "./contact-list.js"
 * @import { ConversationList } from "./conversation-list.js"
 * @import { GroupDialog } from "./group-dialog.js"
 * @import { ContactPage } from "./contact-page.js"
 * @import { ImportDialog } from "./import-dialog.js"
 * @import { TrashDialog } from "./trash-dialog.js"
 * @import { KnownContact } from "../client/state/books.js"
 * @import { LanguageWanted } from "./language-choice.js"
 * @import { ProfileForm } from "./profile-form.js"
 * @import { SecurityPage } from "./security-page.js"
 * @import { CompanyPage } from "./company-page.js"
 * @import { SitesPage } from "./sites-page.js"
 * @import { UserList } from "./user-list.js"
 * @import { UserPage } from "./user-page.js"
 * @import { WhyDialog } from "./why-dialog.js"
 */

/**
 * @typedef {"people" | "chats" | "users"} Side lists
 * @typedef {Side | "chat" | "contact" | "you" | "profile" | "security" | "user" | "sites" | "company" | "audit"} Page
 * @typedef {{page: Page, conversation: number, contact?: string, user?: number}} Place `contact`: a key as of `contact-page`
 */

const NARROW = matchMedia("(width < 48rem)");
/** Wide enough for conversations side by side. */
const WIDE = matchMedia("(width >= 64rem)");
/** So many are kept open beside the one in front. */
const DOCKED_MOST = 2;
const TOUCH = matchMedia("(pointer: coarse)");
/** How long a sentence stands, in milliseconds. */
const SAID = 12_000;

export class PortalShell extends HTMLElement {
  /** @type {PresenceClient | null} */
  client = null;

  /** @type {Place} */
  #place = { page: "people", conversation: 0 };
  /** @type {Side} */
  #side = "people";
  /** What had the focus in a list that was left. @type {HTMLElement | null} */
  #left = null;
  /** @type {"nothing" | Exclude<Page, Side>} */
  #main = "nothing";
  /** The conversation in the window; 0: none. */
  #conversation = 0;
  /** @type {"unknown" | "out" | "in" | null} */
  #shown = null;
  /** How many are unread, as the icon of the installed page says. */
  #onIcon = -1;
  /** Whether the elements for who is logged in are here. */
  #isWhole = false;

  #entrance = new Entrance(() => this.#sessionChanged());
  #splash = splashPage();

  #contacts = /** @type {ContactList} */ (document.createElement("contact-list"));
  #conversations = /** @type {ConversationList} */ (document.createElement("conversation-list"));
  #groups = /** @type {GroupDialog} */ (document.createElement("group-dialog"));
  /** Conversations that are kept open, beside the one in front; the newest last. @type {number[]} */
  #docked = [];
  /** @type {Map<number, ChatWindow>} */
  #dockedWindows = new Map();
  #dock = h("section", { class: "dock", "aria-label": words.chat.dock, hidden: true });
  #window = /** @type {ChatWindow} */ (document.createElement("chat-window"));
  #profile = /** @type {ProfileForm} */ (document.createElement("profile-form"));
  /** Made when it is shown: it holds passwords that are being typed. @type {SecurityPage | null} */
  #security = null;
  /** For who manages somebody. @type {UserList | null} */
  #userList = null;
  #user = /** @type {UserPage} */ (document.createElement("user-page"));
  #sites = /** @type {SitesPage} */ (document.createElement("sites-page"));
  #companyPage = /** @type {CompanyPage} */ (document.createElement("company-page"));
  #audit = /** @type {AuditPage} */ (document.createElement("audit-page"));
  #contact = /** @type {ContactPage} */ (document.createElement("contact-page"));
  #import = /** @type {ImportDialog} */ (document.createElement("import-dialog"));
  #trash = /** @type {TrashDialog} */ (document.createElement("trash-dialog"));
  #you = document.createElement("you-panel");
  #aside = h("aside", { class: "you", "aria-label": words.navigation.you });
  #empty = emptyPage();
  #missing = h(
    "div",
    { class: "empty" },
    h("p", {}, words.chat.missing),
    h("button", { class: "text-button", type: "button", onclick: () => this.go({ page: "people", conversation: 0 }) }, words.chat.toPeople),
  );
  #sideElement = h("section", { class: "side" });
  #mainElement = h("main", { id: "main", class: "main", tabindex: -1 });
  #company = h("h1", { class: "company" });
  #myPicture = avatar();
  #badge = h("span", { class: "badge", hidden: true });
  /** @type {Map<Side | "you", HTMLAnchorElement>} */
  #tabs = new Map();
  #why = /** @type {WhyDialog} */ (document.createElement("why-dialog"));
  #maskText = h("span");
  #mask = h(
    "div",
    { class: "mask-banner", role: "status", hidden: true },
    icon("mask"),
    this.#maskText,
    h("button", { class: "text-button", type: "button", onclick: () => void this.#endMask() }, words.mask.end),
  );
  #newer = h(
    "div",
    { class: "newer", role: "status", hidden: true },
    h("span"),
    h("button", { class: "text-button", type: "button", onclick: () => void loadNewest() }, words.newer.load),
  );
  /** Who was shown last, and behind whose mask. */
  #whose = "";
  #notice = h("div", { class: "notice", role: "alert", hidden: true });
  /** @type {any} */
  #silence = null;
  #frame = this.#makeFrame();

  connectedCallback() {
    document.adoptedStyleSheets.push(avatarStyles);
    addEventListener("popstate", () => this.#arrive(placeOf(location.pathname)));
    addEventListener("keydown", (event) => this.#key(event));
    for (const width of [NARROW, WIDE]) width.addEventListener("change", () => this.#render());
    this.addEventListener("person-chosen", (event) => void this.#openWith(/** @type {CustomEvent<number>} */ (event).detail));
    this.addEventListener("conversation-chosen", (event) =>
      this.go({ page: "chat", conversation: /** @type {CustomEvent<number>} */ (event).detail }),
    );
    this.addEventListener("people-wanted", () => this.go({ page: "people", conversation: 0 }));
    this.addEventListener("profile-wanted", () => this.go({ page: "profile", conversation: 0 }));
    this.addEventListener("security-wanted", () => this.go({ page: "security", conversation: 0 }));
    this.addEventListener("window-closed", (event) => this.#closed(event.target));
    this.addEventListener("dock-wanted", (event) => this.#dockOrNot(/** @type {CustomEvent<number>} */ (event).detail));
    this.addEventListener("group-wanted", (event) => this.#groups.show(/** @type {CustomEvent<number>} */ (event).detail));
    this.addEventListener("begin-wanted", () => this.#groups.begin());
    this.addEventListener("search-wanted", (event) => this.#searchIn(/** @type {CustomEvent<number>} */ (event).detail));
    this.addEventListener("message-chosen", (event) => this.#toMessage(/** @type {CustomEvent} */ (event).detail));
    this.addEventListener("profile-closed", () => this.#back(NARROW.matches ? "you" : this.#side));
    this.addEventListener("security-closed", () => this.#back(NARROW.matches ? "you" : this.#side));
    this.addEventListener("why-wanted", (event) => this.#why.open(/** @type {CustomEvent<number>} */ (event).detail));
    this.addEventListener("logout-wanted", () => void this.#logout());
    this.addEventListener("language-wanted", (event) => void this.#readIn(/** @type {CustomEvent<LanguageWanted>} */ (event).detail));
    this.#followContacts();
    this.#followUsers();
  }

  /** What the list of users and the pages it leads to ask for. */
  #followUsers() {
    this.addEventListener("user-chosen", (event) => void this.#openUser(/** @type {CustomEvent<number>} */ (event).detail));
    this.addEventListener("sites-wanted", () => this.go({ page: "sites", conversation: 0 }));
    this.addEventListener("company-wanted", () => this.go({ page: "company", conversation: 0 }));
    this.addEventListener("audit-wanted", (event) => this.go({ page: "audit", conversation: 0, user: /** @type {CustomEvent<number>} */ (event).detail }));
    for (const type of ["user-closed", "sites-closed", "company-closed", "audit-closed"]) this.addEventListener(type, () => this.#back("users"));
  }

  /** What the list of people and the page about a contact ask for. */
  #followContacts() {
    /** @type {<Detail>(type: string, act: (detail: Detail) => void) => void} */
    const on = (type, act) => this.addEventListener(type, (event) => act(/** @type {CustomEvent<any>} */ (event).detail));
    on("contact-wanted", (/** @type {string} */ contact) => this.go({ page: "contact", conversation: 0, contact }));
    on("page-closed", () => this.#back("people"));
    on("contacts-wanted", (/** @type {string} */ group) => this.#contacts.showGroup(group));
    on("import-wanted", (/** @type {string} */ group) => this.#import.open(group));
    on("trash-wanted", () => this.#trash.open());
    on("export-wanted", (/** @type {string} */ group) => this.#exportContacts(group));
    on("delete-wanted", (/** @type {KnownContact[]} */ contacts) => void this.#deleteContacts(contacts));
    on("tags-wanted", (/** @type {KnownContact[]} */ contacts) => void this.#tagContacts(contacts));
    on("notice-wanted", (/** @type {{sentence: string}} */ { sentence }) => this.#say(sentence));
  }

  /** @param {string} group */
  #exportContacts(group) {
    const { client } = this;
    if (!client) return;
    const groups = this.#contacts.groups().filter(([value]) => value !== "shared" || client.may("contacts.manage_shared"));
    void askExport(this, client, group, groups);
  }

  /** @param {KnownContact[]} contacts */
  async #deleteContacts(contacts) {
    const { client } = this;
    const [first] = contacts;
    if (!client || !first) return;
    try {
      const { done, changed } = await client.contacts.removeAll(contacts);
      if (this.#place.page === "contact" && done.some(({ contact }) => this.#place.contact === `c${contact}`)) this.#back("people");
      const name = contacts.length === 1 ? nameOfContact(first) : "";
      const ids = done.map(({ contact }) => contact);
      const undo = { label: words.contacts.undo, act: () => void this.#restoreContacts(ids) };
      this.#say(words.contacts.deleted(name, done.length, changed?.length ?? 0), done.length > 0 ? undo : null);
    } catch (error) {
      this.#say(sentenceOf(error));
    }
  }

  /** @param {number[]} contacts */
  async #restoreContacts(contacts) {
    try {
      const done = await this.client?.contacts.restore(contacts);
      this.#say(words.contacts.restored(done?.done.length ?? 0));
    } catch (error) {
      this.#say(sentenceOf(error));
    }
  }

  /** @param {KnownContact[]} contacts */
  async #tagContacts(contacts) {
    const { client } = this;
    if (!client || contacts.length === 0) return;
    const known = [...new Set(contacts.flatMap(({ tags }) => tags))].sort();
    const wanted = await askTags(this, contacts.length, known);
    if (!wanted) return;
    try {
      const { done } = await client.contacts.tag(contacts.map(({ contact }) => contact), wanted.add, wanted.remove);
      this.#say(words.contacts.tagged(done.length));
    } catch (error) {
      this.#say(sentenceOf(error));
    }
  }

  /**
   * @param {PresenceClient} client
   * @param {Promise<unknown>} rest the elements for who is logged in, on their way
   */
  start(client, rest) {
    this.client = client;
    rest.then(() => this.#becomeWhole(), () => this.replaceChildren(brokenPage()));
    provideClient(this, client);
    usePhotosOf(client);
    client.on("session", () => this.#sessionChanged());
    client.on("connection", () => this.#entrance.tellOfConnection(client));
    client.on("chat", () => this.#renderUnread());
    client.on("directory", () => this.#renderTitle());
    client.on("profile", () => this.#render());
    // A notification was clicked while this page was open (sw.js).
    navigator.serviceWorker?.addEventListener("message", ({ data }) => {
      if (Number.isInteger(data?.open)) this.go({ page: data.open ? "chat" : "chats", conversation: data.open });
    });
    const aim = placeOf(location.pathname);
    this.#side = sideBeside(aim);
    this.#arrive(aim);
    this.#sessionChanged();
    client.start();
  }

  /** A newer release of the page is here; what is written and not sent stays over the change. */
  offerNewer() {
    this.#newer.hidden = false;
    setText(/** @type {Element} */ (this.#newer.firstElementChild), words.newer.ready);
  }

  #becomeWhole() {
    this.#isWhole = true;
    this.#sessionChanged();
  }

  /** What is spoken to before it is shown was made before it was known what it is; all else is, once it is shown. */
  #upgrade() {
    for (const each of [this.#frame, this.#contacts, this.#conversations]) customElements.upgrade(each);
  }

  /** @param {Place} place */
  go(place) {
    const isSame = isSamePlace(place, this.#place);
    if (!isSame) history.pushState({ depth: (history.state?.depth ?? 0) + 1 }, "", pathOf(place));
    this.#arrive(place);
  }

  /** @param {Page} page where to go if there is nothing to go back to */
  #back(page) {
    if ((history.state?.depth ?? 0) > 0 && NARROW.matches) history.back();
    else {
      this.#main = "nothing";
      this.#conversation = 0;
      this.go({ page, conversation: 0 });
    }
  }

  /** @param {Place} place */
  #arrive(place) {
    const isMoved = !isSamePlace(place, this.#place);
    if (isMoved && isSide(this.#place.page)) this.#left = focused();
    this.#aimAt(place);
    this.#render();
    const from = focused();
    if (isMoved) requestAnimationFrame(() => this.#moveFocus(from));
  }

  /** @param {Place} place */
  #aimAt(place) {
    this.#place = place;
    if (isSide(place.page)) this.#side = place.page;
    else this.#main = place.page;
    if (["user", "sites", "company", "audit"].includes(place.page)) this.#side = "users";
    if (place.page === "audit") setAttribute(this.#audit, "user", place.user || null);
    if (place.page === "user") setAttribute(this.#user, "user", place.user ?? 0);
    if (this.#main !== "security") this.#security = null;
    if (place.page === "chat") this.#conversation = place.conversation;
    if (place.page === "contact") setAttribute(this.#contact, "contact", place.contact ?? "");
  }

  #sessionChanged() {
    const client = /** @type {PresenceClient} */ (this.client);
    const state = this.#whatToShow(client);
    this.#entrance.tellOfConnection(client);
    const { me } = client.session;
    const whose = me ? `${me.domain}/${me.user}/${me.masked_by ?? 0}` : "";
    if (whose && this.#whose && whose !== this.#whose) this.#forget(true);
    if (whose || state === "out") this.#whose = whose;
    if (state !== this.#shown) {
      const wasShown = this.#shown;
      this.#shown = state;
      if (state === "out") this.#forget(wasShown === "in");
      if (state === "in") this.#upgrade();
      const page = { unknown: this.#splash, out: this.#entrance.element, in: this.#frame }[state];
      this.replaceChildren(page);
      if (this.#entrance.hasLink) this.#entrance.showLink(client);
      else if (state === "out") this.#entrance.showLogin();
    }
    this.#render();
  }

  /**
   * @param {PresenceClient} client
   * @returns {"unknown" | "out" | "in"}
   */
  #whatToShow(client) {
    // A link that sets a password is not for whoever is logged in here, and comes before them.
    if (this.#entrance.hasLink) return "out";
    const { state } = client.session;
    // Who was not logged in here will hardly be now: the form is there before the server has said so.
    if (state === "unknown" && !client.isExpected) return "out";
    return state === "in" && !this.#isWhole ? "unknown" : state;
  }

  /** @param {boolean} wasIn */
  #forget(wasIn) {
    this.#main = "nothing";
    this.#conversation = 0;
    this.#docked = [];
    this.#dockedWindows.clear();
    this.#side = wasIn ? "people" : sideBeside(this.#place);
    // Who logs in next may be somebody else; only a page that was asked for by its address stays the aim.
    if (wasIn) history.replaceState(null, "", "/");
    this.#profile = /** @type {ProfileForm} */ (document.createElement("profile-form"));
    this.#security = null;
    this.#userList = null;
    this.#user = /** @type {UserPage} */ (document.createElement("user-page"));
    this.#sites = /** @type {SitesPage} */ (document.createElement("sites-page"));
    this.#companyPage = /** @type {CompanyPage} */ (document.createElement("company-page"));
    this.#audit = /** @type {AuditPage} */ (document.createElement("audit-page"));
    this.#aimAt(wasIn ? { page: "people", conversation: 0 } : this.#place);
  }

  #render() {
    if (this.#shown !== "in") return this.#renderTitle();
    const me = this.client?.session.me;
    setAttribute(this, "page", this.#place.page);
    setText(this.#company, me?.domain_name || me?.domain || "");
    if (me) this.#myPicture.show({ user: me.user, name: nameOf(me) });
    this.#mask.hidden = !me?.masked_by;
    setText(this.#maskText, me?.masked_by ? words.mask.banner(nameOf(me), me.extension) : "");
    for (const [name, tab] of this.#tabs) setAttribute(tab, "aria-current", this.#currentTab() === name ? "page" : null);
    this.#renderSide();
    const isSideInFront = NARROW.matches && isSide(this.#place.page);
    setAttribute(this.#sideElement, "role", isSideInFront ? "main" : null);
    this.#renderMain();
    this.#renderUnread();
  }

  #renderSide() {
    const mayManage = this.client?.may("users.see_profile") ?? false;
    const tab = this.#tabs.get("users");
    if (tab) tab.hidden = !mayManage;
    if (this.#side === "users" && !mayManage) this.#side = "people";
    const mayChat = this.client?.may("chat.use") ?? false;
    const chats = this.#tabs.get("chats");
    if (chats) chats.hidden = !mayChat;
    if (!mayChat && this.#side === "chats") this.#side = "people";
    if (!mayChat && this.#main === "chat") this.#main = "nothing";
    if (this.#side === "users") this.#userList ??= /** @type {UserList} */ (document.createElement("user-list"));
    const lists = { people: this.#contacts, chats: this.#conversations, users: this.#userList };
    const titles = { people: words.contacts.title, chats: words.chats.title, users: words.users.title };
    setChildren(this.#sideElement, lists[this.#side]);
    setAttribute(this.#sideElement, "aria-label", titles[this.#side]);
    if (this.#userList) setAttribute(this.#userList, "chosen", this.#main === "user" ? (this.#place.user ?? this.#user.user) : null);
  }

  #renderMain() {
    const isYouInFront = this.#place.page === "you";
    if (isYouInFront) setChildren(this.#aside);
    else setChildren(this.#aside, this.#you);
    setChildren(this.#mainElement, isYouInFront ? this.#you : this.#mainContent());
    this.#renderDock();
  }

  /** What is in front is not shown twice. */
  #renderDock() {
    const { client } = this;
    const shown = WIDE.matches && client ? this.#docked.filter((id) => id !== this.#conversation || this.#main !== "chat") : [];
    const windows = shown.filter((id) => client?.conversations.state.threads.has(id)).map((id) => this.#dockedWindow(id));
    setChildren(this.#dock, ...windows);
    this.#dock.hidden = windows.length === 0;
    setAttribute(this, "docked", windows.length || null);
    setAttribute(this.#window, "dockable", WIDE.matches);
    setAttribute(this.#window, "searchable", true);
    setAttribute(this.#window, "docked", this.#docked.includes(this.#conversation));
  }

  /** @param {number} conversation */
  #dockedWindow(conversation) {
    const known = this.#dockedWindows.get(conversation);
    if (known) return known;
    const made = /** @type {ChatWindow} */ (document.createElement("chat-window"));
    for (const name of ["closable", "dockable", "docked", "searchable"]) made.setAttribute(name, "");
    made.setAttribute("conversation", String(conversation));
    this.#dockedWindows.set(conversation, made);
    return made;
  }

  /** @param {number} conversation */
  #dockOrNot(conversation) {
    const isDocked = this.#docked.includes(conversation);
    const others = this.#docked.filter((id) => id !== conversation);
    this.#docked = isDocked ? others : [...others, conversation].slice(-DOCKED_MOST);
    for (const id of this.#dockedWindows.keys()) if (!this.#docked.includes(id)) this.#dockedWindows.delete(id);
    // It moves aside, and leaves its place to the next one that is chosen.
    if (!isDocked && conversation === this.#conversation) this.#back(this.#side);
    this.#render();
  }

  /** @param {EventTarget | null} closed */
  #closed(closed) {
    const docked = [...this.#dockedWindows].find(([, one]) => one === closed);
    if (docked) this.#dockOrNot(docked[0]);
    else this.#back(this.#side);
  }

  /** @param {number} conversation */
  #searchIn(conversation) {
    if (this.#side !== "chats" || NARROW.matches) this.go({ page: "chats", conversation: 0 });
    this.#conversations.search(conversation);
  }

  /** @param {{conversation: number, seq: number}} place */
  #toMessage({ conversation, seq }) {
    this.go({ page: "chat", conversation });
    requestAnimationFrame(() => void this.#window.lookAt({ around: seq }));
  }

  /** @returns {HTMLElement} */
  #mainContent() {
    if (this.#main === "profile") return this.#profile;
    if (this.#main === "security") return this.#openSecurity();
    if (this.#main === "contact") return this.#contact;
    if (this.#main === "user") return this.#user;
    if (this.#main === "sites") return this.#sites;
    if (this.#main === "company") return this.#companyPage;
    if (this.#main === "audit") return this.#audit;
    if (this.#main !== "chat") return this.#empty;
    const { conversations } = /** @type {PresenceClient} */ (this.client);
    const { state } = conversations;
    if (state.loaded && !state.threads.has(this.#conversation)) {
      if (!state.next) return this.#missing;
      void conversations.find(this.#conversation).catch(() => undefined).then(() => this.#renderMain());
    }
    setAttribute(this.#window, "conversation", this.#conversation);
    setAttribute(this.#window, "closable", true);
    return this.#window;
  }

  #openSecurity() {
    this.#security ??= /** @type {SecurityPage} */ (document.createElement("security-page"));
    return this.#security;
  }

  #renderUnread() {
    if (this.#shown !== "in") return;
    const { conversations } = /** @type {PresenceClient} */ (this.client);
    if (this.#main === "chat" && this.#mainElement.firstElementChild !== this.#window) this.#renderMain();
    if (this.#main === "chat" && !conversations.state.threads.has(this.#conversation)) this.#renderMain();
    if (this.#docked.length > 0) this.#renderDock();
    const unread = unreadTotal(conversations.state);
    setText(this.#badge, unread > 99 ? "99+" : unread);
    this.#badge.hidden = unread === 0;
    setAttribute(this.#badge, "aria-label", words.navigation.unread(unread));
    setAttribute(this.#conversations, "chosen", this.#main === "chat" ? this.#conversation : null);
    const thread = conversations.state.threads.get(this.#conversation);
    const other = thread && this.#main === "chat" && this.client ? otherOf(this.client, thread) : 0;
    setAttribute(this.#contacts, "chosen", other ? `u${other}` : this.#main === "contact" ? this.#place.contact : null);
    this.#renderTitle();
  }

  #renderTitle() {
    const { client } = this;
    const title = this.#titleOfPage();
    const whole = title ? `${title} · ${words.product}` : words.product;
    const unread = this.#shown === "in" && client ? unreadTotal(client.conversations.state) : 0;
    const shown = unread > 0 ? words.titleWithUnread(unread, whole) : whole;
    if (document.title !== shown) document.title = shown;
    this.#showOnIcon(unread);
  }

  /** On the icon of the installed page. @param {number} unread */
  #showOnIcon(unread) {
    if (unread === this.#onIcon || this.#shown === "unknown") return;
    this.#onIcon = unread;
    void navigator.setAppBadge?.(unread)?.catch(() => undefined);
  }

  #titleOfPage() {
    if (this.#shown === "out") return this.#entrance.title;
    if (this.#shown !== "in" || !this.client) return "";
    const thread = this.client.conversations.state.threads.get(this.#conversation);
    if (this.#place.page === "chat") return thread ? titleOf(this.client, thread) : words.chats.title;
    if (this.#place.page === "user") return this.#user.title;
    const titles = {
      people: words.contacts.title,
      contact: words.contacts.title,
      chats: words.chats.title,
      you: words.you.title,
      profile: words.profile.title,
      security: words.security.title,
      users: words.users.title,
      sites: words.sites.title,
      company: words.company.title,
      audit: words.audit.title,
    };
    return titles[this.#place.page];
  }

  /** @returns {Side | "you"} */
  #currentTab() {
    const { page } = this.#place;
    if (page === "you" || ((page === "profile" || page === "security") && NARROW.matches)) return "you";
    if (page === "chat" && NARROW.matches) return "chats";
    if (page === "contact" && NARROW.matches) return "people";
    return this.#side;
  }

  /** Unless somebody has gone elsewhere with it, to write there. @param {HTMLElement | null} from what had it before */
  #moveFocus(from) {
    const { page } = this.#place;
    const now = focused();
    if (this.#shown !== "in" || (now !== null && now !== from)) return;
    if (page === "chat" && !TOUCH.matches) this.#window.focusText();
    else if (page === "profile") this.#profile.focusTitle();
    else if (page === "security") this.#security?.focusTitle();
    else if (page === "contact") this.#contact.focusTitle();
    else if (page === "user") this.#user.focusTitle();
    else if (page === "sites") this.#sites.focusTitle();
    else if (page === "company") this.#companyPage.focusTitle();
    else if (page === "audit") this.#audit.focusTitle();
    else if (page === "chat" || page === "you") this.#mainElement.focus({ preventScroll: true });
    // What had the focus is gone with its page: back to where that was opened.
    else if (!focused()) this.#left?.focus();
  }

  /** @param {number} user */
  async #openWith(user) {
    const { client } = this;
    if (!client) return;
    if (!client.may("chat.use")) return this.go({ page: "contact", conversation: 0, contact: `u${user}` });
    try {
      const conversation = await client.conversations.openWith(user);
      this.go({ page: "chat", conversation });
    } catch (error) {
      this.#say(`${words.chat.failedToOpen} ${sentenceOf(error)}`);
    }
  }

  async #endMask() {
    try {
      await this.client?.endMask();
    } catch (error) {
      this.#say(sentenceOf(error));
    }
  }

  async #logout() {
    const { client } = this;
    if (!client) return;
    const unsent = client.conversations.outgoing.length;
    if (unsent > 0 && !(await confirmed(words.logoutWithUnsent(unsent), words.navigation.stay, words.navigation.logout))) return;
    await client.logout().catch(() => undefined); // out of reach: this page forgets all the same
  }

  /** Drafts of messages stay; the page is loaded anew. @param {LanguageWanted} wanted */
  async #readIn({ language, done }) {
    const { client } = this;
    const me = client?.session.me;
    if (!client || !me) return;
    const { languageUnsaved, languageStay, languageChange } = words.you;
    const isUnsaved = [this.#profile, this.#contact, this.#user].some(({ isDirty }) => isDirty) || client.uploads.all.length > 0;
    if (!isUnsaved || (await confirmed(languageUnsaved, languageStay, languageChange))) choose(me, language);
    if (languageFor(me) !== words.language) return location.reload();
    done();
    await tellChoice(client);
  }

  /**
   * @param {string} sentence
   * @param {{label: string, act: () => void} | null} [action] to take back what the sentence says
   */
  #say(sentence, action = null) {
    clearTimeout(this.#silence);
    this.#notice.hidden = false;
    const close = () => {
      this.#notice.hidden = true;
    };
    const act = () => {
      close();
      action?.act();
    };
    setChildren(
      this.#notice,
      h("span", {}, sentence),
      action ? h("button", { class: "text-button", type: "button", onclick: act }, action.label) : null,
      h("button", { class: "text-button", type: "button", onclick: close }, words.profile.close),
    );
    // Long enough to be read and reached; whoever is at it by keyboard or pointer keeps it.
    const leave = () => {
      if (this.#notice.matches(":hover, :focus-within")) this.#silence = setTimeout(leave, SAID);
      else close();
    };
    this.#silence = setTimeout(leave, SAID);
  }

  /** @param {number} user */
  async #openUser(user) {
    const { unsaved, stay, discard } = words.users;
    const leaves = this.#main === "user" && this.#user.user !== user && this.#user.isDirty;
    if (leaves && !(await confirmed(unsaved(this.#user.title), stay, discard))) return;
    this.go({ page: "user", conversation: 0, user });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const isSearch = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!isSearch || this.#shown !== "in") return;
    event.preventDefault();
    this.go({ page: "people", conversation: 0 });
    requestAnimationFrame(() => this.#contacts.focusSearch());
  }

  #makeFrame() {
    const toYou = () => this.go({ page: "you", conversation: 0 });
    const sign = document.createElement("connection-state");
    const strip = document.createElement("connection-state");
    strip.setAttribute("variant", "strip");
    return h(
      "div",
      { class: "frame" },
      h("a", { class: "skip", href: "#main" }, words.navigation.skip),
      h(
        "header",
        { class: "bar" },
        mark(),
        this.#company,
        sign,
        h("button", { class: "me", type: "button", "aria-label": words.navigation.you, onclick: toYou }, this.#myPicture),
      ),
      h("div", { class: "strips" }, this.#mask, this.#newer, strip),
      h("nav", { class: "tabs", "aria-label": words.navigation.label }, this.#tab("people"), this.#tab("chats"), this.#tab("users"), this.#tab("you")),
      this.#sideElement,
      this.#mainElement,
      this.#dock,
      this.#aside,
      this.#notice,
      this.#why,
      this.#groups,
      this.#import,
      this.#trash,
    );
  }

  /** @param {Side | "you"} name */
  #tab(name) {
    const follow = (/** @type {MouseEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.go({ page: name, conversation: 0 });
    };
    const picture = h("span", { class: "tab-icon" }, icon(name === "users" ? "manage" : name), name === "chats" ? this.#badge : null);
    const tab = h("a", { class: `tab tab-${name}`, href: pathOf({ page: name, conversation: 0 }), onclick: follow }, picture, words.navigation[name === "users" ? "manage" : name]);
    this.#tabs.set(name, tab);
    return tab;
  }
}

/** A part of the page did not come. */
function brokenPage() {
  const again = h("button", { class: "button", type: "button", onclick: () => void loadNewest() }, words.connection.reload);
  return h("main", { class: "splash" }, mark(), h("p", { role: "alert" }, words.connection.incomplete, " ", again));
}

function splashPage() {
  const strip = document.createElement("connection-state");
  strip.setAttribute("variant", "strip");
  return h("main", { class: "splash" }, mark(), strip);
}

function emptyPage() {
  return h(
    "div",
    { class: "empty" },
    h("div", { class: "drawing", "aria-hidden": "true" }, h("span"), h("span"), h("span")),
    h("h2", {}, words.chat.none),
    h("p", {}, words.chat.noneHint),
  );
}

/**
 * @param {string} question
 * @param {string} no
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
function confirmed(question, no, yes) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "question", onclose: () => close() },
      h("p", {}, question),
      h(
        "form",
        { method: "dialog" },
        h("button", { class: "text-button", value: "no", autofocus: true }, no),
        h("button", { class: "text-button", value: "yes" }, yes),
      ),
    );
    const close = () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * @param {string} path
 * @returns {Place}
 */
function placeOf(path) {
  const [, , page, id] = path.split("/");
  if (page === "people" && id && /^(new|[cu]\d+)$/.test(id)) return { page: "contact", conversation: 0, contact: id };
  if (page === "chats" && id && /^\d+$/.test(id)) return { page: "chat", conversation: Number(id) };
  if (page === "users" && id && /^\d{1,9}$/.test(id)) return { page: "user", conversation: 0, user: Number(id) };
  if (page === "audit") return { page, conversation: 0, user: id && /^\d{1,9}$/.test(id) ? Number(id) : 0 };
  const plain = /** @type {const} */ (["people", "chats", "you", "profile", "security", "users", "sites", "company"]).find((each) => each === page);
  if (plain) return { page: plain, conversation: 0 };
  return { page: "people", conversation: 0 };
}

/**
 * @param {Place} one
 * @param {Place} other
 */
function isSamePlace(one, other) {
  return one.page === other.page && one.conversation === other.conversation && one.contact === other.contact && one.user === other.user;
}

/** @param {Place} place */
function pathOf({ page, conversation, contact, user }) {
  if (page === "user") return `/app/users/${user}`;
  if (page === "audit") return user ? `/app/audit/${user}` : "/app/audit";
  if (page === "contact") return `/app/people/${contact}`;
  return page === "chat" ? `/app/chats/${conversation}` : `/app/${page}`;
}

/**
 * @param {Page} page
 * @returns {page is Side}
 */
function isSide(page) {
  return page === "people" || page === "chats" || page === "users";
}

/**
 * Which list stands beside a place that was asked for by its address.
 *
 * @param {Place} place
 * @returns {Side}
 */
function sideBeside({ page }) {
  return page === "chat" ? "chats" : "people";
}
