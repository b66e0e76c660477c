/**
 * Edits of contacts and profiles: what was changed against where it began, what was typed while it was being saved, and
 * what becomes of it when somebody else was faster. Pure.
 */

/** @import { Address, Email, PhoneNumber } from "./protocol.js" */

/**
 * @typedef {object} Fields what a form holds
 * @property {string} first_name
 * @property {string} [middle_name]
 * @property {string} last_name
 * @property {string} [company]
 * @property {string} [department]
 * @property {string} [job_title]
 * @property {PhoneNumber[]} numbers
 * @property {Email[]} emails
 * @property {Address[]} [addresses]
 * @property {string} notes
 * @property {string[]} [tags]
 */

export const CONTACT_FIELDS = /** @type {const} */ ([
  "first_name",
  "middle_name",
  "last_name",
  "company",
  "department",
  "job_title",
  "numbers",
  "emails",
  "addresses",
  "notes",
  "tags",
]);
export const OVERLAY_FIELDS = /** @type {const} */ (["first_name", "last_name", "numbers", "emails", "notes"]);

/**
 * @param {readonly string[]} names
 * @param {any} base
 * @param {any} mine
 * @returns {string[]} the names of the fields that differ
 */
export function changedFields(names, base, mine) {
  return names.filter((name) => plain(base[name]) !== plain(mine[name]));
}

/**
 * What was entered since something was sent: the answer says nothing of it, so it is not to be replaced by the answer.
 *
 * @template Value
 * @param {readonly (keyof Value & string)[]} names
 * @param {Value} sent
 * @param {Value} entered as the form stands now
 * @returns {Partial<Value>} the fields that differ, as they stand now
 */
export function enteredSince(names, sent, entered) {
  /** @type {Partial<Value>} */
  const later = {};
  for (const name of changedFields(names, sent, entered)) later[/** @type {keyof Value} */ (name)] = entered[/** @type {keyof Value} */ (name)];
  return later;
}

/**
 * What to do when there is a newer version: fields that only one of both has changed are taken from that one; those that
 * both have changed, and otherwise, are for a person to decide.
 *
 * @param {readonly string[]} names
 * @param {any} base where both began
 * @param {any} theirs
 * @param {any} mine
 * @returns {{merged: any, conflicts: string[]}} `merged` has mine where both have changed
 */
export function mergeEdit(names, base, theirs, mine) {
  const ofTheirs = new Set(changedFields(names, base, theirs));
  const merged = { ...theirs };
  const conflicts = [];
  for (const name of changedFields(names, base, mine)) {
    merged[name] = mine[name];
    if (ofTheirs.has(name) && plain(theirs[name]) !== plain(mine[name])) conflicts.push(name);
  }
  return { merged, conflicts };
}

/**
 * A field as one compares it; `e164` is made by the server.
 *
 * @param {any} value
 * @returns {string}
 */
function plain(value) {
  if (!Array.isArray(value)) return JSON.stringify(value ?? "");
  return JSON.stringify(
    value.map((each) => {
      if (typeof each !== "object") return each;
      const { e164: _, ...rest } = each;
      return Object.entries(rest).filter(([, text]) => text !== "").sort(([one], [other]) => (one < other ? -1 : 1));
    }),
  );
}

/**
 * A field as text, to be shown beside the other version of it.
 *
 * @param {any} value
 * @returns {string}
 */
export function shownField(value) {
  if (!Array.isArray(value)) return value ?? "";
  return value
    .map((each) => (typeof each === "string" ? each : (each.number ?? each.email ?? [each.street, each.postal_code, each.city, each.country].filter(Boolean).join(", "))))
    .join(", ");
}
