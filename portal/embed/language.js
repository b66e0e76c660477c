/** Which language a page that embeds our elements wants: that of its `<presence-session lang>`, else its own, else the browser's. */

export function wantedLanguages() {
  const session = document.querySelector("presence-session[lang]")?.getAttribute("lang");
  return [session, document.documentElement.lang, ...navigator.languages].filter((tag) => typeof tag === "string");
}
