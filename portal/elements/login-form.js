/**
 * `<login-form>`: login name and password. Says why one is here, if a session ended elsewhere.
 *
 * Fires `forgotten-wanted` with the login as far as it was typed, and `second-step-wanted` with what a login goes on with.
 */

import { PresenceElement } from "./element.js";
import { focusSoon, h, setAttribute, setChildren, setText } from "./dom.js";
import { entranceStyles } from "./entrance-styles.js";
import { icon } from "./icons.js";
import { sentenceOfPasskey } from "./passkey-sentences.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { secondFactorOf } from "../client/http.js";
import { takeLanguage, typedBefore } from "../language.js";
import { LANGUAGES, words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Language } from "../words.js"
 */

export class LoginForm extends PresenceElement {
  static styles = [entranceStyles];

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
  #company = h(
    "button",
    { class: "button", type: "button", hidden: true, onclick: () => void this.#goToCompany() },
    words.login.byCompany,
  );
  #language = h("button", { class: "link", type: "button", hidden: true });
  #passkey = h("button", { class: "link", type: "button", hidden: true, onclick: () => void this.#usePasskey() }, words.passkeys.logIn);
  /** Which domain has single sign-on; "": none that is known. */
  #companyDomain = "";
  #isBusy = false;
  #isPasswordSet = false;

  constructor() {
    super({ mode: "open", delegatesFocus: true });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#send();
    };
    this.#login.addEventListener("change", () => void this.#lookForCompany());
    this.#login.value = typedBefore();
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
        this.#language,
        this.#company,
        this.#passkey,
        h("button", { class: "link", type: "button", onclick: () => this.#forget() }, words.login.forgotten),
      ),
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    // Passkeys are bound to a name: under a bare address there are none.
    this.#passkey.hidden = !client.passkeys.isPossible || /^[\d.]+$|^\[/.test(location.hostname);
    return [client.on("session", () => this.invalidate())];
  }

  /** @override */
  render() {
    const ended = this.client?.session.ended;
    const why = ended ? words.login.ended[ended] : "";
    setText(this.#notice, this.#isPasswordSet ? words.login.passwordSet : why);
    this.#notice.hidden = !this.#isPasswordSet && !ended;
    setText(this.#submit, this.#isBusy ? words.login.busy : words.login.submit);
    this.#submit.disabled = this.#isBusy;
  }

  /** Somebody has just set a new password. @param {string} login */
  passwordSet(login) {
    this.#isPasswordSet = true;
    this.#login.value = login;
    this.#password.value = "";
    this.#refused.hidden = true;
    this.invalidate();
    focusSoon(this.#password);
  }

  async #usePasskey() {
    const { client } = this;
    const login = this.#login.value.trim();
    complain(this.#login, this.#loginError, problemWithLogin(login));
    if (!client || this.#isBusy || problemWithLogin(login)) return this.#login.focus();
    this.#refused.hidden = true;
    try {
      client.enter(await client.passkeys.logIn(login.split("@")[1] ?? ""));
    } catch (error) {
      this.beginAnew(sentenceOfPasskey(error));
    }
  }

  async #lookForCompany() {
    const domain = this.#login.value.trim().split("@")[1] ?? "";
    if (!domain || !this.client) return void (this.#company.hidden = true);
    const offered = await this.client.offeredBy(domain).catch(() => null);
    if (domain !== this.#login.value.trim().split("@")[1]) return;
    this.#companyDomain = offered?.available ? domain : "";
    this.#company.hidden = !offered?.available;
    this.#offer(offered?.language ?? "");
  }

  /** The page in the company's language, in words of that language. @param {string} code */
  #offer(code) {
    const language = Object.hasOwn(LANGUAGES, code) ? /** @type {Language} */ (code) : null;
    this.#language.hidden = language === null || language === words.language;
    if (!language) return;
    this.#language.lang = language;
    setText(this.#language, LANGUAGES[language].name);
    this.#language.onclick = () => {
      takeLanguage(language, this.#login.value.trim());
      location.reload();
    };
  }

  async #goToCompany() {
    if (!this.client || this.#isBusy) return;
    this.#refused.hidden = true;
    try {
      location.assign(await this.client.beginSignOn(this.#companyDomain));
    } catch (error) {
      this.beginAnew(sentenceOf(error));
    }
  }

  #forget() {
    const detail = this.#login.value.trim();
    this.dispatchEvent(new CustomEvent("forgotten-wanted", { detail, bubbles: true, composed: true }));
  }

  async #send() {
    if (!this.client || this.#isBusy || !this.#isComplete()) return;
    this.#isBusy = true;
    this.#refused.hidden = true;
    this.render();
    try {
      await this.client.login(this.#login.value.trim(), this.#password.value);
      this.#password.value = "";
      this.#isPasswordSet = false;
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#isBusy = false;
      this.render();
    }
  }

  #isComplete() {
    complain(this.#login, this.#loginError, problemWithLogin(this.#login.value.trim()));
    complain(this.#password, this.#passwordError, this.#password.value ? "" : words.login.missingPassword);
    const first = [this.#login, this.#password].find((input) => input.hasAttribute("aria-invalid"));
    first?.focus();
    return !first;
  }

  /** The second step was left, and this says why; "": because somebody wanted to. @param {string} sentence */
  beginAnew(sentence) {
    this.#refused.hidden = !sentence;
    setChildren(this.#refused, icon("alert"), h("span", {}, sentence));
  }

  /** @param {unknown} error */
  #refuse(error) {
    const step = secondFactorOf(error);
    if (step) {
      this.#password.value = "";
      return void this.dispatchEvent(new CustomEvent("second-step-wanted", { detail: step, bubbles: true, composed: true }));
    }
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

/** @param {string} login @returns {string} "": none that can be seen */
export function problemWithLogin(login) {
  if (!login) return words.login.missingLogin;
  return login.includes("@") ? "" : words.login.loginNeedsDomain;
}

/**
 * @param {HTMLElement} input
 * @param {HTMLElement} place
 * @param {string} problem "": none
 */
export function complain(input, place, problem) {
  setAttribute(input, "aria-invalid", problem ? "true" : null);
  setChildren(place, problem ? icon("alert") : null, problem);
  place.hidden = !problem;
}
