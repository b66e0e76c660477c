/**
 * `<contact-page>`: all about one contact, or what one wrote down about a coworker; to be looked at and edited.
 *
 * Attribute `contact`: `new`, `c7` or `u12`. Fires `page-closed`, `contact-wanted`, `person-chosen`, `delete-wanted` and
 * `notice-wanted`. If somebody else was faster, both versions are shown, and nothing is overwritten unseen.
 */

import { PresenceElement, concerns, css } from "./element.js";
import { h, setAttribute, setChildren, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { contactForm, contactFormStyles } from "./contact-form.js";
import { icon } from "./icons.js";
import { reasonOf } from "./presence-view.js";
import { timesOf } from "./times.js";
import { nameOfUser, sentenceOf } from "./who.js";
import { CONTACT_FIELDS, OVERLAY_FIELDS, changedFields, enteredSince, mergeEdit, shownField } from "../client/edits.js";
import { Changed } from "../client/contacts.js";
import { Refused } from "../client/errors.js";
import { nameOfContact, personOfContact, personOfCoworker } from "../client/people.js";
import { isFavourite, knownContact, knownOverlay, overlayOf } from "../client/state/books.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Fields } from "../client/edits.js"
 * @import { KnownContact, KnownOverlay } from "../client/state/books.js"
 */

/** What a new contact begins with. */
const BLANK = knownContact({ contact: 0, rev: 0, shared: false });

export class ContactPage extends PresenceElement {
  static styles = [
    avatarStyles,
    contactFormStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        min-block-size: 0;
        background: var(--presence-surface);
      }
      header {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-block-size: 4rem;
        padding: 0.5rem 1rem;
        border-block-end: 1px solid var(--presence-line);
      }
      header h2 {
        flex: 1;
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: 1.0625rem;
      }
      header .icon-button:first-child {
        margin-inline-start: -0.5rem;
      }
      .star[aria-pressed="true"] {
        color: var(--presence-star);
      }
      .star[aria-pressed="true"] svg {
        fill: currentcolor;
      }
      .view {
        padding: 1.5rem 1rem 2.5rem;
      }
      .card {
        display: grid;
        gap: 1.5rem;
        max-inline-size: 36rem;
        margin-inline: auto;
      }
      .who {
        display: flex;
        align-items: center;
        gap: 1.1rem;
        --avatar-size: 4.5rem;
      }
      .who h3 {
        font-size: 1.375rem;
        line-height: 1.25;
        overflow-wrap: anywhere;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }
      dl {
        display: grid;
        gap: 0.1rem;
        border-radius: var(--presence-radius);
        overflow: hidden;
      }
      dl > div {
        display: grid;
        grid-template-columns: minmax(6rem, 9rem) minmax(0, 1fr);
        gap: 0.75rem;
        padding: 0.65rem 1rem;
        background: var(--presence-ground);
      }
      dt {
        color: var(--presence-ink-soft);
        overflow-wrap: anywhere;
      }
      dd {
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      dd a {
        color: var(--presence-accent);
        text-decoration: none;
      }
      dd a:hover {
        text-decoration: underline;
      }
      .tags {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem;
      }
      .tags li {
        padding: 0.1rem 0.6rem;
        border-radius: 1rem;
        background: var(--presence-accent-soft);
        color: var(--presence-accent);
        font-size: 0.8125rem;
        font-weight: 600;
      }
      .kind {
        color: var(--presence-ink-soft);
      }
      .changed {
        font-size: 0.8125rem;
        color: var(--presence-ink-soft);
      }
      .conflict {
        display: grid;
        gap: 0.75rem;
        padding: 1rem;
        border-radius: var(--presence-radius);
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
      }
      .conflict table {
        inline-size: 100%;
        border-collapse: collapse;
        font-size: 0.875rem;
      }
      .conflict :is(th, td) {
        padding: 0.35rem 0.5rem 0.35rem 0;
        text-align: start;
        vertical-align: top;
        overflow-wrap: anywhere;
      }
      .conflict thead th {
        font-weight: 600;
      }
      .missing {
        padding: 3rem 1.5rem;
        text-align: center;
        color: var(--presence-ink-soft);
      }
    `,
  ];

  static observedAttributes = ["contact"];

  #isEditing = false;
  #isBusy = false;
  /** A new contact is edited at once, as soon as it is known what one may do. */
  #wantsEdit = false;
  /** The key that was last asked for. */
  #fetched = "";
  /** Counts the times a form was opened: an answer may come when another one is. */
  #edits = 0;
  /** A new contact that was saved while more was typed: the form goes on as that of the contact. @type {KnownContact | null} */
  #added = null;
  /** From which version the edit began. @type {KnownContact | KnownOverlay} */
  #base = BLANK;
  /** What somebody else made of it meanwhile. @type {KnownContact | KnownOverlay | null} */
  #theirs = null;

  #title = h("h2", { tabindex: -1 });
  #starButton = h("button", { class: "icon-button star", type: "button", "aria-pressed": "false", onclick: () => void this.#star() }, icon("star"));
  #editButton = h("button", { class: "button small", type: "button", onclick: () => this.#edit() }, icon("edit"), words.contacts.edit);
  #deleteButton = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": words.contacts.delete, title: words.contacts.delete, onclick: () => this.#delete() },
    icon("trash"),
  );
  #picture = avatar();
  #card = h("div", { class: "card" });
  #view = h("div", { class: "scroll view" }, this.#card);
  #missing = h("p", { class: "missing", hidden: true }, words.contacts.missing);
  #conflict = h("div", { class: "conflict", role: "alert", hidden: true });
  #form = contactForm({
    save: (another) => void this.#save(another),
    cancel: () => this.#cancel(),
    conflict: this.#conflict,
  });

  constructor() {
    super();
    const close = () => this.#tell("page-closed", null);
    this.root.append(
      h(
        "header",
        {},
        h("button", { class: "icon-button", type: "button", "aria-label": words.navigation.back, onclick: close }, icon("back")),
        this.#title,
        this.#starButton,
        this.#deleteButton,
        this.#editButton,
      ),
      this.#missing,
      this.#view,
      this.#form.element,
    );
  }

  /** @override @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    const added = this.#added;
    this.#added = null;
    if (added && after === `c${added.contact}`) return this.#showForm(true);
    this.#isEditing = false;
    this.#theirs = null;
    this.#wantsEdit = after === "new";
    super.attributeChangedCallback(name, before, after);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    if (this.#key === "new" && !this.#isEditing) this.#wantsEdit = true; // another one after one that was given up
    return [
      client.on("contacts", () => this.invalidate()),
      client.on("directory", () => this.invalidate()),
      client.on("presence", (users) => !this.#isEditing && this.#isCoworker && concerns(users, [this.#id]) && this.invalidate()),
      client.on("connection", () => this.invalidate()),
    ];
  }

  focusTitle() {
    if (this.#isEditing) this.#form.focus();
    else this.#title.focus({ preventScroll: true });
  }

  /** Whether closing would lose something. */
  get isDirty() {
    return this.#isEditing && changedFields(this.#fields, this.#base, this.#form.value()).length > 0;
  }

  get #key() {
    return this.getAttribute("contact") ?? "";
  }

  get #id() {
    return Number(this.#key.slice(1));
  }

  get #isCoworker() {
    return this.#key.startsWith("u");
  }

  get #fields() {
    return this.#isCoworker ? OVERLAY_FIELDS : CONTACT_FIELDS;
  }

  get #contact() {
    const found = this.client?.contacts.state.contacts.get(this.#id);
    return found && !found.gone && !this.#isCoworker ? found : null;
  }

  get #coworker() {
    if (!this.client || !this.#isCoworker) return null;
    const known = this.client.coworkers.find(this.#id);
    return known && !known.gone ? known : null;
  }

  /** As it is now. @returns {KnownContact | KnownOverlay} */
  get #current() {
    if (this.#isCoworker && this.client) {
      return overlayOf(this.client.contacts.state, this.#id) ?? knownOverlay({ coworker: this.#id, rev: 0 });
    }
    return this.#contact ?? BLANK;
  }

  /** @override */
  render() {
    const { client } = this;
    if (!client || !this.#key) return;
    if (this.#wantsEdit && client.connected) {
      this.#wantsEdit = false;
      this.#edit();
    }
    this.#fetchMissing();
    const contact = this.#contact;
    const coworker = this.#coworker;
    const isNew = this.#key === "new";
    const isThere = isNew || contact !== null || coworker !== null;
    const person = this.#person();
    const isAwaited = !client.contacts.state.complete || (this.#isCoworker && client.coworkers.isAwaited(this.#id));
    this.#missing.hidden = isThere || isAwaited || this.#isEditing;
    this.#view.hidden = this.#isEditing || person === null;
    this.#form.element.hidden = !this.#isEditing;
    const mayChange = coworker ? client.may("contacts.manage_own") : contact ? client.may(contact.shared ? "contacts.manage_shared" : "contacts.manage_own") : false;
    this.#editButton.hidden = this.#isEditing || !mayChange;
    this.#deleteButton.hidden = this.#isEditing || !contact || !mayChange;
    this.#starButton.hidden = this.#isEditing || !isThere;
    setText(this.#title, isNew ? words.contacts.newTitle : person?.name ?? "");
    if (person) {
      setAttribute(this.#starButton, "aria-pressed", String(person.favourite));
      setAttribute(this.#starButton, "aria-label", words.contacts.star(person.name, person.favourite));
    }
    if (!this.#isEditing && person) this.#renderCard();
  }

  /** Where there are too many contacts to have all of them here. */
  #fetchMissing() {
    const { client } = this;
    if (!client?.contacts.isLarge || !this.#key.startsWith("c") || this.#fetched === this.#key) return;
    this.#fetched = this.#key;
    void client.contacts.fetch(this.#id).catch(() => undefined);
  }

  #person() {
    const { client } = this;
    if (!client) return null;
    const books = client.contacts.state;
    if (this.#coworker) {
      const { user } = this.#coworker;
      return personOfCoworker(this.#coworker, client.presenceOf(user), overlayOf(books, user), isFavourite(books, "coworker", user));
    }
    return this.#contact ? personOfContact(this.#contact, isFavourite(books, "contact", this.#contact.contact)) : null;
  }

  #renderCard() {
    const person = this.#person();
    const { client } = this;
    if (!person || !client) return;
    const { coworker, contact, overlay, presence } = person;
    this.#picture.show({ user: coworker?.user ?? 0, name: person.name, hue: contact?.contact });
    const about = coworker
      ? [presence ? reasonOf(presence, timesOf(client), Date.now()) : ""]
      : [contact?.shared ? words.contacts.shared : words.contacts.personal];
    const numbers = [...(contact?.numbers ?? []), ...(overlay?.numbers ?? [])];
    const emails = [...(coworker?.email ? [{ label: "work", email: coworker.email }] : []), ...(contact?.emails ?? []), ...(overlay?.emails ?? [])];
    const names = words.contacts.fields;
    const rows = [
      row(names.extension, coworker?.extension),
      row(names.job_title, coworker?.job_title || contact?.job_title),
      row(names.department, coworker?.department || contact?.department),
      row(names.site, coworker?.site),
      row(names.company, contact?.company === person.name ? "" : contact?.company),
      ...numbers.map(({ label, number, e164 }) => row(labelOf(label, names.number), h("a", { href: `tel:${e164 || number.replace(/[^+0-9*#]/g, "")}` }, number))),
      ...emails.map(({ label, email }) => row(labelOf(label, names.email), h("a", { href: `mailto:${email}` }, email))),
      ...(contact?.addresses ?? []).map((address) =>
        row(labelOf(address.label ?? "", names.address), [address.street, [address.postal_code, address.city].filter(Boolean).join(" "), address.region, address.country].filter(Boolean).join("\n")),
      ),
      row(names.notes, contact?.notes || overlay?.notes),
      contact?.tags.length ? row(names.tags, h("ul", { class: "tags" }, ...contact.tags.map((tag) => h("li", {}, tag)))) : null,
    ].filter((each) => each !== null);
    const changed = contact?.shared && contact.changed_by ? words.contacts.changedBy(nameOfUser(client, contact.changed_by), contact.changed_at ?? "") : "";
    setChildren(
      this.#card,
      h("div", { class: "who" }, this.#picture, h("div", {}, h("h3", {}, person.name), h("p", { class: "kind" }, about.filter(Boolean).join(" · ")))),
      coworker ? h("div", { class: "actions" }, h("button", { class: "button primary", type: "button", onclick: () => this.#tell("person-chosen", coworker.user) }, icon("chats"), words.contacts.chat)) : null,
      rows.length > 0 ? h("dl", {}, ...rows) : null,
      coworker ? h("p", { class: "changed" }, words.contacts.overlayHint) : null,
      changed ? h("p", { class: "changed" }, changed) : null,
    );
  }

  // ------------------------------------------------------------ editing

  #edit() {
    this.#edits++;
    this.#isEditing = true;
    this.#theirs = null;
    this.#conflict.hidden = true;
    this.#base = this.#current;
    this.#showForm(false);
    requestAnimationFrame(() => this.#form.focus());
  }

  /** @param {boolean} goesOn what is typed stays */
  #showForm(goesOn) {
    const { client } = this;
    const coworker = this.#coworker;
    this.#form.show({
      fields: this.#fields,
      value: goesOn ? this.#form.value() : this.#base,
      goesOn,
      isNew: this.#key === "new",
      mayShare: this.#key === "new" && (client?.may("contacts.manage_shared") ?? false),
      mayKeep: client?.may("contacts.manage_own") ?? true,
      isShared: this.hasAttribute("shared"),
      hint: coworker ? words.contacts.overlayHint : "",
      placeholders: coworker ? { first_name: coworker.first_name, last_name: coworker.last_name } : {},
    });
    this.renderNow();
  }

  #cancel() {
    this.#isEditing = false;
    if (this.#key === "new") this.#tell("page-closed", null);
    this.invalidate();
  }

  /** @param {boolean} another */
  async #save(another) {
    const { client } = this;
    if (!client || this.#isBusy) return;
    const edit = this.#edits;
    const isStillThere = () => this.#isEditing && edit === this.#edits;
    const sent = this.#form.value();
    this.#isBusy = true;
    this.#form.busy(true);
    try {
      const isNew = this.#key === "new";
      const saved = await this.#send(client, sent);
      const sentence = isNew ? words.contacts.added(nameOfContact(/** @type {KnownContact} */ (saved))) : words.contacts.saved;
      if (isStillThere()) this.#saved(saved, sent, sentence, another);
      else this.#tell("notice-wanted", { sentence });
    } catch (error) {
      if (!isStillThere()) this.#tell("notice-wanted", { sentence: sentenceOf(error) });
      else if (error instanceof Changed) this.#changed(error);
      else this.#form.complain(error instanceof Refused ? error.field : null, sentenceOf(error));
    } finally {
      this.#isBusy = false;
      this.#form.busy(false);
    }
  }

  /**
   * @param {PresenceClient} client
   * @param {Fields & {shared: boolean}} value
   * @returns {Promise<KnownContact | KnownOverlay>}
   */
  async #send(client, value) {
    const { shared, ...fields } = value;
    const rev = (this.#theirs ?? this.#base).rev;
    if (this.#key === "new") return client.contacts.add({ ...fields, shared });
    const id = this.#id;
    if (this.#isCoworker) {
      const { first_name, last_name, numbers, emails, notes } = fields;
      return client.contacts.setOverlay(id, { rev, first_name, last_name, numbers, emails, notes });
    }
    const names = changedFields(this.#fields, this.#theirs ?? this.#base, fields);
    const isGone = this.#theirs?.gone ?? false;
    if (isGone) await client.contacts.restore([id]);
    /** @type {Record<string, unknown>} */
    const edit = { rev: isGone ? (client.contacts.state.contacts.get(id)?.rev ?? rev) : rev };
    for (const name of names) edit[name] = /** @type {any} */ (fields)[name];
    return client.contacts.edit(id, /** @type {any} */ (edit));
  }

  /**
   * What was typed while it was being saved stays, and is of the contact that was saved.
   *
   * @param {KnownContact | KnownOverlay} saved
   * @param {Fields & {shared: boolean}} sent
   * @param {string} sentence
   * @param {boolean} another
   */
  #saved(saved, sent, sentence, another) {
    const later = enteredSince(this.#fields, sent, this.#form.value());
    const isNew = this.#key === "new";
    const goesOn = Object.keys(later).length > 0;
    this.#tell("notice-wanted", { sentence: goesOn ? words.contacts.savedSoFar(sentence) : sentence });
    if (goesOn) {
      this.#base = saved;
      this.#theirs = null;
      this.#conflict.hidden = true;
      this.#form.put({ ...saved, ...later });
    } else if (isNew && another) {
      setAttribute(this, "shared", sent.shared);
      return this.#edit();
    } else this.#isEditing = false;
    if (isNew && "contact" in saved) {
      this.#added = goesOn ? saved : null;
      this.#tell("contact-wanted", `c${saved.contact}`);
    }
    this.invalidate();
  }

  /** Shows both versions. What only one of them has changed is put together. @param {Changed} changed */
  #changed({ current }) {
    const mine = this.#form.value();
    const { merged, conflicts } = mergeEdit(this.#fields, this.#base, current, mine);
    const base = this.#theirs ?? this.#base;
    this.#theirs = current;
    const isGone = current.gone || ("deleted_at" in current && Boolean(current.deleted_at));
    if (isGone) this.#theirs = { ...current, gone: true };
    const theirs = changedFields(this.#fields, base, current);
    this.#form.put(isGone ? mine : merged);
    const names = /** @type {Record<string, string>} */ (words.contacts.fields);
    const who = "changed_by" in current && this.client && current.changed_by ? nameOfUser(this.client, current.changed_by) : "";
    setChildren(
      this.#conflict,
      h("p", {}, isGone ? words.contacts.deletedMeanwhile(who) : words.contacts.changedMeanwhile(who)),
      !isGone && theirs.length > 0
        ? h(
            "table",
            {},
            h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, words.contacts.theirs), h("th", { scope: "col" }, words.contacts.yours))),
            h(
              "tbody",
              {},
              ...theirs.map((name) =>
                h(
                  "tr",
                  {},
                  h("th", { scope: "row" }, names[name] ?? name),
                  h("td", {}, shownField(/** @type {any} */ (current)[name]) || "–"),
                  h("td", {}, conflicts.includes(name) ? shownField(/** @type {any} */ (mine)[name]) || "–" : words.contacts.takenOver),
                ),
              ),
            ),
          )
        : null,
      h(
        "div",
        { class: "actions" },
        h("button", { class: "button small", type: "button", onclick: () => void this.#save(false) }, isGone ? words.contacts.restoreAndSave : words.contacts.saveMine),
        h("button", { class: "button small", type: "button", onclick: () => this.#takeTheirs() }, isGone ? words.contacts.leaveDeleted : words.contacts.takeTheirs),
      ),
    );
    this.#conflict.hidden = false;
    this.#conflict.scrollIntoView({ block: "nearest" });
  }

  #takeTheirs() {
    this.#isEditing = false;
    this.#theirs = null;
    this.invalidate();
  }

  #delete() {
    if (this.#contact) this.#tell("delete-wanted", [this.#contact]);
  }

  async #star() {
    const { client } = this;
    const person = this.#person();
    if (!client || !person) return;
    try {
      await client.contacts.star(this.#isCoworker ? "coworker" : "contact", this.#id, !person.favourite);
    } catch (error) {
      this.#tell("notice-wanted", { sentence: sentenceOf(error) });
    }
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }
}

/**
 * @param {string} label
 * @param {string | HTMLElement | undefined | null} value
 */
function row(label, value) {
  return value ? h("div", {}, h("dt", {}, label), h("dd", {}, value)) : null;
}

/**
 * @param {string} label
 * @param {string} otherwise
 */
function labelOf(label, otherwise) {
  return /** @type {Record<string, string>} */ (words.contacts.labels)[label] ?? (label || otherwise);
}
