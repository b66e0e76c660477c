/**
 * When something is remembered, and what: only what has changed since, some seconds after it did, and at once when the
 * page goes away. Of one user at a time, and of nobody as soon as nobody is logged in here any more.
 */

import { remembered } from "./state/chat.js";

/**
 * @import { Me, Profile } from "./protocol.js"
 * @import { BooksState } from "./state/books.js"
 * @import { ChatState } from "./state/chat.js"
 * @import { DirectoryState } from "./state/directory.js"
 * @import { Memory } from "./memory.js"
 */

/**
 * @typedef {object} Known what a page knows of its user
 * @property {Me} me
 * @property {number} seen when it last heard of the server, in milliseconds
 * @property {Profile | null} profile
 * @property {DirectoryState} directory
 * @property {BooksState} contacts
 * @property {ChatState} chat
 * @property {string} timeline of the database, in which the numbers of all this count
 *
 * @typedef {object} Surroundings
 * @property {(run: () => void, after: number) => any} setTimer
 * @property {(timer: any) => void} clearTimer
 */

const SOON = 3_000;

export class Remembering {
  #memory;
  #known;
  #around;
  /** @type {any} */
  #timer = null;
  /** What is kept already, and of whom. @type {Partial<Known>} */
  #kept = {};
  #whose = "";
  /** One after the other, so that nothing is kept after it was to be forgotten. @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {Pick<Memory, "recall" | "keep" | "forget">} memory
   * @param {() => Known | null} known null: nothing is to be remembered now
   * @param {Surroundings} around
   */
  constructor(memory, known, around) {
    this.#memory = memory;
    this.#known = known;
    this.#around = around;
  }

  /** @returns {Promise<Known | null>} */
  async recall() {
    await this.#last;
    const parts = /** @type {Partial<Known>} */ (await this.#memory.recall());
    const { me, seen, profile = null, directory, contacts, chat, timeline = "" } = parts;
    return me && seen && directory && contacts && chat ? { me, seen, profile, directory, contacts, chat, timeline } : null;
  }

  /** Something may have changed. */
  changed() {
    this.#timer ??= this.#around.setTimer(() => this.keep(), SOON);
  }

  /** Without waiting any longer. */
  keep() {
    this.#stopWaiting();
    const known = this.#known();
    if (!known) return;
    const whose = whoseOf(known.me);
    const afresh = whose !== this.#whose;
    const before = afresh ? {} : this.#kept;
    this.#whose = whose;
    this.#kept = { ...known };
    const news = Object.entries(known).filter(([name, value]) => before[/** @type {keyof Known} */ (name)] !== value);
    const parts = Object.fromEntries(news.map(([name, value]) => [name, name === "chat" ? remembered(known.chat) : value]));
    this.#then(async () => {
      if (!(await this.#memory.keep(parts, { afresh }))) this.#whose = ""; // all of it, the next time
    });
  }

  forget() {
    this.#stopWaiting();
    this.#whose = "";
    this.#kept = {};
    this.#then(() => this.#memory.forget());
  }

  /** @param {() => Promise<unknown>} act */
  #then(act) {
    this.#last = this.#last.then(act);
  }

  #stopWaiting() {
    this.#around.clearTimer(this.#timer);
    this.#timer = null;
  }
}

/** @param {Me} me */
function whoseOf({ domain, user }) {
  return `${domain}/${user}`;
}
