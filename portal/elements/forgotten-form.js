/**
 * `<forgotten-form>`: asks for a mail with a link that sets a new password. Says the same whether there is such a user.
 *
 * Fires `login-wanted`.
 */

import { PresenceElement } from "./element.js";
import { h, setChildren, setText } from "./dom.js";
import { entranceStyles } from "./entrance-styles.js";
import { icon } from "./icons.js";
import { complain, problemWithLogin } from "./login-form.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

export class ForgottenForm extends PresenceElement {
  static styles = [entranceStyles];

  #login = h("input", {
    class: "input",
    id: "login",
    name: "login",
    type: "text",
    inputmode: "email",
    autocomplete: "username",
    autocapitalize: "none",
    autocorrect: "off",
    spellcheck: "false",
    placeholder: words.login.loginHint,
    "aria-describedby": "login-error",
  });
  #loginError = h("p", { class: "error", id: "login-error", hidden: true });
  #refused = h("p", { class: "error refused", role: "alert", hidden: true });
  #sent = h("p", { class: "notice", role: "status", hidden: true });
  #submit = h("button", { class: "button primary", type: "submit" }, words.forgotten.submit);
  #isBusy = false;

  constructor() {
    super({ mode: "open", delegatesFocus: true });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    };
    const back = () => this.dispatchEvent(new CustomEvent("login-wanted", { bubbles: true, composed: true }));
    this.root.append(
      h(
        "form",
        { onsubmit: submit, novalidate: true },
        h("h2", {}, words.forgotten.title),
        h("p", { class: "soft" }, words.forgotten.hint),
        this.#sent,
        this.#refused,
        h("div", { class: "field" }, h("label", { for: "login" }, words.login.login), this.#login, this.#loginError),
        this.#submit,
        h("button", { class: "link", type: "button", onclick: back }, words.forgotten.back),
      ),
    );
  }

  /** What was typed before already. @param {string} login */
  begin(login) {
    this.#login.value = login;
  }

  async #send() {
    if (!this.client || this.#isBusy) return;
    const login = this.#login.value.trim();
    const problem = problemWithLogin(login);
    complain(this.#login, this.#loginError, problem);
    if (problem) return this.#login.focus();
    this.#show(true);
    this.#refused.hidden = this.#sent.hidden = true;
    try {
      await this.client.passwords.forgotten(login);
      setText(this.#sent, words.forgotten.sent(login));
      this.#sent.hidden = false;
    } catch (error) {
      setChildren(this.#refused, icon("alert"), h("span", {}, sentenceOf(error)));
      this.#refused.hidden = false;
    } finally {
      this.#show(false);
    }
  }

  /** @param {boolean} isBusy */
  #show(isBusy) {
    this.#isBusy = this.#submit.disabled = isBusy;
    setText(this.#submit, isBusy ? words.forgotten.busy : words.forgotten.submit);
  }
}
