/**
 * Shows what is pushed, and opens its conversation. Nothing is kept for working offline: the page does that itself.
 *
 * Browsers want something shown for every message; where somebody is looking already, the notification is taken away again.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @typedef {{conversation: number, seq: number, title: string, body: string}} Pushed */

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("push", (event) => {
  /** @type {Pushed | null} */
  const pushed = event.data?.json() ?? null;
  if (pushed) event.waitUntil(show(pushed));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(Number(event.notification.data?.conversation) || 0));
});

/** @param {Pushed} pushed */
async function show({ conversation, seq, title, body }) {
  const tag = `conversation-${conversation}`;
  await worker.registration.showNotification(title, { body, tag, data: { conversation, seq } });
  const pages = await worker.clients.matchAll({ type: "window" });
  if (!pages.some((page) => page.focused)) return;
  for (const notification of await worker.registration.getNotifications({ tag })) notification.close();
}

/** @param {number} conversation */
async function open(conversation) {
  const path = conversation ? `/app/chats/${conversation}` : "/app/chats";
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => one.focused) ?? pages[0];
  if (!page) return void (await worker.clients.openWindow(path));
  page.postMessage({ open: conversation });
  await page.focus();
}
