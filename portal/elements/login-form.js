/** `<login-form>`: login name and password. Says why one is here, if a session ended elsewhere. */

import { PresenceElement, css } from "./element.js";
import { h, setAttribute, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class LoginForm extends PresenceElement {
  static styles = [
    css`
      form {
        display: grid;
        gap: 1.1rem;
      }
      .password {
        position: relative;
      }
      .password .input {
        padding-inline-end: 3rem;
      }
      .password .icon-button {
        position: absolute;
        inset-inline-end: 0.15rem;
        inset-block-start: 0.05rem;
        block-size: 2.4rem;
      }
      .icon-button[aria-pressed="true"] {
        color: var(--presence-accent);
      }
      .notice {
        padding: 0.7rem 0.9rem;
        border-radius: var(--presence-radius-small);
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
      }
      .refused {
        padding: 0.7rem 0.9rem;
        border-radius: var(--presence-radius-small);
        background: var(--presence-danger-soft);
      }
      .button.primary {
        min-block-size: 2.75rem;
      }
    `,
  ];

  #notice = h("p", { class: "notice", role: "status", hidden: true });
  #refused = h("p", { class: "error refused", role: "alert", hidden: true });
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
  #password = h("input", {
    class: "input",
    id: "password",
    name: "password",
    type: "password",
    autocomplete: "current-password",
    "aria-describedby": "password-error",
  });
  #passwordError = h("p", { class: "error", id: "password-error", hidden: true });
  #reveal = h(
    "button",
    { class: "icon-button", type: "button", "aria-pressed": "false", "aria-label": words.login.showPassword, onclick: () => this.#flipPassword() },
    icon("eye"),
  );
  #submit = h("button", { class: "button primary", type: "submit" }, words.login.submit);
  #isBusy = false;

  constructor() {
    super({ mode: "open", delegatesFocus: true });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    };
    this.root.append(
      h(
        "form",
        { onsubmit: submit, novalidate: true },
        this.#notice,
        this.#refused,
        h("div", { class: "field" }, h("label", { for: "login" }, words.login.login), this.#login, this.#loginError),
        h(
          "div",
          { class: "field" },
          h("label", { for: "password" }, words.login.password),
          h("div", { class: "password" }, this.#password, this.#reveal),
          this.#passwordError,
        ),
        this.#submit,
      ),
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [client.on("session", () => this.invalidate())];
  }

  /** @override */
  render() {
    const ended = this.client?.session.ended;
    setText(this.#notice, ended ? words.login.ended[ended] : "");
    this.#notice.hidden = !ended;
    setText(this.#submit, this.#isBusy ? words.login.busy : words.login.submit);
    this.#submit.disabled = this.#isBusy;
  }

  async #send() {
    if (!this.client || this.#isBusy || !this.#isComplete()) return;
    this.#isBusy = true;
    this.#refused.hidden = true;
    this.render();
    try {
      await this.client.login(this.#login.value.trim(), this.#password.value);
      this.#password.value = "";
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#isBusy = false;
      this.render();
    }
  }

  #isComplete() {
    const login = this.#login.value.trim();
    const wrongLogin = !login ? words.login.missingLogin : login.includes("@") ? "" : words.login.loginNeedsDomain;
    complain(this.#login, this.#loginError, wrongLogin);
    complain(this.#password, this.#passwordError, this.#password.value ? "" : words.login.missingPassword);
    const first = [this.#login, this.#password].find((input) => input.hasAttribute("aria-invalid"));
    first?.focus();
    return !first;
  }

  /** @param {unknown} error */
  #refuse(error) {
    const isWrong = error instanceof Refused && error.code === "wrong_credentials";
    setChildren(this.#refused, icon("alert"), h("span", {}, isWrong ? words.login.wrong : sentenceOf(error)));
    this.#refused.hidden = false;
    if (isWrong) this.#password.select();
  }

  #flipPassword() {
    const show = this.#password.type === "password";
    this.#password.type = show ? "text" : "password";
    setAttribute(this.#reveal, "aria-pressed", String(show));
  }
}

/**
 * @param {HTMLInputElement} input
 * @param {HTMLElement} place
 * @param {string} problem "": none
 */
export function complain(input, place, problem) {
  setAttribute(input, "aria-invalid", problem ? "true" : null);
  setChildren(place, problem ? icon("alert") : null, problem);
  place.hidden = !problem;
}
