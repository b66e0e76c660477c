/**
 * `<profile-form>`: a profile, read and edited: one's own, or with the attribute `user` that of somebody whom one manages.
 * Which fields may be changed is what the server says; what it does not like is said beside the field. Who is overtaken by
 * somebody else keeps what was typed, and is told what is another now.
 *
 * Fires `profile-closed` and `security-wanted`.
 */

import { PresenceElement } from "./element.js";
import { h, setChildren, setText } from "./dom.js";
import { avatarStyles } from "./avatar.js";
import { emailRows } from "./email-rows.js";
import { icon } from "./icons.js";
import { complain } from "./login-form.js";
import { photoField, photoFieldStyles } from "./photo-field.js";
import { profileStyles } from "./profile-styles.js";
import { toggle, toggleStyles } from "./toggle.js";
import { sentenceOf } from "./who.js";
import { enteredSince } from "../client/edits.js";
import { Refused } from "../client/errors.js";
import { LANGUAGES, words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Profile, ProfileEdit } from "../client/protocol.js"
 * @import { Toggle } from "./toggle.js"
 */

/**
 * @typedef {"first_name" | "last_name" | "department" | "job_title" | "time_zone" | "area_code"} TextField
 * @typedef {"list_in_directory" | "announce_in_directory" | "record_calls" | "overwrite_with_site_defaults"} SwitchField
 * @typedef {{row: HTMLElement, input: HTMLInputElement | HTMLSelectElement, problem: HTMLElement}} Place
 */

/** @type {TextField[]} */
const TEXTS = ["first_name", "last_name", "department", "job_title", "time_zone", "area_code"];
/** @type {SwitchField[]} */
const DIRECTORY = ["list_in_directory", "announce_in_directory"];
/** With the defaults of a site, these are the site's. */
const FOLLOWING = ["time_zone", "area_code", "record_calls", ...DIRECTORY];
/** @type {("extension" | "login" | "caller_id" | "emergency_caller_id" | "sso_account")[]} */
const READ_ONLY = ["extension", "login", "caller_id", "emergency_caller_id", "sso_account"];

export class ProfileForm extends PresenceElement {
  static styles = [avatarStyles, toggleStyles, profileStyles, photoFieldStyles];

  static observedAttributes = ["user"];

  /** @type {Map<TextField, {row: HTMLElement, input: HTMLInputElement, problem: HTMLElement}>} */
  #texts = new Map();
  /** @type {Map<SwitchField, {toggle: Toggle, value: boolean}>} */
  #switches = new Map();
  /** What is shown and compared with, until it is saved or taken anew. @type {Profile | null} */
  #base = null;
  /** Names of sites; null: not read. @type {string[] | null} */
  #sites = null;
  #isBusy = false;
  /** @type {Error | null} */
  #unread = null;

  #zoneHint = h("p", { class: "hint" });
  #zones = h("datalist", { id: "zones" });
  #emails = emailRows({
    changed: () => this.invalidate(),
    ask: async (email) => void (await this.client?.users.askConfirmation(this.#isOwn ? null : this.#user, email)),
  });
  #photo = photoField(async (file) => {
    await (this.#isOwn ? this.client?.setPhoto(file) : this.client?.users.setPhoto(this.#user, file));
  });
  #site = h("select", { class: "input", id: "site", "aria-describedby": "site-problem" });
  #siteProblem = h("p", { class: "error", id: "site-problem", hidden: true });
  #language = h("select", { class: "input", id: "language", "aria-describedby": "language-problem" });
  #languageProblem = h("p", { class: "error", id: "language-problem", hidden: true });
  #pin = h("input", {
    class: "input",
    id: "new-pin",
    type: "password",
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: 8,
    "aria-describedby": "new-pin-hint new-pin-problem",
  });
  #pinProblem = h("p", { class: "error", id: "new-pin-problem", hidden: true });
  #pinHint = h("p", { class: "hint", id: "new-pin-hint" }, words.newPassword.pinRules);
  #pinSection = h(
    "section",
    {},
    h("h3", {}, words.profile.sections.pin),
    h("div", { class: "pair" }, h("div", { class: "field" }, h("label", { for: "new-pin" }, words.profile.fields.pin), this.#pin, this.#pinHint, this.#pinProblem)),
  );
  #workSection = h("section");
  #security = h(
    "section",
    {},
    h("h3", {}, words.security.title),
    h("div", {}, h("button", { class: "button small", type: "button", onclick: () => this.#fire("security-wanted") }, icon("lock"), words.profile.security)),
  );
  #facts = h("dl");
  #readOnlyHint = h("p", { class: "hint soft" });
  #elsewhereText = h("span");
  #elsewhere = h(
    "div",
    { class: "elsewhere", role: "status", hidden: true },
    this.#elsewhereText,
    h("button", { class: "button small", type: "button", onclick: () => this.#takeOver() }, words.profile.takeOver),
  );
  #said = h("p", { class: "said", role: "status" });
  #save = h("button", { class: "button primary", type: "submit" }, words.profile.save);
  #cancel = h("button", { class: "button", type: "button", onclick: () => this.#takeOver() }, words.profile.cancel);
  #form;
  #loading = h("div", { class: "fields", role: "status", "aria-label": words.profile.loading }, ...[1, 2, 3, 4].map(() => h("div", { class: "skeleton placeholder" })));
  #failedText = h("p", {}, words.profile.failed);
  #failed = h(
    "div",
    { class: "fields failed", role: "alert", hidden: true },
    this.#failedText,
    h("button", { class: "button", type: "button", onclick: () => void this.#read() }, words.problems.tryAgain),
  );
  #header = h(
    "header",
    {},
    h("button", { class: "icon-button", type: "button", "aria-label": words.navigation.back, onclick: () => this.#fire("profile-closed") }, icon("back")),
    h("h2", { tabindex: -1 }, words.profile.title),
  );

  constructor() {
    super();
    this.#form = this.#makeForm();
    this.root.append(this.#header, h("div", { class: "scroll", id: "reading" }, this.#loading, this.#failed), this.#form);
  }

  /** @override @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    this.#base = null;
    this.#unread = null;
    this.#say("");
    if (this.client) void this.#read();
    super.attributeChangedCallback(name, before, after);
  }

  get #user() {
    return Number(this.getAttribute("user") ?? 0);
  }

  get #isOwn() {
    return this.#user === 0;
  }

  /** As it is known now. @returns {Profile | null} */
  get #profile() {
    return (this.#isOwn ? this.client?.profile : this.client?.users.profiles.get(this.#user)) ?? null;
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    if (!this.#profile) void this.#read();
    return [client.on("profile", () => this.invalidate()), client.on("users", () => this.invalidate())];
  }

  /** Whether something was entered that is not saved. */
  get isDirty() {
    return this.#base !== null && Object.keys(this.#edit()).length > 0;
  }

  focusTitle() {
    this.root.querySelector("h2")?.focus();
  }

  /** @override */
  render() {
    this.#header.hidden = !this.#isOwn;
    const profile = this.#profile;
    if (!profile && this.#base && !this.#isOwn) {
      this.#base = null;
      void this.#read();
    }
    if (profile && !this.#base) this.#show(profile);
    const reading = this.root.getElementById("reading");
    if (reading) reading.hidden = this.#base !== null;
    this.#loading.hidden = this.#unread !== null;
    this.#failed.hidden = this.#unread === null;
    this.#form.hidden = this.#base === null;
    if (!profile || !this.#base) return;
    if (profile.rev > this.#base.rev && !this.#isBusy) this.#overtaken(profile);
    for (const field of this.#switches.keys()) this.#showSwitch(field);
    this.#lockFollowing();
    const isDirty = Object.keys(this.#edit()).length > 0;
    this.#save.disabled = !isDirty || this.#isBusy;
    this.#cancel.hidden = !isDirty;
    if (!isDirty) this.#elsewhere.hidden = true;
    setText(this.#save, this.#isBusy ? words.profile.saving : words.profile.save);
    if (isDirty && this.#said.classList.contains("saved")) this.#say("");
  }

  /** @param {string} type */
  #fire(type) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true }));
  }

  #makeForm() {
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    };
    const language = h("div", { class: "field" }, h("label", { for: "language" }, words.profile.fields.language), this.#language, this.#languageProblem);
    const site = h("div", { class: "field" }, h("label", { for: "site" }, words.profile.fields.site), this.#site, this.#siteProblem);
    this.#workSection.append(
      h("h3", {}, words.profile.sections.work),
      h("div", { class: "pair" }, this.#text("department"), this.#text("job_title")),
      h("div", { class: "pair" }, site, this.#text("area_code")),
      h("div", {}, this.#switch("overwrite_with_site_defaults"), this.#switch("record_calls")),
    );
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
          this.#photo.element,
          h("section", {}, h("h3", {}, words.profile.sections.person), h("div", { class: "pair" }, this.#text("first_name"), this.#text("last_name"))),
          this.#workSection,
          h("section", {}, h("div", { class: "pair" }, this.#text("time_zone"), language), this.#zones),
          this.#emails.element,
          h("section", {}, h("h3", {}, words.profile.sections.directory), h("div", {}, ...DIRECTORY.map((field) => this.#switch(field)))),
          this.#pinSection,
          this.#security,
          h("section", {}, h("h3", {}, words.profile.sections.account), this.#facts, this.#readOnlyHint),
        ),
      ),
      h("div", { class: "bar" }, this.#save, this.#cancel, this.#said),
    );
  }

  /** @param {TextField} field */
  #text(field) {
    const problem = h("p", { class: "error", id: `${field}-problem`, hidden: true });
    /** @type {Partial<Record<TextField, string>>} */
    const completions = { first_name: "given-name", last_name: "family-name" };
    const input = h("input", {
      class: "input",
      id: field,
      autocomplete: completions[field] ?? "off",
      list: field === "time_zone" ? "zones" : null,
      inputmode: field === "area_code" ? "numeric" : null,
      maxlength: field === "area_code" ? 8 : 64,
      spellcheck: "false",
      "aria-describedby": `${field}-problem`,
    });
    const hint = field === "time_zone" ? this.#zoneHint : null;
    const row = h("div", { class: "field" }, h("label", { for: field }, words.profile.fields[field]), input, hint, problem);
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
    const hints = this.#isOwn ? words.profile.hints : words.profile.theirHints;
    one?.toggle.show({ checked: one.value, disabled: !this.#maySet(field), hint: hints[field] });
  }

  /** Whether a field is open to changes, as the form stands now. @param {string} field */
  #maySet(field) {
    if (FOLLOWING.includes(field) && this.#manages) return !this.#follows;
    return this.#base?.editable.includes(field) ?? false;
  }

  get #manages() {
    return this.#base?.editable.includes("site") ?? false;
  }

  /** Whether the site decides, as the form stands now. */
  get #follows() {
    return (this.#switches.get("overwrite_with_site_defaults")?.value ?? false) && this.#site.value !== "";
  }

  #lockFollowing() {
    for (const [field, { input }] of this.#texts) input.readOnly = !this.#maySet(field);
  }

  /** @param {Profile} profile */
  #show(profile) {
    this.#base = profile;
    this.#photo.show(profile);
    const manages = this.#manages;
    if (manages && !this.#sites) void this.#readSites();
    this.#showSites(profile.site);
    this.#showLanguage(profile.language);
    for (const [field, { input }] of this.#texts) input.value = profile[field];
    for (const [field, one] of this.#switches) one.value = profile[field];
    this.#workSection.hidden = !manages;
    this.#emails.element.hidden = profile.hidden.includes("emails");
    this.#emails.show(profile.emails, profile.unconfirmed_emails, this.#maySet("emails"));
    this.#pin.value = "";
    this.#pinSection.hidden = !profile.editable.includes("pin");
    const lacksPin = !this.#isOwn && (profile.status === "new" || profile.status === "setup_required");
    setText(this.#pinHint, lacksPin ? `${words.profile.pinNeeded} ${words.newPassword.pinRules}` : words.newPassword.pinRules);
    setText(this.#zoneHint, this.#isOwn ? words.profile.hints.time_zone : words.profile.theirHints.time_zone);
    this.#security.hidden = !this.#isOwn || Boolean(this.client?.session.me?.masked_by);
    setText(this.#readOnlyHint, manages ? words.profile.readOnlyForManagers : words.profile.readOnly);
    if (!this.#zones.firstChild) this.#zones.append(...Intl.supportedValuesOf("timeZone").map((value) => h("option", { value })));
    this.#showFacts(profile);
    this.#complain(null);
  }

  /** @param {string} chosen */
  #showSites(chosen) {
    const names = [...new Set(["", ...(this.#sites ?? []), chosen])];
    setChildren(this.#site, ...names.map((name) => h("option", { value: name }, name || words.profile.noSite)));
    this.#site.value = chosen;
  }

  /** @param {string} chosen */
  #showLanguage(chosen) {
    const known = Object.entries(LANGUAGES).map(([value, { name }]) => h("option", { value, lang: value }, name));
    const unknown = this.#base?.language ? [] : [h("option", { value: "" }, words.profile.languageUnknown)];
    setChildren(this.#language, ...unknown, ...known);
    this.#language.value = chosen;
    this.#language.disabled = !this.#maySet("language");
  }

  async #readSites() {
    try {
      this.#sites = (await this.client?.users.sites())?.items.map(({ name }) => name) ?? [];
      this.#showSites(this.#site.value);
    } catch {
      // The one there is stays to choose; opening the page again asks again.
    }
  }

  /** @param {Profile} profile */
  #showFacts(profile) {
    const { fields, statuses, yes, no, none } = words.profile;
    const managed = this.#manages
      ? []
      : [
          fact(fields.department, profile.department || none),
          fact(fields.site, profile.site || none),
          fact(fields.job_title, profile.job_title || none),
          fact(fields.area_code, profile.area_code || none),
          fact(fields.record_calls, profile.record_calls ? yes : no),
        ];
    setChildren(
      this.#facts,
      ...READ_ONLY.map((field) => fact(fields[field], profile[field] || none)),
      ...managed,
      fact(fields.status, statuses[/** @type {"new"} */ (profile.status)] ?? profile.status),
      fact(fields.scope, words.scopes[profile.scope] ?? profile.scope),
    );
  }

  /** What differs from what is saved, as the server takes it. @returns {ProfileEdit} */
  #edit() {
    const base = this.#base;
    /** @type {ProfileEdit} */
    const edit = {};
    if (!base) return edit;
    for (const field of TEXTS) {
      const typed = this.#texts.get(field)?.input.value.trim() ?? base[field];
      if (typed !== base[field] && this.#maySet(field)) edit[field] = typed;
    }
    for (const [field, { value }] of this.#switches) {
      if (value !== base[field] && this.#maySet(field)) edit[field] = value;
    }
    if (this.#manages && this.#site.value !== base.site) edit.site = this.#site.value;
    if (this.#maySet("language") && this.#language.value !== base.language) edit.language = this.#language.value;
    const emails = this.#emails.value();
    if (!base.hidden.includes("emails") && JSON.stringify(emails) !== JSON.stringify(base.emails)) edit.emails = emails;
    if (this.#pin.value) edit.pin = this.#pin.value;
    return edit;
  }

  /** All that can be entered, as it stands in the form. @returns {ProfileEdit} */
  #entered() {
    const texts = [...this.#texts].map(([field, { input }]) => [field, input.value.trim()]);
    const switches = [...this.#switches].map(([field, { value }]) => [field, value]);
    return { ...Object.fromEntries([...texts, ...switches]), site: this.#site.value, language: this.#language.value, emails: this.#emails.value(), pin: this.#pin.value };
  }

  /** Into the form again, what `#show` has just replaced. @param {ProfileEdit} edit @param {Profile} profile */
  #put(edit, profile) {
    for (const [field, { input }] of this.#texts) if (edit[field] !== undefined) input.value = edit[field];
    for (const [field, one] of this.#switches) one.value = edit[field] ?? one.value;
    if (edit.site !== undefined) this.#showSites(edit.site);
    if (edit.language !== undefined) this.#showLanguage(edit.language);
    if (edit.emails) this.#emails.show(edit.emails, profile.unconfirmed_emails, true);
    if (edit.pin) this.#pin.value = edit.pin;
  }

  /** The answer to what was sent; what was entered since then stays. @param {ProfileEdit} sent */
  #saved(sent) {
    const entered = this.#entered();
    const later = enteredSince(/** @type {(keyof ProfileEdit)[]} */ (Object.keys(entered)), sent, entered);
    const profile = this.#profile;
    if (!profile) return;
    this.#show(profile);
    this.#put(later, profile);
  }

  /**
   * Somebody else has saved. What was typed here stays.
   *
   * @param {Profile} profile
   */
  #overtaken(profile) {
    const edit = this.#edit();
    const before = /** @type {any} */ (this.#base);
    const now = /** @type {any} */ (profile);
    this.#show(profile);
    this.#put(edit, profile);
    const both = Object.keys(edit).filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]));
    const names = both.map((field) => /** @type {Record<string, string>} */ (words.profile.fields)[field] ?? words.profile.sections.emails);
    setText(this.#elsewhereText, this.#isOwn ? words.profile.changedElsewhere(names) : words.profile.changedBySomebody(names));
    this.#elsewhere.hidden = Object.keys(edit).length === 0;
  }

  async #send() {
    const { client } = this;
    const base = this.#base;
    if (!client || !base || this.#isBusy || this.#save.disabled) return;
    const edit = { rev: base.rev, ...this.#edit() };
    const entered = this.#entered();
    const user = this.#user;
    this.#isBusy = true;
    this.#complain(null);
    this.#say("");
    this.render();
    try {
      await (this.#isOwn ? client.saveProfile(edit) : client.users.save(user, edit));
      if (user !== this.#user) return; // somebody else is shown meanwhile
      this.#saved(entered);
      this.#say(words.profile.saved, "saved");
    } catch (error) {
      if (user === this.#user) await this.#refused(error);
    } finally {
      this.#isBusy = false;
      this.invalidate();
    }
  }

  /** @param {unknown} error */
  async #refused(error) {
    if (error instanceof Refused && error.code === "conflict") {
      await this.#read();
      return this.#say(words.profile.overtaken, "error");
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
    /** @type {[string, Place][]} */
    const places = [
      ...this.#texts,
      ["site", { row: this.#site, input: this.#site, problem: this.#siteProblem }],
      ["language", { row: this.#language, input: this.#language, problem: this.#languageProblem }],
      ["pin", { row: this.#pin, input: this.#pin, problem: this.#pinProblem }],
      ...this.#emails.places(),
    ];
    const wrong = places.find(([name]) => name === field) ?? (field === "emails" ? places.at(-1) : undefined);
    for (const [name, { input, problem }] of places) complain(/** @type {HTMLInputElement} */ (input), problem, name === wrong?.[0] ? sentence : "");
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
    if (this.#profile) this.#show(this.#profile);
    this.#elsewhere.hidden = true;
    this.#say("");
    this.invalidate();
  }

  async #read() {
    const user = this.#user;
    this.#unread = null;
    this.invalidate();
    try {
      await (this.#isOwn ? this.client?.readProfile() : this.client?.users.read(user));
    } catch (error) {
      if (user !== this.#user) return;
      this.#unread = /** @type {Error} */ (error);
      const isGone = error instanceof Refused && error.code === "not_found";
      setText(this.#failedText, isGone ? words.users.missing : words.profile.failed);
      if (isGone) this.#base = null;
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
