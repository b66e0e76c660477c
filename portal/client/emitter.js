/**
 * Telling listeners, with typed topics. A listener that throws is reported and does not keep the others from hearing.
 */

/** @template {Record<string, any>} Topics topic name -> what its listeners get */
export class Emitter {
  /** @type {Map<keyof Topics, Set<(detail: any) => void>>} */
  #listeners = new Map();

  /**
   * @template {keyof Topics} Topic
   * @param {Topic} topic
   * @param {(detail: Topics[Topic]) => void} listener
   * @returns {() => void} stops listening
   */
  on(topic, listener) {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * @template {keyof Topics} Topic
   * @param {Topic} topic
   * @param {Topics[Topic]} detail
   */
  emit(topic, detail) {
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
