/**
 * What a page remembers of its user, so that it can show something without a connection: in the browser's own database.
 * Where there is none, or it may not be used or is full, nothing is remembered, and everything works as before.
 *
 * There is room for one user. What another release of this file has written is not read: its states may look different.
 */

const DATABASE = "presence";
const STORE = "parts";
const RELEASE = import.meta.url;

/** @typedef {Record<string, unknown>} Parts by name */

export class Memory {
  #factory;
  /** @type {Promise<IDBDatabase> | null} */
  #opened = null;

  /** @param {IDBFactory | undefined} [factory] */
  constructor(factory = factoryHere()) {
    this.#factory = factory;
  }

  /** @returns {Promise<Parts>} empty if there is nothing */
  async recall() {
    try {
      const store = await this.#store("readonly");
      const [names, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
      const parts = Object.fromEntries(names.map((name, at) => [String(name), values[at]]));
      return parts["release"] === RELEASE ? parts : {};
    } catch {
      return {};
    }
  }

  /**
   * @param {Parts} parts those that are new
   * @param {{afresh?: boolean}} [options] `afresh`: nothing else stays
   * @returns {Promise<boolean>} whether they are kept now
   */
  async keep(parts, { afresh = false } = {}) {
    try {
      const store = await this.#store("readwrite");
      if (afresh) store.clear();
      for (const [name, value] of Object.entries({ ...parts, release: RELEASE })) store.put(value, name);
      await finished(store.transaction);
      return true;
    } catch {
      return false;
    }
  }

  async forget() {
    try {
      const store = await this.#store("readwrite");
      store.clear();
      await finished(store.transaction);
    } catch {
      // Then there is nothing to forget, either.
    }
  }

  /** @param {IDBTransactionMode} mode */
  async #store(mode) {
    if (!this.#factory) throw new Error("There is no database here.");
    this.#opened ??= this.#open(this.#factory);
    const database = await this.#opened;
    return database.transaction(STORE, mode).objectStore(STORE);
  }

  /** @param {IDBFactory} factory @returns {Promise<IDBDatabase>} */
  async #open(factory) {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    try {
      const database = await done(request);
      const gone = () => (this.#opened = null);
      database.onversionchange = () => (database.close(), gone());
      database.onclose = gone;
      return database;
    } catch (error) {
      this.#opened = null;
      throw error;
    }
  }
}

function factoryHere() {
  try {
    return globalThis.indexedDB;
  } catch {
    return undefined;
  }
}

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
