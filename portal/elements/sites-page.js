/**
 * `<sites-page>`: the sites of the domain, each with the settings that users take over from it.
 *
 * Fires `sites-closed`.
 */

import { PresenceElement, css } from "./element.js";
import { focused, h, moveFocus, reconcile, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { complain } from "./login-form.js";
import { profileStyles } from "./profile-styles.js";
import { asked } from "./question.js";
import { toggle, toggleStyles } from "./toggle.js";
import { sentenceOf, tried } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { NewSite, SiteSettings } from "../client/protocol.js"
 */

/** @typedef {HTMLLIElement & {show?: (site: SiteSettings) => void}} Row */

const TEXTS = /** @type {const} */ (["name", "time_zone", "area_code"]);
const SWITCHES = /** @type {const} */ (["record_calls", "list_in_directory", "announce_in_directory"]);
/** @type {NewSite} */
const BLANK = { name: "", time_zone: "", area_code: "", record_calls: false, list_in_directory: true, announce_in_directory: true };

export class SitesPage extends PresenceElement {
  static styles = [
    toggleStyles,
    profileStyles,
    css`
      .sites {
        display: grid;
        border: 1px solid var(--presence-line);
        border-radius: var(--presence-radius);
      }
      .sites:empty {
        display: none;
      }
      .sites li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        gap: 0.1rem 0.5rem;
        align-items: center;
        padding: 0.7rem 1rem;
      }
      .sites li + li {
        border-block-start: 1px solid var(--presence-line);
      }
      .sites strong {
        overflow-wrap: anywhere;
      }
      dialog.site {
        inline-size: min(32rem, 100vw - 2rem);
        max-inline-size: none;
      }
      dialog.site form {
        display: grid;
        gap: 0.9rem;
        margin: 0;
        justify-content: stretch;
      }
      dialog.site h3 {
        margin-block-end: 1rem;
        font-size: 1.0625rem;
      }
      .buttons {
        display: flex;
        justify-content: end;
        gap: 0.6rem;
      }
    `,
  ];

  /** null: not read yet. @type {SiteSettings[] | null} */
  #sites = null;
  #mayManage = false;

  #title = h("h2", { tabindex: -1 }, words.sites.title);
  #add = h("button", { class: "button small", type: "button", hidden: true, onclick: () => void this.#edit(null) }, icon("plus"), words.sites.add);
  #rows = h("ul", { class: "sites", "aria-label": words.sites.title });
  #none = h("p", { class: "soft", hidden: true }, words.sites.none);
  #problem = h("p", { class: "error", role: "alert", hidden: true });
  #again = h("button", { class: "button small", type: "button", hidden: true, onclick: () => void this.#read() }, words.problems.tryAgain);
  #said = h("p", { class: "soft", role: "status" });

  constructor() {
    super();
    const close = () => this.dispatchEvent(new CustomEvent("sites-closed", { bubbles: true, composed: true }));
    this.root.append(
      h(
        "header",
        {},
        h("button", { class: "icon-button", type: "button", "aria-label": words.navigation.back, onclick: close }, icon("back")),
        this.#title,
        this.#add,
      ),
      h("div", { class: "scroll" }, h("div", { class: "fields" }, h("p", { class: "soft" }, words.sites.hint), this.#rows, this.#none, this.#problem, this.#again, this.#said)),
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    void this.#read();
    return [client.on("users", () => void this.#read())];
  }

  focusTitle() {
    this.#title.focus();
  }

  /** @override */
  render() {
    this.#add.hidden = !this.#mayManage;
    this.#none.hidden = this.#sites === null || this.#sites.length > 0;
    reconcile(this.#rows, this.#sites ?? [], ({ name }) => name, () => this.#row(), (row, site) => row.show?.(site));
  }

  /** @returns {Row} */
  #row() {
    const name = h("strong");
    const about = h("p", { class: "soft" });
    const edit = h("button", { class: "icon-button", type: "button", title: words.contacts.edit }, icon("edit"));
    const remove = h("button", { class: "icon-button", type: "button", title: words.contacts.delete }, icon("trash"));
    /** @type {Row} */
    const row = h("li", {}, h("div", {}, name, about), edit, remove);
    row.show = (site) => {
      setText(name, site.name);
      setText(about, words.sites.about(site));
      edit.hidden = remove.hidden = !this.#mayManage;
      remove.disabled = site.users > 0;
      setAttribute(edit, "aria-label", words.sites.edit(site.name));
      setAttribute(remove, "aria-label", words.sites.remove(site.name));
      edit.onclick = () => void this.#edit(site);
      remove.onclick = () => void this.#remove(site);
    };
    return row;
  }

  async #read() {
    await this.#try(async () => {
      const list = await this.client?.users.sites();
      this.#sites = list?.items ?? [];
      this.#mayManage = list?.may_manage ?? false;
    });
    this.#again.hidden = this.#problem.hidden || this.#sites !== null;
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    await tried(this.#problem, act);
    this.invalidate();
  }

  /** @param {SiteSettings} site */
  async #remove(site) {
    if (!(await asked(this.root, words.sites.removeQuestion(site.name), words.users.cancel, words.contacts.delete))) return;
    const from = focused();
    await this.#try(async () => {
      await this.client?.users.removeSite(site.name);
      setText(this.#said, words.sites.removed(site.name));
    });
    await this.#read();
    moveFocus(this.#title, from);
  }

  /** @param {SiteSettings | null} site null: a new one */
  async #edit(site) {
    const saved = await this.#ask(site);
    if (!saved) return;
    setText(this.#said, words.sites.saved(saved));
    await this.#read();
  }

  /**
   * @param {SiteSettings | null} site
   * @returns {Promise<string>} the name of what was saved; empty: nothing
   */
  #ask(site) {
    const shown = site ?? BLANK;
    const problem = h("p", { class: "error", role: "alert", hidden: true });
    const texts = TEXTS.map((field) => siteText(field, shown[field] ?? ""));
    const switches = SWITCHES.map((field) => siteSwitch(field, shown[field] ?? false));
    const values = () => ({
      ...Object.fromEntries(texts.map(({ field, input }) => [field, input.value.trim()])),
      ...Object.fromEntries(switches.map(({ field, value }) => [field, value()])),
    });
    return new Promise((resolve) => {
      const finish = (/** @type {string} */ name) => {
        dialog.remove();
        resolve(name);
      };
      const save = async (/** @type {Event} */ event) => {
        event.preventDefault();
        for (const { input, complaint } of texts) complain(input, complaint, "");
        problem.hidden = true;
        try {
          const given = /** @type {NewSite} */ (values());
          const done = site ? await this.client?.users.editSite(site.name, given) : await this.client?.users.addSite(given);
          finish(done?.name ?? "");
        } catch (error) {
          const wrong = error instanceof Refused ? texts.find(({ field }) => field === error.field) : null;
          if (wrong) {
            complain(wrong.input, wrong.complaint, sentenceOf(error));
            wrong.input.focus();
          } else {
            setText(problem, sentenceOf(error));
            problem.hidden = false;
          }
        }
      };
      const title = site ? words.sites.edit(site.name) : words.sites.add;
      const dialog = h(
        "dialog",
        { class: "question site", "aria-label": title, oncancel: () => finish("") },
        h("h3", {}, title),
        h(
          "form",
          { onsubmit: (/** @type {Event} */ event) => void save(event), novalidate: true },
          ...texts.map(({ row }) => row),
          h("p", { class: "soft" }, words.sites.followers),
          h("div", {}, ...switches.map(({ element }) => element)),
          problem,
          h(
            "div",
            { class: "buttons" },
            h("button", { class: "button", type: "button", onclick: () => finish("") }, words.users.cancel),
            h("button", { class: "button primary" }, words.profile.save),
          ),
        ),
      );
      this.root.append(dialog);
      dialog.showModal();
    });
  }
}

/** @param {typeof TEXTS[number]} field @param {string} value */
function siteText(field, value) {
  const complaint = h("p", { class: "error", id: `site-${field}-problem`, hidden: true });
  const input = h("input", {
    class: "input",
    id: `site-${field}`,
    value,
    maxlength: field === "area_code" ? 8 : 64,
    inputmode: field === "area_code" ? "numeric" : null,
    autocomplete: "off",
    placeholder: field === "time_zone" ? words.sites.domainZone : null,
    "aria-describedby": `site-${field}-problem`,
  });
  const row = h("div", { class: "field" }, h("label", { for: `site-${field}` }, words.sites.fields[field]), input, complaint);
  return { field, input, complaint, row };
}

/** @param {typeof SWITCHES[number]} field @param {boolean} is */
function siteSwitch(field, is) {
  let value = is;
  const element = toggle({
    name: words.profile.fields[field],
    change: async (on) => {
      value = on;
      element.show({ checked: on });
    },
  });
  element.show({ checked: value });
  return { field, element, value: () => value };
}
