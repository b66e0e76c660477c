/**
 * Imports and exports of contacts: upload, preview, apply, undo. Where an import is comes as the client's topic `import`.
 */

import { NotConnected } from "./errors.js";
import { refusalOf } from "./http.js";
import { PATHS } from "./paths.js";

/**
 * @import { Import, ImportCorrection, ImportRowsPage, RowOutcome } from "./protocol.js"
 * @import { Http } from "./http.js"
 */

export class Imports {
  #http;
  #base;
  #makeRequest;

  /**
   * @param {Http} http
   * @param {string} base the server's origin, if it is not this page's
   * @param {() => XMLHttpRequest} makeRequest fetch does not tell how far an upload has come
   */
  constructor(http, base, makeRequest) {
    this.#http = http;
    this.#base = base;
    this.#makeRequest = makeRequest;
  }

  /**
   * @param {File} file
   * @param {boolean} shared into the shared contacts
   * @param {(progress: number) => void} onProgress from 0 to 1
   * @returns {Promise<Import>} rejects with `Refused` or `NotConnected`
   */
  upload(file, shared, onProgress) {
    return new Promise((resolve, reject) => {
      const request = this.#makeRequest();
      const query = new URLSearchParams({ name: file.name.slice(0, 200), shared: String(shared) });
      request.open("POST", `${this.#base}${PATHS.imports}?${query}`);
      request.setRequestHeader("content-type", "application/octet-stream");
      if (this.#http.authorization) request.setRequestHeader("authorization", this.#http.authorization);
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.onerror = () => reject(new NotConnected());
      request.onload = () => {
        if (request.status === 201) resolve(JSON.parse(request.responseText));
        else reject(refusalOf(request.status, request.responseText));
      };
      request.send(file);
    });
  }

  /** @param {string} id @returns {Promise<Import>} */
  read(id) {
    return this.#http.get(PATHS.import(id));
  }

  /** @param {string} id @param {RowOutcome | null} outcome @param {string | null} after @returns {Promise<ImportRowsPage>} */
  rows(id, outcome, after) {
    return this.#http.get(`${PATHS.import(id)}/rows`, { outcome, after, limit: 100 });
  }

  /** @param {string} id @param {ImportCorrection} correction @returns {Promise<Import>} */
  correct(id, correction) {
    return this.#http.post(`${PATHS.import(id)}/read`, correction);
  }

  /** @param {string} id @returns {Promise<Import>} */
  apply(id) {
    return this.#http.post(`${PATHS.import(id)}/apply`);
  }

  /** @param {string} id @returns {Promise<Import>} */
  undo(id) {
    return this.#http.post(`${PATHS.import(id)}/undo`);
  }

  /** @param {string} id */
  discard(id) {
    return this.#http.remove(PATHS.import(id));
  }

  /**
   * Where a group is read as a file.
   *
   * @param {string} group
   * @param {"vcard" | "google" | "outlook"} format
   */
  exportAddress(group, format) {
    return `${this.#base}${PATHS.export}?${new URLSearchParams({ group, format })}`;
  }
}
