/**
 * Keeps the page of one release as a whole, so that it opens at once and without a connection; shows what is pushed, and
 * opens its conversation.
 *
 * The browser finds a new release by this file, in which the server writes the address below which that release is. It
 * counts only once everything of it is here: a page never gets modules of two releases. Nothing of any user is kept here;
 * what a page remembers of its user is its own affair (client/memory.js).
 *
 * Browsers want something shown for every message that is pushed; where somebody is looking already, the notification is
 * taken away again.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** Below which the files of this release are. */
const FILES = "/portal/_/";
const CACHE = `release ${FILES}`;
/** One page for all addresses of the portal. */
const PAGE = "/app";
const NAMED_IN_PAGE = /(?:src|href)="(\/portal\/[^"]+)"/g;

/** @typedef {{conversation: number, seq: number, title: string, body: string}} Pushed */

worker.addEventListener("install", (event) => event.waitUntil(keepRelease().then(() => worker.skipWaiting())));
worker.addEventListener("activate", (event) => event.waitUntil(dropOld().then(takeOver)));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && isPage(pathname)) event.respondWith(pageFor(event));
  else if (pathname.startsWith("/portal/")) event.respondWith(fileFor(request));
});

worker.addEventListener("push", (event) => {
  /** @type {Pushed | null} */
  const pushed = event.data?.json() ?? null;
  if (pushed) event.waitUntil(show(pushed));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(Number(event.notification.data?.conversation) || 0));
});

// ------------------------------------------------------------ the release

/** Rejects if anything of it is missing, or of another release: the browser tries again later. */
async function keepRelease() {
  const page = await fetched(PAGE, { cache: "no-cache" });
  const files = await filesOf(page.clone());
  const cache = await caches.open(CACHE);
  await Promise.all(files.map(async (file) => cache.put(file, await ownFile(file))));
  await cache.put(PAGE, page);
}

/** @param {Response} page */
async function filesOf(page) {
  const named = [...(await page.text()).matchAll(NAMED_IN_PAGE)].map(([, file = ""]) => file);
  if (named.length === 0 || named.some((file) => !file.startsWith(FILES))) throw new Error("The page is of another release.");
  return [...new Set(named)];
}

/** @param {string} file */
async function ownFile(file) {
  const response = await fetched(file);
  // A gateway of another release answers with what it has, and says that it must not be kept.
  if (!response.headers.get("cache-control")?.includes("immutable")) throw new Error(`${file} is of another release.`);
  return response;
}

/**
 * @param {string} address
 * @param {RequestInit} [how]
 */
async function fetched(address, how) {
  const response = await fetch(address, how);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response;
}

/** A page of the release before may still be open, and ask for the rest of itself. */
async function dropOld() {
  const names = (await caches.keys()).filter((name) => name.startsWith("release ") && name !== CACHE);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
}

/** Open pages stay what they are, and are told of which release the next one will be. */
async function takeOver() {
  await worker.clients.claim();
  for (const page of await worker.clients.matchAll({ type: "window" })) page.postMessage({ release: FILES });
}

/** @param {string} path */
function isPage(path) {
  return path === "/" || path === PAGE || path.startsWith(`${PAGE}/`);
}

/** @param {FetchEvent} event */
async function pageFor(event) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(PAGE);
  if (!kept) return fetch(event.request);
  event.waitUntil(askAgain(cache));
  return kept;
}

/** Whether the page is still the same, for the next time: what its headers allow may be set differently by now. @param {Cache} cache */
async function askAgain(cache) {
  try {
    const page = await fetched(PAGE, { cache: "no-cache" });
    await filesOf(page.clone());
    await cache.put(PAGE, page);
  } catch {
    // Without a connection, or of another release: that comes as a whole.
    await worker.registration.update().catch(() => undefined);
  }
}

/** @param {Request} request */
async function fileFor(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

// ------------------------------------------------------------ what is pushed

/** @param {Pushed} pushed */
async function show({ conversation, seq, title, body }) {
  const tag = `conversation-${conversation}`;
  const icons = { icon: `${FILES}icons/icon-192.png`, badge: `${FILES}icons/badge-96.png` };
  await worker.registration.showNotification(title, { body, tag, ...icons, data: { conversation, seq } });
  const pages = await worker.clients.matchAll({ type: "window" });
  const shown = await worker.registration.getNotifications();
  if (pages.some((page) => page.focused)) for (const notification of shown) notification.tag === tag && notification.close();
  // A page counts what is unread; while there is none, conversations with news are counted.
  else if (pages.length === 0) await worker.navigator.setAppBadge?.(shown.length).catch(() => undefined);
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
