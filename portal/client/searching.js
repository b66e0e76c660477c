/** What somebody typed into a search field, as the server is asked: words, and who, where and when. Pure. */

import { fold } from "./people.js";

/** @import { SearchMessages } from "./protocol.js" */

/**
 * @typedef {object} Known whom and what names can mean
 * @property {readonly {user: number, name: string, extension: string}[]} people
 * @property {readonly {conversation: number, name: string}[]} conversations
 *
 * @typedef {object} Problem
 * @property {"unknownPerson" | "unknownConversation" | "wrongDate" | "noWord"} kind
 * @property {string} text
 *
 * @typedef {Pick<SearchMessages, "text" | "sender" | "conversation" | "since" | "until">} Query
 */

const PART = /(?:(from|in|before|after):)?("[^"]*"?|\S+)/giu;
const DATE = /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$/;

/**
 * @param {string} typed
 * @param {Known} known
 * @param {boolean} isTyping the last word may go on
 * @returns {Query | Problem}
 */
export function queryOf(typed, known, isTyping) {
  /** @type {Query} */
  const query = { text: "" };
  /** @type {string[]} */
  const terms = [];
  for (const [, key = "", value = ""] of typed.matchAll(PART)) {
    const name = value.replaceAll('"', "");
    if (!key) terms.push(value);
    else if (name) {
      const problem = narrow(query, key.toLowerCase(), name, known);
      if (problem) return problem;
    }
  }
  if (!terms.some((term) => /[\p{L}\p{N}]/u.test(term))) return { kind: "noWord", text: typed };
  const last = terms.at(-1) ?? "";
  const isOpen = isTyping && typed.endsWith(last) && /[\p{L}\p{N}]$/u.test(last);
  return { ...query, text: terms.join(" ") + (isOpen ? "*" : "") };
}

/**
 * The names behind `from:`, as they were typed.
 *
 * @param {string} typed
 * @returns {string[]}
 */
export function sendersIn(typed) {
  return [...typed.matchAll(PART)]
    .filter(([, key]) => key?.toLowerCase() === "from")
    .map(([, , value = ""]) => value.replaceAll('"', ""))
    .filter(Boolean);
}

/**
 * @param {Query} query
 * @param {string} key
 * @param {string} name
 * @param {Known} known
 * @returns {Problem | null}
 */
function narrow(query, key, name, known) {
  if (key === "from") {
    query.sender = known.people.find((person) => person.extension === name || isMeant(person.name, name))?.user ?? null;
    return query.sender ? null : { kind: "unknownPerson", text: name };
  }
  if (key === "in") {
    query.conversation = known.conversations.find((one) => isMeant(one.name, name))?.conversation ?? null;
    return query.conversation ? null : { kind: "unknownConversation", text: name };
  }
  const moment = startOf(name, key === "after");
  if (!moment) return { kind: "wrongDate", text: name };
  if (key === "before") query.until = moment;
  else query.since = moment;
  return null;
}

/**
 * @param {string} name
 * @param {string} typed
 */
function isMeant(name, typed) {
  const wanted = fold(typed);
  return fold(name).split(/[\s-]+/u).some((word) => word.startsWith(wanted)) || fold(name).startsWith(wanted);
}

/**
 * The beginning of a day or month here; of the next one, if what is looked for comes after it.
 *
 * @param {string} text
 * @param {boolean} isAfter
 * @returns {string | null} RFC 3339
 */
function startOf(text, isAfter) {
  const [, year = "", month = "", day] = DATE.exec(text) ?? [];
  if (!year || Number(month) < 1 || Number(month) > 12 || (day && (Number(day) < 1 || Number(day) > 31))) return null;
  const ends = day ? [Number(month) - 1, Number(day) + (isAfter ? 1 : 0)] : [Number(month) - 1 + (isAfter ? 1 : 0), 1];
  return new Date(Number(year), ends[0] ?? 0, ends[1]).toISOString();
}
