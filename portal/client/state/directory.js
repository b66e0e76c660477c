/**
 * The coworkers one can see: what the pages of the directory and the events after them amount to. Pure; the newer
 * revision of an entry wins.
 */

/** @import { Coworker, DirectoryChanged } from "../protocol.js" */

/**
 * @typedef {Required<Coworker>} KnownCoworker
 * @typedef {object} DirectoryState
 * @property {number} rev up to which nothing is missing; 0 before the first complete reading
 * @property {boolean} complete whether it was ever read to its end
 * @property {ReadonlyMap<number, KnownCoworker>} people by user; those who are `gone` stay, so that nothing older brings
 *   them back
 */

/** @type {DirectoryState} */
export const EMPTY = Object.freeze({ rev: 0, complete: false, people: new Map() });

/**
 * @param {DirectoryState} state
 * @param {{rev: number, items: Coworker[]}} snapshot all pages together; `rev` is that of the first one
 * @returns {DirectoryState}
 */
export function replace(state, snapshot) {
  /** @type {Map<number, KnownCoworker>} */
  const people = new Map(snapshot.items.map((entry) => [entry.user, knownCoworker(entry)]));
  for (const known of state.people.values()) {
    if (known.rev > (people.get(known.user)?.rev ?? snapshot.rev)) people.set(known.user, known);
  }
  return { rev: Math.max(state.rev, snapshot.rev), complete: true, people };
}

/**
 * @param {DirectoryState} state
 * @param {DirectoryChanged} event
 * @returns {DirectoryState}
 */
export function apply(state, event) {
  const rev = hasMissed(state, event) ? state.rev : Math.max(state.rev, event.rev);
  const newer = event.coworkers.filter((entry) => entry.rev > (state.people.get(entry.user)?.rev ?? -1));
  if (newer.length === 0) return rev === state.rev ? state : { ...state, rev };
  const people = new Map(state.people);
  for (const entry of newer) people.set(entry.user, knownCoworker(entry));
  return { ...state, rev, people };
}

/**
 * What was asked for of some people. It is at least as new as `rev`; who is missing was not to be seen then.
 *
 * @param {DirectoryState} state
 * @param {{rev: number, coworkers: Coworker[], missing?: number[]}} reply
 * @returns {DirectoryState} the same one if nothing of it was new
 */
export function found(state, { rev, coworkers, missing = [] }) {
  const newer = coworkers.filter((entry) => entry.rev > (state.people.get(entry.user)?.rev ?? -1));
  const gone = missing.filter((user) => rev >= (state.people.get(user)?.rev ?? 0) && !state.people.get(user)?.gone);
  if (newer.length + gone.length === 0) return state;
  const people = new Map(state.people);
  for (const entry of newer) people.set(entry.user, knownCoworker(entry));
  for (const user of gone) people.set(user, knownCoworker({ user, rev, extension: "", gone: true }));
  return { ...state, people };
}

/**
 * The state without those who were known first.
 *
 * @param {DirectoryState} state
 * @param {number} most how many stay
 * @returns {DirectoryState}
 */
export function withOnly(state, most) {
  return { ...state, people: new Map([...state.people].slice(-most)) };
}

/**
 * Whether something before this event never came, so that the directory must be read again.
 *
 * @param {DirectoryState} state
 * @param {DirectoryChanged} event
 */
export function hasMissed(state, event) {
  return event.since > state.rev;
}

/**
 * @param {DirectoryState} state
 * @param {number} user
 * @returns {KnownCoworker | null} null for who is not (or no longer) listed
 */
export function coworkerOf(state, user) {
  const found = state.people.get(user);
  return found && !found.gone ? found : null;
}

/**
 * @param {DirectoryState} state
 * @returns {KnownCoworker[]}
 */
export function everybody(state) {
  return [...state.people.values()].filter((entry) => !entry.gone);
}

/**
 * @param {Coworker} entry
 * @returns {KnownCoworker}
 */
export function knownCoworker(entry) {
  return { first_name: "", last_name: "", department: "", site: "", job_title: "", email: "", photo: 0, gone: false, ...entry };
}
