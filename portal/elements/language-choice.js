/** `<language-choice>`: the language one reads in. Asks the page for another one by `language-wanted`. */

import { PresenceElement } from "./element.js";
import { h } from "./dom.js";
import { choiceOf } from "../language.js";
import { LANGUAGES, languageOf, words } from "../words.js";

/** @import { Language } from "../words.js" */
/** @typedef {{language: Language | "", done: () => void}} LanguageWanted `done`: it is decided, and the page stays as it is */

export class LanguageChoice extends PresenceElement {
  #select = h(
    "select",
    { class: "input", id: "language", onchange: () => this.#ask() },
    h("option", { value: "" }, words.you.languageOfBrowser(LANGUAGES[languageOf(navigator.languages)].name)),
    ...Object.entries(LANGUAGES).map(([value, { name }]) => h("option", { value, lang: value }, name)),
  );

  constructor() {
    super();
    this.root.append(h("div", { class: "field" }, h("label", { for: "language" }, words.you.language), this.#select));
  }

  /** @override */
  render() {
    const me = this.client?.session.me;
    if (me) this.#select.value = choiceOf(me);
  }

  #ask() {
    const detail = { language: this.#select.value, done: () => this.invalidate() };
    this.dispatchEvent(new CustomEvent("language-wanted", { bubbles: true, composed: true, detail }));
  }
}
