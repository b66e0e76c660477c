/**
 * The language somebody reads the portal in: the one they chose, else the browser's.
 *
 * A choice is the user's and stays on this device. The next page begins in the language of whoever used this one; who logs
 * in after somebody else gets the own language then, and who logs out leaves no language behind. The service is told of a
 * choice, for what it mails and pushes; of several devices the last choice counts there.
 *
 * Who has not logged in yet can take the company's language; it becomes the choice of whoever then logs in in this tab.
 */

import { Keepsakes } from "./client/keepsakes.js";
import { LANGUAGES, languageOf } from "./words.js";

/**
 * @import { PresenceClient } from "./client/index.js"
 * @import { Language } from "./words.js"
 */

const kept = new Keepsakes("language");
/** Whose page it is, as far as the language goes. */
const LAST = "last";
const keptInTab = new Keepsakes("language", sessionOnly());
/** The language that somebody took before logging in. */
const TAKEN = "taken";
const TYPED = "typed";

/** BCP 47 tags, the best first; known before anybody is logged in. */
export function wantedLanguages() {
  return wantedBy(keptInTab.get(TAKEN) ?? kept.get(LAST));
}

/**
 * Before the login: the next page begins in this language.
 *
 * @param {Language} language
 * @param {string} login as far as it was typed
 */
export function takeLanguage(language, login) {
  keptInTab.set(TAKEN, language);
  keptInTab.set(TYPED, login);
}

/** What was typed before the page came in another language, once. */
export function typedBefore() {
  const login = keptInTab.get(TYPED) ?? "";
  keptInTab.set(TYPED, null);
  return login;
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
  const taken = keptInTab.get(TAKEN);
  if (user && taken) {
    keptInTab.set(TAKEN, null);
    if (!choiceOf(user)) kept.set(keyOf(user), taken);
  }
  const choice = user ? choiceOf(user) : "";
  kept.set(LAST, choice);
  return languageOf(wantedBy(choice));
}

/**
 * Tells the service of a choice that it has not heard of yet. What cannot be told now is told when the profile is read again.
 *
 * @param {PresenceClient} client
 */
export async function tellChoice(client) {
  const { me } = client.session;
  if (!me || me.masked_by || !client.profile) return;
  const choice = choiceOf(me);
  const told = `${keyOf(me)}/told`;
  if (choice === (kept.get(told) ?? "")) return;
  const language = choice || languageOf(navigator.languages);
  try {
    if (client.profile.language !== language) await client.saveProfile({ language });
    kept.set(told, choice);
  } catch {
    // Out of reach: the page is in this language all the same.
  }
}

/** @param {string | null} choice */
function wantedBy(choice) {
  return choice ? [choice, ...navigator.languages] : navigator.languages;
}

/** @param {{domain: string, user: number}} user */
function keyOf({ domain, user }) {
  return `${domain}/${user}`;
}

/** null where it is forbidden. */
function sessionOnly() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
