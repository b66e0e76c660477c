/** Asks for the words while the modules are still on their way: which language it is, no page can say beforehand. */

import { wantedLanguages } from "./language.js";
import { speak } from "./words.js";

void speak(wantedLanguages());
