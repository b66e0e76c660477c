/** `<company-security>`: whether everybody of the company needs a second factor, and what that means for who has none. */

import { PresenceElement } from "./element.js";
import { h, setText } from "./dom.js";
import { securityStyles } from "./security-styles.js";
import { toggle, toggleStyles } from "./toggle.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { DomainSecurityState } from "../client/protocol.js"
 */

export class CompanySecurity extends PresenceElement {
  static styles = [toggleStyles, securityStyles];

  /** null: not read yet. @type {DomainSecurityState | null} */
  #state = null;

  #required = toggle({ name: words.company.required, change: (on) => this.#change(on) });
  #without = h("p", { class: "soft", role: "status" });
  #problem = h("p", { class: "error", role: "alert", hidden: true });
  #again = h("button", { class: "button small", type: "button", hidden: true, onclick: () => void this.#read() }, words.problems.tryAgain);

  constructor() {
    super();
    this.#required.hidden = true;
    this.root.append(h("h3", {}, words.company.logins), this.#required, this.#without, this.#problem, this.#again);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    void this.#read();
    return [client.on("users", () => void this.#read())];
  }

  /** @override */
  render() {
    const state = this.#state;
    this.#required.hidden = state === null;
    if (!state) return;
    this.#required.show({ checked: state.second_factor_required, hint: words.company.requiredHint });
    setText(this.#without, words.company.without(state.without_second_factor, state.second_factor_required));
  }

  async #read() {
    this.#problem.hidden = this.#again.hidden = true;
    try {
      this.#state = (await this.client?.company.security()) ?? null;
    } catch (error) {
      setText(this.#problem, sentenceOf(error));
      this.#problem.hidden = false;
      this.#again.hidden = this.#state !== null;
    }
    this.invalidate();
  }

  /** @param {boolean} on */
  async #change(on) {
    this.#state = (await this.client?.company.requireSecondFactor(on)) ?? null;
    this.render();
  }
}
