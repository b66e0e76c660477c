/**
 * `<company-page>`: what the company requires of logins, in which language it writes, and the keys of its programs.
 *
 * Fires `company-closed`.
 */

import { PresenceElement } from "./element.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { profileStyles } from "./profile-styles.js";
import { words } from "../words.js";

export class CompanyPage extends PresenceElement {
  static styles = [profileStyles];

  #title = h("h2", { tabindex: -1 }, words.company.title);

  constructor() {
    super();
    const close = () => this.dispatchEvent(new CustomEvent("company-closed", { bubbles: true, composed: true }));
    this.root.append(
      h("header", {}, h("button", { class: "icon-button", type: "button", "aria-label": words.navigation.back, onclick: close }, icon("back")), this.#title),
      h("div", { class: "scroll" }, h("div", { class: "fields" }, ...["company-security", "company-language", "api-key-list"].map((part) => document.createElement(part)))),
    );
  }

  focusTitle() {
    this.#title.focus();
  }
}
