/**
 * A map that is never changed, of which each change makes another one: what has changed lately lies in a small layer above
 * the rest, so that one change of thousands does not copy thousands.
 */

/** The upper layer is put down into the lower one when it has as many entries. */
const MOST = 64;

/**
 * @template Key
 * @template Value
 */
export class Layers {
  #lower;
  #upper;

  /**
   * @param {ReadonlyMap<Key, Value>} [lower]
   * @param {ReadonlyMap<Key, Value>} [upper]
   */
  constructor(lower = new Map(), upper = new Map()) {
    this.#lower = lower;
    this.#upper = upper;
  }

  /** @param {Key} key @returns {Value | undefined} */
  get(key) {
    return this.#upper.get(key) ?? this.#lower.get(key);
  }

  /** @param {Key} key */
  has(key) {
    return this.#upper.has(key) || this.#lower.has(key);
  }

  /** @param {ReadonlyMap<Key, Value>} changed @returns {Layers<Key, Value>} */
  with(changed) {
    const upper = merged(this.#upper, changed);
    return upper.size < MOST ? new Layers(this.#lower, upper) : new Layers(merged(this.#lower, upper));
  }

  /** @returns {IterableIterator<Value>} */
  values() {
    return merged(this.#lower, this.#upper).values();
  }

  /** @returns {IterableIterator<[Key, Value]>} */
  [Symbol.iterator]() {
    return merged(this.#lower, this.#upper).entries();
  }

  /** How many there are. */
  get size() {
    let size = this.#lower.size;
    for (const key of this.#upper.keys()) if (!this.#lower.has(key)) size++;
    return size;
  }
}

/**
 * @template Key
 * @template Value
 * @param {ReadonlyMap<Key, Value>} lower
 * @param {ReadonlyMap<Key, Value>} upper
 */
function merged(lower, upper) {
  const both = new Map(lower);
  for (const [key, value] of upper) both.set(key, value);
  return both;
}
