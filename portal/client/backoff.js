/**
 * How long to wait before the next attempt to connect. Pure.
 *
 * Every client of a gateway that died comes back at the same moment: the waits are random, so that they do not come as
 * one wave, and grow, so that a service in trouble is not held down by its own clients.
 */

const FIRST = 1_000;
const LONGEST = 30_000;

/**
 * @param {number} attempt 0 after a connection that had been live
 * @param {number} random in [0, 1)
 * @returns {number} milliseconds: at most a second at first, doubling to 30 s, the lower half of it cut off by chance
 */
export function waitBefore(attempt, random) {
  if (attempt === 0) return Math.round(200 + random * (FIRST - 200));
  const longest = Math.min(LONGEST, FIRST * 2 ** attempt);
  return Math.round(longest / 2 + (random * longest) / 2);
}
