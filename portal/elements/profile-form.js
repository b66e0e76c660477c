/**
 * `<profile-form>`: one's own profile, read and edited. Which fields may be changed is what the server says; what it does
 * not like is said beside the field.
 *
 * Fires `profile-closed` and `security-wanted`.
 */

import { PresenceElement, css } from "./element.js";
import { h, setAttribute, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { complain } from "./login-form.js";
import { toggle, toggleStyles } from "./toggle.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Profile, ProfileEdit } from "../client/protocol.js"
 * @import { Toggle } from "./toggle.js"
 */

/**
 * @typedef {"first_name" | "last_name" | "time_zone"} TextField
 * @typedef {"list_in_directory" | "announce_in_directory"} SwitchField
 * @typedef {{row: HTMLElement, input: HTMLInputElement, problem: HTMLElement}} TextPlace
 * @typedef {{row: HTMLElement, input: HTMLInputElement, problem: HTMLElement, remove: HTMLButtonElement}} EmailPlace
 */

/** @type {TextField[]} */
const TEXTS = ["first_name", "last_name", "time_zone"];
/** @type {SwitchField[]} */
const SWITCHES = ["list_in_directory", "announce_in_directory"];
/** @type {("extension" | "login" | "caller_id" | "emergency_caller_id" | "area_code" | "department" | "site" | "job_title")[]} */
const READ_ONLY = ["extension", "login", "department", "site", "job_title", "caller_id", "emergency_caller_id", "area_code"];
const MOST_EMAILS = 5;

export class ProfileForm extends PresenceElement {
  static styles = [
    toggleStyles,
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
        gap: 0.75rem;
        min-block-size: 4rem;
        padding: 0.5rem 1rem;
        border-block-end: 1px solid var(--presence-line);
      }
      header h2 {
        flex: 1;
        font-size: 1.0625rem;
      }
      header .icon-button {
        margin-inline-start: -0.5rem;
      }
      .page {
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        min-block-size: 0;
      }
      .scroll {
        padding: 1.25rem 1rem 2rem;
      }
      .fields {
        display: grid;
        gap: 1.75rem;
        max-inline-size: 40rem;
        margin-inline: auto;
      }
      section {
        display: grid;
        gap: 0.9rem;
      }
      h3 {
        font-size: 0.9375rem;
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr));
        gap: 0.9rem;
      }
      .email {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0.25rem 0.5rem;
      }
      .email .error {
        grid-column: 1 / -1;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr));
        gap: 0.9rem 1.25rem;
        padding: 1rem;
        border-radius: var(--presence-radius);
        background: var(--presence-ground);
      }
      dt {
        font-size: 0.75rem;
        color: var(--presence-ink-soft);
      }
      dd {
        overflow-wrap: anywhere;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.6rem;
        padding: 0.8rem 1rem calc(0.8rem + env(safe-area-inset-bottom, 0px));
        border-block-start: 1px solid var(--presence-line);
      }
      .bar .said {
        flex: 1;
        min-inline-size: 10rem;
      }
      .saved {
        color: var(--presence-green);
        font-weight: 600;
      }
      .elsewhere {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        align-items: center;
        justify-content: space-between;
        padding: 0.7rem 0.9rem;
        border-radius: var(--presence-radius-small);
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
      }
      .placeholder {
        block-size: 2.5rem;
      }
      .failed {
        display: grid;
        justify-items: start;
        gap: 0.75rem;
      }
    `,
  ];

  /** @type {Map<TextField, TextPlace>} */
  #texts = new Map();
  /** @type {Map<SwitchField, {toggle: Toggle, value: boolean}>} */
  #switches = new Map();
  /** @type {EmailPlace[]} */
  #emails = [];
  /** What is shown and compared with, until it is saved or taken anew. @type {Profile | null} */
  #base = null;
  #isBusy = false;
  /** @type {Error | null} */
  #unread = null;

  #zones = h("datalist", { id: "zones" });
  #emailRows = h("div", { class: "fields-emails" });
  #addEmail = h("button", { class: "button small", type: "button", onclick: () => this.#newEmail() }, icon("plus"), words.profile.addEmail);
  #facts = h("dl");
  #elsewhere = h(
    "div",
    { class: "elsewhere", role: "status", hidden: true },
    h("span", {}, words.profile.changedElsewhere),
    h("button", { class: "button small", type: "button", onclick: () => this.#takeOver() }, words.profile.takeOver),
  );
  #said = h("p", { class: "said", role: "status" });
  #save = h("button", { class: "button primary", type: "submit" }, words.profile.save);
  #cancel = h("button", { class: "button", type: "button", onclick: () => this.#takeOver() }, words.profile.cancel);
  #form;
  #loading = h("div", { class: "fields", role: "status", "aria-label": words.profile.loading }, ...[1, 2, 3, 4].map(() => h("div", { class: "skeleton placeholder" })));
  #failed = h(
    "div",
    { class: "fields failed", role: "alert", hidden: true },
    h("p", {}, words.profile.failed),
    h("button", { class: "button", type: "button", onclick: () => void this.#read() }, words.problems.tryAgain),
  );

  constructor() {
    super();
    this.#emailRows.style.display = "grid";
    this.#emailRows.style.gap = "0.6rem";
    this.#form = this.#makeForm();
    const close = () => this.dispatchEvent(new CustomEvent("profile-closed", { bubbles: true, composed: true }));
    this.root.append(
      h(
        "header",
        {},
        h("button", { class: "icon-button", type: "button", "aria-label": words.navigation.back, onclick: close }, icon("back")),
        h("h2", { tabindex: -1 }, words.profile.title),
      ),
      h("div", { class: "scroll", id: "reading" }, this.#loading, this.#failed),
      this.#form,
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    if (!client.profile) void this.#read();
    return [client.on("profile", () => this.invalidate())];
  }

  focusTitle() {
    this.root.querySelector("h2")?.focus();
  }

  /** @override */
  render() {
    const profile = this.client?.profile ?? null;
    if (profile && !this.#base) this.#show(profile);
    const reading = this.root.getElementById("reading");
    if (reading) reading.hidden = this.#base !== null;
    this.#loading.hidden = this.#unread !== null;
    this.#failed.hidden = this.#unread === null;
    this.#form.hidden = this.#base === null;
    if (!profile || !this.#base) return;
    const isDirty = Object.keys(this.#edit()).length > 0;
    if (profile.rev > this.#base.rev && !isDirty && !this.#isBusy) this.#show(profile);
    this.#elsewhere.hidden = profile.rev <= this.#base.rev || this.#isBusy;
    this.#save.disabled = !isDirty || this.#isBusy;
    this.#cancel.hidden = !isDirty;
    setText(this.#save, this.#isBusy ? words.profile.saving : words.profile.save);
    if (isDirty && this.#said.classList.contains("saved")) this.#say("");
  }

  #makeForm() {
    const fire = (/** @type {string} */ type) => () => this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true }));
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    };
    return h(
      "form",
      { class: "page", hidden: true, novalidate: true, onsubmit: submit, oninput: () => this.invalidate() },
      h(
        "div",
        { class: "scroll" },
        h(
          "div",
          { class: "fields" },
          this.#elsewhere,
          h("section", {}, h("h3", {}, words.profile.sections.person), h("div", { class: "pair" }, this.#text("first_name"), this.#text("last_name"))),
          h("section", {}, this.#text("time_zone"), this.#zones),
          h("section", {}, h("h3", {}, words.profile.sections.emails), this.#emailRows, h("div", {}, this.#addEmail)),
          h("section", {}, h("h3", {}, words.profile.sections.directory), h("div", {}, ...SWITCHES.map((field) => this.#switch(field)))),
          h(
            "section",
            {},
            h("h3", {}, words.security.title),
            h("div", {}, h("button", { class: "button small", type: "button", onclick: fire("security-wanted") }, icon("lock"), words.profile.security)),
          ),
          h("section", {}, h("h3", {}, words.profile.sections.account), this.#facts, h("p", { class: "hint soft" }, words.profile.readOnly)),
        ),
      ),
      h("div", { class: "bar" }, this.#save, this.#cancel, this.#said),
    );
  }

  /** @param {TextField} field */
  #text(field) {
    const hint = field === "time_zone" ? words.profile.hints.time_zone : "";
    const problem = h("p", { class: "error", id: `${field}-problem`, hidden: true });
    const input = h("input", {
      class: "input",
      id: field,
      autocomplete: { first_name: "given-name", last_name: "family-name", time_zone: "off" }[field],
      list: field === "time_zone" ? "zones" : null,
      spellcheck: "false",
      "aria-describedby": `${field}-problem`,
    });
    const row = h(
      "div",
      { class: "field" },
      h("label", { for: field }, words.profile.fields[field]),
      input,
      hint ? h("p", { class: "hint" }, hint) : null,
      problem,
    );
    this.#texts.set(field, { row, input, problem });
    return row;
  }

  /** @param {SwitchField} field */
  #switch(field) {
    const one = {
      value: false,
      toggle: toggle({
        name: words.profile.fields[field],
        change: async (on) => {
          one.value = on;
          this.#showSwitch(field);
          this.invalidate();
        },
      }),
    };
    this.#switches.set(field, one);
    return one.toggle;
  }

  /** @param {SwitchField} field */
  #showSwitch(field) {
    const one = this.#switches.get(field);
    one?.toggle.show({ checked: one.value, disabled: !this.#maySet(field), hint: words.profile.hints[field] });
  }

  /** @param {string} field */
  #maySet(field) {
    return this.#base?.editable.includes(field) ?? false;
  }

  /** @param {Profile} profile */
  #show(profile) {
    this.#base = profile;
    for (const [field, { input }] of this.#texts) {
      input.value = profile[field];
      input.readOnly = !this.#maySet(field);
    }
    for (const [field, one] of this.#switches) {
      one.value = profile[field];
      this.#showSwitch(field);
    }
    this.#emails = profile.emails.map((address) => this.#email(address));
    this.#arrangeEmails();
    this.#addEmail.hidden = !this.#maySet("emails");
    if (!this.#zones.firstChild) this.#zones.append(...Intl.supportedValuesOf("timeZone").map((value) => h("option", { value })));
    this.#showFacts(profile);
    this.#complain(null);
  }

  /** @param {Profile} profile */
  #showFacts(profile) {
    const { fields, statuses, yes, no, none } = words.profile;
    const facts = READ_ONLY.map((field) => fact(fields[field], profile[field] || none));
    setChildren(
      this.#facts,
      ...facts,
      fact(fields.record_calls, profile.record_calls ? yes : no),
      fact(fields.status, statuses[/** @type {"new"} */ (profile.status)] ?? profile.status),
      fact(fields.scope, profile.scope.replaceAll("_", " ") || none),
    );
  }

  /** @param {string} address */
  #email(address) {
    const problem = h("p", { class: "error", hidden: true });
    const input = h("input", {
      class: "input",
      type: "email",
      value: address,
      autocomplete: "email",
      readonly: !this.#maySet("emails"),
    });
    const remove = h(
      "button",
      { class: "icon-button", type: "button", onclick: () => this.#removeEmail(place), hidden: !this.#maySet("emails") },
      icon("close"),
    );
    /** @type {EmailPlace} */
    const place = { row: h("div", { class: "email" }, input, remove, problem), input, problem, remove };
    return place;
  }

  #arrangeEmails() {
    this.#emails.forEach(({ input, problem, remove }, at) => {
      setAttribute(input, "aria-label", words.profile.email(at + 1));
      setAttribute(problem, "id", `email-problem-${at}`);
      setAttribute(input, "aria-describedby", `email-problem-${at}`);
      setAttribute(remove, "aria-label", words.profile.removeEmail(input.value));
    });
    const rows = this.#emails.map((place) => place.row);
    setChildren(this.#emailRows, ...(rows.length > 0 ? rows : [h("p", { class: "soft" }, words.profile.noEmails)]));
    this.#addEmail.disabled = this.#emails.length >= MOST_EMAILS;
    this.invalidate();
  }

  #newEmail() {
    const place = this.#email("");
    this.#emails.push(place);
    this.#arrangeEmails();
    place.input.focus();
  }

  /** @param {EmailPlace} place */
  #removeEmail(place) {
    const at = this.#emails.indexOf(place);
    this.#emails.splice(at, 1);
    this.#arrangeEmails();
    (this.#emails[Math.min(at, this.#emails.length - 1)]?.input ?? this.#addEmail).focus();
  }

  /** What differs from what is saved, as the server takes it. @returns {ProfileEdit} */
  #edit() {
    const base = this.#base;
    /** @type {ProfileEdit} */
    const edit = {};
    if (!base) return edit;
    for (const field of TEXTS) {
      const typed = this.#texts.get(field)?.input.value.trim() ?? base[field];
      if (typed !== base[field]) edit[field] = typed;
    }
    for (const field of SWITCHES) {
      const value = this.#switches.get(field)?.value ?? base[field];
      if (value !== base[field]) edit[field] = value;
    }
    const emails = this.#typedEmails();
    if (JSON.stringify(emails) !== JSON.stringify(base.emails)) edit.emails = emails;
    return edit;
  }

  #typedEmails() {
    return this.#emails.map((place) => place.input.value.trim()).filter(Boolean);
  }

  async #send() {
    const { client } = this;
    const base = this.#base;
    if (!client || !base || this.#isBusy || this.#save.disabled) return;
    const edit = this.#edit();
    this.#isBusy = true;
    this.#complain(null);
    this.#say("");
    this.render();
    try {
      await client.saveProfile({ rev: base.rev, ...edit });
      if (client.profile) this.#show(client.profile);
      this.#say(words.profile.saved, "saved");
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#isBusy = false;
      this.invalidate();
    }
  }

  /** @param {unknown} error */
  #refused(error) {
    if (error instanceof Refused && error.code === "conflict" && !error.field) {
      void this.client?.readProfile().catch(() => undefined);
      return this.#say(words.profile.changedElsewhere, "error");
    }
    const field = error instanceof Refused ? (error.field ?? "") : "";
    if (!this.#complain(field, sentenceOf(error))) this.#say(sentenceOf(error), "error");
  }

  /**
   * @param {string | null} field as the server names it, e.g. `emails[1]`; null: nothing is wrong any more
   * @param {string} [sentence]
   * @returns {boolean} whether there is such a field here
   */
  #complain(field, sentence = "") {
    const written = this.#emails.filter((place) => place.input.value.trim());
    /** @type {[string, TextPlace][]} */
    const places = [...this.#texts, ...written.map((place, at) => /** @type {[string, TextPlace]} */ ([`emails[${at}]`, place]))];
    const wrong = places.find(([name]) => name === field) ?? (field === "emails" ? places.at(-1) : undefined);
    for (const [name, { input, problem }] of places) complain(input, problem, name === wrong?.[0] ? sentence : "");
    wrong?.[1].input.focus();
    return wrong !== undefined;
  }

  /**
   * @param {string} sentence
   * @param {"saved" | "error" | ""} [kind]
   */
  #say(sentence, kind = "") {
    setText(this.#said, sentence);
    this.#said.className = `said ${kind}`;
  }

  #takeOver() {
    if (this.client?.profile) this.#show(this.client.profile);
    this.#say("");
    this.invalidate();
  }

  async #read() {
    this.#unread = null;
    this.invalidate();
    try {
      await this.client?.readProfile();
    } catch (error) {
      this.#unread = /** @type {Error} */ (error);
    }
    this.invalidate();
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}
