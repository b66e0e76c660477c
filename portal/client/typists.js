/** Who is writing just now, in which conversation. Ends by itself: nobody says that they have stopped. */

/** Not heard of for this long, somebody has stopped, in milliseconds. */
const STOPS_AFTER = 6_000;

export class Typists {
  /** @type {Map<number, Map<number, number>>} by conversation, by user: until when */
  #until = new Map();
  #now;
  #setTimer;
  #changed;

  /**
   * @param {() => number} now milliseconds
   * @param {(run: () => void, after: number) => any} setTimer
   * @param {(conversation: number) => void} changed
   */
  constructor(now, setTimer, changed) {
    this.#now = now;
    this.#setTimer = setTimer;
    this.#changed = changed;
  }

  /**
   * @param {number} conversation
   * @returns {number[]} users
   */
  in(conversation) {
    const now = this.#now();
    return [...(this.#until.get(conversation) ?? [])].filter(([, until]) => until > now).map(([user]) => user);
  }

  /** @param {number} conversation @param {number} user */
  started(conversation, user) {
    const users = this.#until.get(conversation) ?? new Map();
    users.set(user, this.#now() + STOPS_AFTER);
    this.#until.set(conversation, users);
    this.#changed(conversation);
    this.#setTimer(() => this.#forget(conversation, user), STOPS_AFTER);
  }

  /** A message of theirs has come. @param {number} conversation @param {number} user */
  stopped(conversation, user) {
    if (this.#until.get(conversation)?.delete(user)) this.#changed(conversation);
  }

  /** @param {number} conversation @param {number} user */
  #forget(conversation, user) {
    const until = this.#until.get(conversation)?.get(user);
    if (until !== undefined && until <= this.#now()) this.stopped(conversation, user);
  }
}
