/** What a login was made with, as far as its program tells: for people to recognise it by, and for nothing else. */

/** First that is found; later ones call themselves like earlier ones, too. @type {[RegExp, string][]} */
const BROWSERS = [
  [/Edg(?:A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrom(?:e|ium)\/|CriOS\//, "Chrome"],
  [/Version\/[\d.]+.* Safari\//, "Safari"],
];
/** @type {[RegExp, string][]} */
const SYSTEMS = [
  [/iPhone|iPod/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/CrOS/, "ChromeOS"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux|X11/, "Linux"],
];

/**
 * @param {string} userAgent
 * @returns {{program: string, system: string, isPhone: boolean}} empty: it does not tell
 */
export function programOf(userAgent) {
  const found = (/** @type {[RegExp, string][]} */ table) => table.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "";
  const system = found(SYSTEMS);
  // Programs that are no browsers begin with what they are called: "Acme-Softphone/3.1 (...)".
  const program = found(BROWSERS) || (/^(?!Mozilla\/)([\w .-]{1,40})\//.exec(userAgent)?.[1] ?? "").trim();
  return { program, system, isPhone: /Mobile|iPhone|Android/.test(userAgent) };
}
