/**
 * The words of the page, in one language: only its catalogue is loaded. They are there before the first element is made;
 * modules use them in functions and elements, never while they are loaded themselves.
 */

/** @typedef {import("./words/en.js").Words} Words */

/** To add a language: a file of the shape of `words/en.js`, and a line here. What each is called in itself. */
export const LANGUAGES = {
  en: { name: "English", load: () => import("./words/en.js") },
  de: { name: "Deutsch", load: () => import("./words/de.js") },
};

/** @typedef {keyof typeof LANGUAGES} Language */

const DEFAULT = "en";

/** @type {Words} */
export let words;
/** How dates, numbers and names are written and sorted: the reader's own way, e.g. `de-CH`, if it is of this language. */
export let locale = DEFAULT;
/** @type {Language | null} */
let spoken = null;

/**
 * @param {readonly string[]} wanted BCP 47 tags, the best first
 * @returns {Language} the first one that we have
 */
export function languageOf(wanted) {
  const found = wanted.map(primary).find((language) => Object.hasOwn(LANGUAGES, language));
  return /** @type {Language | undefined} */ (found) ?? DEFAULT;
}

/**
 * Loads the words and makes them those of the page. Once: a page in another language is loaded anew.
 *
 * @param {readonly string[]} wanted BCP 47 tags, the best first
 */
export async function speak(wanted) {
  const language = languageOf(wanted);
  const catalogue = await LANGUAGES[language].load();
  if (spoken) return;
  spoken = language;
  ({ words } = catalogue);
  locale = wanted.find((tag) => primary(tag) === language) ?? language;
}

/** `de-CH`: `de`. @param {string} tag */
function primary(tag) {
  return tag.split("-")[0]?.toLowerCase() ?? "";
}
