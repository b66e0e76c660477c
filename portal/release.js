/** The page and its service worker (sw.js), which keeps it whole and brings the next release of it. */

/** @import { PresenceClient } from "./client/index.js" */

/** The page is in use first, in milliseconds. */
const AFTER = 3_000;
/** Below which the files of this page's release are. */
const FILES = new URL(".", import.meta.url).pathname;

/**
 * Has this page kept for a start without a connection, where a browser allows that: over https, or on this machine.
 *
 * @param {PresenceClient} client
 * @param {() => void} newer told once a newer release is here, as a whole
 */
export async function keepPage(client, newer) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  serviceWorker.addEventListener("message", ({ data }) => {
    if (data?.release && data.release !== FILES) newer();
  });
  if (!serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, AFTER));
  await isReached(client);
  const registration = await serviceWorker.register("/sw.js").catch(() => null); // a private window, a full disk
  // A gateway that was started anew may be of another release.
  if (registration) client.on("connection", ({ name }) => name === "live" && void registration.update().catch(() => undefined));
}

/** Until the server has answered. @param {PresenceClient} client @returns {Promise<void>} */
function isReached(client) {
  return new Promise((resolve) => {
    const look = () => {
      if (client.isLive || client.session.state === "out") resolve();
    };
    client.on("connection", look);
    client.on("session", look);
    look();
  });
}
