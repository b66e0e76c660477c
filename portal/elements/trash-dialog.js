/**
 * `<trash-dialog>`: deleted contacts, to be brought back. `open()` shows it. Fires `notice-wanted`.
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setText } from "./dom.js";
import { dialogStyles } from "./dialog-styles.js";
import { icon } from "./icons.js";
import { nameOfUser, sentenceOf } from "./who.js";
import { nameOfContact } from "../client/people.js";
import { knownContact } from "../client/state/books.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Contact } from "../client/protocol.js"
 */

export class TrashDialog extends PresenceElement {
  static styles = [
    dialogStyles,
    css`
      dialog {
        inline-size: min(34rem, 100vw - 3rem);
        block-size: min(36rem, 100dvh - 3rem);
      }
      .scroll {
        padding: 0.5rem 0.75rem 1rem;
      }
      .hint {
        padding: 0.5rem;
        color: var(--presence-ink-soft);
        font-size: 0.875rem;
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.75rem;
        padding: 0.55rem 0.5rem;
        border-block-end: 1px solid var(--presence-line);
      }
      li > div {
        flex: 1;
        min-inline-size: 0;
        overflow-wrap: anywhere;
      }
      li p {
        font-size: 0.8125rem;
        color: var(--presence-ink-soft);
      }
      .empty {
        padding: 3rem 1rem;
        text-align: center;
        color: var(--presence-ink-soft);
      }
    `,
  ];

  /** @type {Contact[]} */
  #contacts = [];
  #isRead = false;
  /** Pages that are not read yet. @type {Array<["shared" | "personal", string | null]>} */
  #pages = [];

  #title = h("h2", { tabindex: -1 }, words.contacts.trash);
  #hint = h("p", { class: "hint" });
  #list = h("ul");
  #empty = h("p", { class: "empty", hidden: true }, words.contacts.trashEmpty);
  #problem = h("p", { class: "error", role: "alert" });
  #more = h("button", { class: "button small", type: "button", hidden: true, onclick: () => void this.#read() }, words.imports.more);
  #dialog = h(
    "dialog",
    { "aria-label": words.contacts.trash },
    h(
      "header",
      { role: "presentation" },
      this.#title,
      h("button", { class: "icon-button", type: "button", "aria-label": words.imports.close, onclick: () => this.#dialog.close() }, icon("close")),
    ),
    h("div", { class: "scroll" }, this.#hint, this.#problem, this.#list, this.#empty, this.#more),
  );

  constructor() {
    super();
    this.root.append(this.#dialog);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [client.on("contacts", () => this.#dialog.open && void this.#readAfresh())];
  }

  open() {
    this.#dialog.showModal();
    this.#title.focus();
    void this.#readAfresh();
  }

  async #readAfresh() {
    const { client } = this;
    if (!client) return;
    /** @type {Array<["shared" | "personal", string]>} */
    const kinds = [
      ["shared", "contacts.manage_shared"],
      ["personal", "contacts.manage_own"],
    ];
    this.#pages = kinds.filter(([, permission]) => client.may(permission)).map(([kind]) => [kind, null]);
    this.#contacts = [];
    await this.#read();
  }

  /** The next page of each kind. */
  async #read() {
    const { client } = this;
    if (!client) return;
    setText(this.#problem, "");
    const pages = this.#pages;
    this.#pages = [];
    try {
      const read = await Promise.all(pages.map(([kind, after]) => client.contacts.trash(kind, after)));
      for (const [at, page] of read.entries()) {
        this.#contacts.push(...page.items);
        const kind = pages[at]?.[0];
        if (page.next && kind) this.#pages.push([kind, page.next]);
        setText(this.#hint, words.contacts.trashHint(page.kept_days));
      }
      this.#contacts.sort((one, other) => ((one.deleted_at ?? "") < (other.deleted_at ?? "") ? 1 : -1));
    } catch (error) {
      setText(this.#problem, sentenceOf(error));
    }
    this.#isRead = true;
    this.invalidate();
  }

  /** @override */
  render() {
    reconcile(this.#list, this.#contacts, (contact) => contact.contact, (contact) => this.#row(contact), () => undefined);
    this.#empty.hidden = !this.#isRead || this.#contacts.length > 0;
    this.#more.hidden = this.#pages.length === 0 || !this.#isRead;
  }

  /** @param {Contact} contact */
  #row(contact) {
    const { client } = this;
    const name = nameOfContact(knownContact(contact));
    const who = client && contact.changed_by ? nameOfUser(client, contact.changed_by) : "";
    const about = words.contacts.deletedBy(contact.shared ? words.contacts.shared : words.contacts.personal, contact.deleted_at ?? "", who);
    return h(
      "li",
      {},
      h("div", {}, h("b", {}, name), h("p", {}, about)),
      h("button", { class: "button small", type: "button", "aria-label": words.contacts.restoreOne(name), onclick: () => void this.#restore(contact) }, icon("undo"), words.contacts.restore),
    );
  }

  /** @param {Contact} contact */
  async #restore(contact) {
    try {
      await this.client?.contacts.restore([contact.contact]);
      this.#contacts = this.#contacts.filter((each) => each !== contact);
      this.invalidate();
    } catch (error) {
      setText(this.#problem, sentenceOf(error));
    }
  }
}
