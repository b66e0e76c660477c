/**
 * The list of people where everybody is here: who is chosen, in which order, and how many have which status. It follows
 * presence change by change: of thousands a few are another in a moment, and seldom does that move anybody.
 */

import { chosen, countByStatus, isInGroup, statusGroupOf } from "./people.js";

/**
 * @import { Choice, Person, StatusGroup } from "./people.js"
 * @import { KnownPresence } from "./state/presence.js"
 */

export class Listing {
  /** By key, in the order of their names. @type {Map<string, Person>} */
  #people = new Map();
  /** @type {Choice} */
  #choice;
  /** Null: to be made anew. @type {string[] | null} */
  #order = null;
  /** Null: to be counted anew. @type {Record<StatusGroup, number> | null} */
  #counts = null;

  /** @param {Choice} choice */
  constructor(choice) {
    this.#choice = choice;
  }

  /** @param {readonly Person[]} people in the order of their names */
  replace(people) {
    this.#people = new Map(people.map((person) => [person.key, person]));
    this.#order = this.#counts = null;
  }

  /** @param {readonly Person[]} people chosen and put in order by the server */
  list(people) {
    const keys = people.map(({ key }) => key);
    const isSame = this.#order?.length === keys.length && keys.every((key, at) => key === this.#order?.[at]);
    this.#people = new Map(people.map((person) => [person.key, person]));
    if (!isSame) this.#order = keys;
    this.#counts = null;
  }

  /** @param {Choice} choice */
  choose(choice) {
    if (choice.group !== this.#choice.group) this.#counts = null;
    this.#choice = choice;
    this.#order = null;
  }

  /**
   * @param {Iterable<number>} users whose presence may be another
   * @param {(user: number) => KnownPresence} presenceOf
   */
  follow(users, presenceOf) {
    for (const user of users) {
      const before = this.#people.get(`u${user}`);
      const presence = presenceOf(user);
      if (!before || before.presence === presence) continue;
      const after = { ...before, presence };
      this.#people.set(after.key, after); // in the same place
      this.#moved(before, after);
    }
  }

  /** Of all coworkers. @param {(user: number) => KnownPresence} presenceOf */
  followAll(presenceOf) {
    this.follow([...this.#people.values()].flatMap(({ coworker }) => coworker?.user ?? []), presenceOf);
  }

  /** @param {string} key */
  get(key) {
    return this.#people.get(key);
  }

  /** Everybody, chosen or not. @returns {Person[]} */
  get people() {
    return [...this.#people.values()];
  }

  /** Keys of those who are chosen; the same array as long as nobody moves. @returns {readonly string[]} */
  get order() {
    this.#order ??= chosen(this.people, this.#choice).map(({ key }) => key);
    return this.#order;
  }

  /** Of the chosen group, whatever status and words are chosen. @returns {Readonly<Record<StatusGroup, number>>} */
  get counts() {
    const { group } = this.#choice;
    this.#counts ??= countByStatus(this.people.filter((person) => isInGroup(person, group)));
    return this.#counts;
  }

  /** @param {Person} before @param {Person} after */
  #moved(before, after) {
    const was = before.presence && statusGroupOf(before.presence);
    const is = after.presence && statusGroupOf(after.presence);
    if (was === is) return;
    const { sort, status, group } = this.#choice;
    if (sort === "status" || status !== "all") this.#order = null;
    if (!this.#counts || !isInGroup(after, group)) return;
    if (was) this.#counts[was]--;
    if (is) this.#counts[is]++;
  }
}
