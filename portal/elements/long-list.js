/**
 * A list of rows of one height, of which only those exist that are seen, and some around them.
 *
 * How high it is and its rows are is measured when that changes, and where it stands when it is scrolled; never between
 * changes: that would make the browser lay the page out each time. Who reads somewhere in the list goes on reading the same rows, whatever
 * comes and goes above them.
 */

import { reconcile, setAttribute } from "./dom.js";

/** Rows above and below those that are seen. */
const BEYOND = 12;

/**
 * @template {HTMLElement} Row
 * @typedef {object} Does
 * @property {(key: string) => Row} create
 * @property {(row: Row, key: string) => void} update
 * @property {() => string} kept the key of a row that stays wherever the list is scrolled; empty: none
 * @property {(first: number, last: number, keys: readonly string[]) => void} seen told which rows there are
 * @property {() => void} scrolled somebody scrolls
 */

/** @template {HTMLElement} Row */
export class LongList {
  /** @type {readonly string[]} */
  #keys = [];
  /** Pixels. */
  #view = { top: 0, height: 0, row: 1 };
  /** Where we ourselves have scrolled to. */
  #ownTop = 0;
  /** @type {WeakMap<Row, {at: number, of: number}>} */
  #places = new WeakMap();
  #scroll;
  #rows;
  #height;
  #does;

  /**
   * @param {HTMLElement} scroll what is scrolled
   * @param {HTMLElement} rows in it: the list
   * @param {number} height of a row, in rem
   * @param {Does<Row>} does
   */
  constructor(scroll, rows, height, does) {
    this.#scroll = scroll;
    this.#rows = rows;
    this.#height = height;
    this.#does = does;
    scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const resized = new ResizeObserver(() => {
      this.#measure();
      this.render();
    });
    resized.observe(scroll);
    resized.observe(rows); // larger letters make higher rows
  }

  /**
   * @param {readonly string[]} keys all rows, in their order; the same array as before if it is the same
   * @param {ReadonlySet<string>} movers those who may have changed places by themselves
   */
  show(keys, movers) {
    const before = this.#keys;
    this.#keys = keys;
    if (keys !== before) this.#rows.style.blockSize = `${keys.length * this.#height}rem`;
    const { top, height, row } = this.#view;
    const drifted = keys !== before && top > 0 ? drift(before, keys, Math.floor(top / row), Math.ceil((top + height) / row), movers) : 0;
    this.#view.top += drifted * row;
    this.render();
    if (drifted !== 0) this.#moveTo(this.#view.top);
  }

  /** Only those that can be seen, and some around them. */
  render() {
    const { top, height, row } = this.#view;
    const first = Math.max(0, Math.floor(top / row) - BEYOND);
    const last = Math.ceil((top + height) / row) + BEYOND;
    const seen = this.#keys.slice(first, last);
    const at = new Map(seen.map((key, index) => [key, first + index]));
    const kept = this.#does.kept();
    if (kept && !at.has(kept)) {
      const place = this.#keys.indexOf(kept);
      if (place >= 0) at.set(kept, place);
    }
    this.#does.seen(first, last, seen);
    reconcile(
      this.#rows,
      [...at.keys()],
      (key) => key,
      (key) => this.#does.create(key),
      (each, key) => {
        this.#place(/** @type {Row} */ (each), at.get(key) ?? 0);
        this.#does.update(/** @type {Row} */ (each), key);
      },
    );
  }

  toTop() {
    this.#moveTo(0);
  }

  /** Scrolls as far as it takes to see one row, and half of the next. @param {number} at */
  reveal(at) {
    this.#measure();
    const { top, height, row } = this.#view;
    const above = Math.min(top, at * row);
    this.#moveTo(Math.max(above, (at + 1.5) * row - height));
    this.render();
  }

  /** @param {number} top pixels */
  #moveTo(top) {
    this.#scroll.scrollTop = top;
    this.#ownTop = this.#view.top = this.#scroll.scrollTop;
  }

  #scrolled() {
    this.#view.top = this.#scroll.scrollTop;
    if (this.#view.top !== this.#ownTop) this.#does.scrolled();
    this.render();
  }

  #measure() {
    const letter = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    this.#view = { top: this.#scroll.scrollTop, height: this.#scroll.clientHeight, row: letter * this.#height };
  }

  /** Moved rather than laid out anew: no other row has to give way. @param {Row} row @param {number} at */
  #place(row, at) {
    const of = this.#keys.length;
    const place = this.#places.get(row);
    if (place?.at === at && place.of === of) return;
    this.#places.set(row, { at, of });
    if (place?.at !== at) row.style.translate = `0 ${at * this.#height}rem`;
    setAttribute(row, "aria-posinset", at + 1);
    setAttribute(row, "aria-setsize", of);
  }
}

/**
 * How far those have moved who are looked at.
 *
 * @param {readonly string[]} before
 * @param {readonly string[]} after
 * @param {number} first of those that are seen
 * @param {number} last the first one below them
 * @param {ReadonlySet<string>} movers who may have gone elsewhere by themselves: nobody follows them
 * @returns {number} rows
 */
export function drift(before, after, first, last, movers) {
  for (let at = first; at < Math.min(last, before.length); at++) {
    const key = /** @type {string} */ (before[at]);
    const now = movers.has(key) ? -1 : after.indexOf(key);
    if (now >= 0) return now - at;
  }
  return 0;
}
