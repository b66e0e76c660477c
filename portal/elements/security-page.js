/** `<security-page>`: how one gets in, and where one is. Fires `security-closed`. */

import { PresenceElement, css } from "./element.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { LoginList } from "./login-list.js"
 */

export class SecurityPage extends PresenceElement {
  static styles = [
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        min-block-size: 0;
        background: var(--presence-surface);
      }
      header {
        display: flex;
        align-items: center;
        gap: 0.75rem;
        min-block-size: 4rem;
        padding: 0.5rem 1rem;
        border-block-end: 1px solid var(--presence-line);
      }
      header .icon-button {
        margin-inline-start: -0.5rem;
      }
      h2:focus {
        outline: none;
      }
      h2 {
        font-size: 1.0625rem;
      }
      .scroll {
        padding: 1.25rem 1rem 2rem;
      }
      .parts {
        display: grid;
        gap: 2.25rem;
        max-inline-size: 40rem;
        margin-inline: auto;
      }
    `,
  ];

  #logins = /** @type {LoginList} */ (document.createElement("login-list"));
  #title = h("h2", { tabindex: -1 }, words.security.title);
  #parts = h("div", { class: "parts" }, document.createElement("password-change"), document.createElement("second-factor-panel"), document.createElement("passkey-list"), this.#logins);
  #masked = h("p", { class: "soft", hidden: true }, words.security.masked);

  constructor() {
    super();
    const close = () => this.dispatchEvent(new CustomEvent("security-closed", { bubbles: true, composed: true }));
    this.addEventListener("logins-ended", () => void this.#logins.read());
    this.root.append(
      h(
        "header",
        {},
        h("button", { class: "icon-button", type: "button", "aria-label": words.navigation.back, onclick: close }, icon("back")),
        this.#title,
      ),
      h("div", { class: "scroll" }, this.#masked, this.#parts),
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    const isMasked = Boolean(client.session.me?.masked_by);
    this.#masked.hidden = !isMasked;
    if (isMasked) this.#parts.remove();
    return [];
  }

  focusTitle() {
    this.#title.focus();
  }
}
