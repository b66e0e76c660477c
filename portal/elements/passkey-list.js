/** `<passkey-list>`: one's passkeys; made and removed with the password, or a code. Not there where there can be none. */

import { PresenceElement } from "./element.js";
import { h, reconcile, setAttribute, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { complain } from "./login-form.js";
import { sentenceOfPasskey } from "./passkey-sentences.js";
import { hasNoPassword, proofOf } from "./second-factor-panel.js";
import { securityStyles } from "./security-styles.js";
import { timesOf } from "./times.js";
import { Refused } from "../client/errors.js";
import { programOf } from "../client/user-agents.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { OwnPasskey, OwnPasskeys, Proof } from "../client/protocol.js"
 */

/** @typedef {HTMLLIElement & {show?: (passkey: OwnPasskey) => void}} Row */

export class PasskeyList extends PresenceElement {
  static styles = [securityStyles];

  /** null: not read yet. @type {OwnPasskeys | null} */
  #passkeys = null;
  #isBusy = false;

  #rows = h("ul", { class: "rows" });
  #add = h("button", { class: "button", type: "button", onclick: () => this.#askToAdd() }, icon("plus"), words.passkeys.add);
  #place = h("div");
  #problem = h("p", { class: "error", role: "alert", hidden: true });
  #said = h("p", { class: "done", role: "status" });

  constructor() {
    super();
    this.root.append(
      h("h3", {}, words.passkeys.title),
      h("p", { class: "soft" }, words.passkeys.hint),
      this.#rows,
      h("div", { class: "buttons" }, this.#add),
      this.#place,
      this.#problem,
      this.#said,
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    this.hidden = this.#passkeys === null;
    void this.#read();
    return [client.on("profile", () => this.invalidate())];
  }

  async #read() {
    const { passkeys } = /** @type {PresenceClient} */ (this.client);
    this.#passkeys = await passkeys.mine().catch(() => null);
    this.hidden = !this.#passkeys?.available || !passkeys.isPossible;
    this.invalidate();
  }

  /** @override */
  render() {
    const items = this.#passkeys?.items ?? [];
    this.#rows.hidden = items.length === 0;
    this.#add.hidden = this.#place.childElementCount > 0;
    reconcile(this.#rows, items, ({ passkey }) => passkey, () => this.#row(), (row, passkey) => row.show?.(passkey));
  }

  /** @returns {Row} */
  #row() {
    const name = h("strong");
    const about = h("p", { class: "soft" });
    const remove = h("button", { class: "button small", type: "button" }, words.passkeys.remove);
    /** @type {Row} */
    const row = h("li", {}, icon("lock"), h("div", {}, name, about), remove);
    row.show = (passkey) => {
      const times = timesOf(this.client);
      const moment = (/** @type {string | null} */ at) => (at ? times.since(Date.parse(at), Date.now()) : "");
      setText(name, passkey.name);
      setText(about, words.passkeys.about(moment(passkey.created_at), moment(passkey.used_at)));
      setAttribute(remove, "aria-label", words.passkeys.removeOne(passkey.name));
      remove.onclick = () => this.#askToRemove(passkey);
    };
    return row;
  }

  #askToAdd() {
    const { program, system } = programOf(navigator.userAgent);
    const name = h("input", { class: "input", id: "name", maxlength: 64, value: words.security.logins.name(program, system) });
    const field = h("div", { class: "field" }, h("label", { for: "name" }, words.passkeys.name), name);
    this.#ask(field, words.passkeys.go, async (proof) => {
      await this.client?.passkeys.add(proof, name.value.trim() || words.passkeys.title);
      return words.passkeys.added;
    });
  }

  /** @param {OwnPasskey} passkey */
  #askToRemove(passkey) {
    this.#ask(null, words.passkeys.removeOne(passkey.name), async (proof) => {
      await this.client?.passkeys.remove(passkey.passkey, proof);
      return words.passkeys.removed;
    });
  }

  /**
   * @param {HTMLElement | null} more
   * @param {string} label
   * @param {(proof: Proof) => Promise<string>} act gives what is to be said then
   */
  #ask(more, label, act) {
    const isByLogin = hasNoPassword(this.client);
    const problem = h("p", { class: "error", id: "proof-problem", hidden: true });
    const input = h("input", {
      class: "input",
      id: "proof",
      type: "password",
      autocomplete: "current-password",
      "aria-describedby": "proof-hint proof-problem",
    });
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      const isNeeded = !input.value && !isByLogin;
      complain(input, problem, isNeeded ? words.secondFactor.missingProof : "");
      if (isNeeded) return input.focus();
      await this.#try(() => act(proofOf(input.value)), input, problem);
    };
    const cancel = h("button", { class: "button", type: "button", onclick: () => this.#close("") }, words.secondFactor.cancel);
    setText(this.#said, "");
    this.#problem.hidden = true;
    setChildren(
      this.#place,
      h(
        "form",
        { novalidate: true, onsubmit: (/** @type {Event} */ event) => void submit(event) },
        more,
        h(
          "div",
          { class: "field" },
          h("label", { for: "proof" }, words.secondFactor.proof),
          input,
          h("p", { class: "hint", id: "proof-hint" }, isByLogin ? words.secondFactor.byLogin : words.secondFactor.proofHint),
          problem,
        ),
        h("div", { class: "buttons" }, h("button", { class: "button primary", type: "submit" }, label), cancel),
      ),
    );
    this.render();
    input.focus();
  }

  /**
   * @param {() => Promise<string>} act
   * @param {HTMLInputElement} input
   * @param {HTMLElement} problem
   */
  async #try(act, input, problem) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#problem.hidden = true;
    try {
      const sentence = await act();
      await this.#read();
      this.#close(sentence);
    } catch (error) {
      if (error instanceof Refused && error.field === "login") {
        complain(input, problem, words.secondFactor.loginAgain);
      } else if (error instanceof Refused && (error.field === "password" || error.field === "code")) {
        complain(input, problem, words.secondFactor.wrongProof);
        input.select();
      } else {
        setText(this.#problem, sentenceOfPasskey(error));
        this.#problem.hidden = false;
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /** @param {string} sentence */
  #close(sentence) {
    setChildren(this.#place);
    this.#problem.hidden = true;
    setText(this.#said, sentence);
    this.render();
    this.#add.focus();
  }
}
