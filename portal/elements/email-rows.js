/** Up to five e-mail addresses, one below the other: written, taken away, and those that wait to be confirmed asked again. */

import { h, setAttribute, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

const MOST_EMAILS = 5;

/**
 * @typedef {{row: HTMLElement, input: HTMLInputElement, problem: HTMLElement, remove: HTMLButtonElement}} EmailPlace
 *
 * @typedef {object} EmailRows
 * @property {HTMLElement} element
 * @property {(emails: string[], unconfirmed: string[], mayEdit: boolean) => void} show
 * @property {() => string[]} value what is written, without empty rows
 * @property {() => [string, EmailPlace][]} places as the server names them, e.g. `emails[1]`
 */

/**
 * @param {{changed: () => void, ask: (email: string) => Promise<void>}} does
 * @returns {EmailRows}
 */
export function emailRows({ changed, ask }) {
  /** @type {EmailPlace[]} */
  let places = [];
  let mayEdit = false;
  const rows = h("div", { class: "emails" });
  const add = h("button", { class: "button small", type: "button", onclick: () => addOne() }, icon("plus"), words.profile.addEmail);
  const element = h("section", {}, h("h3", {}, words.profile.sections.emails), rows, h("div", {}, add));

  const arrange = () => {
    places.forEach(({ input, problem, remove }, at) => {
      setAttribute(input, "aria-label", words.profile.email(at + 1));
      setAttribute(problem, "id", `email-problem-${at}`);
      setAttribute(input, "aria-describedby", `email-problem-${at}`);
      setAttribute(remove, "aria-label", words.profile.removeEmail(input.value));
    });
    const shown = places.map((place) => place.row);
    setChildren(rows, ...(shown.length > 0 ? shown : [h("p", { class: "soft" }, words.profile.noEmails)]));
    add.disabled = places.length >= MOST_EMAILS;
    changed();
  };
  const addOne = () => {
    const place = makeRow("", false);
    places.push(place);
    arrange();
    place.input.focus();
  };
  /** @param {EmailPlace} place */
  const removeOne = (place) => {
    const at = places.indexOf(place);
    places.splice(at, 1);
    arrange();
    (places[Math.min(at, places.length - 1)]?.input ?? add).focus();
  };
  /** @param {string} address @param {boolean} isWaiting @returns {EmailPlace} */
  const makeRow = (address, isWaiting) => {
    const problem = h("p", { class: "error", hidden: true });
    const input = h("input", { class: "input", type: "email", value: address, autocomplete: "email", readonly: !mayEdit });
    const remove = h("button", { class: "icon-button", type: "button", onclick: () => removeOne(place), hidden: !mayEdit }, icon("close"));
    const waiting = isWaiting ? waitingLine(address, mayEdit ? ask : null) : null;
    /** @type {EmailPlace} */
    const place = { row: h("div", { class: "email" }, input, remove, waiting, problem), input, problem, remove };
    return place;
  };
  return {
    element,
    show(emails, unconfirmed, may) {
      mayEdit = may;
      places = emails.map((address) => makeRow(address, unconfirmed.includes(address)));
      add.hidden = !may;
      arrange();
    },
    value: () => places.map((place) => place.input.value.trim()).filter(Boolean),
    places: () => places.filter((place) => place.input.value.trim()).map((place, at) => [`emails[${at}]`, place]),
  };
}

/**
 * @param {string} address
 * @param {((email: string) => Promise<void>) | null} ask
 */
function waitingLine(address, ask) {
  const said = h("span", { role: "status" }, words.profile.unconfirmed);
  const again = h("button", { class: "link", type: "button", "aria-label": words.profile.confirmAgainFor(address) }, words.profile.confirmAgain);
  again.onclick = async () => {
    again.disabled = true;
    try {
      await ask?.(address);
      setText(said, words.profile.confirmSent);
      again.hidden = true;
    } catch (error) {
      setText(said, sentenceOf(error));
    } finally {
      again.disabled = false;
    }
  };
  return h("p", { class: "waiting" }, said, ask ? again : null);
}
