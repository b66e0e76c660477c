/** `<company-language>`: in which language people of the company are written to of whom none is known. */

import { PresenceElement } from "./element.js";
import { h, setText } from "./dom.js";
import { securityStyles } from "./security-styles.js";
import { tried } from "./who.js";
import { LANGUAGES, words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class CompanyLanguage extends PresenceElement {
  static styles = [securityStyles];

  #select = h(
    "select",
    { class: "input", id: "language", "aria-describedby": "hint", onchange: () => void this.#change() },
    h("option", { value: "" }, words.company.noLanguage(LANGUAGES.en.name)),
    ...Object.entries(LANGUAGES).map(([value, { name }]) => h("option", { value, lang: value }, name)),
  );
  #told = h("p", { class: "soft", role: "status" });
  #problem = h("p", { class: "error", role: "alert", hidden: true });

  constructor() {
    super();
    this.root.append(
      h("h3", {}, words.company.language),
      h(
        "div",
        { class: "field" },
        h("label", { for: "language" }, words.company.languageOfMails),
        this.#select,
        h("p", { class: "soft", id: "hint" }, words.company.languageHint),
      ),
      this.#told,
      this.#problem,
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    this.#select.disabled = true;
    void tried(this.#problem, async () => {
      this.#select.value = (await client.company.settings()).language;
      this.#select.disabled = false;
    });
    return [];
  }

  async #change() {
    const { client } = this;
    if (!client) return;
    setText(this.#told, "");
    await tried(this.#problem, async () => {
      this.#select.value = (await client.company.change({ language: this.#select.value })).language;
      setText(this.#told, words.profile.saved);
    });
  }
}
