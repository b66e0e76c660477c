/**
 * The language somebody reads the portal in: the one they chose, else the browser's.
 *
 * A choice is the user's and stays on this device. The next page begins in the language of whoever used this one; who logs
 * in after somebody else gets the own language then, and who logs out leaves no language behind.
 */

import { Keepsakes } from "./client/keepsakes.js";
import { LANGUAGES, languageOf } from "./words.js";

/** @import { Language } from "./words.js" */

const kept = new Keepsakes("language");
/** Whose page it is, as far as the language goes. */
const LAST = "last";

/** BCP 47 tags, the best first; known before anybody is logged in. */
export function wantedLanguages() {
  return wantedBy(kept.get(LAST));
}

/**
 * @param {{domain: string, user: number}} user
 * @returns {Language | ""} "": whatever the browser says
 */
export function choiceOf(user) {
  const choice = kept.get(keyOf(user)) ?? "";
  return Object.hasOwn(LANGUAGES, choice) ? /** @type {Language} */ (choice) : "";
}

/**
 * @param {{domain: string, user: number}} user
 * @param {Language | ""} choice
 */
export function choose(user, choice) {
  kept.set(keyOf(user), choice);
}

/**
 * Somebody is there, or (null) nobody any more: the next page begins in their language.
 *
 * @param {{domain: string, user: number} | null} user
 * @returns {Language} in which this one should be
 */
export function languageFor(user) {
  const choice = user ? choiceOf(user) : "";
  kept.set(LAST, choice);
  return languageOf(wantedBy(choice));
}

/** @param {string | null} choice */
function wantedBy(choice) {
  return choice ? [choice, ...navigator.languages] : navigator.languages;
}

/** @param {{domain: string, user: number}} user */
function keyOf({ domain, user }) {
  return `${domain}/${user}`;
}
