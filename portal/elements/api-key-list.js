/** `<api-key-list>`: the keys of the company's programs: what each may do, when it was used; made, shown once, revoked. */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setText } from "./dom.js";
import { field, formDialog, formDialogStyles } from "./form-dialog.js";
import { icon } from "./icons.js";
import { asked } from "./question.js";
import { securityStyles } from "./security-styles.js";
import { timesOf } from "./times.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { ApiKey, ApiKeyMade } from "../client/protocol.js"
 */

/** @typedef {HTMLLIElement & {show?: (key: ApiKey) => void}} Row */

const DAYS = ["30", "90", "365", ""];

export class ApiKeyList extends PresenceElement {
  static styles = [
    securityStyles,
    formDialogStyles,
    css`
      .token {
        display: grid;
        gap: 0.6rem;
        padding: 1rem;
        border-radius: var(--presence-radius);
        background: var(--presence-ground);
      }
      .token code {
        font-family: ui-monospace, monospace;
        overflow-wrap: anywhere;
      }
      .token p:focus {
        outline: none;
      }
    `,
  ];

  /** null: not read yet. @type {ApiKey[] | null} */
  #keys = null;

  #rows = h("ul", { class: "rows", hidden: true, "aria-label": words.apiKeys.title });
  #none = h("p", { class: "soft", hidden: true }, words.apiKeys.none);
  #made = h("div", { class: "token", hidden: true });
  #make = h("button", { class: "button small", type: "button", onclick: () => void this.#askNew() }, icon("plus"), words.apiKeys.make);
  #again = h("button", { class: "button small", type: "button", hidden: true, onclick: () => void this.#read() }, words.problems.tryAgain);
  #said = h("span", { class: "soft", role: "status" });
  #problem = h("p", { class: "error", role: "alert", hidden: true });

  constructor() {
    super();
    this.root.append(
      h("h3", {}, words.apiKeys.title),
      h("p", { class: "soft" }, words.apiKeys.hint),
      this.#made,
      this.#rows,
      this.#none,
      this.#problem,
      h("div", { class: "buttons" }, this.#make, this.#again, this.#said),
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    void this.#read();
    return [client.on("profile", () => this.invalidate())];
  }

  /** @override */
  render() {
    this.#rows.hidden = !this.#keys?.length;
    this.#none.hidden = this.#keys === null || this.#keys.length > 0;
    reconcile(this.#rows, this.#keys ?? [], ({ key }) => key, () => this.#row(), (row, key) => row.show?.(key));
  }

  /** @returns {Row} */
  #row() {
    const name = h("strong");
    const scopes = h("p", { class: "soft" });
    const about = h("p", { class: "soft" });
    const revoke = h("button", { class: "button small", type: "button" }, words.apiKeys.revoke);
    /** @type {Row} */
    const row = h("li", {}, icon("lock"), h("div", {}, name, scopes, about), revoke);
    row.show = (key) => {
      const times = timesOf(this.client);
      const since = (/** @type {string | null | undefined} */ at) => (at ? times.since(Date.parse(at), Date.now()) : "");
      setText(name, key.name);
      setText(scopes, key.scopes.map((scope) => words.apiKeys.scopes[scope] ?? scope).join(", "));
      const until = key.expires_at ? times.full(Date.parse(key.expires_at)) : "";
      setText(about, words.apiKeys.about(key.extension, since(key.used_at), until));
      setAttribute(revoke, "aria-label", words.apiKeys.revokeOne(key.name));
      revoke.onclick = () => void this.#revoke(key);
    };
    return row;
  }

  async #read() {
    await this.#try(async () => {
      this.#keys = (await this.client?.company.apiKeys()) ?? null;
    });
  }

  async #askNew() {
    const { client } = this;
    if (!client) return;
    this.#hideToken();
    const name = field("name", words.apiKeys.name, h("input", { autocomplete: "off", maxlength: 64 }), words.apiKeys.nameHint);
    const days = field("days", words.apiKeys.ends, h("select", {}, ...DAYS.map((value) => h("option", { value }, words.apiKeys.days(Number(value))))));
    days.input.value = "365";
    const boxes = Object.entries(words.apiKeys.scopes).map(([value, called]) => ({ value, called, box: h("input", { type: "checkbox", value }) }));
    const scopes = h("fieldset", {}, h("legend", {}, words.apiKeys.may), ...boxes.map(({ box, called }) => h("label", { class: "choice" }, box, h("span", {}, called))));
    const chosen = () => boxes.filter(({ box }) => box.checked).map(({ value }) => value);
    const made = await formDialog(this.root, {
      title: words.apiKeys.make,
      act: words.apiKeys.makeAct,
      fields: [name, days],
      content: [name.row, scopes, days.row],
      check: () => {
        if (!name.input.value.trim()) return [name, words.apiKeys.noName];
        return chosen().length > 0 ? null : [null, words.apiKeys.noScope];
      },
      save: () => client.company.makeApiKey({ name: name.input.value.trim(), scopes: chosen(), days: Number(days.input.value) || null }),
    });
    if (!made) return;
    this.#showToken(made);
    await this.#read();
  }

  /** @param {ApiKeyMade} made */
  #showToken({ key, token }) {
    const copied = h("span", { class: "soft", role: "status" });
    const copy = async () => {
      const isDone = await navigator.clipboard.writeText(token).then(() => true, () => false);
      setText(copied, isDone ? words.apiKeys.copied : words.apiKeys.notCopied);
    };
    const title = h("p", { tabindex: -1 }, words.apiKeys.made(key.name));
    this.#made.replaceChildren(
      title,
      h("code", {}, token),
      h(
        "div",
        { class: "buttons" },
        h("button", { class: "button small", type: "button", onclick: () => void copy() }, icon("copy"), words.apiKeys.copy),
        h("button", { class: "button small", type: "button", onclick: () => this.#hideToken() }, words.apiKeys.kept),
        copied,
      ),
    );
    this.#made.hidden = false;
    title.focus();
  }

  #hideToken() {
    const hadFocus = this.#made.contains(this.root.activeElement);
    this.#made.replaceChildren();
    this.#made.hidden = true;
    if (hadFocus) this.#make.focus();
  }

  /** @param {ApiKey} key */
  async #revoke(key) {
    if (!(await asked(this.root, words.apiKeys.question(key.name), words.users.cancel, words.apiKeys.revoke))) return;
    await this.#try(async () => {
      try {
        await this.client?.company.revokeApiKey(key.key);
      } catch (error) {
        if (!(error instanceof Refused && error.code === "not_found")) throw error;
      }
      this.#keys = (this.#keys ?? []).filter((each) => each.key !== key.key);
      setText(this.#said, words.apiKeys.revoked(key.name));
    });
    this.#make.focus();
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    this.#problem.hidden = this.#again.hidden = true;
    try {
      await act();
    } catch (error) {
      setText(this.#problem, sentenceOf(error));
      this.#problem.hidden = false;
      this.#again.hidden = this.#keys !== null;
    }
    this.invalidate();
  }
}
