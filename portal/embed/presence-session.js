/**
 * `<presence-session token="…">`: who is logged in on a page that embeds our elements, and a line that says how that
 * stands. One on a page is enough for all elements.
 *
 * Token: the attribute or property `token`; or the property `getToken`, a function that gets one whenever one is needed.
 * Without it, `token-wanted` is fired when a token was refused, and the element waits for another value of `token`.
 * Fires `state-changed` (detail: the state). The attribute `state` says it too; with `quiet` nothing is shown.
 */

import { h, setAttribute, setText } from "../elements/dom.js";
import { PresenceElement, css } from "../elements/element.js";
import { connect } from "./page.js";
import { isPassing, stateOf } from "./state.js";
import { sentenceOf } from "./state-note.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { State } from "./state.js"
 */

/** @typedef {(refused: string | null) => string | null | Promise<string | null>} GetToken */

export class PresenceSession extends PresenceElement {
  static observedAttributes = ["token", "quiet"];

  static styles = [
    css`
      p {
        padding: 0.4rem 0.75rem;
        border-radius: var(--presence-radius-small);
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
        font-size: 0.875rem;
      }
      p.good {
        background: none;
        color: var(--presence-ink-soft);
      }
    `,
  ];

  #text = h("p", { role: "status", part: "state" });
  /** @type {GetToken | null} */
  #getToken = null;
  /** @type {State | null} */
  #told = null;
  #isDue = false;

  constructor() {
    super();
    this.root.append(this.#text);
  }

  get token() {
    return this.getAttribute("token") ?? "";
  }

  set token(token) {
    setAttribute(this, "token", token || null);
  }

  get getToken() {
    return this.#getToken;
  }

  /** @param {GetToken | null} getToken */
  set getToken(getToken) {
    this.#getToken = getToken;
    this.#logIn();
  }

  /** @override @param {string} name */
  attributeChangedCallback(name) {
    if (name === "token") this.#logIn();
    this.invalidate();
  }

  /** @override */
  connectedCallback() {
    // Given before the script was here: the element did not know yet what it means.
    const early = /** @type {{getToken?: GetToken}} */ (this);
    if (Object.hasOwn(this, "getToken")) {
      const { getToken } = early;
      delete early.getToken;
      this.#getToken = getToken ?? null;
    }
    super.connectedCallback();
    this.#logIn();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    connect(null);
  }

  /** In the next frame: who has just put this on a page may listen from the next line on. @override */
  renderNow() {
    this.invalidate();
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [client.on("connection", () => this.invalidate()), client.on("session", () => this.invalidate())];
  }

  /** @override */
  render() {
    if (!this.client) return;
    const state = stateOf(this.client);
    setAttribute(this, "state", state);
    setText(this.#text, sentenceOf(this.client));
    this.#text.classList.toggle("good", state === "live" || isPassing(state));
    this.#text.hidden = this.hasAttribute("quiet");
    if (state === this.#told) return;
    this.#told = state;
    this.dispatchEvent(new CustomEvent("state-changed", { bubbles: true, composed: true, detail: state }));
  }

  /** Once for all that is set within one step of a page's script. */
  #logIn() {
    if (this.#isDue || !this.isConnected) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.isConnected) connect(this.#getToken || this.token ? (refused) => this.#give(refused) : null);
    });
  }

  /** @param {string | null} refused */
  #give(refused) {
    if (refused === null && this.token) return this.token;
    if (this.#getToken) return this.#getToken(refused);
    this.dispatchEvent(new CustomEvent("token-wanted", { bubbles: true, composed: true }));
    return null;
  }
}
