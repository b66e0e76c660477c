/**
 * Keeps the directory's state right. Where there are few people it is read as a whole, and read again when something was
 * missed. Where there are many, those are asked for whose names are needed, some at a time, and those that are known are
 * kept up to date.
 */

import { NotConnected } from "./errors.js";
import { PATHS } from "./paths.js";
import { EMPTY, apply, found, hasMissed, replace, withOnly } from "./state/directory.js";

/**
 * @import { Connected, Coworker, CoworkersFound, DirectoryChanged, DirectoryPage } from "./protocol.js"
 * @import { Http } from "./http.js"
 * @import { Request } from "./socket.js"
 * @import { KnownCoworker } from "./state/directory.js"
 */

const PAGE = 1_000;
const RETRY_AFTER = 3_000;
/** Names that are needed within this time are asked for together, in milliseconds. */
const TOGETHER = 10;
/** People who are remembered where there are many. */
const REMEMBERED = 3_000;

export class Coworkers {
  state = EMPTY;
  /** Whether there are too many people to have all of them here. */
  isLarge = false;
  /** Why the last reading failed. @type {Error | null} */
  problem = null;

  #http;
  #request;
  #changed;
  #setTimer;
  /** @type {Promise<void> | null} */
  #reading = null;
  #isStale = false;
  #stopped = false;
  /** Who is to be asked for. @type {Set<number>} */
  #due = new Set();
  #isAsking = false;
  #atOnce = 1;

  /**
   * @param {Http} http
   * @param {Request} request
   * @param {() => void} changed told after every change of `state` or `problem`
   * @param {(run: () => void, after: number) => any} setTimer
   */
  constructor(http, request, changed, setTimer) {
    this.#http = http;
    this.#request = request;
    this.#changed = changed;
    this.#setTimer = setTimer;
  }

  /** After `connected`: reads what is not yet known. @param {Connected} reply */
  async resume(reply) {
    this.#atOnce = reply.limits.coworkers_at_once;
    if (reply.listing_everybody === false) {
      this.becomeLarge();
      if (this.state.rev < reply.directory_rev) this.#askAgain(reply.directory_rev);
      return this.#askSoon();
    }
    this.isLarge = false;
    this.#due.clear();
    if (!this.state.complete || this.state.rev < reply.directory_rev) await this.read();
  }

  /** From now on people come as they are needed. */
  becomeLarge() {
    if (this.isLarge) return;
    this.isLarge = true;
    this.#isStale = false;
    this.state = { ...this.state, complete: false };
  }

  /**
   * What is known of somebody; who is not known, and may be, is asked for.
   *
   * @param {number} user
   * @returns {KnownCoworker | null} also those who are gone
   */
  find(user) {
    const known = this.state.people.get(user) ?? null;
    if (!known && this.isLarge && user > 0 && !this.#due.has(user)) {
      this.#due.add(user);
      this.#askSoon();
    }
    return known;
  }

  /** Whether somebody's name may still come. @param {number} user */
  isAwaited(user) {
    return !this.state.people.has(user) && (this.isLarge ? this.#due.has(user) : !this.state.complete);
  }

  /** Takes over what lists tell of people. @param {Coworker[]} coworkers */
  learn(coworkers) {
    if (this.isLarge && coworkers.length > 0) this.#take({ rev: 0, coworkers });
  }

  /** @param {DirectoryChanged} event */
  apply(event) {
    if (this.isLarge) return this.#applyToKnown(event);
    const missed = hasMissed(this.state, event);
    this.state = apply(this.state, event);
    this.#changed();
    if (missed && this.state.complete) void this.read();
  }

  /** Reads all pages; one reading at a time, and once more if it was asked for meanwhile. */
  read() {
    if (this.isLarge) return Promise.resolve();
    this.#isStale = true;
    this.#reading ??= this.#readWhileStale().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  stop() {
    this.#stopped = true;
  }

  // ------------------------------------------------------------ those that are needed

  /** @param {DirectoryChanged} event */
  #applyToKnown(event) {
    const missed = hasMissed(this.state, event);
    const coworkers = event.coworkers.filter(({ user }) => this.state.people.has(user) || this.#due.has(user));
    this.state = apply(this.state, { ...event, coworkers });
    if (missed) this.#askAgain(event.rev);
    this.#changed();
  }

  /** Something was missed: all who are known are asked for once more. @param {number} rev */
  #askAgain(rev) {
    this.state = { ...this.state, rev };
    for (const user of this.state.people.keys()) this.#due.add(user);
    this.#askSoon();
  }

  #askSoon() {
    if (this.#isAsking || this.#stopped || this.#due.size === 0) return;
    this.#isAsking = true;
    this.#setTimer(() => void this.#ask(), TOGETHER);
  }

  async #ask() {
    /** @type {number[]} */
    const users = [...this.#due].slice(0, this.#atOnce);
    let isOver = false;
    try {
      /** @type {CoworkersFound} */
      const reply = await this.#request("get_coworkers", { users });
      if (this.#stopped) return;
      for (const user of users) this.#due.delete(user);
      this.#take(reply);
    } catch (error) {
      if (!(error instanceof NotConnected)) this.#setTimer(() => this.#askSoon(), RETRY_AFTER);
      // Without a connection the next one asks.
      isOver = true;
    }
    this.#isAsking = false;
    if (!isOver) this.#askSoon();
  }

  /** @param {{rev: number, coworkers: Coworker[], missing?: number[]}} reply */
  #take(reply) {
    const before = this.state;
    this.state = found(before, reply);
    if (this.state === before) return;
    if (this.state.people.size > REMEMBERED) this.state = withOnly(this.state, REMEMBERED);
    this.#changed();
  }

  // ------------------------------------------------------------ everybody

  async #readWhileStale() {
    while (this.#isStale && !this.#stopped) {
      this.#isStale = false;
      try {
        const snapshot = await this.#readPages();
        if (this.isLarge) return;
        this.state = replace(this.state, snapshot);
        this.problem = null;
      } catch (error) {
        this.problem = /** @type {Error} */ (error);
        this.#setTimer(() => this.#stopped || void this.read(), RETRY_AFTER);
      }
      if (!this.#stopped) this.#changed();
    }
  }

  async #readPages() {
    /** @type {Coworker[]} */
    const items = [];
    /** @type {number | null} */
    let rev = null;
    /** @type {string | null} */
    let after = null;
    do {
      /** @type {DirectoryPage} */
      const page = await this.#http.get(PATHS.directory, { limit: PAGE, after });
      rev ??= page.rev;
      items.push(...page.items);
      after = page.next;
    } while (after);
    return { rev: rev ?? 0, items };
  }
}
