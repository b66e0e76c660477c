/**
 * When the order of a list stands still although presence moves those in it: while somebody may be about to click. Pure,
 * given the present moment in milliseconds.
 */

/** Orders change no more often than this: of thousands somebody always comes or goes. */
export const PACE = 2_000;
/** Who scrolls without a pointer over the list looks for somebody. */
const SCROLLED = 3_000;
/** After so long without a sign of a hand nobody is about to click. */
export const LEFT_ALONE = 60_000;

export class Standing {
  #isOver = false;
  #hasFocus = false;
  #sign = -Infinity;
  #scrolled = -Infinity;
  #ordered = -Infinity;
  #hasHover;

  /** @param {() => boolean} hasHover whether a hand is seen before it clicks: a finger is not */
  constructor(hasHover) {
    this.#hasHover = hasHover;
  }

  /** A pointer moves, a key is pressed, the list has come in front. @param {number} now */
  sign(now) {
    this.#sign = now;
  }

  /** @param {boolean} isOver whether a pointer is over the list @param {number} now */
  over(isOver, now) {
    this.#isOver = isOver;
    this.#sign = now;
  }

  /** @param {boolean} hasFocus whether the keyboard is in the list @param {number} now */
  focus(hasFocus, now) {
    this.#hasFocus = hasFocus;
    this.#sign = now;
  }

  /** @param {number} now */
  scrolled(now) {
    this.#sign = this.#scrolled = now;
  }

  /** It was put in order. @param {number} now */
  ordered(now) {
    this.#ordered = now;
  }

  /**
   * @param {boolean} isByPresence whether it is presence alone that would move anybody
   * @returns {number} until when it stands; in the past: it does not
   */
  until(isByPresence) {
    const isAttended = this.#isOver || this.#hasFocus || (isByPresence && !this.#hasHover());
    const attended = isAttended ? this.#sign + LEFT_ALONE : -Infinity;
    return isByPresence ? Math.max(attended, this.#scrolled + SCROLLED, this.#ordered + PACE) : attended;
  }

  /** Whether it stands for somebody, and not just to be calm. @param {number} now */
  isAttended(now) {
    return now < this.until(true) && this.until(true) > this.#ordered + PACE;
  }
}
