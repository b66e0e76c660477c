/**
 * `<user-advanced user>`: how far somebody's account is set up, and what one may do to it: send a welcome mail, force a
 * new password, let in or not, reset what is kept, delete.
 *
 * Fires `audit-wanted` with the user, and `user-closed` once there is none any more.
 */

import { PresenceElement, css } from "./element.js";
import { h, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { roleSelect } from "./new-user.js";
import { formAsked } from "./question.js";
import { sentenceOf } from "./who.js";
import { nameOf } from "../client/people.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Profile } from "../client/protocol.js"
 */

export class UserAdvanced extends PresenceElement {
  static styles = [
    css`
      :host {
        overflow-y: auto;
        scrollbar-width: thin;
        padding: 1.25rem 1rem 2rem;
      }
      .parts {
        display: grid;
        gap: 2rem;
        max-inline-size: 40rem;
        margin-inline: auto;
      }
      section {
        display: grid;
        gap: 0.6rem;
        justify-items: start;
      }
      h3 {
        font-size: 0.9375rem;
      }
      .status {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem 0.75rem;
        align-items: center;
      }
      .chip {
        padding: 0.15rem 0.7rem;
        border-radius: 1rem;
        background: var(--presence-accent-soft);
        font-weight: 600;
      }
      .emails {
        display: grid;
        gap: 0.2rem;
      }
      .said:empty {
        display: none;
      }
      .said {
        font-weight: 600;
      }
      dialog label {
        display: flex;
        gap: 0.6rem;
        align-items: start;
        min-block-size: 2.25rem;
      }
      dialog label input {
        margin-block-start: 0.2rem;
        accent-color: var(--presence-accent);
      }
      dialog.question {
        max-inline-size: min(28rem, 100vw - 2rem);
      }
      dialog label.role {
        display: grid;
        gap: 0.3rem;
      }
      dialog .lost {
        margin: 0.8rem 0;
        padding-inline-start: 1.2rem;
        list-style: disc;
      }
      dialog fieldset {
        margin: 1rem 0 0;
        padding: 0;
        border: 0;
      }
    `,
  ];

  static observedAttributes = ["user"];

  #status = h("span", { class: "chip" });
  #statusText = h("span", { class: "soft" });
  #emails = h("ul", { class: "emails" });
  #said = h("p", { class: "said", role: "status" });
  #problem = h("p", { class: "error", role: "alert", hidden: true });
  #welcome = this.#act("send", words.users.welcome.act, (profile) => this.#sendWelcome(profile));
  #password = this.#act("lock", words.users.password.act, (profile) => this.#resetPassword(profile));
  #reset = this.#act("undo", words.users.reset.act, (profile) => this.#resetUser(profile));
  #maskButton = h("button", { class: "button primary", type: "button" }, icon("mask"), h("span"));
  #mask = h("section", {}, h("h3", {}, words.mask.title), h("p", { class: "soft" }, words.mask.hint), this.#maskButton);
  #audit = h("section", {}, h("h3", {}, words.audit.title), h("button", { class: "button", type: "button", onclick: () => this.#askAudit() }, icon("log"), words.audit.of));
  #factor = this.#act("lock", words.users.secondFactor.act, (profile) => this.#turnOff(profile));
  #factors = h("section", {}, h("h3", {}, words.secondFactor.title), h("p", { class: "soft" }, words.users.secondFactor.hint), this.#factor);
  #setup = h("section", {}, h("h3", {}, words.users.welcome.title), h("p", { class: "soft" }, words.users.welcome.hint), this.#welcome);
  #security = h("section", {}, h("h3", {}, words.users.password.title), h("p", { class: "soft" }, words.users.password.hint), this.#password);
  #resets = h("section", {}, h("h3", {}, words.users.reset.title), h("p", { class: "soft" }, words.users.reset.hint), this.#reset);
  #role = this.#act("manage", words.users.account.role, (profile) => this.#changeRole(profile));
  #disable = this.#act("lock", words.users.account.disable, (profile) => this.#setDisabled(profile, true));
  #enable = this.#act("undo", words.users.account.enable, (profile) => this.#setDisabled(profile, false));
  #account = h("section", {}, h("h3", {}, words.users.account.title), h("p", { class: "soft" }, words.users.account.hint), h("div", { class: "status" }, this.#role, this.#disable, this.#enable));
  #erase = this.#act("trash", words.users.erase.act, (profile) => this.#eraseUser(profile));
  #erasure = h("section", {}, h("h3", {}, words.users.erase.title), h("p", { class: "soft" }, words.users.erase.hint), this.#erase);
  #parts = h(
    "div",
    { class: "parts" },
    h("section", {}, h("h3", {}, words.users.status), h("p", { class: "status" }, this.#status, this.#statusText), this.#emails, this.#said, this.#problem),
    this.#mask,
    this.#setup,
    this.#security,
    this.#factors,
    this.#account,
    this.#resets,
    this.#audit,
    this.#erasure,
  );

  constructor() {
    super();
    this.root.append(this.#parts);
    this.#maskButton.onclick = () => void this.#putOn();
  }

  /** @override @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    this.#say("");
    super.attributeChangedCallback(name, before, after);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [client.on("users", () => this.invalidate())];
  }

  /** @returns {Profile | undefined} */
  get #profile() {
    return this.client?.users.profiles.get(Number(this.getAttribute("user")));
  }

  /** @override */
  render() {
    const profile = this.#profile;
    this.#parts.hidden = !profile;
    if (!profile) return;
    const status = /** @type {"new"} */ (profile.status);
    setText(this.#status, profile.disabled ? words.users.disabled : (words.profile.statuses[status] ?? status));
    setText(this.#statusText, profile.disabled ? words.users.disabledHint : (words.users.statuses[status] ?? ""));
    const emails = profile.hidden.includes("emails") ? [words.users.emailsHidden] : profile.emails.map((email) => this.#shownEmail(profile, email));
    setChildren(this.#emails, ...(emails.length > 0 ? emails : [words.users.noEmails]).map((each) => h("li", { class: "soft" }, each)));
    this.#mask.hidden = !profile.may.includes("users.mask") || profile.disabled;
    setText(/** @type {HTMLElement} */ (this.#maskButton.lastElementChild), words.mask.act(nameOf(profile)));
    const mayReset = profile.may.includes("users.reset_password");
    this.#setup.hidden = this.#security.hidden = !mayReset;
    this.#welcome.disabled = profile.emails.length === 0;
    this.#factors.hidden = !profile.may.includes("users.turn_off_mfa");
    this.#audit.hidden = !this.client?.may("audit.read");
    this.#account.hidden = this.#erasure.hidden = !profile.may.includes("users.administer");
    this.#disable.hidden = profile.disabled;
    this.#enable.hidden = !profile.disabled;
    this.#resets.hidden = !profile.may.includes("users.reset");
  }

  /** @param {Profile} profile @param {string} email */
  #shownEmail(profile, email) {
    return profile.unconfirmed_emails.includes(email) ? words.users.unconfirmed(email) : email;
  }

  /**
   * @param {"send" | "lock" | "undo" | "manage" | "trash"} picture
   * @param {string} label
   * @param {(profile: Profile) => Promise<string>} run resolves to what to say; empty: it was not done
   */
  #act(picture, label, run) {
    const button = h("button", { class: "button", type: "button" }, icon(picture), label);
    button.onclick = async () => {
      const profile = this.#profile;
      if (!profile) return;
      this.#say("");
      const isStillShown = () => this.#profile?.user === profile.user;
      try {
        const done = await run(profile);
        if (isStillShown()) this.#say(done);
      } catch (error) {
        if (isStillShown()) this.#complain(error);
      }
    };
    return button;
  }

  /** @param {string} sentence */
  #say(sentence) {
    setText(this.#said, sentence);
    this.#problem.hidden = true;
  }

  /** @param {unknown} error */
  #complain(error) {
    setText(this.#problem, sentenceOf(error));
    this.#problem.hidden = false;
  }

  #askAudit() {
    this.dispatchEvent(new CustomEvent("audit-wanted", { bubbles: true, composed: true, detail: this.#profile?.user ?? 0 }));
  }

  async #putOn() {
    const profile = this.#profile;
    if (!profile || this.#maskButton.disabled) return;
    this.#maskButton.disabled = true;
    try {
      await this.client?.mask(profile.user);
    } catch (error) {
      this.#complain(error);
    } finally {
      this.#maskButton.disabled = false;
    }
  }

  /** @param {Profile} profile */
  async #sendWelcome(profile) {
    await this.client?.users.welcome(profile.user);
    return words.users.welcome.done(nameOf(profile));
  }

  /** @param {Profile} profile */
  async #resetPassword(profile) {
    const mail = h("input", { type: "checkbox", checked: profile.emails.length > profile.unconfirmed_emails.length });
    const fields = h("fieldset", {}, h("label", {}, mail, h("span", {}, words.users.password.mail)));
    const { question, act, done } = words.users.password;
    if (!(await formAsked(this.root, question(nameOf(profile)), [fields], words.users.cancel, act))) return "";
    await this.client?.users.resetPassword(profile.user, mail.checked);
    return done(nameOf(profile), mail.checked);
  }

  /** @param {Profile} profile */
  async #turnOff(profile) {
    const { question, act, done } = words.users.secondFactor;
    if (!(await formAsked(this.root, question(nameOf(profile)), [], words.users.cancel, act))) return "";
    await this.client?.users.turnOffSecondFactor(profile.user);
    return done(nameOf(profile));
  }

  /** @param {Profile} profile */
  async #changeRole(profile) {
    const select = roleSelect(this.client?.session.me?.scope ?? "", profile.scope);
    select.className = "input";
    const fields = h("fieldset", {}, h("label", { class: "role" }, h("span", {}, words.profile.fields.scope), select));
    const { roleQuestion, role, roleDone } = words.users.account;
    if (!(await formAsked(this.root, roleQuestion(nameOf(profile)), [fields], words.users.cancel, role))) return "";
    if (select.value === profile.scope) return "";
    await this.client?.users.changeAccount(profile.user, { scope: select.value });
    return roleDone(nameOf(profile), words.scopes[/** @type {"basic_user"} */ (select.value)] ?? select.value);
  }

  /** @param {Profile} profile @param {boolean} isOff */
  async #setDisabled(profile, isOff) {
    const { question, disable, disabled, enabled } = words.users.account;
    if (isOff && !(await formAsked(this.root, question(nameOf(profile)), [], words.users.cancel, disable))) return "";
    await this.client?.users.changeAccount(profile.user, { disabled: isOff });
    return (isOff ? disabled : enabled)(nameOf(profile));
  }

  /** @param {Profile} profile */
  async #eraseUser(profile) {
    const messages = h("input", { type: "checkbox" });
    const { question, lost, keeps, messages: takeWords, act } = words.users.erase;
    const fields = [
      h("ul", { class: "lost" }, ...lost.map((each) => h("li", {}, each))),
      h("p", { class: "soft" }, keeps),
      h("fieldset", {}, h("label", {}, messages, h("span", {}, takeWords))),
    ];
    if (!(await formAsked(this.root, question(nameOf(profile)), fields, words.users.cancel, act))) return "";
    await this.client?.users.erase(profile.user, messages.checked);
    this.dispatchEvent(new CustomEvent("user-closed", { bubbles: true, composed: true }));
    return "";
  }

  /** @param {Profile} profile */
  async #resetUser(profile) {
    const parts = Object.entries(words.users.reset.parts).map(([value, name]) => ({ value, name, box: h("input", { type: "checkbox", value }) }));
    const fields = h("fieldset", {}, h("legend", { class: "visually-hidden" }, words.users.reset.what), ...parts.map(({ name, box }) => h("label", {}, box, h("span", {}, name))));
    const { question, act, done, nothing } = words.users.reset;
    if (!(await formAsked(this.root, question(nameOf(profile)), [fields], words.users.cancel, act))) return "";
    const what = parts.filter(({ box }) => box.checked).map(({ value }) => value);
    if (what.length === 0) return nothing;
    await this.client?.users.reset(profile.user, what);
    return done(nameOf(profile));
  }
}
