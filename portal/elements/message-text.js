/** A message taken apart: text stays text, and only addresses of http and https are links. Pure. */

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const ONLY_PICTURES = /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*\s*){1,3}$/u;

/** @typedef {{text: string, isAddress: boolean}} Part */

/**
 * @param {string} text
 * @returns {Part[]} put together they are the text again
 */
export function partsOf(text) {
  /** @type {Part[]} */
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = withoutTail(found[0]);
    if (!isAddress(address)) continue;
    parts.push({ text: text.slice(end, found.index), isAddress: false }, { text: address, isAddress: true });
    end = found.index + address.length;
  }
  parts.push({ text: text.slice(end), isAddress: false });
  return parts.filter((part) => part.text !== "");
}

/**
 * One to three pictures and nothing else: they may be shown large.
 *
 * @param {string} text
 */
export function isOnlyPictures(text) {
  return text.length <= 40 && ONLY_PICTURES.test(text.trim());
}

/**
 * The full stop of the sentence, and the bracket around the address, are not part of it.
 *
 * @param {string} address
 */
function withoutTail(address) {
  let kept = address;
  for (;;) {
    const last = kept.at(-1) ?? "";
    const opens = { ")": "(", "]": "[", "}": "{" }[last];
    const isUnpaired = opens !== undefined && kept.split(last).length > kept.split(opens).length;
    if (!isUnpaired && !".,;:!?…*_".includes(last)) return kept;
    kept = kept.slice(0, -1);
  }
}

/** @param {string} address */
function isAddress(address) {
  try {
    const { protocol, hostname } = new URL(address);
    return (protocol === "http:" || protocol === "https:") && hostname !== "";
  } catch {
    return false;
  }
}
