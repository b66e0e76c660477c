/**
 * How one wants to be told of unread messages: by e-mail, which holds everywhere; and by web push, which holds for this
 * browser and ends with the login.
 */

import { PATHS } from "./paths.js";

/** @import { Http } from "./http.js" */

/**
 * @typedef {"unsupported" | "denied" | "off" | "on"} Push denied: by the browser's own settings, where only its user can
 *   change it
 *
 * @typedef {object} Surroundings what a test puts in place of the browser
 * @property {() => boolean} isAble whether this browser has web push
 * @property {() => Promise<ServiceWorkerRegistration | undefined>} registration of the worker that is there already
 * @property {() => Promise<ServiceWorkerRegistration>} register
 * @property {() => NotificationPermission} permission
 * @property {() => Promise<NotificationPermission>} ask
 */

/** @type {Surroundings} */
const BROWSER = {
  isAble: () => "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis,
  registration: () => navigator.serviceWorker.getRegistration(),
  register: async () => {
    await navigator.serviceWorker.register("/sw.js");
    return navigator.serviceWorker.ready;
  },
  permission: () => Notification.permission,
  ask: () => Notification.requestPermission(),
};

export class Notifications {
  /** After how many minutes unread; 0: never; null: not known yet. @type {number | null} */
  emailMinutes = null;
  /** @type {Push} */
  push = "unsupported";

  #http;
  #changed;
  #around;

  /**
   * @param {Http} http
   * @param {() => void} changed
   * @param {Partial<Surroundings>} [around]
   */
  constructor(http, changed, around = {}) {
    this.#http = http;
    this.#changed = changed;
    this.#around = { ...BROWSER, ...around };
  }

  /** @returns {Promise<void>} rejects as requests do */
  async read() {
    const { email_minutes } = await this.#http.get(PATHS.notifications);
    this.emailMinutes = email_minutes;
    this.push = await this.#pushState();
    this.#changed();
  }

  /** @param {number} minutes */
  async setEmailMinutes(minutes) {
    const { email_minutes } = await this.#http.patch(PATHS.notifications, { email_minutes: minutes });
    this.emailMinutes = email_minutes;
    this.#changed();
  }

  /** Asks the browser's user, so only after a click. Rejects if the browser or the server refuses. */
  async turnPushOn() {
    if ((await this.#around.ask()) !== "granted") return this.#become("denied");
    if (!this.#around.isAble()) return this.#become("unsupported");
    const registration = await this.#around.register();
    const { public_key } = await this.#http.get(PATHS.pushKey);
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
    const { endpoint, keys } = subscription.toJSON();
    await this.#http.put(PATHS.pushSubscription, { endpoint, p256dh: keys?.["p256dh"], auth: keys?.["auth"] });
    this.#become("on");
  }

  async turnPushOff() {
    const subscription = await this.#subscription();
    if (subscription) {
      await this.#http.remove(`${PATHS.pushSubscription}?${new URLSearchParams({ endpoint: subscription.endpoint })}`);
      await subscription.unsubscribe();
    }
    this.#become("off");
  }

  async #pushState() {
    try {
      if (!this.#around.isAble()) return "unsupported";
      if (this.#around.permission() === "denied") return "denied";
      return (await this.#subscription()) ? "on" : "off";
    } catch {
      return "unsupported"; // e.g. a private window
    }
  }

  async #subscription() {
    const registration = await this.#around.registration();
    return (await registration?.pushManager.getSubscription()) ?? null;
  }

  /** @param {Push} push */
  #become(push) {
    this.push = push;
    this.#changed();
  }
}
