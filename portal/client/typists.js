/** Who is writing just now, in which conversation. Ends by itself: nobody says that they have stopped. */

/** Not heard of for this long, somebody has stopped, in milliseconds. */
const STOPS_AFTER = 6_000;

export class Typists {
  /** How often each was said to write: only what follows the last time ends it. @type {Map<number, Map<number, number>>} */
  #writing = new Map();
  #times = 0;
  #setTimer;
  #changed;

  /**
   * @param {(run: () => void, after: number) => any} setTimer
   * @param {(conversation: number) => void} changed
   */
  constructor(setTimer, changed) {
    this.#setTimer = setTimer;
    this.#changed = changed;
  }

  /**
   * @param {number} conversation
   * @returns {number[]} users
   */
  in(conversation) {
    return [...(this.#writing.get(conversation)?.keys() ?? [])];
  }

  /** @param {number} conversation @param {number} user */
  started(conversation, user) {
    const users = this.#writing.get(conversation) ?? new Map();
    const time = ++this.#times;
    users.set(user, time);
    this.#writing.set(conversation, users);
    this.#changed(conversation);
    this.#setTimer(() => users.get(user) === time && this.stopped(conversation, user), STOPS_AFTER);
  }

  /** A message of theirs has come. @param {number} conversation @param {number} user */
  stopped(conversation, user) {
    if (this.#writing.get(conversation)?.delete(user)) this.#changed(conversation);
  }
}
