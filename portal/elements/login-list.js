/** `<login-list>`: one's own logins, where they are from and when they were used; each can be ended, and all others at once. */

import { PresenceElement } from "./element.js";
import { focused, h, moveFocus, reconcile, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { securityStyles } from "./security-styles.js";
import { timesOf } from "./times.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { programOf } from "../client/user-agents.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Login } from "../client/protocol.js"
 */

/** @typedef {HTMLLIElement & {show?: (login: Login) => void}} Row */

export class LoginList extends PresenceElement {
  static styles = [securityStyles];

  /** null: not read yet. @type {Login[] | null} */
  #logins = null;

  #rows = h("ul", { class: "rows" });
  #loading = h("div", { class: "skeleton", role: "status", "aria-label": words.security.logins.loading });
  #others = h(
    "button",
    { class: "button small", type: "button", hidden: true, onclick: () => void this.#try(() => this.#endOthers()) },
    words.security.logins.endOthers,
  );
  #again = h("button", { class: "button small", type: "button", hidden: true, onclick: () => void this.read() }, words.problems.tryAgain);
  #said = h("p", { class: "soft", role: "status" });
  #problem = h("p", { class: "error", role: "alert", hidden: true });

  constructor() {
    super();
    this.#loading.style.blockSize = "4rem";
    this.root.append(
      h("h3", {}, words.security.logins.title),
      h("p", { class: "soft" }, words.security.logins.hint),
      this.#loading,
      this.#rows,
      this.#problem,
      h("div", { class: "buttons" }, this.#others, this.#again, this.#said),
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    void this.read();
    return [client.on("profile", () => this.invalidate())];
  }

  async read() {
    await this.#try(async () => {
      this.#logins = (await this.client?.security.logins()) ?? null;
    });
  }

  /** @override */
  render() {
    const logins = this.#logins;
    this.#loading.hidden = logins !== null || !this.#again.hidden;
    this.#rows.hidden = logins === null;
    this.#others.hidden = (logins?.length ?? 0) < 2;
    reconcile(this.#rows, logins ?? [], ({ session }) => session, () => this.#row(), (row, login) => row.show?.(login));
  }

  /** @returns {Row} */
  #row() {
    const picture = h("span");
    const name = h("strong");
    const about = h("p", { class: "soft" });
    const mark = h("span", { class: "mark" }, words.security.logins.current);
    const end = h("button", { class: "button small", type: "button" }, words.security.logins.end);
    /** @type {Row} */
    const row = h("li", {}, picture, h("div", {}, name, about));
    row.show = (login) => {
      const { program, system, isPhone } = programOf(login.user_agent);
      const called = words.security.logins.name(program, system);
      const times = timesOf(this.client);
      const moment = (/** @type {string} */ at) => times.since(Date.parse(at), Date.now());
      if (!picture.firstChild) picture.append(icon(isPhone || login.kind === "bearer" ? "phone" : "screen"));
      setText(name, called);
      setText(about, words.security.logins.about(login.address, moment(login.created_at), login.current ? "" : moment(login.used_at)));
      setAttribute(about, "title", login.user_agent || null);
      if (row.childElementCount === 2) row.append(login.current ? mark : end);
      setAttribute(end, "aria-label", words.security.logins.endOne(called));
      end.onclick = () => void this.#try(() => this.#end(login, called));
    };
    return row;
  }

  /**
   * @param {Login} login
   * @param {string} called
   */
  async #end(login, called) {
    const from = focused();
    try {
      await this.client?.security.end(login.session);
    } catch (error) {
      if (!(error instanceof Refused && error.code === "not_found")) throw error;
    }
    this.#logins = (this.#logins ?? []).filter(({ session }) => session !== login.session);
    setText(this.#said, words.security.logins.ended(called));
    moveFocus(this.#rows.querySelector("button"), from);
  }

  async #endOthers() {
    const ended = (await this.client?.security.endOthers()) ?? 0;
    this.#logins = (this.#logins ?? []).filter(({ current }) => current);
    setText(this.#said, words.security.logins.othersEnded(ended));
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    this.#problem.hidden = this.#again.hidden = true;
    try {
      await act();
    } catch (error) {
      setText(this.#problem, sentenceOf(error));
      this.#problem.hidden = false;
      this.#again.hidden = this.#logins !== null;
    }
    this.invalidate();
  }
}
