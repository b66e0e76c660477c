/** A message taken apart: text stays text, and only addresses of http and https are links. Pure. */

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const ONLY_PICTURES = /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*\s*){1,3}$/u;

/** @typedef {{text: string, isAddress: boolean, mentioned?: number, isFound?: boolean}} Part */

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
 * The same, with the names of those who are mentioned apart.
 *
 * @param {string} text
 * @param {readonly {user: number, name: string}[]} mentioned
 * @returns {Part[]}
 */
export function partsWithMentions(text, mentioned) {
  const names = [...mentioned].sort((one, other) => other.name.length - one.name.length);
  return partsOf(text).flatMap((part) => (part.isAddress ? [part] : cutAtMentions(part.text, names)));
}

/**
 * @param {string} text
 * @param {readonly {user: number, name: string}[]} names longest first
 * @returns {Part[]}
 */
function cutAtMentions(text, names) {
  /** @type {Part[]} */
  const parts = [];
  let rest = text;
  while (rest) {
    const found = names
      .map(({ user, name }) => ({ user, name, at: name ? rest.indexOf(`@${name}`) : -1 }))
      .filter(({ at }) => at >= 0)
      .sort((one, other) => one.at - other.at)[0];
    if (!found) break;
    const end = found.at + found.name.length + 1;
    if (found.at > 0) parts.push({ text: rest.slice(0, found.at), isAddress: false });
    parts.push({ text: rest.slice(found.at, end), isAddress: false, mentioned: found.user });
    rest = rest.slice(end);
  }
  if (rest) parts.push({ text: rest, isAddress: false });
  return parts;
}

/**
 * Some words of a text around the first one that was found, and which of them were.
 *
 * @param {string} text
 * @param {readonly string[]} found as they stand in the text
 * @param {number} most characters
 * @returns {Part[]}
 */
export function excerptOf(text, found, most) {
  const line = text.replace(/\s+/g, " ").trim();
  const places = found.map((word) => line.indexOf(word)).filter((at) => at >= 0);
  const first = Math.max(0, Math.min(...places, line.length) - Math.floor(most / 3));
  const start = places.length === 0 || first < 12 ? 0 : line.indexOf(" ", first) + 1;
  const cut = `${start > 0 ? "…" : ""}${line.slice(start, start + most)}${start + most < line.length ? "…" : ""}`;
  const words = [...found].sort((one, other) => other.length - one.length);
  /** @type {Part[]} */
  const parts = [];
  let rest = cut;
  while (rest) {
    const next = words.map((word) => ({ word, at: rest.indexOf(word) })).filter(({ at }) => at >= 0).sort((one, other) => one.at - other.at)[0];
    if (!next) break;
    parts.push({ text: rest.slice(0, next.at), isAddress: false }, { text: next.word, isAddress: false, isFound: true });
    rest = rest.slice(next.at + next.word.length);
  }
  parts.push({ text: rest, isAddress: false });
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
