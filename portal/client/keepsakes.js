/**
 * Small texts that survive a reload, under a prefix of their own. Storage may be full, switched off or forbidden: then
 * everything works as before, only without memory.
 */

export class Keepsakes {
  #prefix;
  #storage;

  /**
   * @param {string} prefix
   * @param {Storage | null} [storage] null: remember nothing
   */
  constructor(prefix, storage = defaultStorage()) {
    this.#prefix = `presence:${prefix}:`;
    this.#storage = storage;
  }

  /** Under which key something is in the storage. @param {string} name */
  keyOf(name) {
    return this.#prefix + name;
  }

  /**
   * @param {string} name
   * @returns {string | null}
   */
  get(name) {
    try {
      return this.#storage?.getItem(this.#prefix + name) ?? null;
    } catch {
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {string | null} text null or empty: forget
   */
  set(name, text) {
    try {
      if (text) this.#storage?.setItem(this.#prefix + name, text);
      else this.#storage?.removeItem(this.#prefix + name);
    } catch {
      // Full: what is on the screen stays there, only a reload would lose it.
    }
  }

  /** @returns {[name: string, text: string][]} */
  all() {
    /** @type {[string, string][]} */
    const found = [];
    try {
      for (let index = 0; index < (this.#storage?.length ?? 0); index++) {
        const key = this.#storage?.key(index);
        if (!key?.startsWith(this.#prefix)) continue;
        const name = key.slice(this.#prefix.length);
        const text = this.get(name);
        if (text) found.push([name, text]);
      }
    } catch {
      return [];
    }
    return found;
  }

  clear() {
    for (const [name] of this.all()) this.set(name, null);
  }
}

function defaultStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
