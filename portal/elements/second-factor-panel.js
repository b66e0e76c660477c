/** `<second-factor-panel>`: one's authenticator app and recovery codes: set up, replaced, turned off. */

import { PresenceElement } from "./element.js";
import { focused, h, moveFocus, setChildren, setText } from "./dom.js";
import { complain } from "./login-form.js";
import { codeField, recoveryCodes, secondFactorStyles, setUpSteps } from "./second-factor-parts.js";
import { securityStyles } from "./security-styles.js";
import { timesOf } from "./times.js";
import { tried } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Proof, SecondFactors } from "../client/protocol.js"
 */

/** @typedef {"set_up" | "renew" | "turn_off"} Wish */

export class SecondFactorPanel extends PresenceElement {
  static styles = [securityStyles, secondFactorStyles];

  /** null: not read yet. @type {SecondFactors | null} */
  #factors = null;
  #isBusy = false;

  #state = h("p", {});
  #left = h("p", { class: "soft" });
  #buttons = h("div", { class: "buttons" });
  #place = h("div");
  #problem = h("p", { class: "error", role: "alert", hidden: true });
  #said = h("p", { class: "done", role: "status" });

  constructor() {
    super();
    this.root.append(
      h("h3", {}, words.secondFactor.title),
      h("p", { class: "soft" }, words.secondFactor.hint),
      this.#state,
      this.#left,
      this.#buttons,
      this.#place,
      this.#problem,
      this.#said,
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    void this.read();
    return [client.on("profile", () => this.invalidate())];
  }

  async read() {
    await this.#try(async () => {
      this.#factors = (await this.client?.security.factors()) ?? null;
    });
  }

  /** @override */
  render() {
    const factors = this.#factors;
    const since = factors?.totp_since ?? null;
    const times = timesOf(this.client);
    setText(this.#state, factors ? words.secondFactor.state(since ? times.since(Date.parse(since), Date.now()) : "") : "");
    setText(this.#left, since ? words.secondFactor.left(factors?.recovery_codes ?? 0) : "");
    const isIdle = this.#place.childElementCount === 0;
    this.#state.hidden = this.#left.hidden = !isIdle;
    this.#buttons.hidden = !factors || !isIdle;
    const button = (/** @type {Wish} */ wish, /** @type {string} */ label) =>
      h("button", { class: "button", type: "button", onclick: () => this.#ask(wish) }, label);
    const { setUp, replace, renew, turnOff } = words.secondFactor;
    if (isIdle) {
      setChildren(
        this.#buttons,
        button("set_up", since ? replace : setUp),
        since ? button("renew", renew) : null,
        since && !factors?.required ? button("turn_off", turnOff) : null,
      );
    }
  }

  /** For the password, or a code: whoever found an open window changes nothing. @param {Wish} wish */
  #ask(wish) {
    const isByLogin = hasNoPassword(this.client) && !this.#factors?.totp_since;
    const problem = h("p", { class: "error", id: "proof-problem", hidden: true });
    const input = h("input", {
      class: "input",
      id: "proof",
      name: "proof",
      type: "password",
      autocomplete: "current-password",
      "aria-describedby": "proof-hint proof-problem",
    });
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      const isNeeded = !input.value && !isByLogin;
      complain(input, problem, isNeeded ? words.secondFactor.missingProof : "");
      if (isNeeded) return input.focus();
      try {
        await this.#once(() => this.#grant(wish, proofOf(input.value)));
      } catch (error) {
        if (error instanceof Refused && error.field === "login") return complain(input, problem, words.secondFactor.loginAgain);
        if (!(error instanceof Refused) || (error.field !== "password" && error.field !== "code")) throw error;
        complain(input, problem, words.secondFactor.wrongProof);
        input.select();
      }
    };
    this.#show(
      h(
        "form",
        { novalidate: true, onsubmit: (/** @type {Event} */ event) => void this.#try(() => submit(event)) },
        h(
          "div",
          { class: "field" },
          h("label", { for: "proof" }, words.secondFactor.proof),
          input,
          h("p", { class: "hint", id: "proof-hint" }, isByLogin ? words.secondFactor.byLogin : this.#factors?.totp_since ? words.secondFactor.proofHint : ""),
          problem,
        ),
        h("div", { class: "buttons" }, h("button", { class: "button primary", type: "submit" }, words.secondFactor.go[wish]), this.#cancel()),
      ),
    );
    input.focus();
  }

  /**
   * @param {Wish} wish
   * @param {Proof} proof
   */
  async #grant(wish, proof) {
    const { security } = /** @type {PresenceClient} */ (this.client);
    if (wish === "set_up") return this.#showSetUp(await security.beginTotp(proof));
    if (wish === "renew") return this.#showCodes((await security.renewCodes(proof)).codes);
    await security.turnOffFactor(proof);
    this.#done(words.secondFactor.turnedOff);
  }

  /** @param {import("../client/protocol.js").TotpSetUp} setUp */
  #showSetUp(setUp) {
    const code = codeField("code");
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      complain(code.input, code.problem, code.input.value.trim() ? "" : words.secondFactor.missing);
      if (!code.input.value.trim()) return code.input.focus();
      try {
        const answer = await this.#once(() => this.client?.security.confirmTotp(code.input.value.trim()));
        if (answer) this.#showCodes(answer.codes);
      } catch (error) {
        if (!(error instanceof Refused) || error.field !== "code") throw error;
        complain(code.input, code.problem, words.secondFactor.wrong);
        code.input.select();
      }
    };
    this.#show(
      h(
        "form",
        { novalidate: true, onsubmit: (/** @type {Event} */ event) => void this.#try(() => submit(event)) },
        setUpSteps(setUp),
        code.row,
        h("div", { class: "buttons" }, h("button", { class: "button primary", type: "submit" }, words.secondFactor.confirm), this.#cancel()),
      ),
    );
    code.input.focus({ preventScroll: true });
  }

  /** @param {string[]} codes */
  #showCodes(codes) {
    const view = recoveryCodes(codes, () => this.#done(words.secondFactor.turnedOn));
    this.#show(view);
    view.querySelector("h3")?.focus();
  }

  #cancel() {
    return h("button", { class: "button", type: "button", onclick: () => this.#done("") }, words.secondFactor.cancel);
  }

  /** @param {HTMLElement} part */
  #show(part) {
    setText(this.#said, "");
    this.#problem.hidden = true;
    setChildren(this.#place, part);
    this.render();
  }

  /** @param {string} sentence */
  #done(sentence) {
    setChildren(this.#place);
    setText(this.#said, sentence);
    const from = focused();
    void this.read().then(() => requestAnimationFrame(() => moveFocus(this.#buttons.querySelector("button"), from)));
  }

  /**
   * @template Result
   * @param {() => Promise<Result> | undefined} act
   * @returns {Promise<Result | undefined>} undefined: it was under way already
   */
  async #once(act) {
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    try {
      return await act();
    } finally {
      this.#isBusy = false;
    }
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    await tried(this.#problem, act);
    this.invalidate();
  }
}

/** Who logs in by single sign-on or a passkey alone. @param {PresenceClient | null} client */
export function hasNoPassword(client) {
  return ["new", "password_required"].includes(client?.profile?.status ?? "");
}

/** A password has letters in it, and a recovery code is four groups of them; nothing is the login itself. @param {string} typed @returns {Proof} */
export function proofOf(typed) {
  if (!typed) return {};
  const isCode = /^\d{3}[ -]?\d{3}$/.test(typed.trim()) || /^([a-z2-7]{4}-){3}[a-z2-7]{4}$/i.test(typed.trim());
  return isCode ? { code: typed } : { password: typed };
}
