/** What is behind a colour, sorted and put into words. Pure: the dialog only draws it. */

import { complete, isUnknown } from "../client/state/presence.js";
import { words } from "../words.js";

/**
 * @import { Explanation, KnownCall, KnownDevice, KnownSession, Reason } from "../client/protocol.js"
 * @import { Times } from "./times.js"
 */

/**
 * @typedef {"call" | "dnd" | "chat" | "phone"} Kind
 *
 * @typedef {object} Fact
 * @property {Kind} kind
 * @property {string} what
 * @property {string} detail
 * @property {boolean} decides whether the colour follows from this
 *
 * @typedef {"offline" | "available" | "chat-only" | "phone" | "ringing" | "dnd" | "unknown" | "unrecorded"} State
 *
 * @typedef {object} Span
 * @property {number} from Unix seconds
 * @property {number} to
 * @property {State} state
 */

/** Sources are switches, but for this one: softphones in browsers, which tell us themselves. */
const PORTAL = "portal";
const DAY_SECONDS = 86_400;
/** A quarter of an hour: time zones differ by whole ones. */
const STEP = 900;
const HOURS_APART = 6;

/** @type {Record<Reason, State>} */
const STATE_OF = {
  not_registered: "offline",
  registered: "available",
  chat: "chat-only",
  on_the_phone: "phone",
  ringing: "ringing",
  do_not_disturb: "dnd",
};

/** @type {Record<Reason, Kind | null>} */
const DECIDING = {
  not_registered: null,
  registered: "phone",
  chat: "chat",
  on_the_phone: "call",
  ringing: "call",
  do_not_disturb: "dnd",
};

/**
 * @param {Explanation} explanation
 * @param {Times} times
 * @returns {{counts: Fact[], ignored: Fact[]}} what counts: that which decides first
 */
export function factsOf(explanation, times) {
  const { devices = [], calls = [], sessions = [], dnd_since = 0, left_out = null, at } = explanation;
  const presence = complete(explanation.presence);
  const when = (/** @type {number} */ moment) => times.since(moment * 1_000, at * 1_000);
  const isSilent = silentSources(explanation);
  // Nothing decides while the colour is not certain.
  const deciding = isUnknown(presence) ? null : DECIDING[presence.reason];
  /** @type {Fact[]} */
  const counts = [];
  /** @type {Fact[]} */
  const ignored = [];
  const add = (/** @type {boolean} */ isCounted, /** @type {Kind} */ kind, /** @type {string} */ what, /** @type {string} */ detail, canDecide = true) =>
    (isCounted ? counts : ignored).push({ kind, what, detail, decides: isCounted && canDecide && deciding === kind });

  for (const call of calls) add(call.counts, "call", ...aboutCall(call, presence.reason, isSilent, when));
  // The setting itself, since a moment of it may not be known.
  if (presence.dnd) add(true, "dnd", words.presence.doNotDisturb, aboutDnd(dnd_since ? when(dnd_since) : "", presence.dnd_pending));
  for (const session of sessions) add(session.live ?? false, "chat", words.why.session, aboutSession(session, when));
  for (const device of devices) {
    add(device.live && !device.removed && !device.ignored, "phone", device.label || words.why.unnamed(device.device), aboutDevice(device, at, isSilent, when));
  }
  if (left_out) add(false, "phone", words.why.leftOut, words.why.leftOutSince((left_out.devices ?? 0) + (left_out.calls ?? 0), when(left_out.at)));
  return { counts: counts.sort((one, other) => Number(other.decides) - Number(one.decides)), ignored };
}

/**
 * @param {string} since "" if it is not known
 * @param {boolean} isPending
 */
function aboutDnd(since, isPending) {
  const details = since ? [words.why.since(since)] : [];
  return words.why.sentences(isPending ? [...details, words.why.dndPending] : details);
}

/**
 * @param {KnownCall} call
 * @param {Reason} reason
 * @param {(source: string) => boolean} isSilent
 * @param {(moment: number) => string} when
 * @returns {[what: string, detail: string, canDecide: boolean]}
 */
function aboutCall(call, reason, isSilent, when) {
  const { why } = words;
  const isRinging = call.phase === "ringing";
  const what = why.phases[/** @type {keyof typeof why.phases} */ (call.phase)] ?? call.phase;
  const place = call.source === PORTAL ? why.inBrowser : why.atSwitch(call.source);
  if (call.phase === "ended") return [what, why.endedAt(when(call.since), place), false];
  const details = [why.sinceAt(when(call.since), place)];
  if (!call.counts) details.push(why.callOfSilentSwitch);
  if (call.counts && isSilent(call.source)) details.push(why.uncertain);
  if (call.counts && isRinging && reason !== "ringing") details.push(why.ringingAlone);
  return [what, why.sentences(details), isRinging === (reason === "ringing")];
}

/**
 * @param {KnownSession} session
 * @param {(moment: number) => string} when
 */
function aboutSession({ gateway, since, live }, when) {
  const started = words.why.sinceAt(when(since), words.why.onServer(gateway));
  return words.why.sentences(live ? [started] : [started, words.why.serverGone]);
}

/**
 * @param {KnownDevice} device
 * @param {number} at
 * @param {(source: string) => boolean} isSilent
 * @param {(moment: number) => string} when
 */
function aboutDevice({ source, since, expires_at, removed, ignored }, at, isSilent, when) {
  const { why } = words;
  const place = source === PORTAL ? why.inBrowser : why.atSwitch(source);
  if (removed) return why.unregistered(when(since), place);
  const registered = why.registered(when(since), place);
  if (ignored) return why.sentences([registered, why.ignoredDevice]);
  if (expires_at <= at) return why.sentences(isSilent(source) ? [registered, why.ranOutInSilence(when(expires_at))] : [registered]);
  return why.sentences([registered, isSilent(source) ? why.uncertain : why.until(when(expires_at))]);
}

/**
 * The switches that know the user and how long ago each was heard.
 *
 * @param {Explanation} explanation
 * @param {Times} times
 * @returns {{name: string, detail: string, isSilent: boolean}[]}
 */
export function switchesOf({ sources = [], at }, times) {
  return sources.map(({ source, heard_at, silent }) => {
    const when = times.since(heard_at * 1_000, at * 1_000);
    return { name: source, detail: silent ? words.why.silentSince(when) : words.why.heardAt(when), isSilent: silent };
  });
}

/**
 * What others do not see as it is.
 *
 * @param {Explanation} explanation
 * @returns {string[]}
 */
export function noticesOf({ appears_offline = false, listed = true }) {
  return [appears_offline ? words.why.appearsOffline : "", listed ? "" : words.why.unlisted].filter(Boolean);
}

/**
 * The last day as spans without gaps, oldest first.
 *
 * @param {Explanation} explanation
 * @returns {Span[]}
 */
export function spansOf(explanation) {
  const { at, history = [] } = explanation;
  const presence = complete(explanation.presence);
  // Whoever has had one colour for more than a day has no history of it, but a beginning.
  const known = history.length > 0 || presence.since === 0 ? history : [{ at: presence.since, reason: presence.reason, unknown: false }];
  /** @type {{at: number, state: State}[]} */
  let changes = known.map((change) => ({ at: change.at, state: change.unknown ? "unknown" : STATE_OF[change.reason] }));
  if (isUnknown(presence) && presence.unknown_since > 0) {
    const silentFrom = presence.unknown_since;
    changes = [...changes.filter((change) => change.at < silentFrom), { at: silentFrom, state: "unknown" }];
  }
  const start = at - DAY_SECONDS;
  changes.unshift({ at: -Infinity, state: "unrecorded" });
  /** @type {Span[]} */
  const spans = [];
  for (const [index, { at: begin, state }] of changes.entries()) {
    const from = Math.max(begin, start);
    // What began this very second is shown too.
    const to = changes[index + 1]?.at ?? Math.max(at, from + 1);
    const last = spans.at(-1);
    if (to <= from) continue;
    if (last?.state === state) last.to = to;
    else spans.push({ from, to, state });
  }
  return spans;
}

/**
 * Round hours of the reader's clock between two moments (Unix seconds).
 *
 * @param {number} from
 * @param {number} to
 * @param {Times} times
 * @returns {number[]}
 */
export function marksOf(from, to, times) {
  const marks = [];
  for (let moment = Math.ceil(from / STEP) * STEP; moment < to; moment += STEP) {
    const { hour, minute } = times.clock(moment * 1_000);
    if (minute === 0 && hour % HOURS_APART === 0) marks.push(moment);
  }
  return marks;
}

/** @param {Explanation} explanation */
function silentSources({ sources = [] }) {
  const silent = new Set(sources.filter((each) => each.silent).map((each) => each.source));
  return (/** @type {string} */ source) => silent.has(source);
}
