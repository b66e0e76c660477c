/** What holds for the whole company, for who manages it. Every method rejects with `Refused`, `NotConnected` or `TimedOut`. */

import { PATHS } from "./paths.js";

/**
 * @import { Http } from "./http.js"
 * @import { ApiKey, ApiKeyMade, DomainEdit, DomainSecurityState, DomainSettings, NewApiKey } from "./protocol.js"
 */

export class Company {
  #http;

  /** @param {Http} http */
  constructor(http) {
    this.#http = http;
  }

  /** @returns {Promise<DomainSettings>} */
  settings() {
    return this.#http.get(PATHS.domain);
  }

  /** @param {DomainEdit} edit only what is to change @returns {Promise<DomainSettings>} */
  change(edit) {
    return this.#http.patch(PATHS.domain, edit);
  }

  /** @returns {Promise<DomainSecurityState>} */
  security() {
    return this.#http.get(PATHS.domainSecurity);
  }

  /** @param {boolean} isRequired of everybody, from the next login on @returns {Promise<DomainSecurityState>} */
  requireSecondFactor(isRequired) {
    return this.#http.put(PATHS.domainSecurity, { second_factor_required: isRequired });
  }

  /** @returns {Promise<ApiKey[]>} by name */
  async apiKeys() {
    return (await this.#http.get(PATHS.apiKeys)).items;
  }

  /** Its token is shown this once. @param {NewApiKey} key @returns {Promise<ApiKeyMade>} */
  makeApiKey(key) {
    return this.#http.post(PATHS.apiKeys, key);
  }

  /** Closes its connections, too. @param {string} key */
  async revokeApiKey(key) {
    await this.#http.remove(PATHS.apiKey(key));
  }
}
