/** One's own logins, password and second factors. Every method rejects with `Refused`, `NotConnected` or `TimedOut`. */

import { PATHS } from "./paths.js";

/**
 * @import { Http } from "./http.js"
 * @import { Login, Proof, RecoveryCodes, SecondFactors, TotpSetUp } from "./protocol.js"
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

  /** @returns {Promise<SecondFactors>} */
  factors() {
    return this.#http.get(PATHS.secondFactor);
  }

  /** Nothing counts before `confirmTotp`. @param {Proof} proof @returns {Promise<TotpSetUp>} */
  beginTotp(proof) {
    return this.#http.post(PATHS.totp, proof);
  }

  /** @param {string} code @returns {Promise<RecoveryCodes>} */
  confirmTotp(code) {
    return this.#http.post(PATHS.confirmTotp, { code });
  }

  /** @param {Proof} proof @returns {Promise<RecoveryCodes>} */
  renewCodes(proof) {
    return this.#http.post(PATHS.recoveryCodes, proof);
  }

  /** @param {Proof} proof */
  async turnOffFactor(proof) {
    await this.#http.post(PATHS.turnOffFactor, proof);
  }
}
