/**
 * One's own passkeys, and getting in with one. What the browser and its user say no to rejects with a DOMException; everything
 * else as requests do.
 */

import { PATHS } from "./paths.js";

/**
 * @import { Http } from "./http.js"
 * @import { LoggedIn, OwnPasskey, OwnPasskeys, Proof } from "./protocol.js"
 */

export class Passkeys {
  #http;

  /** @param {Http} http */
  constructor(http) {
    this.#http = http;
  }

  /** Whether this browser can do it at all. */
  get isPossible() {
    return "PublicKeyCredential" in globalThis && "parseRequestOptionsFromJSON" in PublicKeyCredential;
  }

  /** @returns {Promise<OwnPasskeys>} */
  mine() {
    return this.#http.get(PATHS.passkeys);
  }

  /**
   * Asks the browser's user.
   *
   * @param {Proof} proof
   * @param {string} name
   * @returns {Promise<OwnPasskey>}
   */
  async add(proof, name) {
    const { token, options } = await this.#http.post(PATHS.beginPasskey, proof);
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options));
    const made = /** @type {PublicKeyCredential | null} */ (await navigator.credentials.create({ publicKey }));
    if (!made) throw new DOMException("", "NotAllowedError");
    return this.#http.post(PATHS.passkeys, { token, name, passkey: JSON.stringify(made.toJSON()) });
  }

  /**
   * @param {string} passkey
   * @param {Proof} proof
   */
  async remove(passkey, proof) {
    await this.#http.post(PATHS.removePasskey(passkey), proof);
  }

  /** In place of the password. @param {string} domain @returns {Promise<LoggedIn>} */
  async logIn(domain) {
    const { token, options } = await this.#http.post(PATHS.askForPasskey, { domain });
    return this.#http.post(PATHS.passkeyLogin, { token, passkey: await this.#use(options) });
  }

  /** After the password. @param {string} token of the login that is under way @returns {Promise<LoggedIn>} */
  async finishLogin(token) {
    const { options } = await this.#http.post(PATHS.askForOwnPasskey, { token });
    return this.#http.post(PATHS.secondStep, { token, passkey: await this.#use(options) });
  }

  /** @param {string} options */
  async #use(options) {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
    const used = /** @type {PublicKeyCredential | null} */ (await navigator.credentials.get({ publicKey }));
    if (!used) throw new DOMException("", "NotAllowedError");
    return JSON.stringify(used.toJSON());
  }
}
