/** Links that were mailed: they set a password, or confirm an address; nobody is logged in for it. */

import { PATHS } from "./paths.js";

/**
 * @import { Http } from "./http.js"
 * @import { EmailConfirmation, PasswordLink } from "./protocol.js"
 */

export class PasswordLinks {
  #http;

  /** @param {Http} http */
  constructor(http) {
    this.#http = http;
  }

  /** @param {string} login `name@domain` @returns {Promise<void>} the same whether there is such a user */
  async forgotten(login) {
    await this.#http.post(PATHS.forgotten, { login });
  }

  /** Whose password a link sets. @param {string} token @returns {Promise<PasswordLink>} */
  look(token) {
    return this.#http.post(PATHS.passwordLink, { token });
  }

  /**
   * @param {string} token
   * @param {string} password
   * @param {string} pin "": the link sets none
   * @returns {Promise<void>} rejects with `Refused`, whose `field` is `password` or `pin` if that is not good enough
   */
  async set(token, password, pin) {
    await this.#http.post(PATHS.password, pin ? { token, password, pin } : { token, password });
  }

  /** Which address a link confirms. @param {string} token @returns {Promise<EmailConfirmation>} */
  lookAtEmail(token) {
    return this.#http.post(PATHS.emailLink, { token });
  }

  /** @param {string} token @returns {Promise<EmailConfirmation>} */
  confirmEmail(token) {
    return this.#http.post(PATHS.confirmEmail, { token });
  }
}
