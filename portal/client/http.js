/**
 * JSON over HTTP, with the session cookie or with a token. Problem details (RFC 9457) become `Refused`, everything else that goes wrong on
 * the way becomes `NotConnected` or `TimedOut`: callers see the same three errors as with commands.
 */

import { NotConnected, Refused, TimedOut } from "./errors.js";
import { ErrorCode, isTemporary } from "./protocol.js";

/**
 * @import { Problem, SecondFactorNeeded } from "./protocol.js"
 * @import { Tokens } from "./tokens.js"
 */

export class Http {
  #base;
  #fetch;
  #timeout;
  #tokens;
  /** @type {Set<Promise<unknown>>} what is on its way */
  #asked = new Set();
  #changes = false;

  /**
   * @param {{base?: string, fetch?: typeof globalThis.fetch, timeout?: number, tokens?: Tokens | null}} [options] `base`:
   *   the origin, if it is not this page's; `timeout` in milliseconds; `tokens`: with these and without cookies
   */
  constructor({ base = "", fetch = globalThis.fetch, timeout = 15_000, tokens = null } = {}) {
    this.#base = base;
    this.#tokens = tokens;
    this.#fetch = fetch.bind(globalThis);
    this.#timeout = timeout;
  }

  /**
   * @param {string} path
   * @param {Record<string, string | number | null | undefined>} [query] empty values are left out
   * @returns {Promise<any>}
   */
  get(path, query = {}) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) search.set(name, String(value));
    }
    return this.#send("GET", search.size > 0 ? `${path}?${search}` : path);
  }

  /**
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  post(path, body) {
    return this.#send("POST", path, body);
  }

  /**
   * The same for what has to arrive even if the page is left meanwhile.
   *
   * @param {string} path
   * @returns {Promise<any>}
   */
  postOnLeaving(path) {
    return this.#send("POST", path, undefined, { keepalive: true });
  }

  /**
   * For what makes the cookie somebody else's. What was asked before is answered first, and what is asked meanwhile is not asked at
   * all: neither goes out as the wrong one.
   *
   * @param {string} path
   * @returns {Promise<any>}
   */
  async postAlone(path) {
    if (this.#changes) throw new NotConnected();
    this.#changes = true;
    try {
      await Promise.allSettled(this.#asked);
      return parsed(await (await this.#fly(path, { method: "POST", headers: new Headers({ accept: "application/json" }) })).text());
    } finally {
      this.#changes = false;
    }
  }

  /**
   * @param {string} path
   * @param {object} body
   * @returns {Promise<any>}
   */
  patch(path, body) {
    return this.#send("PATCH", path, body);
  }

  /**
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  put(path, body) {
    return this.#send("PUT", path, body);
  }

  /**
   * Sends a file as it is.
   *
   * @param {string} path
   * @param {Blob} file
   * @returns {Promise<any>}
   */
  async putFile(path, file) {
    const headers = new Headers({ accept: "application/json", "content-type": "application/octet-stream" });
    const answer = await this.#ask(path, { method: "PUT", headers, body: file });
    return parsed(await answer.text());
  }

  /**
   * @param {string} path
   * @returns {Promise<any>}
   */
  remove(path) {
    return this.#send("DELETE", path);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @param {RequestInit} [more]
   */
  async #send(method, path, body, more = {}) {
    const headers = new Headers({ accept: "application/json" });
    if (body) headers.set("content-type", "application/json");
    const answer = await this.#ask(path, { ...more, method, headers, body: body ? JSON.stringify(body) : null });
    return parsed(await answer.text());
  }

  /**
   * A file, for where no cookie goes along with the address of a picture.
   *
   * @param {string} path
   * @returns {Promise<Blob>}
   */
  blob(path) {
    return this.#ask(path, { headers: new Headers() });
  }

  /**
   * For requests that are made elsewhere.
   *
   * @returns {string | null} the Authorization header; null: a cookie says who asks
   */
  get authorization() {
    return this.#tokens?.current ? `Bearer ${this.#tokens.current}` : null;
  }

  /**
   * @param {string} path
   * @param {RequestInit & {headers: Headers}} asked
   * @returns {Promise<Blob>} the answer's body, of whatever type
   */
  async #ask(path, asked) {
    if (this.#changes) throw new NotConnected();
    const answer = this.#fly(path, asked);
    this.#asked.add(answer);
    try {
      return await answer;
    } finally {
      this.#asked.delete(answer);
    }
  }

  /**
   * @param {string} path
   * @param {RequestInit & {headers: Headers}} asked
   * @param {boolean} [isAgain] a token was refused already
   * @returns {Promise<Blob>}
   */
  async #fly(path, asked, isAgain = false) {
    const token = (await this.#tokens?.get().catch(() => "")) ?? "";
    if (token) asked.headers.set("authorization", `Bearer ${token}`);
    let response;
    let body;
    try {
      response = await this.#fetch(this.#base + path, {
        ...asked,
        credentials: this.#tokens ? "omit" : "same-origin",
        cache: "no-store",
        signal: AbortSignal.timeout(this.#timeout),
      });
      body = await response.blob();
    } catch (error) {
      throw error instanceof DOMException && error.name === "TimeoutError" ? new TimedOut() : new NotConnected();
    }
    if (response.status === 401 && token && this.#tokens && !isAgain) {
      this.#tokens.refuse(token);
      if (await this.#tokens.get().catch(() => "")) return this.#fly(path, asked, true);
    }
    if (!response.ok) throw refusalOf(response.status, await body.text());
    return body;
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null; // a proxy's own error page
  }
}

/**
 * What an answer that is no success says.
 *
 * @param {number} status
 * @param {string} text
 */
export function refusalOf(status, text) {
  /** @type {Partial<Problem> | null} */
  const problem = parsed(text);
  const code = problem?.code ?? ErrorCode.UNAVAILABLE; // a proxy answered in the server's place
  return new Refused({
    code,
    message: problem?.detail || problem?.title || `The server answered ${status}.`,
    field: problem?.field ?? null,
    temporary: isTemporary(code),
    retryAfter: problem?.retry_after ?? null,
    status,
    body: problem,
  });
}

/**
 * How a login goes on that was refused because a password is not enough; null: it was refused for something else.
 *
 * @param {unknown} error
 * @returns {SecondFactorNeeded | null}
 */
export function secondFactorOf(error) {
  if (!(error instanceof Refused) || error.code !== ErrorCode.SECOND_FACTOR_REQUIRED) return null;
  return /** @type {Partial<Problem> | null} */ (error.body)?.second_factor ?? null;
}
