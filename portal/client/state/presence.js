/**
 * Everybody's presence: what a snapshot and the events after it amount to. Pure; the newer revision wins, whatever the
 * order of arrival.
 */

import { Layers } from "./layers.js";

/** @import { Heartbeat, Position, Presence, PresenceChanged, PresenceSnapshot } from "../protocol.js" */

/**
 * @typedef {Required<Presence> & {doubted?: boolean}} KnownPresence every field present, as the server's defaults have it;
 *   `doubted`: the gateway does not know whether any of it is still true
 * @typedef {object} PresenceState
 * @property {string} epoch the stream's; "" before the first snapshot
 * @property {number} version how far in the stream this state is
 * @property {number} floor the snapshot's version: whoever is absent was plainly offline then
 * @property {Layers<number, KnownPresence>} users absent means offline; `gone` means no longer visible
 * @property {number} doubtedSince Unix seconds since when the gateway does not know whether this is true; 0: it is
 */

/** @type {PresenceState} */
export const EMPTY = Object.freeze({ epoch: "", version: 0, floor: 0, users: new Layers(), doubtedSince: 0 });

/**
 * A snapshot replaces everything, except what the state knows to be newer still.
 *
 * @param {PresenceState} state
 * @param {PresenceSnapshot} snapshot
 * @returns {PresenceState}
 */
export function replace(state, snapshot) {
  /** @type {Map<number, KnownPresence>} */
  const users = new Map(snapshot.users.map((record) => [record.user, complete(record)]));
  const sameStream = state.epoch === snapshot.epoch;
  if (sameStream) {
    for (const known of state.users.values()) {
      if (known.rev > snapshot.version) users.set(known.user, known);
    }
  }
  const version = sameStream ? Math.max(state.version, snapshot.version) : snapshot.version;
  return { epoch: snapshot.epoch, version, floor: snapshot.version, users: new Layers(users), doubtedSince: state.doubtedSince };
}

/**
 * An event of another epoch changes nothing: see `needsSnapshot`.
 *
 * @param {PresenceState} state
 * @param {PresenceChanged | Heartbeat} event
 * @returns {PresenceState}
 */
export function apply(state, event) {
  if (event.epoch !== state.epoch) return state;
  const version = Math.max(state.version, event.version);
  const newer = event.op === "heartbeat" ? [] : event.users.filter((record) => record.rev > revisionOf(state, record.user));
  if (newer.length === 0) return version === state.version ? state : { ...state, version };
  /** @type {Map<number, KnownPresence>} */
  const users = new Map();
  for (const record of newer) {
    if (record.rev > (users.get(record.user)?.rev ?? revisionOf(state, record.user))) users.set(record.user, complete(record));
  }
  return { ...state, version, users: state.users.with(users) };
}

/**
 * Somebody is looked at from now on: whatever comes of them is news, however old it is.
 *
 * @param {PresenceState} state
 * @param {readonly number[]} added
 * @returns {PresenceState}
 */
export function expect(state, added) {
  return { ...state, users: state.users.with(new Map(added.map((user) => [user, offline(user)]))) };
}

/**
 * @param {PresenceState} state
 * @param {Position} position where the server says that we are
 */
export function needsSnapshot(state, position) {
  return position.epoch !== state.epoch;
}

/**
 * @param {PresenceState} state
 * @returns {Position | null} to bring along at the next connect; null before the first snapshot
 */
export function positionOf(state) {
  return state.epoch ? { epoch: state.epoch, version: state.version } : null;
}

/**
 * @param {PresenceState} state
 * @param {number} user
 * @returns {KnownPresence} the same object as long as nothing has changed
 */
export function presenceOf(state, user) {
  const known = state.users.get(user) ?? offline(user);
  return state.doubtedSince ? doubted(known, state.doubtedSince) : known;
}

/**
 * @param {PresenceState} state
 * @param {number} since Unix seconds; 0: nothing is in doubt any more
 * @returns {PresenceState}
 */
export function doubt(state, since) {
  return { ...state, doubtedSince: since };
}

/** @type {WeakMap<KnownPresence, KnownPresence>} */
const doubts = new WeakMap();

/**
 * @param {KnownPresence} known
 * @param {number} since
 */
function doubted(known, since) {
  let record = doubts.get(known);
  if (record?.unknown_since !== (known.unknown_since || since)) {
    record = Object.freeze({ ...known, unknown_since: known.unknown_since || since, doubted: true });
    doubts.set(known, record);
  }
  return record;
}

/** @type {Map<number, KnownPresence>} */
const absent = new Map();

/** @type {Map<number, KnownPresence>} */
const unknowns = new Map();

/** A page starts once, and knows of one moment before that. @type {Map<number, KnownPresence>} */
const recalled = new Map();

/**
 * Somebody whom this connection does not look at.
 *
 * @param {number} user
 * @returns {KnownPresence} with `unknown_since` -1: never known
 */
export function unknown(user) {
  return remembered(unknowns, { user, rev: 0, unknown_since: -1 });
}

/**
 * Somebody of whom nothing was heard since then.
 *
 * @param {number} user
 * @param {number} since Unix seconds
 * @returns {KnownPresence}
 */
export function unknownSince(user, since) {
  return remembered(recalled, { user, rev: 0, unknown_since: since });
}

/** @param {number} user */
function offline(user) {
  return remembered(absent, { user, rev: 0 });
}

/**
 * Whether the colour is only what a switch said before it fell silent, or was never known. Do Not Disturb stands without
 * any switch: it is red with or without a call; but who does not know anything does not know of that either.
 *
 * @param {KnownPresence} presence
 */
export function isUnknown({ unknown_since, reason, doubted: isDoubted }) {
  return unknown_since !== 0 && (isDoubted || reason !== "do_not_disturb");
}

/**
 * @param {Map<number, KnownPresence>} records
 * @param {Presence} record
 */
function remembered(records, record) {
  const known = records.get(record.user) ?? Object.freeze(complete(record));
  records.set(record.user, known);
  return known;
}

/**
 * @param {PresenceState} state
 * @param {number} user
 */
function revisionOf(state, user) {
  return state.users.get(user)?.rev ?? state.floor;
}

/**
 * A record as it came, with what was left out on the wire.
 *
 * @param {Presence} record
 * @returns {KnownPresence}
 */
export function complete(record) {
  return {
    colour: "offline",
    reason: "not_registered",
    chat: false,
    phone: false,
    calls: "none",
    dnd: false,
    dnd_pending: false,
    message: "",
    since: 0,
    unknown_since: 0,
    appears_offline: false,
    gone: false,
    ...record,
  };
}
