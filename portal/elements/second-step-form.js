/**
 * `<second-step-form>`: the second step of a login: a code of the authenticator app or a recovery code; or setting an app
 * up, where the company requires one. `open(client, step)` begins.
 *
 * Fires `login-wanted`, with a sentence that says why if it was not asked for.
 */

import { PresenceElement } from "./element.js";
import { focusSoon, h, setAttribute, setChildren, setText } from "./dom.js";
import { entranceStyles } from "./entrance-styles.js";
import { icon } from "./icons.js";
import { complain } from "./login-form.js";
import { sentenceOfPasskey } from "./passkey-sentences.js";
import { codeField, recoveryCodes, secondFactorStyles, setUpSteps } from "./second-factor-parts.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { LoggedIn, SecondFactorNeeded } from "../client/protocol.js"
 */

export class SecondStepForm extends PresenceElement {
  static styles = [entranceStyles, secondFactorStyles];

  /** @type {SecondFactorNeeded | null} */
  #step = null;
  #isBusy = false;
  #isRecovering = false;

  #title = h("h2", { tabindex: -1 }, words.secondFactor.title);
  #about = h("p", { class: "soft" }, words.secondFactor.stepHint);
  #refused = h("p", { class: "error refused", role: "alert", hidden: true });
  #steps = h("div");
  #code = codeField("code");
  #submit = h("button", { class: "button primary", type: "submit" }, words.login.submit);
  #other = h("button", { class: "link", type: "button", onclick: () => this.#turn() }, words.secondFactor.useRecovery);
  #passkey = h("button", { class: "button", type: "button", hidden: true, onclick: () => void this.#usePasskey() }, words.passkeys.use);
  #back = h("button", { class: "link", type: "button", onclick: () => this.#leave("") }, words.forgotten.back);

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
        this.#title,
        this.#about,
        this.#refused,
        this.#steps,
        this.#code.row,
        this.#submit,
        this.#passkey,
        this.#other,
        this.#back,
      ),
    );
  }

  /**
   * @param {PresenceClient} client
   * @param {SecondFactorNeeded} step
   */
  async open(client, step) {
    this.#step = step;
    const { methods } = step;
    this.#passkey.hidden = !methods.includes("passkey") || !client.passkeys.isPossible;
    if (!methods.includes("code") && !this.#passkey.hidden) {
      this.#about.hidden = this.#code.row.hidden = this.#submit.hidden = this.#other.hidden = true;
      return focusSoon(this.#passkey);
    }
    if (!step.methods.includes("set_up")) return this.#focusCode();
    setText(this.#title, words.secondFactor.requiredTitle);
    setText(this.#about, words.secondFactor.requiredHint);
    this.#other.hidden = true;
    this.#submit.disabled = true;
    try {
      setChildren(this.#steps, setUpSteps(await client.setUpToLogIn(step.token)));
      this.#submit.disabled = false;
      focusSoon(this.#title);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #focusCode() {
    focusSoon(this.#code.input);
  }

  /** Between the two kinds of codes. */
  #turn() {
    this.#isRecovering = !this.#isRecovering;
    const { label, hint, input, problem } = this.#code;
    setText(label, this.#isRecovering ? words.secondFactor.recoveryCode : words.secondFactor.code);
    setText(hint, this.#isRecovering ? words.secondFactor.recoveryHint : words.secondFactor.codeHint);
    setText(this.#other, this.#isRecovering ? words.secondFactor.useApp : words.secondFactor.useRecovery);
    setAttribute(input, "inputmode", this.#isRecovering ? "text" : "numeric");
    setAttribute(input, "autocomplete", this.#isRecovering ? "off" : "one-time-code");
    input.value = "";
    complain(input, problem, "");
    input.focus();
  }

  async #send() {
    const { client } = this;
    const step = this.#step;
    const { input, problem } = this.#code;
    if (!client || !step || this.#isBusy) return;
    complain(input, problem, input.value.trim() ? "" : words.secondFactor.missing);
    if (!input.value.trim()) return input.focus();
    this.#refused.hidden = true;
    this.#show(true);
    try {
      this.#finish(client, await client.finishLogin(step.token, input.value.trim()));
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#show(false);
    }
  }

  /**
   * @param {PresenceClient} client
   * @param {LoggedIn} answer
   */
  #finish(client, answer) {
    const codes = answer.recovery_codes ?? [];
    if (codes.length === 0) return client.enter(answer);
    const view = recoveryCodes(codes, () => client.enter(answer));
    setChildren(this.#steps, view);
    for (const each of [this.#about, this.#title, this.#code.row, this.#submit, this.#back]) each.hidden = true;
    view.querySelector("h3")?.focus();
  }

  async #usePasskey() {
    const { client } = this;
    const step = this.#step;
    if (!client || !step || this.#isBusy) return;
    this.#refused.hidden = true;
    this.#show(true);
    try {
      this.#finish(client, await client.passkeys.finishLogin(step.token));
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#show(false);
    }
  }

  /** @param {unknown} error */
  #refuse(error) {
    const { input, problem } = this.#code;
    if (error instanceof Refused && error.field === "code") {
      complain(input, problem, words.secondFactor.wrong);
      return input.select();
    }
    if (error instanceof Refused && error.code === "not_logged_in") return this.#leave(words.secondFactor.over);
    setChildren(this.#refused, icon("alert"), h("span", {}, sentenceOfPasskey(error)));
    this.#refused.hidden = false;
  }

  /** @param {string} detail */
  #leave(detail) {
    this.dispatchEvent(new CustomEvent("login-wanted", { detail, bubbles: true, composed: true }));
  }

  /** @param {boolean} isBusy */
  #show(isBusy) {
    this.#isBusy = this.#submit.disabled = isBusy;
    setText(this.#submit, isBusy ? words.login.busy : words.login.submit);
  }
}
