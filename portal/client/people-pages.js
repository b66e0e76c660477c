/**
 * Lists of people in domains that are too large to have everybody here: the server searches and sorts, and this keeps the
 * pages that were looked at, and the sizes of the groups. What changes is read again, not too often.
 */

import { personOfContact, personOfCoworker } from "./people.js";
import { PATHS } from "./paths.js";
import { knownContact, knownOverlay } from "./state/books.js";
import { knownCoworker } from "./state/directory.js";

/**
 * @import { GroupCounts, PeoplePage } from "./protocol.js"
 * @import { Choice, Person } from "./people.js"
 * @import { KnownPresence } from "./state/presence.js"
 * @import { Http } from "./http.js"
 */

const PAGE = 100;
/** Typing is over after this, and changes are looked for no more often than this, in milliseconds. */
const TYPED = 180;
const AGAIN = 2_000;

export class PeoplePages {
  /** @type {Person[]} */
  people = [];
  /** By group. @type {ReadonlyMap<string, number>} */
  sizes = new Map();
  isRead = false;
  /** @type {Error | null} */
  problem = null;

  #http;
  #presenceOf;
  #changed;
  /** @type {Choice | null} */
  #choice = null;
  /** @type {string | null} */
  #next = null;
  #asked = 0;
  #isReading = false;
  /** @type {any} */
  #timer = null;

  /**
   * @param {Http} http
   * @param {(user: number) => KnownPresence} presenceOf
   * @param {() => void} changed
   */
  constructor(http, presenceOf, changed) {
    this.#http = http;
    this.#presenceOf = presenceOf;
    this.#changed = changed;
  }

  /** Shows another list. @param {Choice} choice */
  show(choice) {
    const isTyped = this.#choice !== null && this.#choice.search !== choice.search;
    this.#choice = choice;
    this.#later(isTyped ? TYPED : 0, PAGE);
  }

  /** Something has changed: what is shown is read again, soon. */
  refresh() {
    if (this.#timer === null && this.#choice) this.#later(AGAIN, Math.max(PAGE, this.people.length));
  }

  /** The end of what is here is seen. */
  async more() {
    if (!this.#next || this.#isReading || !this.#choice) return;
    this.#isReading = true;
    const asked = this.#asked;
    try {
      const page = await this.#page(this.#choice, this.#next);
      if (asked !== this.#asked) return;
      this.people = [...this.people, ...this.#peopleOf(page)];
      this.#next = page.next ?? null;
    } catch {
      // Scrolling on asks again.
    } finally {
      this.#isReading = false;
      this.#changed();
    }
  }

  stop() {
    clearTimeout(this.#timer);
    this.#asked++;
  }

  /**
   * @param {number} after milliseconds
   * @param {number} count people to read
   */
  #later(after, count) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(count), after);
  }

  /** @param {number} count */
  async #read(count) {
    this.#timer = null;
    const choice = this.#choice;
    if (!choice) return;
    const asked = ++this.#asked;
    try {
      /** @type {Person[]} */
      const people = [];
      /** @type {string | null} */
      let next = null;
      do {
        const page = await this.#page(choice, next);
        people.push(...this.#peopleOf(page));
        next = page.next ?? null;
      } while (next && people.length < count && asked === this.#asked);
      /** @type {GroupCounts} */
      const { groups } = await this.#http.get(PATHS.groups);
      if (asked !== this.#asked) return;
      this.people = people;
      this.#next = next;
      this.sizes = new Map(groups.map(({ group, people: size }) => [group, size]));
      this.isRead = true;
      this.problem = null;
    } catch (error) {
      this.problem = /** @type {Error} */ (error);
      if (asked === this.#asked) this.#later(AGAIN, count);
    }
    this.#changed();
  }

  /**
   * @param {Choice} choice
   * @param {string | null} after
   * @returns {Promise<PeoplePage>}
   */
  #page({ group, status, search, sort, descending }, after) {
    return this.#http.get(PATHS.people, {
      group,
      status: status === "all" ? null : status,
      search: search.trim() || null,
      sort,
      descending: descending ? "true" : null,
      limit: PAGE,
      after,
    });
  }

  /** @param {PeoplePage} page @returns {Person[]} */
  #peopleOf({ items }) {
    return items.flatMap(({ coworker, contact, overlay, favourite }) => {
      if (contact) return [personOfContact(knownContact(contact), favourite ?? false)];
      if (!coworker) return [];
      const own = overlay ? knownOverlay(overlay) : null;
      return [personOfCoworker(knownCoworker(coworker), this.#presenceOf(coworker.user), own, favourite ?? false)];
    });
  }
}
