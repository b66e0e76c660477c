/**
 * Lists of people: groups, search, order. Pure; the page and others' lists share them. Groups by status are those of
 * contacts/groups.py, where it says why: a test compares them.
 */

import { isUnknown } from "./state/presence.js";

/**
 * @import { KnownCoworker } from "./state/directory.js"
 * @import { KnownPresence } from "./state/presence.js"
 */

/**
 * @typedef {"all" | "available" | "busy" | "offline" | "unknown"} StatusGroup
 * @typedef {"name" | "status" | "extension" | "department"} SortKey
 *
 * @typedef {object} Person
 * @property {KnownCoworker} coworker
 * @property {KnownPresence} presence
 *
 * @typedef {object} Choice which people, and in which order
 * @property {StatusGroup} status
 * @property {string} department "": all
 * @property {string} site "": all
 * @property {string} search
 * @property {SortKey} sort
 */

const natural = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

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

/**
 * Every word of the search must be the beginning of a word, or part of a number or an address.
 *
 * @param {KnownCoworker} coworker
 * @param {string} search
 */
export function matches(coworker, search) {
  const sought = fold(search).split(/\s+/).filter(Boolean);
  if (sought.length === 0) return true;
  const { first_name, last_name, extension, department, site, job_title, email } = coworker;
  const text = fold(` ${first_name} ${last_name} ${department} ${site} ${job_title} `).replace(/[-/,.()&]/g, " ");
  const codes = fold(`${extension} ${email}`);
  return sought.every((word) => text.includes(` ${word}`) || codes.includes(word));
}

/**
 * Comparing names costs more than anything else in a long list, and names seldom change: to be done once for a directory.
 *
 * @param {readonly KnownCoworker[]} coworkers
 * @returns {KnownCoworker[]}
 */
export function byName(coworkers) {
  return [...coworkers].sort((one, other) => natural.compare(nameOf(one), nameOf(other)) || one.user - other.user);
}

/**
 * @param {readonly Person[]} people in the order of their names
 * @param {Choice} choice
 * @returns {Person[]} those who are the same by the chosen order stay in the order of their names
 */
export function chosen(people, choice) {
  const found = people.filter((person) => isChosen(person, choice));
  return choice.sort === "name" ? found : found.sort(ORDERS[choice.sort]);
}

/**
 * @param {Person} person
 * @param {Choice} choice
 */
function isChosen({ coworker, presence }, { status, department, site, search }) {
  return (
    (status === "all" || statusGroupOf(presence) === status) &&
    (!department || coworker.department === department) &&
    (!site || coworker.site === site) &&
    matches(coworker, search)
  );
}

/** @type {Record<Exclude<SortKey, "name">, (one: Person, other: Person) => number>} */
const ORDERS = {
  extension: (one, other) => natural.compare(one.coworker.extension, other.coworker.extension),
  department: (one, other) => emptyLast(one.coworker.department, other.coworker.department),
  status: (one, other) => rank(one.presence) - rank(other.presence),
};

/**
 * Whom one can reach first comes first.
 *
 * @param {KnownPresence} presence
 */
function rank(presence) {
  return { available: 0, busy: 1, unknown: 2, offline: 3 }[statusGroupOf(presence)];
}

/**
 * @param {string} one
 * @param {string} other
 */
function emptyLast(one, other) {
  return Number(!one) - Number(!other) || natural.compare(one, other);
}

/**
 * @param {readonly Person[]} people
 * @returns {Record<StatusGroup, number>}
 */
export function countByStatus(people) {
  const counts = { all: people.length, available: 0, busy: 0, offline: 0, unknown: 0 };
  for (const { presence } of people) counts[statusGroupOf(presence)]++;
  return counts;
}

/**
 * The different values of a field, in natural order.
 *
 * @param {KnownCoworker[]} coworkers
 * @param {"department" | "site"} field
 */
export function valuesOf(coworkers, field) {
  return [...new Set(coworkers.map((coworker) => coworker[field]))].filter(Boolean).sort(natural.compare);
}

/**
 * The order to show while somebody is about to click: nobody moves, newcomers are added at the end.
 *
 * @param {number[]} shown users, as they stand now
 * @param {number[]} wanted users, as they should stand
 * @param {(user: number) => boolean} exists whether a user may still be shown
 * @returns {number[]}
 */
export function heldOrder(shown, wanted, exists) {
  const standing = shown.filter(exists);
  const there = new Set(standing);
  return [...standing, ...wanted.filter((user) => !there.has(user))];
}
