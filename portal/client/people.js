/**
 * Lists of people: groups, search, order. Pure; the page and others' lists share them. Groups by status are those of
 * contacts/groups.py, where it says why: a test compares them.
 */

import { compareNames } from "./alphabet.js";
import { isUnknown } from "./state/presence.js";

/**
 * @import { KnownCoworker } from "./state/directory.js"
 * @import { KnownContact, KnownOverlay } from "./state/books.js"
 * @import { KnownPresence } from "./state/presence.js"
 */

/**
 * @typedef {"all" | "available" | "busy" | "offline" | "unknown"} StatusGroup
 * @typedef {"name" | "status" | "extension" | "department" | "email"} SortKey
 *
 * @typedef {object} Person a coworker or a contact, as one viewer sees them
 * @property {string} key `u12` or `c7`
 * @property {string} name
 * @property {KnownCoworker | null} coworker
 * @property {KnownContact | null} contact
 * @property {KnownPresence | null} presence of a coworker
 * @property {KnownOverlay | null} overlay what the viewer wrote down about a coworker
 * @property {boolean} favourite
 *
 * @typedef {object} Choice which people, and in which order
 * @property {string} group `all`, `favourites`, `shared`, `mine`, `coworkers`, `department:<name>`, `site:<name>`
 * @property {StatusGroup} status
 * @property {string} search
 * @property {SortKey} sort
 * @property {boolean} descending
 */

/** Letters that Unicode does not take apart into a letter and its accent. */
const UNFOLDED = new Map(
  Object.entries({ ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i", ħ: "h" }),
);

/**
 * Text as it is compared: without case and accents.
 *
 * @param {string} text
 */
export function fold(text) {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x00-\x7f]/g, (letter) => UNFOLDED.get(letter) ?? letter);
}

/** @param {{first_name: string, last_name: string, extension: string}} coworker */
export function nameOf({ first_name, last_name, extension }) {
  return `${first_name} ${last_name}`.trim() || extension;
}

/**
 * As one viewer names a coworker.
 *
 * @param {KnownCoworker} coworker
 * @param {KnownOverlay | null} overlay what the viewer wrote down
 */
export function nameOfCoworker(coworker, overlay) {
  const first_name = overlay?.first_name || coworker.first_name;
  const last_name = overlay?.last_name || coworker.last_name;
  return nameOf({ first_name, last_name, extension: coworker.extension });
}

/** @param {KnownContact} contact */
export function nameOfContact({ first_name, middle_name, last_name, company, numbers, emails }) {
  const name = [first_name, middle_name, last_name].filter(Boolean).join(" ");
  return name || company || numbers[0]?.number || emails[0]?.email || "?";
}

/**
 * @param {KnownCoworker} coworker
 * @param {KnownPresence} presence
 * @param {KnownOverlay | null} overlay
 * @param {boolean} favourite
 * @returns {Person}
 */
export function personOfCoworker(coworker, presence, overlay, favourite) {
  const name = nameOfCoworker(coworker, overlay);
  return { key: `u${coworker.user}`, name, coworker, contact: null, presence, overlay, favourite };
}

/**
 * @param {KnownContact} contact
 * @param {boolean} favourite
 * @returns {Person}
 */
export function personOfContact(contact, favourite) {
  const name = nameOfContact(contact);
  return { key: `c${contact.contact}`, name, coworker: null, contact, presence: null, overlay: null, favourite };
}

/** @param {Person} person */
export function emailOf({ coworker, contact }) {
  return coworker?.email ?? contact?.emails[0]?.email ?? "";
}

/** @param {Person} person */
export function departmentOf({ coworker, contact }) {
  return coworker?.department ?? contact?.department ?? "";
}

/** @param {string} name */
export function initialsOf(name) {
  const words = name.split(/[\s-]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.map((word) => [...(word ?? "")][0]?.toUpperCase() ?? "").join("") || "?";
}

/**
 * @param {KnownPresence} presence
 * @returns {Exclude<StatusGroup, "all">}
 */
export function statusGroupOf(presence) {
  const { colour } = presence;
  if (isUnknown(presence)) return "unknown";
  if (colour === "red") return "busy";
  return colour === "offline" ? "offline" : "available";
}

/** What a search looks at, folded once for each coworker, contact and overlay. @type {WeakMap<object, string>} */
const folded = new WeakMap();

/**
 * @param {object} thing
 * @param {() => string} make
 */
function foldedOnce(thing, make) {
  let found = folded.get(thing);
  if (found === undefined) {
    found = make();
    folded.set(thing, found);
  }
  return found;
}

/** Split into words as the server splits them. @param {(string | undefined)[]} parts */
function searchable(parts) {
  return ` ${fold(parts.filter(Boolean).join(" ")).replace(/[\s!-/:-@[-`{-~]+/g, " ")} `;
}

/** @param {{number: string, e164?: string}[]} numbers */
function digitsOf(numbers) {
  return numbers.map(({ number, e164 }) => `${number.replace(/[^0-9]/g, "")} ${e164 ?? ""}`).join(" ");
}

/** @param {KnownCoworker} coworker */
function textOfCoworker(coworker) {
  return foldedOnce(coworker, () => {
    const { first_name, last_name, extension, department, site, job_title, email } = coworker;
    return searchable([first_name, last_name, extension, department, site, job_title, email]);
  });
}

/** @param {KnownContact | KnownOverlay} contact */
function textOfContact(contact) {
  return foldedOnce(contact, () => {
    const { company, department, job_title, tags } = /** @type {Partial<KnownContact>} */ (contact);
    const emails = contact.emails.map(({ email }) => email);
    const middle = "middle_name" in contact ? contact.middle_name : "";
    const names = [contact.first_name, middle, contact.last_name, company, department, job_title, ...(tags ?? [])];
    return searchable([...names, ...emails, digitsOf(contact.numbers)]);
  });
}

/**
 * Every word of the search must be the beginning of a word, or part of a number.
 *
 * @param {Person} person
 * @param {string} search
 */
export function matches(person, search) {
  return hasAll(person, soughtBy(search));
}

/** @param {string} search */
function soughtBy(search) {
  return searchable([search]).split(" ").filter(Boolean);
}

/**
 * @param {Person} person
 * @param {readonly string[]} sought
 */
function hasAll({ coworker, contact, overlay }, sought) {
  if (sought.length === 0) return true;
  const text = (coworker ? textOfCoworker(coworker) : contact ? textOfContact(contact) : "") + (overlay ? textOfContact(overlay) : "");
  return sought.every((word) => text.includes(` ${word}`) || (/^[0-9]+$/.test(word) && text.includes(word)));
}

/**
 * Comparing names costs more than anything else in a long list, and names seldom change: to be done once for a directory.
 *
 * @param {readonly KnownCoworker[]} coworkers
 * @returns {KnownCoworker[]}
 */
export function byName(coworkers) {
  return [...coworkers].sort((one, other) => compareNames(nameOf(one), nameOf(other)) || one.user - other.user);
}

/**
 * The same for coworkers and contacts together.
 *
 * @param {readonly Person[]} people
 * @returns {Person[]}
 */
export function peopleByName(people) {
  return [...people].sort((one, other) => compareNames(one.name, other.name) || compareNames(one.key, other.key));
}

/**
 * @param {readonly Person[]} people in the order of their names
 * @param {Choice} choice
 * @returns {Person[]} those who are the same by the chosen order stay in the order of their names
 */
export function chosen(people, choice) {
  const sought = soughtBy(choice.search); // once, and not for each of thousands
  const found = people.filter((person) => isChosen(person, choice, sought));
  if (choice.descending) found.reverse();
  if (choice.sort === "name") return found;
  if (choice.sort === "status") return byStatus(found, choice.descending);
  const order = ORDERS[choice.sort];
  return found.sort((one, other) => order(one, other, choice.descending ? -1 : 1));
}

/**
 * @param {Person} person
 * @param {Choice} choice
 * @param {readonly string[]} sought
 */
function isChosen(person, { group, status }, sought) {
  return (
    isInGroup(person, group) &&
    (status === "all" || (person.presence !== null && statusGroupOf(person.presence) === status)) &&
    hasAll(person, sought)
  );
}

/**
 * The groups that contacts/groups.py describes, but for those by status.
 *
 * @param {Person} person
 * @param {string} group
 */
export function isInGroup({ coworker, contact, favourite }, group) {
  switch (group) {
    case "all":
      return true;
    case "favourites":
      return favourite;
    case "shared":
      return contact?.shared === true;
    case "mine":
      return contact?.shared === false;
    case "coworkers":
      return coworker !== null;
  }
  return group === `department:${coworker?.department}` || group === `site:${coworker?.site}`;
}

/**
 * Whom one can reach first comes first; whoever has no status comes last either way. With four ranks thousands need not be
 * compared with each other.
 *
 * @param {readonly Person[]} people
 * @param {boolean} descending
 */
function byStatus(people, descending) {
  /** @type {Record<Exclude<StatusGroup, "all">, Person[]>} in their order */
  const ranks = { available: [], busy: [], unknown: [], offline: [] };
  /** @type {Person[]} */
  const without = [];
  for (const person of people) (person.presence ? ranks[statusGroupOf(person.presence)] : without).push(person);
  const ordered = Object.values(ranks);
  return [...(descending ? ordered.reverse() : ordered), without].flat();
}

/** @type {Record<Exclude<SortKey, "name" | "status">, (one: Person, other: Person, direction: 1 | -1) => number>} */
const ORDERS = {
  extension: (one, other, direction) => emptyLast(one.coworker?.extension ?? "", other.coworker?.extension ?? "", direction),
  department: (one, other, direction) => emptyLast(departmentOf(one), departmentOf(other), direction),
  email: (one, other, direction) => emptyLast(emailOf(one), emailOf(other), direction),
};

/**
 * @param {string} one
 * @param {string} other
 * @param {1 | -1} direction who has none stands at the end either way
 */
function emptyLast(one, other, direction) {
  return Number(!one) - Number(!other) || direction * compareNames(one, other);
}

/**
 * @param {readonly Person[]} people
 * @returns {Record<StatusGroup, number>}
 */
export function countByStatus(people) {
  const counts = { all: people.length, available: 0, busy: 0, offline: 0, unknown: 0 };
  for (const { presence } of people) if (presence) counts[statusGroupOf(presence)]++;
  return counts;
}

/**
 * The different values of a field, in natural order.
 *
 * @param {KnownCoworker[]} coworkers
 * @param {"department" | "site"} field
 */
export function valuesOf(coworkers, field) {
  return [...new Set(coworkers.map((coworker) => coworker[field]))].filter(Boolean).sort(compareNames);
}

/**
 * The order to show while somebody is about to click: nobody moves, newcomers are added at the end.
 *
 * @template Key
 * @param {readonly Key[]} shown as they stand now
 * @param {readonly Key[]} wanted as they should stand
 * @param {(key: Key) => boolean} exists whether somebody may still be shown
 * @returns {Key[]}
 */
export function heldOrder(shown, wanted, exists) {
  const standing = shown.filter(exists);
  const there = new Set(standing);
  return [...standing, ...wanted.filter((key) => !there.has(key))];
}
