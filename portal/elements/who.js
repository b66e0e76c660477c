/** Names for users, also for those who are not (or no longer) listed. */

import { nameOf, nameOfCoworker } from "../client/people.js";
import { overlayOf } from "../client/state/books.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { KnownOverlay } from "../client/state/books.js"
 * @import { Thread } from "../client/state/chat.js"
 */

/**
 * As the one who looks names them: with the name that was written down over the profile's, if there is one.
 *
 * @param {PresenceClient} client
 * @param {number} user
 */
export function nameOfUser(client, user) {
  return named(client, user, overlayOf(client.contacts.state, user));
}

/**
 * As everybody else names them: what others are to read.
 *
 * @param {PresenceClient} client
 * @param {number} user
 */
export function profileNameOf(client, user) {
  return named(client, user, null);
}

/**
 * @param {PresenceClient} client
 * @param {number} user
 * @param {KnownOverlay | null} overlay
 */
function named(client, user, overlay) {
  const me = client.session.me;
  if (me?.user === user) return nameOf(me);
  const known = client.coworkers.find(user);
  if (!known && client.coworkers.isAwaited(user)) return words.chats.nameToCome;
  return (known ? nameOfCoworker(known, overlay) : "") || words.chats.formerColleague;
}

/**
 * The other one of a direct conversation.
 *
 * @param {PresenceClient} client
 * @param {Thread} thread
 * @returns {number} 0 in a group
 */
export function otherOf(client, thread) {
  if (thread.kind !== "direct") return 0;
  return thread.members.find((member) => member.user !== client.me)?.user ?? client.me;
}

/**
 * @param {PresenceClient} client
 * @param {Thread} thread
 */
export function titleOf(client, thread) {
  const other = otherOf(client, thread);
  return other ? nameOfUser(client, other) : thread.name || words.chats.group;
}

/**
 * An error as a sentence for people.
 *
 * @param {unknown} error
 */
export function sentenceOf(error) {
  if (!(error instanceof Error)) return words.problems.internal;
  if (error.name === "NotConnected") return words.problems.notConnected;
  if (error.name === "TimedOut") return words.problems.timedOut;
  const refused = /** @type {import("../client/errors.js").Refused} */ (error);
  if (refused.code === "too_many") {
    return refused.retryAfter ? words.problems.tooManyFor(Math.ceil(refused.retryAfter)) : words.problems.tooMany;
  }
  return refused.code === "internal" ? words.problems.internal : words.problems.refusal(refused);
}

/**
 * Says in its place what went wrong, if it does; what was said there before is gone.
 *
 * @param {HTMLElement} problem
 * @param {() => Promise<void>} act
 */
export async function tried(problem, act) {
  problem.hidden = true;
  try {
    await act();
  } catch (error) {
    problem.textContent = sentenceOf(error);
    problem.hidden = false;
  }
}
