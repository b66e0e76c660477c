/**
 * The bearer token with which a page of another origin, or a program, speaks for its user: asked for when it is needed,
 * kept until the server refuses it, then asked for once more.
 */

/**
 * @typedef {string | null | undefined} Given
 * @typedef {Given | ((refused: string | null) => Given | Promise<Given>)} TokenSource a token; or a function that gets
 *   one, which is told the one that was refused, or null when there was none yet. Nothing: nobody is logged in
 */

export class Tokens {
  /** What is in use; "": nothing yet. */
  current = "";

  #source;
  /** @type {string | null} */
  #refused = null;
  /** @type {Promise<string> | null} */
  #asking = null;

  /** @param {TokenSource} source */
  constructor(source) {
    this.#source = source;
  }

  /** From now on tokens come from elsewhere. @param {TokenSource} source */
  use(source) {
    this.#source = source;
    this.current = "";
    this.#refused = null;
    this.#asking = null;
  }

  /**
   * @returns {Promise<string>} "": there is none. Rejects with what the page's function rejects with
   */
  async get() {
    if (this.current) return this.current;
    const asking = (this.#asking ??= this.#ask());
    try {
      const token = await asking;
      if (this.#asking === asking) this.current = token;
      return token;
    } finally {
      if (this.#asking === asking) this.#asking = null;
    }
  }

  /**
   * The server does not take this token.
   *
   * @param {string} token
   */
  refuse(token) {
    if (!token || token !== this.current) return; // another one is in use already
    this.#refused = token;
    this.current = "";
  }

  async #ask() {
    const source = this.#source;
    const given = typeof source === "function" ? await source(this.#refused) : source;
    // The same one again would be refused again, for ever.
    return given && given !== this.#refused ? given : "";
  }
}
