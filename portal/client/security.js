/** One's own logins and password. Every method rejects with `Refused`, `NotConnected` or `TimedOut`. */

import { PATHS } from "./paths.js";

/**
 * @import { Http } from "./http.js"
 * @import { Login } from "./protocol.js"
 */

export class Security {
  #http;

  /** @param {Http} http */
  constructor(http) {
    this.#http = http;
  }

  /** @returns {Promise<Login[]>} whichever was used last comes first */
  async logins() {
    return (await this.#http.get(PATHS.logins)).items;
  }

  /** @param {string} session */
  async end(session) {
    await this.#http.remove(PATHS.oneLogin(session));
  }

  /** @returns {Promise<number>} how many there were */
  async endOthers() {
    return (await this.#http.remove(PATHS.logins)).ended;
  }

  /**
   * Ends all other logins.
   *
   * @param {string} current
   * @param {string} password
   * @returns {Promise<void>} the `field` of a refusal is `current` or `password`
   */
  async changePassword(current, password) {
    await this.#http.put(PATHS.password, { current, password });
  }
}
