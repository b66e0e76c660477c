/**
 * `<password-form>`: sets a new password with the token of a link. `open(token)` finds out whose it is.
 *
 * Fires `password-set` with the login, `forgotten-wanted` for another link, and `login-wanted`.
 */

import { PresenceElement } from "./element.js";
import { focusSoon, h, setAttribute, setChildren, setText } from "./dom.js";
import { entranceStyles } from "./entrance-styles.js";
import { icon } from "./icons.js";
import { complain } from "./login-form.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class PasswordForm extends PresenceElement {
  static styles = [entranceStyles];

  #token = "";
  /** Whose password it is; "": not known yet. */
  #whose = "";
  #isBusy = false;

  #title = h("h2", {}, words.newPassword.title);
  #about = h("p", { class: "soft", role: "status" }, words.newPassword.looking);
  #refused = h("p", { class: "error refused", role: "alert", hidden: true });
  /** So that a keeper of passwords knows whose this is. */
  #login = h("input", { type: "text", name: "login", autocomplete: "username", readonly: true, hidden: true });
  #password = passwordInput("password");
  #passwordError = h("p", { class: "error", id: "password-error", hidden: true });
  #again = passwordInput("again");
  #againError = h("p", { class: "error", id: "again-error", hidden: true });
  #pin = h("input", {
    class: "input",
    id: "pin",
    name: "pin",
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    maxlength: 8,
    "aria-describedby": "pin-hint pin-error",
  });
  #pinError = h("p", { class: "error", id: "pin-error", hidden: true });
  /** Of a welcome link only. */
  #pinField = h(
    "div",
    { class: "field", hidden: true },
    h("label", { for: "pin" }, words.newPassword.pin),
    this.#pin,
    h("p", { class: "hint", id: "pin-hint" }, words.newPassword.pinRules),
    this.#pinError,
  );
  #reveal = h(
    "button",
    { class: "icon-button", type: "button", "aria-pressed": "false", "aria-label": words.newPassword.show, onclick: () => this.#flip() },
    icon("eye"),
  );
  #submit = h("button", { class: "button primary", type: "submit" }, words.newPassword.submit);
  #fields = h(
    "div",
    { class: "fields", hidden: true },
    h(
      "div",
      { class: "field" },
      h("label", { for: "password" }, words.newPassword.password),
      h("div", { class: "password" }, this.#password, this.#reveal),
      h("p", { class: "hint", id: "password-hint" }, words.newPassword.rules),
      this.#passwordError,
    ),
    h("div", { class: "field" }, h("label", { for: "again" }, words.newPassword.again), this.#again, this.#againError),
    this.#pinField,
    this.#submit,
  );
  #another = h("button", { class: "button primary", type: "button", hidden: true }, words.newPassword.another);

  constructor() {
    super({ mode: "open", delegatesFocus: true });
    const fire = (/** @type {string} */ type) => () =>
      this.dispatchEvent(new CustomEvent(type, { detail: "", bubbles: true, composed: true }));
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    };
    this.#another.addEventListener("click", fire("forgotten-wanted"));
    this.root.append(
      h(
        "form",
        { onsubmit: submit, novalidate: true },
        this.#title,
        this.#about,
        this.#refused,
        this.#login,
        this.#fields,
        this.#another,
        h("button", { class: "link", type: "button", onclick: fire("login-wanted") }, words.forgotten.back),
      ),
    );
  }

  /**
   * @param {PresenceClient} client
   * @param {string} token
   */
  async open(client, token) {
    this.#token = token;
    try {
      const { login, sets_pin } = await client.passwords.look(token);
      this.#whose = this.#login.value = login;
      setChildren(this.#about, words.newPassword.whose, " ", h("strong", {}, login));
      this.#fields.hidden = false;
      this.#pinField.hidden = !sets_pin;
      if (sets_pin) setText(this.#title, words.newPassword.welcome);
      focusSoon(this.#password);
    } catch (error) {
      this.#about.hidden = true;
      this.#refuse(error);
    }
  }

  async #send() {
    if (!this.client || this.#isBusy || !this.#whose || !this.#isComplete()) return;
    this.#show(true);
    this.#refused.hidden = true;
    try {
      await this.client.passwords.set(this.#token, this.#password.value, this.#pin.value.trim());
      this.dispatchEvent(new CustomEvent("password-set", { detail: this.#whose, bubbles: true, composed: true }));
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#show(false);
    }
  }

  #isComplete() {
    const [password, again] = [this.#password.value, this.#again.value];
    complain(this.#password, this.#passwordError, password ? "" : words.newPassword.missing);
    complain(this.#again, this.#againError, password && again !== password ? words.newPassword.different : "");
    const lacksPin = !this.#pinField.hidden && !this.#pin.value.trim();
    complain(this.#pin, this.#pinError, lacksPin ? words.newPassword.missingPin : "");
    const first = [this.#password, this.#again, this.#pin].find((input) => input.hasAttribute("aria-invalid"));
    first?.focus();
    return !first;
  }

  /** @param {unknown} error */
  #refuse(error) {
    if (error instanceof Refused && error.field === "password") {
      complain(this.#password, this.#passwordError, sentenceOf(error));
      return this.#password.focus();
    }
    if (error instanceof Refused && error.field === "pin") {
      complain(this.#pin, this.#pinError, sentenceOf(error));
      return this.#pin.focus();
    }
    const isOver = error instanceof Refused && (error.field === "token" || error.code === "not_found");
    setChildren(this.#refused, icon("alert"), h("span", {}, isOver ? words.newPassword.over : sentenceOf(error)));
    this.#refused.hidden = false;
    if (isOver) {
      this.#fields.hidden = this.#about.hidden = true;
      this.#another.hidden = false;
    }
  }

  #flip() {
    const show = this.#password.type === "password";
    this.#password.type = this.#again.type = show ? "text" : "password";
    setAttribute(this.#reveal, "aria-pressed", String(show));
  }

  /** @param {boolean} isBusy */
  #show(isBusy) {
    this.#isBusy = this.#submit.disabled = isBusy;
    setText(this.#submit, isBusy ? words.newPassword.busy : words.newPassword.submit);
  }
}

/** @param {"password" | "again"} name */
function passwordInput(name) {
  const describedBy = name === "password" ? "password-hint password-error" : "again-error";
  return h("input", {
    class: "input",
    id: name,
    name,
    type: "password",
    autocomplete: "new-password",
    maxlength: 1024,
    "aria-describedby": describedBy,
  });
}
