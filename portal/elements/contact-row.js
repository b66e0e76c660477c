/** One row of the list of people: picture with dot, name, why somebody is as they are, and what can be done with them. */

import { h, setAttribute, setChildren, setText } from "./dom.js";
import { avatar } from "./avatar.js";
import { icon } from "./icons.js";
import { labelOf, reasonOf, shortReasonOf } from "./presence-view.js";
import { whyButton } from "./why-button.js";
import { words } from "../words.js";

/**
 * @import { Person } from "../client/people.js"
 * @import { KnownContact } from "../client/state/books.js"
 * @import { Avatar } from "./avatar.js"
 * @import { Times } from "./times.js"
 */

/**
 * @typedef {object} Shown of all rows
 * @property {Times} times
 * @property {number} day "since 14:02" becomes "since yesterday 14:02" at midnight
 * @property {ReadonlySet<string> | null} picked null: nothing is being picked
 * @property {string} tabStop the key of the row that the Tab key reaches
 * @property {string | null} chosen the key of who is shown beside the list
 *
 * @typedef {object} Does
 * @property {() => void} choose
 * @property {() => void} explain
 * @property {() => void} edit
 * @property {() => void} star
 * @property {() => void} pick
 * @property {(contact: KnownContact) => boolean} mayChange
 * @property {(user: number) => boolean} mayExplain
 *
 * @typedef {HTMLLIElement & {show: (person: Person, shown: Shown) => void}} ContactRow
 *
 * @typedef {{picture: Avatar, name: HTMLElement, reason: HTMLElement, extension: HTMLElement, button: HTMLElement,
 *   why: HTMLElement, edit: HTMLElement, star: HTMLElement, pick: HTMLInputElement}} Parts
 */

/**
 * @param {string} key
 * @param {Does} does
 * @returns {ContactRow}
 */
export function contactRow(key, does) {
  const picture = avatar();
  const name = h("span", { class: "name" });
  const reason = h("span", { class: "reason" });
  const extension = h("span", { class: "extension", "aria-hidden": "true" });
  const pick = h("input", { class: "pick", type: "checkbox", hidden: true, tabindex: -1, onchange: does.pick });
  const button = h(
    "button",
    { class: "person", type: "button", tabindex: -1, "data-key": key, onclick: does.choose },
    picture,
    h("span", { class: "text" }, name, reason),
    extension,
  );
  const why = whyButton(does.explain);
  const edit = h("button", { class: "icon-button edit", type: "button", title: words.contacts.about, onclick: does.edit }, icon("edit"));
  const star = h("button", { class: "icon-button star", type: "button", "aria-pressed": "false", title: words.contacts.favourite, onclick: does.star }, icon("star"));
  const parts = { picture, name, reason, extension, button, why, edit, star, pick };
  /** What the row shows: nothing is done again for those to whom nothing happened. @type {unknown[]} */
  let before = [];
  return Object.assign(h("li", {}, pick, button, h("span", { class: "tools" }, why, edit, star)), {
    show(/** @type {Person} */ person, /** @type {Shown} */ { times, day, picked, tabStop, chosen }) {
      const { coworker, contact, presence, overlay, favourite } = person;
      const isPicked = picked?.has(key) ?? null;
      const wanted = [coworker, contact, presence, overlay, favourite, isPicked, tabStop === key, chosen === key, day, times];
      if (wanted.every((value, at) => value === before[at])) return;
      before = wanted;
      showPerson(person, times, parts, does);
      for (const each of [button, why, edit, star]) each.tabIndex = tabStop === key ? 0 : -1;
      setAttribute(button, "aria-current", chosen === key ? "true" : null);
      pick.hidden = isPicked === null;
      pick.disabled = !contact || !does.mayChange(contact);
      pick.checked = isPicked ?? false;
      setAttribute(pick, "aria-label", words.contacts.pick(person.name));
    },
  });
}

/**
 * @param {Person} person
 * @param {Times} times
 * @param {Parts} parts
 * @param {Does} does
 */
function showPerson(person, times, { picture, name, reason, extension, button, why, edit, star }, { mayExplain }) {
  const { coworker, contact, presence, favourite } = person;
  picture.show({ user: coworker?.user ?? 0, name: person.name, hue: contact?.contact });
  setText(name, person.name);
  setAttribute(star, "aria-pressed", String(favourite));
  setAttribute(star, "aria-label", words.contacts.star(person.name, favourite));
  setAttribute(edit, "aria-label", words.contacts.details(person.name));
  why.hidden = !coworker || !mayExplain(coworker.user);
  setAttribute(why, "aria-label", words.why.of(person.name));
  if (coworker && presence) {
    const now = Date.now();
    const state = reasonOf(presence, times, now);
    setText(extension, coworker.extension);
    showReason(reason, presence.message ? shortReasonOf(presence) : state, presence.message);
    const spoken = [person.name, labelOf(presence, times, now), presence.message, words.contacts.extension(coworker.extension)];
    setAttribute(button, "aria-label", words.presence.join(spoken));
    setAttribute(button, "title", [presence.message, coworker.job_title, coworker.department, coworker.site].filter(Boolean).join(" · ") || null);
  } else if (contact) {
    const about = [contact.company === person.name ? "" : contact.company, contact.numbers[0]?.number ?? contact.emails[0]?.email ?? ""];
    const kind = contact.shared ? words.contacts.shared : words.contacts.personal;
    const line = about.filter(Boolean).join(" · ");
    setText(extension, "");
    showReason(reason, line || kind, "");
    setAttribute(button, "aria-label", words.presence.join([person.name, kind, line]));
    setAttribute(button, "title", [kind, contact.job_title, contact.department, ...contact.tags].filter(Boolean).join(" · "));
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} reason
 * @param {string} message gives way where there is no room for both
 */
function showReason(place, reason, message) {
  const whole = message ? `${reason} · ${message}` : reason;
  if (place.textContent === whole) return;
  setChildren(place, message ? `${reason} · ` : reason, message ? h("i", {}, message) : null);
}
