/** Who has an extension: pages know people by their extensions, the wire by the numbers of their users. */

import { everybody } from "../client/state/directory.js";

/** @import { PresenceClient } from "../client/index.js" */

/** @type {WeakMap<object, Map<string, number>>} by the people it was made of */
const indexes = new WeakMap();
/** Who was asked for, where not everybody is here. @type {WeakMap<object, Map<string, number | null>>} */
const asked = new WeakMap();

/**
 * @param {PresenceClient} client
 * @param {string} extension
 * @param {() => void} changed called if the answer comes later without an event of its own
 * @returns {number | null | undefined} the user; null: there is nobody to be seen; undefined: not known yet
 */
export function userOf(client, extension, changed) {
  const { me } = client.session;
  if (!me || !extension) return undefined;
  if (me.extension === extension) return me.user;
  const found = indexOf(client).get(extension);
  if (found) return found;
  if (!client.isLarge) return client.coworkers.state.complete ? null : undefined;
  return answerOf(client, extension, changed);
}

/** @param {PresenceClient} client */
function indexOf(client) {
  const { state } = client.coworkers;
  const index = indexes.get(state.people) ?? new Map(everybody(state).map(({ extension, user }) => [extension, user]));
  indexes.set(state.people, index);
  return index;
}

/**
 * @param {PresenceClient} client
 * @param {string} extension
 * @param {() => void} changed
 */
function answerOf(client, extension, changed) {
  const answers = asked.get(client.coworkers) ?? new Map();
  asked.set(client.coworkers, answers);
  if (answers.has(extension) || !client.isLive) return answers.get(extension);
  answers.set(extension, undefined);
  client.findCoworkers(extension).then(
    (people) => {
      const match = people.find(({ coworker }) => coworker?.extension === extension);
      answers.set(extension, match?.coworker?.user ?? null);
      changed();
    },
    () => {
      answers.delete(extension); // the next change asks again
    },
  );
  return undefined;
}
