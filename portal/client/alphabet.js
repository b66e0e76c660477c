/** In whose alphabet names are sorted: the browser's, unless the page says in which language it is read. */

let tag = new Intl.Collator().resolvedOptions().locale;
let collator = collatorOf(tag);

/** @param {string} language a BCP 47 tag, as `sv` or `de-CH` */
export function sortAsIn(language) {
  tag = language;
  collator = collatorOf(language);
}

/** A BCP 47 tag, for lists that the server sorts. */
export function alphabet() {
  return tag;
}

/**
 * @param {string} one
 * @param {string} other
 */
export function compareNames(one, other) {
  return collator.compare(one, other);
}

/** @param {string} language */
function collatorOf(language) {
  return new Intl.Collator(language, { numeric: true, sensitivity: "base" });
}
