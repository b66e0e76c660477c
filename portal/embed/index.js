/**
 * What a page of another origin loads as `/embed.js`: our elements, one connection for all of them, and functions for
 * pages that do more. docs/embedding.md says how.
 */

import { define } from "./define.js";
import { answerForDialogs } from "./dialogs.js";
import { wantedLanguages } from "./language.js";
import { begin } from "./page.js";
import { theme } from "./theme.js";
import { sortAsIn } from "../client/index.js";
import { locale, speak } from "../words.js";

document.adoptedStyleSheets.push(theme());
begin();
void speak(wantedLanguages()).then(() => {
  sortAsIn(locale);
  define();
  answerForDialogs();
});

export { client, connect } from "./page.js";
export { stateOf } from "./state.js";
export { NotConnected, Refused, TimedOut } from "../client/index.js";
