/**
 * The portal starts here: registers the elements, makes the client, and tells it what happens to page and network. What
 * only those see who are logged in comes after the form to log in, and at once: of a later release it must not be.
 */

import { defineFirst } from "./elements/define-first.js";
import { languageFor, tellChoice, wantedLanguages } from "./language.js";
import { PresenceClient, sortAsIn } from "./client/index.js";
import { keepPage } from "./release.js";
import { locale, speak, words } from "./words.js";

/** @import { PortalShell } from "./elements/portal-shell.js" */

// What waits for the words is begun from a function: a module that waits itself would hold up those that need it.
void speak(wantedLanguages()).then(begin);
const rest = import("./elements/define.js");
rest.catch(() => undefined); // the shell says so, once it is there

function begin() {
  document.documentElement.lang = locale;
  sortAsIn(locale);
  defineFirst();
  const client = new PresenceClient({ name: "portal" });
  tellOfPage(client);
  followLanguage(client);
  const shell = /** @type {PortalShell} */ (document.querySelector("portal-shell"));
  const whole = rest.then(({ define }) => define());
  shell.start(client, whole);
  // Only then: what is to be kept is what has just been loaded.
  void whole.then(() => keepPage(client, () => shell.offerNewer()), () => undefined);
}

/** What happens to the page and to its network. @param {PresenceClient} client */
function tellOfPage(client) {
  addEventListener("online", () => client.probe());
  addEventListener("offline", () => client.probe());
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? client.wake() : client.sleep()));
  addEventListener("storage", ({ key }) => client.isTurn(key) && client.restart());
  addEventListener("pagehide", () => client.leavePage());
  addEventListener("pageshow", (event) => event.persisted && client.returnToPage());
}

/** The page is in the language of whoever is logged in. @param {PresenceClient} client */
function followLanguage(client) {
  client.on("session", () => {
    const { state, me } = client.session;
    // Who acts as somebody else goes on reading in their own language.
    if (state === "unknown" || me?.masked_by) return;
    if (languageFor(me) !== words.language && me) location.reload();
  });
  client.on("profile", () => void tellChoice(client));
}
