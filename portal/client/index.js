/** What the client library offers. */

export { sortAsIn } from "./alphabet.js";
export { PresenceClient } from "./client.js";
export { NotConnected, Refused, TimedOut } from "./errors.js";
export { CloseCode, shouldReconnect } from "./protocol.js";
export * as chat from "./state/chat.js";
export * as directory from "./state/directory.js";
export * as people from "./people.js";
export * as presence from "./state/presence.js";
