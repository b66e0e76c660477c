/**
 * `<group-dialog>`: begins a conversation with one person or several, and shows a group's members and settings.
 *
 * Fires `conversation-chosen` (detail: the conversation) when one was begun, `window-closed` when the group was left.
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setChildren, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { icon } from "./icons.js";
import { asked } from "./question.js";
import { timesOf } from "./times.js";
import { nameOfUser, sentenceOf } from "./who.js";
import { compareNames } from "../client/alphabet.js";
import { freshId } from "../client/conversations.js";
import { matches, peopleByName, personOfCoworker } from "../client/people.js";
import { overlayOf } from "../client/state/books.js";
import { everybody } from "../client/state/directory.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { PeoplePages } from "../client/people-pages.js"
 * @import { KnownCoworker } from "../client/state/directory.js"
 * @import { History } from "../client/protocol.js"
 * @import { KnownMember, Thread } from "../client/state/chat.js"
 */

const MOST = 50;

export class GroupDialog extends PresenceElement {
  static styles = [
    avatarStyles,
    css`
      :host {
        display: contents;
      }
      dialog.sheet {
        inline-size: min(30rem, 100vw - 3rem);
        max-inline-size: none;
        block-size: min(44rem, 100dvh - 3rem);
        max-block-size: none;
        padding: 0;
        border: 1px solid var(--presence-line);
        border-radius: calc(var(--presence-radius) * 1.5);
        background: var(--presence-surface);
        color: var(--presence-ink);
        box-shadow: var(--presence-shadow);
        overflow: hidden;
      }
      dialog.sheet[open] {
        display: grid;
        grid-template-rows: auto auto minmax(0, 1fr) auto;
      }
      @media (width < 48rem) {
        dialog.sheet {
          inline-size: 100vw;
          block-size: 100dvh;
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
      .top {
        display: grid;
        gap: 0.8rem;
        padding: 1rem 1.25rem 0.6rem;
      }
      .name-row {
        display: flex;
        gap: 0.5rem;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        max-block-size: 6.5rem;
        overflow-y: auto;
      }
      .chip {
        display: inline-flex;
        align-items: center;
        gap: 0.35rem;
        min-block-size: 2rem;
        padding-inline: 0.75rem 0.5rem;
        border-radius: 1rem;
        background: var(--presence-accent-soft);
        font-size: 0.875rem;
      }
      .list {
        padding: 0 0.75rem 1rem;
      }
      .row {
        display: flex;
        align-items: center;
        gap: 0.8rem;
        inline-size: 100%;
        min-block-size: 3.5rem;
        padding: 0.3rem 0.5rem;
        border-radius: var(--presence-radius-small);
        text-align: start;
        --avatar-size: 2.5rem;
        --presence-dot-edge: var(--presence-surface);
      }
      button.row:hover {
        background: var(--presence-raised);
        --presence-dot-edge: var(--presence-raised);
      }
      button.row[aria-pressed="true"] {
        background: var(--presence-accent-soft);
        --presence-dot-edge: var(--presence-accent-soft);
      }
      .row .text {
        flex: 1;
        min-inline-size: 0;
        display: grid;
      }
      .row .text > * {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .row strong {
        font-weight: 600;
      }
      .row .soft,
      .count {
        font-size: 0.8125rem;
      }
      .role {
        font-size: 0.75rem;
        font-weight: 600;
        color: var(--presence-accent);
      }
      footer {
        display: grid;
        gap: 0.7rem;
        padding: 0.9rem 1.25rem calc(0.9rem + env(safe-area-inset-bottom, 0px));
        border-block-start: 1px solid var(--presence-line);
      }
      footer .actions {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: 0.6rem;
      }
      .nobody {
        padding: 1.5rem;
        text-align: center;
      }
    `,
  ];

  #title = h("h2", { id: "title" });
  #name = h("input", { class: "input", id: "name", maxlength: 64, placeholder: words.groups.nameHint, autocomplete: "off", oninput: () => this.invalidate() });
  #rename = h("button", { class: "button", type: "submit" }, words.groups.rename);
  #nameField = h(
    "form",
    { class: "field", onsubmit: (/** @type {Event} */ event) => this.#named(event) },
    h("label", { for: "name" }, words.groups.name),
    h("div", { class: "name-row" }, this.#name, this.#rename),
  );
  #find = h("input", {
    class: "input",
    type: "search",
    placeholder: words.groups.findHint,
    "aria-label": words.groups.find,
    autocomplete: "off",
    oninput: () => this.invalidate(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#findKey(event),
  });
  #chips = h("div", { class: "chips", role: "group", "aria-label": words.groups.chosen });
  #count = h("p", { class: "soft count" });
  #rows = h("ul");
  #nobody = h("p", { class: "soft nobody" }, words.groups.nobody);
  #history = h(
    "select",
    { class: "input", id: "history", onchange: () => this.#historyChosen() },
    ...Object.entries(words.groups.histories).map(([value, text]) => h("option", { value }, text)),
  );
  #historyField = h("div", { class: "field" }, h("label", { for: "history" }, words.groups.history), this.#history);
  #problem = h("p", { class: "error", role: "alert", hidden: true });
  #addPeople = h("button", { class: "button", type: "button", onclick: () => this.#become("adding") }, icon("plus"), words.groups.addPeople);
  #leave = h("button", { class: "button danger", type: "button", onclick: () => void this.#leaveGroup() }, words.groups.leave);
  #go = h("button", { class: "button primary", type: "button", onclick: () => void this.#begin() });
  #dialog = h(
    "dialog",
    { class: "sheet", "aria-labelledby": "title", onclick: (/** @type {MouseEvent} */ event) => event.target === this.#dialog && this.#dialog.close() },
    h(
      "header",
      { role: "presentation" },
      this.#title,
      h("button", { class: "icon-button", type: "button", "aria-label": words.groups.close, onclick: () => this.#dialog.close() }, icon("close")),
    ),
    h("div", { class: "top" }, this.#nameField, this.#find, this.#chips, this.#count),
    h("div", { class: "scroll list" }, this.#rows, this.#nobody),
    h("footer", {}, this.#historyField, this.#problem, h("div", { class: "actions" }, this.#leave, this.#addPeople, this.#go)),
  );

  /** @type {"beginning" | "members" | "adding"} */
  #mode = "beginning";
  /** The group; 0: one that is to be made. */
  #conversation = 0;
  /** @type {Set<number>} */
  #chosen = new Set();
  #clientId = "";
  #isBusy = false;
  /** Where there are too many people to have all of them here. @type {PeoplePages | null} */
  #pages = null;
  /** What the pages are of. @type {string | null} */
  #sought = null;

  constructor() {
    super();
    this.root.append(this.#dialog);
    this.#dialog.addEventListener("close", () => this.#forget());
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("chat", () => this.invalidate()),
      client.on("directory", () => this.invalidate()),
      client.on("session", () => this.#dialog.close()),
      () => this.#forget(),
    ];
  }

  #forget() {
    this.#pages?.stop();
    this.#pages = null;
    this.#sought = null;
  }

  /** A new conversation is to be begun. */
  begin() {
    this.#conversation = 0;
    this.#clientId = freshId();
    this.#name.value = "";
    this.#history.value = "all";
    this.#open("beginning");
  }

  /** @param {number} conversation a group */
  show(conversation) {
    this.#conversation = conversation;
    this.#name.value = this.#thread?.name ?? "";
    this.#open("members");
    // How far each has read is not told as it happens in a large group.
    void this.client?.conversations.refresh(conversation).catch(() => undefined);
  }

  /** @param {"beginning" | "members" | "adding"} mode */
  #open(mode) {
    this.#become(mode);
    this.#dialog.showModal();
    this.render();
    if (mode === "beginning") this.#find.focus();
  }

  /** @param {"beginning" | "members" | "adding"} mode */
  #become(mode) {
    this.#mode = mode;
    this.#chosen.clear();
    this.#forget();
    this.#find.value = "";
    this.#say("");
    this.render();
    if (mode === "adding") this.#find.focus();
  }

  get #thread() {
    return this.client?.conversations.state.threads.get(this.#conversation) ?? null;
  }

  /** @override */
  render() {
    const { client } = this;
    if (!client) return;
    const thread = this.#thread;
    if (this.#conversation && !thread && this.#dialog.open) return this.#dialog.close();
    const isPicking = this.#mode !== "members";
    const makesGroup = this.#mode === "beginning" && this.#chosen.size > 1;
    const own = thread?.members.find((member) => member.user === client.me)?.role ?? "member";
    const titles = { beginning: words.groups.start, members: words.groups.settings, adding: words.groups.addPeople };
    setText(this.#title, titles[this.#mode]);
    this.#nameField.hidden = !(makesGroup || this.#mode === "members");
    this.#rename.hidden = this.#mode !== "members";
    this.#rename.disabled = !this.#name.value.trim() || this.#name.value.trim() === thread?.name;
    this.#find.hidden = this.#chips.hidden = !isPicking;
    this.#chips.hidden = !isPicking || this.#chosen.size === 0;
    this.#count.hidden = isPicking;
    setText(this.#count, words.groups.members(thread?.members.length ?? 0));
    this.#historyField.hidden = !(makesGroup || (this.#mode === "members" && own !== "member"));
    if (this.#mode === "members" && thread) this.#history.value = thread.history;
    this.#leave.hidden = this.#addPeople.hidden = this.#mode !== "members";
    this.#go.hidden = !isPicking;
    this.#go.disabled = this.#isBusy || this.#chosen.size === 0 || (makesGroup && !this.#name.value.trim());
    setText(this.#go, this.#mode === "adding" ? words.groups.addThem(this.#chosen.size) : makesGroup ? words.groups.create : words.groups.chat);
    this.#renderChips(client);
    if (isPicking) this.#renderPeople(client, thread);
    else if (thread) this.#renderMembers(client, thread, own !== "member");
  }

  /** @param {PresenceClient} client */
  #renderChips(client) {
    reconcile(
      this.#chips,
      [...this.#chosen],
      (user) => user,
      (user) => h("button", { class: "chip", type: "button", onclick: () => this.#toggle(user) }, h("span"), icon("close")),
      (chip, user) => {
        const name = nameOfUser(client, user);
        setText(/** @type {Element} */ (chip.firstElementChild), name);
        setAttribute(chip, "aria-label", words.groups.takeOut(name));
      },
    );
  }

  /**
   * @param {PresenceClient} client
   * @param {Thread | null} thread
   */
  #renderPeople(client, thread) {
    const members = new Set(thread?.members.map((member) => member.user));
    const people = this.#found(client)
      .filter((person) => !members.has(person.user))
      .slice(0, MOST);
    setText(this.#nobody, this.#pages?.isPending ? words.groups.searching : this.#pages?.problem ? sentenceOf(this.#pages.problem) : words.groups.nobody);
    this.#nobody.hidden = people.length > 0;
    reconcile(
      this.#rows,
      people,
      (person) => `pick:${person.user}`,
      (person) => pickRow(() => this.#toggle(person.user)),
      (row, person) => {
        const about = [person.extension, person.department].filter(Boolean).join(" · ");
        row.show(person.user, nameOfUser(client, person.user), about, this.#chosen.has(person.user));
      },
    );
  }

  /**
   * Who is meant by what was typed, by name.
   *
   * @param {PresenceClient} client
   * @returns {KnownCoworker[]}
   */
  #found(client) {
    const search = this.#find.value;
    if (!this.#dialog.open) return [];
    if (client.isLarge) {
      this.#pages ??= client.peoplePages(() => this.invalidate(), { countsGroups: false });
      if (this.#sought !== search) this.#pages.show({ group: "coworkers", status: "all", search, sort: "name", descending: false });
      this.#sought = search;
      return this.#pages.people.flatMap(({ coworker }) => coworker ?? []);
    }
    const people = everybody(client.coworkers.state)
      .filter((coworker) => coworker.user !== client.me)
      .map((coworker) => personOfCoworker(coworker, client.presenceOf(coworker.user), overlayOf(client.contacts.state, coworker.user), false))
      .filter((person) => matches(person, search));
    return peopleByName(people).flatMap(({ coworker }) => coworker ?? []);
  }

  /**
   * @param {PresenceClient} client
   * @param {Thread} thread
   * @param {boolean} manages
   */
  #renderMembers(client, thread, manages) {
    this.#nobody.hidden = true;
    const members = [...thread.members].sort(
      (one, other) => compareNames(nameOfUser(client, one.user), nameOfUser(client, other.user)),
    );
    reconcile(
      this.#rows,
      members,
      (member) => `member:${member.user}`,
      (member) => this.#memberRow(member.user),
      (row, member) => row.show(member, thread, manages),
    );
  }

  /** @param {number} user */
  #memberRow(user) {
    const picture = avatar();
    const name = h("strong");
    const about = h("span", { class: "soft" });
    const role = h("span", { class: "role" });
    const act = (/** @type {() => Promise<unknown> | undefined} */ run) => () => void this.#do(run);
    const { conversations } = /** @type {PresenceClient} */ (this.client);
    const isManager = () => this.#thread?.members.find((member) => member.user === user)?.role === "manager";
    const promote = h("button", { class: "button small", type: "button", onclick: act(() => conversations.setManager(this.#conversation, user, !isManager())) });
    const remove = h(
      "button",
      { class: "icon-button", type: "button", onclick: act(() => conversations.removeMember(this.#conversation, user)) },
      icon("close"),
    );
    const element = h("li", { class: "row" }, picture, h("span", { class: "text" }, name, about), role, promote, remove);
    return Object.assign(element, {
      show: (/** @type {KnownMember} */ member, /** @type {Thread} */ thread, /** @type {boolean} */ manages) => {
        const client = /** @type {PresenceClient} */ (this.client);
        const shown = nameOfUser(client, user);
        const isSelf = user === client.me;
        picture.show({ user, name: shown });
        setText(name, isSelf ? `${shown} (${words.chat.you})` : shown);
        setText(about, isSelf ? "" : this.#reading(member, thread));
        setText(role, words.groups.roles[member.role]);
        promote.hidden = remove.hidden = !manages || isSelf || member.role === "creator";
        setText(promote, member.role === "manager" ? words.groups.unmakeManager : words.groups.makeManager);
        setAttribute(remove, "aria-label", words.groups.removeNamed(shown));
        setAttribute(remove, "title", words.groups.remove);
      },
    });
  }

  /**
   * @param {KnownMember} member
   * @param {Thread} thread
   */
  #reading(member, thread) {
    if (member.read_seq >= thread.last_seq) return words.groups.readAll;
    const last = thread.run.find((message) => message.seq === member.read_seq);
    if (last) return words.groups.readUpTo(timesOf(this.client).since(Date.parse(last.sent_at), Date.now()));
    return member.read_seq === 0 ? words.groups.readNothing : "";
  }

  /** @param {number} user */
  #toggle(user) {
    if (!this.#chosen.delete(user)) this.#chosen.add(user);
    this.#find.value = "";
    this.render();
    this.#find.focus();
  }

  /** Enter chooses the first who matches. @param {KeyboardEvent} event */
  #findKey(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (!this.#find.value.trim()) return void (this.#go.disabled || this.#begin());
    this.render();
    if (this.#pages?.isPending) return void this.#chooseFirst(this.#find.value.trim());
    const first = this.#rows.querySelector("button.row:not([aria-pressed='true'])");
    if (first instanceof HTMLElement) first.click();
  }

  /** Before those are here who match: whoever types on need not wait for the server. @param {string} search */
  async #chooseFirst(search) {
    this.#find.value = "";
    this.render();
    await this.#do(async () => {
      const found = (await this.client?.findCoworkers(search)) ?? [];
      const members = new Set(this.#thread?.members.map((member) => member.user));
      const first = found.find(({ coworker }) => coworker && !members.has(coworker.user) && !this.#chosen.has(coworker.user));
      if (first?.coworker) this.#chosen.add(first.coworker.user);
      else this.#say(words.groups.nobodyFor(search));
    });
  }

  async #begin() {
    const { client } = this;
    if (!client) return;
    const users = [...this.#chosen];
    if (this.#mode === "adding") {
      if (await this.#do(() => client.conversations.addMembers(this.#conversation, users))) this.#become("members");
      return;
    }
    const [only] = users;
    const history = /** @type {History} */ (this.#history.value);
    const group = { client_id: this.#clientId, name: this.#name.value.trim(), users, history };
    await this.#do(async () => {
      const made = users.length === 1 && only ? client.conversations.openWith(only) : client.conversations.createGroup(group);
      const conversation = await made;
      this.#dialog.close();
      this.dispatchEvent(new CustomEvent("conversation-chosen", { bubbles: true, composed: true, detail: conversation }));
    });
  }

  /** @param {Event} event */
  #named(event) {
    event.preventDefault();
    if (this.#mode === "members") void this.#do(() => this.client?.conversations.renameGroup(this.#conversation, this.#name.value.trim()));
    else if (!this.#go.disabled) void this.#begin();
  }

  #historyChosen() {
    if (this.#mode !== "members") return;
    const history = /** @type {History} */ (this.#history.value); // before it is shown again as it was
    void this.#do(() => this.client?.conversations.setHistory(this.#conversation, history));
  }

  async #leaveGroup() {
    if (!(await asked(this.root, words.groups.leaveAsk, words.groups.stay, words.groups.leave))) return;
    await this.#do(() => this.client?.conversations.leaveGroup(this.#conversation));
  }

  /**
   * @param {() => Promise<unknown> | undefined} run
   * @returns {Promise<boolean>} whether it worked
   */
  async #do(run) {
    this.#isBusy = true;
    this.#say("");
    this.render();
    try {
      await run();
      return true;
    } catch (error) {
      this.#say(words.chat.notDone(sentenceOf(error)));
      return false;
    } finally {
      this.#isBusy = false;
      this.invalidate();
    }
  }

  /** @param {string} problem */
  #say(problem) {
    this.#problem.hidden = problem === "";
    setChildren(this.#problem, problem);
  }
}

/** @param {() => void} choose */
function pickRow(choose) {
  const picture = avatar();
  const name = h("strong");
  const about = h("span", { class: "soft" });
  const button = h("button", { class: "row", type: "button", onclick: choose }, picture, h("span", { class: "text" }, name, about));
  return Object.assign(h("li", {}, button), {
    show(/** @type {number} */ user, /** @type {string} */ title, /** @type {string} */ more, /** @type {boolean} */ isChosen) {
      picture.show({ user, name: title });
      setText(name, title);
      setText(about, more);
      setAttribute(button, "aria-pressed", String(isChosen));
    },
  });
}
