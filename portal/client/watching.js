/**
 * Whom this connection looks at. Usually everybody; in a very large domain as many as the server allows: oneself, those
 * on the screen, those one talks with, then the directory by name. Of all others the state is unknown, and is shown as such.
 */

import { byName } from "./people.js";
import { newestFirst } from "./state/chat.js";
import { everybody } from "./state/directory.js";

/**
 * @import { Connected } from "./protocol.js"
 * @import { Request } from "./socket.js"
 * @import { ChatState } from "./state/chat.js"
 * @import { DirectoryState } from "./state/directory.js"
 */

/** Names that become known within this time are told together, in milliseconds. */
const TOGETHER = 200;

export class Watching {
  /** Those named; null: everybody is looked at. @type {ReadonlySet<number> | null} */
  #named = null;
  #most = 0;
  #isDue = false;
  #isTelling = false;
  #request;
  #setTimer;
  #wanted;
  #expect;
  #changed;

  /**
   * @param {Request} request
   * @param {(run: () => void, after: number) => any} setTimer
   * @param {() => number[]} wanted whom to look at, the most important first
   * @param {(users: number[]) => void} expect told whose presence will come, before it is asked for
   * @param {() => void} changed others are looked at than before
   */
  constructor(request, setTimer, wanted, expect, changed) {
    this.#request = request;
    this.#setTimer = setTimer;
    this.#wanted = wanted;
    this.#expect = expect;
    this.#changed = changed;
  }

  /** @param {number} user */
  covers(user) {
    return this.#named === null || this.#named.has(user);
  }

  /** After `connected`. @param {Connected} reply */
  resume(reply) {
    this.#named = reply.watching_everybody === false ? new Set() : null;
    this.#most = reply.limits.watched_users;
    this.update();
  }

  /** Somebody may have come to be looked at. */
  update() {
    if (this.#named === null || this.#isDue) return;
    this.#isDue = true;
    this.#setTimer(() => void this.#tell(), TOGETHER);
  }

  async #tell() {
    this.#isDue = false;
    if (this.#isTelling) return this.update();
    this.#isTelling = true;
    await this.#tellNew();
    this.#isTelling = false;
  }

  async #tellNew() {
    const named = this.#named;
    const wanted = this.#wanted().slice(0, this.#most);
    if (named === null) return;
    const added = wanted.filter((user) => !named.has(user));
    if (added.length === 0) return;
    // Whoever was looked at stays, as long as there is room: only what is new comes over the wire.
    const kept = new Set(wanted);
    const removed = [...named].filter((user) => !kept.has(user)).slice(0, Math.max(0, named.size + added.length - this.#most));
    try {
      if (removed.length > 0) {
        this.#named = new Set([...named].filter((user) => !removed.includes(user)));
        await this.#request("watch", { mode: "remove", users: removed });
      }
      this.#expect(added);
      await this.#request("watch", { mode: "add", users: added });
      // Another connection has begun meanwhile if these are not the ones any more.
      if (this.#named) this.#named = new Set([...this.#named, ...added]);
      this.#changed();
    } catch {
      // The next connection, or the next change, asks again.
    }
  }
}

/**
 * @param {number} me
 * @param {readonly number[]} onScreen
 * @param {ChatState} chat
 * @param {DirectoryState} directory
 * @returns {number[]}
 */
export function worthWatching(me, onScreen, chat, directory) {
  const partners = newestFirst(chat).flatMap((thread) => thread.members.map((member) => member.user));
  const coworkers = byName(everybody(directory)).map((coworker) => coworker.user);
  return [...new Set([me, ...onScreen, ...partners, ...coworkers])];
}
