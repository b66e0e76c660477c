/** How a presence record is drawn and put into words. Pure: the dot, lists and headers share it. */

import { isUnknown } from "../client/state/presence.js";
import { words } from "../words.js";

/**
 * @import { KnownPresence } from "../client/state/presence.js"
 * @import { Times } from "./times.js"
 */

/**
 * @typedef {"offline" | "available" | "chat-only" | "dnd" | "phone" | "unknown"} Shape
 */

/**
 * The form of the big dot. Each colour has forms of its own, so that nobody has to tell colours apart.
 *
 * @param {KnownPresence} presence
 * @returns {Shape}
 */
export function shapeOf(presence) {
  const { colour, reason, phone } = presence;
  if (isUnknown(presence)) return "unknown";
  if (colour === "red") return reason === "do_not_disturb" ? "dnd" : "phone";
  if (colour === "offline") return "offline";
  return phone ? "available" : "chat-only";
}

/**
 * @param {KnownPresence} presence
 * @returns {boolean} whether a telephone rings and the colour does not say so
 */
export function isRinging(presence) {
  return presence.calls === "ringing" && presence.colour !== "red" && !isUnknown(presence);
}

/**
 * The reason beside the dot: "On the phone since 14:02".
 *
 * @param {KnownPresence} presence
 * @param {Times} times
 * @param {number} now milliseconds
 */
export function reasonOf(presence, times, now) {
  const since = presence.since > 0 ? times.since(presence.since * 1_000, now) : "";
  const { presence: say } = words;
  if (presence.unknown_since < 0) return say.unknown;
  if (isUnknown(presence)) return say.unknownSince(times.since(presence.unknown_since * 1_000, now));
  if (isRinging(presence)) return say.ringing;
  switch (presence.reason) {
    case "on_the_phone": {
      const onThePhone = since ? say.onThePhoneSince(since) : say.onThePhone;
      return presence.dnd ? say.join([onThePhone, say.noDisturbanceEither]) : onThePhone;
    }
    case "ringing":
      return say.ringing;
    case "do_not_disturb":
      return since ? say.doNotDisturbSince(since) : say.doNotDisturb;
    case "chat":
      return presence.phone ? say.phoneAndChat : say.chatOnly;
    case "registered":
      return say.phoneOnly;
    case "not_registered":
      return since ? say.offlineSince(since) : say.offline;
  }
}

/**
 * The same in a word or two, where a status message takes the room.
 *
 * @param {KnownPresence} presence
 */
export function shortReasonOf(presence) {
  return words.presence.short[isRinging(presence) ? "ringing" : shapeOf(presence)];
}

/**
 * What a screen reader says for the dot alone: everything that can be seen in it.
 *
 * @param {KnownPresence} presence
 * @param {Times} times
 * @param {number} now
 */
export function labelOf(presence, times, now) {
  const isChatSaid = (presence.reason === "chat" && !isUnknown(presence)) || !presence.chat;
  return words.presence.join([reasonOf(presence, times, now), isChatSaid ? "" : words.presence.chatToo]);
}
