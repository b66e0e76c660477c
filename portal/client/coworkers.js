/**
 * Keeps the directory's state right: reads its pages, follows its events, and reads again when something was missed.
 */

import { PATHS } from "./paths.js";
import { EMPTY, apply, hasMissed, replace } from "./state/directory.js";

/**
 * @import { Coworker, DirectoryChanged, DirectoryPage } from "./protocol.js"
 * @import { Http } from "./http.js"
 */

const PAGE = 1_000;
const RETRY_AFTER = 3_000;

export class Coworkers {
  state = EMPTY;
  /** Why the last reading failed. @type {Error | null} */
  problem = null;

  #http;
  #changed;
  #setTimer;
  /** @type {Promise<void> | null} */
  #reading = null;
  #isStale = false;
  #stopped = false;

  /**
   * @param {Http} http
   * @param {() => void} changed told after every change of `state` or `problem`
   * @param {(run: () => void, after: number) => any} setTimer
   */
  constructor(http, changed, setTimer) {
    this.#http = http;
    this.#changed = changed;
    this.#setTimer = setTimer;
  }

  /**
   * Reads what is not yet known.
   *
   * @param {number} rev the directory's revision as the server tells it at connect
   */
  async catchUp(rev) {
    if (!this.state.complete || this.state.rev < rev) await this.read();
  }

  /** @param {DirectoryChanged} event */
  apply(event) {
    const missed = hasMissed(this.state, event);
    this.state = apply(this.state, event);
    this.#changed();
    if (missed && this.state.complete) void this.read();
  }

  /** Reads all pages; one reading at a time, and once more if it was asked for meanwhile. */
  read() {
    this.#isStale = true;
    this.#reading ??= this.#readWhileStale().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  stop() {
    this.#stopped = true;
  }

  async #readWhileStale() {
    while (this.#isStale && !this.#stopped) {
      this.#isStale = false;
      try {
        const snapshot = await this.#readPages();
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
