/** `<notification-settings>`: how one wants to be told of messages that one has not read. */

import { PresenceElement, css } from "./element.js";
import { h, setAttribute, setText } from "./dom.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

const MINUTES = [5, 10, 30, 60, 240, 0];

export class NotificationSettings extends PresenceElement {
  static styles = [
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }
      h3 {
        font-size: 0.9375rem;
      }
      .push {
        display: grid;
        gap: 0.35rem;
        justify-items: start;
      }
      .push .soft {
        font-size: 0.8125rem;
      }
    `,
  ];

  #select = h(
    "select",
    { class: "input", id: "email", onchange: () => void this.#emailChosen() },
    ...MINUTES.map((minutes) => h("option", { value: minutes }, words.notifications.after(minutes))),
  );
  #button = h("button", { class: "button small", type: "button", onclick: () => void this.#pushChosen() });
  #about = h("p", { class: "soft" });
  #problem = h("p", { class: "error", role: "alert", hidden: true });

  /** Whoever acts as somebody else has nothing to do with that person's chat. */
  #isMasked = false;

  constructor() {
    super();
    this.root.append(
      h("h3", {}, words.notifications.title),
      h("div", { class: "field" }, h("label", { for: "email" }, words.notifications.email), this.#select),
      h("div", { class: "push" }, h("span", { class: "label" }, words.notifications.push), this.#about, this.#button),
      this.#problem,
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    this.#isMasked = Boolean(client.session.me?.masked_by);
    if (!this.#isMasked && client.notifications.emailMinutes === null) void this.#try(() => client.notifications.read());
    return [client.on("notifications", () => this.invalidate())];
  }

  /** @override */
  render() {
    this.hidden = this.#isMasked;
    const { emailMinutes = null, push = "unsupported" } = this.client?.notifications ?? {};
    this.#select.disabled = emailMinutes === null;
    if (emailMinutes !== null) this.#choose(emailMinutes);
    setText(this.#about, words.notifications.about[push]);
    setText(this.#button, push === "on" ? words.notifications.turnOff : words.notifications.turnOn);
    this.#button.hidden = push === "unsupported" || push === "denied";
    setAttribute(this.#button, "aria-pressed", push === "on" ? "true" : "false");
  }

  /** Also a number that another program has set. @param {number} minutes */
  #choose(minutes) {
    const known = [...this.#select.options].some((option) => Number(option.value) === minutes);
    if (!known) this.#select.append(h("option", { value: minutes }, words.notifications.after(minutes)));
    this.#select.value = String(minutes);
  }

  #emailChosen() {
    const minutes = Number(this.#select.value);
    return this.#try(() => this.client?.notifications.setEmailMinutes(minutes));
  }

  #pushChosen() {
    const { notifications } = /** @type {PresenceClient} */ (this.client);
    return this.#try(() => (notifications.push === "on" ? notifications.turnPushOff() : notifications.turnPushOn()));
  }

  /** @param {() => Promise<void> | undefined} act */
  async #try(act) {
    this.#problem.hidden = true;
    try {
      await act();
    } catch (error) {
      setText(this.#problem, error instanceof DOMException ? words.notifications.browserRefused : sentenceOf(error));
      this.#problem.hidden = false;
    }
    this.invalidate();
  }
}
