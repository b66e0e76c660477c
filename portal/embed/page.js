/**
 * What all elements of an embedding page share: one client, with one connection, that speaks with the gateway from which
 * this module came, by a token and never by a cookie.
 */

import { PresenceClient } from "../client/index.js";
import { provideClient } from "../elements/context.js";

/** @import { TokenSource } from "../client/tokens.js" */

export const client = new PresenceClient({ base: new URL(import.meta.url).origin, name: "embedded", token: null, chats: false });

/** How many elements of the page can be chatted in. */
let places = 0;

/**
 * Logs in whoever the token belongs to. A function is asked whenever a token is needed, and told the one that was refused.
 *
 * @param {TokenSource} token null: logs out here; the token stays good
 */
export function connect(token) {
  client.useToken(token);
}

/** An element to chat in is on the page, until what is returned is called: without one the user is not there to chat. */
export function placeToChat() {
  client.setChats(++places > 0);
  return () => client.setChats(--places > 0);
}

/** Called once, by what the page has loaded. */
export function begin() {
  provideClient(document, client);
  client.start();
  addEventListener("online", () => client.probe());
  addEventListener("offline", () => client.probe());
  addEventListener("pagehide", () => client.leavePage());
  addEventListener("pageshow", (event) => event.persisted && client.returnToPage());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && client.wake());
}
