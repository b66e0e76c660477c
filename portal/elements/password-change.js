/** `<password-change>`: a new password for oneself, with the one until now. Fires `logins-ended`. */

import { PresenceElement } from "./element.js";
import { h, setText } from "./dom.js";
import { complain } from "./login-form.js";
import { securityStyles } from "./security-styles.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/** @typedef {"current" | "password" | "again"} Field */

export class PasswordChange extends PresenceElement {
  static styles = [securityStyles];

  #isBusy = false;
  /** So that a keeper of passwords knows whose this is. */
  #login = h("input", { type: "text", name: "login", autocomplete: "username", readonly: true, hidden: true });
  #fields = {
    current: place("current", "current-password"),
    password: place("password", "new-password", words.newPassword.rules),
    again: place("again", "new-password"),
  };
  #submit = h("button", { class: "button", type: "submit" }, words.security.password.submit);
  #said = h("p", { class: "done", role: "status" });
  #problem = h("p", { class: "error", role: "alert", hidden: true });

  constructor() {
    super();
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    };
    const { current, password, again } = this.#fields;
    this.root.append(
      h("h3", {}, words.security.password.title),
      h("p", { class: "soft" }, words.security.password.hint),
      h(
        "form",
        { onsubmit: submit, novalidate: true },
        this.#login,
        current.row,
        password.row,
        again.row,
        this.#problem,
        h("div", { class: "buttons" }, this.#submit, this.#said),
      ),
    );
  }

  /** @override */
  render() {
    this.#login.value = this.client?.profile?.login ?? "";
    this.#submit.disabled = this.#isBusy;
  }

  async #send() {
    const { client } = this;
    if (!client || this.#isBusy || !this.#isComplete()) return;
    const { current, password } = this.#fields;
    this.#isBusy = true;
    this.#problem.hidden = true;
    setText(this.#said, "");
    this.render();
    try {
      await client.security.changePassword(current.input.value, password.input.value);
      for (const { input } of Object.values(this.#fields)) input.value = "";
      setText(this.#said, words.security.password.changed);
      this.dispatchEvent(new CustomEvent("logins-ended", { bubbles: true, composed: true }));
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#isBusy = false;
      this.render();
    }
  }

  #isComplete() {
    const { current, password, again } = this.#fields;
    const isDifferent = password.input.value !== again.input.value;
    complain(current.input, current.problem, current.input.value ? "" : words.security.password.missingCurrent);
    complain(password.input, password.problem, password.input.value ? "" : words.newPassword.missing);
    complain(again.input, again.problem, password.input.value && isDifferent ? words.newPassword.different : "");
    const first = Object.values(this.#fields).find(({ input }) => input.hasAttribute("aria-invalid"));
    first?.input.focus();
    return !first;
  }

  /** @param {unknown} error */
  #refuse(error) {
    const field = error instanceof Refused ? error.field : null;
    if (field === "current" || field === "password") {
      const { input, problem } = this.#fields[field];
      complain(input, problem, sentenceOf(error));
      return input.focus();
    }
    setText(this.#problem, sentenceOf(error));
    this.#problem.hidden = false;
  }
}

/**
 * @param {Field} name
 * @param {"current-password" | "new-password"} autocomplete
 * @param {string} [hint]
 */
function place(name, autocomplete, hint = "") {
  const problem = h("p", { class: "error", id: `${name}-problem`, hidden: true });
  const input = h("input", {
    class: "input",
    id: name,
    name,
    type: "password",
    autocomplete,
    maxlength: 1024,
    "aria-describedby": `${name}-hint ${name}-problem`,
  });
  const row = h(
    "div",
    { class: "field" },
    h("label", { for: name }, words.security.password[name]),
    input,
    h("p", { class: "hint", id: `${name}-hint`, hidden: !hint }, hint),
    problem,
  );
  return { row, input, problem };
}
