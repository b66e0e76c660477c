/** The small button that asks why somebody's dot has its colour. The page answers `why-wanted` with its dialog. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { words } from "../words.js";

/**
 * @param {HTMLElement} element that asks
 * @param {number} user
 */
export function askWhy(element, user) {
  element.dispatchEvent(new CustomEvent("why-wanted", { bubbles: true, composed: true, detail: user }));
}

/**
 * @param {() => void} ask
 * @returns {HTMLButtonElement}
 */
export function whyButton(ask) {
  return h("button", { class: "icon-button why", type: "button", title: words.why.title, hidden: true, onclick: ask }, icon("why"));
}
