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
  #request;
  #setTimer;
  #wanted;

  /**
   * @param {Request} request
   * @param {(run: () => void, after: number) => any} setTimer
   * @param {() => number[]} wanted whom to look at, the most important first
   */
  constructor(request, setTimer, wanted) {
    this.#request = request;
    this.#setTimer = setTimer;
    this.#wanted = wanted;
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
    const users = this.#wanted().slice(0, this.#most);
    if (this.#named === null || users.every((user) => this.#named?.has(user))) return;
    try {
      await this.#request("watch", { mode: "set", users });
      this.#named = new Set(users);
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
