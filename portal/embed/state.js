/** How an embedding page stands with the service, in one word. Pure. */

import { CloseCode } from "../client/protocol.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 */

/**
 * @typedef {"no_token" | "connecting" | "live" | "offline" | "expired" | "origin_refused" | "ended"} State
 *   `no_token`: nobody gave one; `offline`: it was live, and tries again; `expired`: the token was refused or has ended,
 *   and there was no other; `ended`: closed for a reason that trying again would not change
 */

/**
 * @param {Pick<PresenceClient, "session" | "connection">} client
 * @returns {State}
 */
export function stateOf({ session, connection }) {
  if (session.state === "out") return session.ended && session.ended !== "no_token" ? "expired" : "no_token";
  if (connection.name === "live") return "live";
  if (connection.name === "ended") return endOf(connection.code);
  return connection.liveUntil > 0 || connection.attempt > 0 ? "offline" : "connecting";
}

/** @param {number} code */
function endOf(code) {
  if (code === CloseCode.ORIGIN_REFUSED) return "origin_refused";
  // A token has ended, and the next one is being asked for.
  return code === CloseCode.NOT_LOGGED_IN || code === CloseCode.SESSION_ENDED ? "connecting" : "ended";
}

/**
 * Whether it may pass by itself within moments, so that nobody has to be told at once.
 *
 * @param {State} state
 */
export function isPassing(state) {
  return state === "connecting" || state === "offline";
}
