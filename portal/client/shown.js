/**
 * Which conversations are on the screen: told to the server, which tells of large groups only those who show them.
 */

/** @import { Request } from "./socket.js" */

/** Windows that open and close within this time are told together, in milliseconds. */
const TOGETHER = 50;
/** As many as the server takes. */
const MOST = 20;

export class Shown {
  /** How many windows show each. @type {Map<number, number>} */
  #windows = new Map();
  #told = "";
  #isDue = false;
  #request;
  #isLive;
  #setTimer;
  #began;

  /**
   * @param {Request} request
   * @param {() => boolean} isLive
   * @param {(run: () => void, after: number) => any} setTimer
   * @param {(conversation: number) => void} began called for each when the server has heard that it is shown
   */
  constructor(request, isLive, setTimer, began) {
    this.#request = request;
    this.#isLive = isLive;
    this.#setTimer = setTimer;
    this.#began = began;
  }

  /**
   * @param {number} conversation
   * @returns {() => void} to be called once, when it is shown no more
   */
  add(conversation) {
    this.#count(conversation, 1);
    return () => this.#count(conversation, -1);
  }

  /** @param {number} conversation */
  has(conversation) {
    return this.#windows.has(conversation);
  }

  all() {
    return [...this.#windows.keys()];
  }

  /** After `connected`: a new connection shows nothing. */
  resume() {
    this.#told = "";
    this.#tellSoon();
  }

  /**
   * @param {number} conversation
   * @param {number} more
   */
  #count(conversation, more) {
    const count = (this.#windows.get(conversation) ?? 0) + more;
    if (count > 0) this.#windows.set(conversation, count);
    else this.#windows.delete(conversation);
    this.#tellSoon();
  }

  #tellSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#setTimer(() => void this.#tell(), TOGETHER);
  }

  async #tell() {
    this.#isDue = false;
    const shown = [...this.#windows.keys()].slice(0, MOST).sort((one, other) => one - other);
    const before = this.#told;
    if (!this.#isLive() || shown.join() === before) return;
    this.#told = shown.join();
    const wasTold = new Set(before.split(",").map(Number));
    try {
      await this.#request("set_shown", { conversations: shown });
      for (const conversation of shown) if (!wasTold.has(conversation)) this.#began(conversation);
    } catch {
      this.#told = ""; // the next window, or the next connection, tells it all
    }
  }
}
