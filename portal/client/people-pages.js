/**
 * Lists of people in domains that are too large to have everybody here: the server searches and sorts, and this keeps the
 * pages that were looked at, and the sizes of the groups. What changes is read again, not too often, and only where
 * somebody looks.
 */

import { alphabet } from "./alphabet.js";
import { personOfContact, personOfCoworker } from "./people.js";
import { PATHS } from "./paths.js";
import { knownContact, knownOverlay } from "./state/books.js";
import { knownCoworker } from "./state/directory.js";

/**
 * @import { Coworker, GroupCounts, PeoplePage } from "./protocol.js"
 * @import { Choice, Person } from "./people.js"
 * @import { KnownPresence } from "./state/presence.js"
 * @import { Http } from "./http.js"
 */

/**
 * @typedef {object} Page
 * @property {string | null} after where it begins; null: at the beginning
 * @property {string | null} next where the one behind it begins; null: there is none
 * @property {Person[]} people
 * @property {boolean} isStale whether something may have changed in it
 *
 * @typedef {object} Around what a list takes from its surroundings
 * @property {(user: number) => KnownPresence} presenceOf
 * @property {(coworkers: Coworker[]) => void} learn told of everybody who was read
 * @property {() => void} changed
 * @property {(run: () => void, after: number) => any} setTimer
 * @property {(timer: any) => void} clearTimer
 * @property {() => number} random
 * @property {() => boolean} isHidden whether nobody can see the page
 */

const PAGE = 100;
/** Typing is over after this, and changes are looked for no more often than this, in milliseconds. */
const TYPED = 180;
const AGAIN = 2_000;
/** Not all clients of a domain ask in the same moment when something changes. */
const SPREAD = 1_500;

export class PeoplePages {
  /** By group. @type {ReadonlyMap<string, number>} */
  sizes = new Map();
  /** How many are in the list. */
  total = 0;
  isRead = false;
  /** @type {Error | null} */
  problem = null;

  #http;
  #around;
  #countsGroups;
  /** @type {Choice | null} */
  #choice = null;
  /** @type {Page[]} */
  #pages = [];
  /** @type {Person[] | null} */
  #people = null;
  /** Rows that somebody sees: from the first to before the last. */
  #seen = { first: 0, last: PAGE };
  #asked = 0;
  #isReading = false;
  /** Whether another list was chosen than the one that is here. */
  isPending = false;
  /** @type {any} */
  #timer = null;

  /**
   * @param {Http} http
   * @param {Around} around
   * @param {{countsGroups?: boolean}} [options]
   */
  constructor(http, around, { countsGroups = true } = {}) {
    this.#http = http;
    this.#around = around;
    this.#countsGroups = countsGroups;
  }

  /** Those that were read, in their order. */
  get people() {
    this.#people ??= this.#pages.flatMap((page) => page.people);
    return this.#people;
  }

  /** Shows another list. @param {Choice} choice */
  show(choice) {
    const isTyped = this.#choice !== null && this.#choice.search !== choice.search;
    this.#choice = choice;
    this.isPending = true;
    this.#later(isTyped ? TYPED : 0, () => void this.#begin());
  }

  /** Something has changed: what is seen is read again, soon. */
  refresh() {
    for (const page of this.#pages) page.isStale = true;
    if (this.#timer === null && this.#choice) this.#later(AGAIN + this.#around.random() * SPREAD, () => void this.#again());
  }

  /**
   * Which rows are on the screen: those that are missing are read, and those that are not as they were.
   *
   * @param {number} first
   * @param {number} last the one behind the last
   */
  seen(first, last) {
    this.#seen = { first, last };
    if (this.#isReading || !this.isRead) return;
    const end = this.#pages.at(-1);
    if (last >= this.people.length && end?.next) void this.#readFrom(this.#pages.length);
    else if (this.#timer === null && this.#seenPages().some((page) => page.isStale)) this.refresh();
  }

  stop() {
    this.#around.clearTimer(this.#timer);
    this.#timer = null;
    this.#choice = null;
    this.#asked++;
  }

  /**
   * @param {number} after milliseconds
   * @param {() => void} run
   */
  #later(after, run) {
    this.#around.clearTimer(this.#timer);
    this.#timer = this.#around.setTimer(() => {
      this.#timer = null;
      run();
    }, after);
  }

  /** Another list, from its beginning. What was shown stays until then. */
  async #begin() {
    const asked = ++this.#asked;
    this.#isReading = false;
    this.#seen = { first: 0, last: PAGE };
    await this.#readFrom(0, () => {
      if (asked === this.#asked && this.#timer === null) this.isPending = false;
    });
  }

  async #again() {
    if (this.#around.isHidden()) return this.#later(AGAIN, () => void this.#again());
    if (this.#isReading) return this.refresh();
    const at = this.#pages.indexOf(/** @type {Page} */ (this.#seenPages()[0]));
    await this.#readFrom(Math.max(0, at));
  }

  #seenPages() {
    let row = 0;
    return this.#pages.filter(({ people }) => {
      const first = row;
      row += people.length;
      return row > this.#seen.first && first < this.#seen.last;
    });
  }

  /**
   * Reads pages as far as somebody sees. What stood behind them stays if they still end where they ended.
   *
   * @param {number} at the first page; 0 begins anew
   * @param {() => void} [done] called when they are here, before that is told
   */
  async #readFrom(at, done) {
    const choice = this.#choice;
    if (!choice) return;
    const asked = this.#asked;
    this.#isReading = true;
    try {
      const isNew = this.isRead && at === this.#pages.length;
      if (this.#countsGroups && !isNew) void this.#count();
      const kept = this.#pages.slice(0, at);
      let row = kept.reduce((sum, page) => sum + page.people.length, 0);
      /** @type {string | null} */
      let after = kept.at(-1)?.next ?? null;
      /** @type {Page[]} */
      const read = [];
      do {
        const page = await this.#page(choice, after);
        read.push(page);
        row += page.people.length;
        after = page.next;
      } while (after && row < this.#seen.last && asked === this.#asked);
      if (asked !== this.#asked) return;
      const behind = this.#pages.slice(at + read.length);
      this.#pages = [...kept, ...read, ...(behind[0]?.after === after && after ? behind : [])];
      this.#people = null;
      this.isRead = true;
      this.problem = null;
      done?.();
    } catch (error) {
      if (asked !== this.#asked) return;
      this.problem = /** @type {Error} */ (error);
      this.#later(AGAIN, () => void (this.isRead ? this.#again() : this.#begin()));
    } finally {
      if (asked === this.#asked) this.#isReading = false;
    }
    this.#around.changed();
  }

  /** The list need not wait for it. */
  async #count() {
    try {
      /** @type {GroupCounts} */
      const { groups } = await this.#http.get(PATHS.groups);
      this.sizes = new Map(groups.map(({ group, people }) => [group, people]));
      this.#around.changed();
    } catch {
      // They are counted again with the next change.
    }
  }

  /**
   * @param {Choice} choice
   * @param {string | null} after
   * @returns {Promise<Page>}
   */
  async #page(choice, after) {
    const page = await this.#http.get(PATHS.people, queryOf(choice, PAGE, after));
    if (!after) this.total = page.total ?? 0;
    return { after, next: page.next ?? null, people: peopleOf(page, this.#around), isStale: false };
  }
}

/**
 * @param {Choice} choice
 * @param {number} limit
 * @param {string | null} after
 */
export function queryOf({ group, status, search, sort, descending }, limit, after) {
  return {
    group,
    status: status === "all" ? null : status,
    search: search.trim().slice(0, 200) || null,
    sort,
    language: alphabet(),
    descending: descending ? "true" : null,
    limit,
    after,
  };
}

/**
 * @param {PeoplePage} page
 * @param {Pick<Around, "presenceOf" | "learn">} around
 * @returns {Person[]}
 */
export function peopleOf({ items }, { presenceOf, learn }) {
  learn(items.flatMap(({ coworker }) => coworker ?? []));
  return items.flatMap(({ coworker, contact, overlay, favourite }) => {
    if (contact) return [personOfContact(knownContact(contact), favourite ?? false)];
    if (!coworker) return [];
    const own = overlay ? knownOverlay(overlay) : null;
    return [personOfCoworker(knownCoworker(coworker), presenceOf(coworker.user), own, favourite ?? false)];
  });
}
