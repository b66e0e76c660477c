/** Where photos are, for pictures of people on this page: told once by whoever has the client. */

/** @import { PresenceClient } from "../client/index.js" */

/** @type {PresenceClient | null} */
let known = null;

/** @param {PresenceClient} client */
export function usePhotosOf(client) {
  known = client;
}

/** The address of somebody's photo; empty: there is none. @param {number} user */
export function photoOf(user) {
  return user ? (known?.photoOf(user) ?? "") : "";
}
