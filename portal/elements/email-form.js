/**
 * `<email-form>`: confirms an e-mail address with the token of a link. `open(client, token)` finds out which it is.
 *
 * Fires `login-wanted`.
 */

import { PresenceElement } from "./element.js";
import { focusSoon, h, setChildren, setText } from "./dom.js";
import { entranceStyles } from "./entrance-styles.js";
import { icon } from "./icons.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class EmailForm extends PresenceElement {
  static styles = [entranceStyles];

  #token = "";
  #about = h("p", { role: "status" }, words.email.looking);
  #refused = h("p", { class: "error refused", role: "alert", hidden: true });
  #confirm = h("button", { class: "button primary", type: "submit", hidden: true }, words.email.confirm);
  #on = h("button", { class: "button", type: "button", onclick: () => this.#leave() }, words.email.later);

  constructor() {
    super({ mode: "open", delegatesFocus: true });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    };
    this.root.append(h("form", { onsubmit: submit, novalidate: true }, h("h2", {}, words.email.title), this.#about, this.#refused, this.#confirm, this.#on));
  }

  /**
   * @param {PresenceClient} client
   * @param {string} token
   */
  async open(client, token) {
    this.#token = token;
    try {
      const { email, login } = await client.passwords.lookAtEmail(token);
      setText(this.#about, words.email.question(email, login));
      this.#confirm.hidden = false;
      focusSoon(this.#confirm);
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #send() {
    if (!this.client || this.#confirm.disabled) return;
    this.#confirm.disabled = true;
    this.#refused.hidden = true;
    try {
      const { email } = await this.client.passwords.confirmEmail(this.#token);
      setText(this.#about, words.email.done(email));
      this.#confirm.hidden = true;
      setText(this.#on, words.email.on);
      this.#on.focus();
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#confirm.disabled = false;
    }
  }

  /** @param {unknown} error */
  #refuse(error) {
    const isOver = error instanceof Refused && !error.temporary;
    setChildren(this.#refused, icon("alert"), h("span", {}, isOver ? words.email.over : sentenceOf(error)));
    this.#refused.hidden = false;
    if (!isOver) return;
    this.#about.hidden = this.#confirm.hidden = true;
    setText(this.#on, words.email.on);
  }

  #leave() {
    this.dispatchEvent(new CustomEvent("login-wanted", { bubbles: true, composed: true }));
  }
}
