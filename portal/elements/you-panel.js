/**
 * `<you-panel>`: oneself as others see one, and what one can say about it.
 *
 * Fires `profile-wanted`, `security-wanted` and `logout-wanted`.
 */

import { PresenceElement, css } from "./element.js";
import { h, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { icon } from "./icons.js";
import { reasonOf } from "./presence-view.js";
import { reasonLine } from "./reason-line.js";
import { timesOf } from "./times.js";
import { askWhy } from "./why-button.js";
import { nameOf } from "../client/people.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class YouPanel extends PresenceElement {
  static styles = [
    avatarStyles,
    css`
      :host {
        overflow-y: auto;
        scrollbar-width: thin;
        padding: 1.25rem 1.25rem 2rem;
      }
      .stack {
        display: grid;
        gap: 1.25rem;
        max-inline-size: 26rem;
        margin-inline: auto;
      }
      .card {
        display: grid;
        justify-items: center;
        gap: 0.15rem;
        text-align: center;
        --avatar-size: 4.25rem;
        --presence-dot-edge: var(--presence-you-ground, var(--presence-surface));
      }
      .card .avatar {
        margin-block-end: 0.6rem;
      }
      .card .avatar presence-dot {
        inset-inline-end: -0.05em;
        inset-block-end: -0.05em;
        font-size: 1.55rem;
      }
      h2 {
        font-size: 1.125rem;
        line-height: 1.3;
        overflow-wrap: anywhere;
      }
      .why {
        margin-block-start: 0.35rem;
        padding: 0.25rem 0.5rem;
        font-size: 0.875rem;
      }
      .reason {
        font-weight: 600;
      }
      .hidden-from-others {
        display: inline-flex;
        align-items: center;
        gap: 0.45em;
        font-size: 0.875rem;
        font-weight: 600;
      }
      .hidden-from-others[data-on] {
        margin-block-start: 0.5rem;
        padding: 0.25rem 0.75rem;
        border-radius: 1rem;
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
      }
      .hidden-from-others:not([data-on]) svg {
        display: none;
      }
      hr {
        inline-size: 100%;
        margin: 0;
        border: 0;
        border-block-start: 1px solid var(--presence-line);
      }
      .links {
        display: grid;
        gap: 0.15rem;
      }
      .links button {
        display: flex;
        align-items: center;
        gap: 0.7rem;
        min-block-size: 2.75rem;
        padding: 0 0.5rem;
        margin-inline: -0.5rem;
        border-radius: var(--presence-radius-small);
        font-weight: 600;
      }
      @media (hover: hover) {
        .links button:hover {
          background: var(--presence-raised);
        }
      }
      .links svg {
        color: var(--presence-ink-soft);
      }
      :host([stale]) .card presence-dot {
        filter: grayscale(1);
        opacity: 0.6;
        transition: filter 0.4s 2s, opacity 0.4s 2s;
      }
    `,
  ];

  #picture = avatar();
  #name = h("h2");
  #extension = h("p", { class: "soft" });
  #reason = reasonLine();
  #message = h("p", { class: "soft" });
  /** What is the user's alone: nobody rings, is told, or available, behind a mask. */
  #unmasked = [
    document.createElement("available-switch"),
    h("hr"),
    document.createElement("softphone-panel"),
    h("hr"),
    document.createElement("notification-settings"),
    h("hr"),
    document.createElement("language-choice"),
  ];
  #hidden = h("p", { class: "hidden-from-others", role: "status" }, icon("hidden"), h("span"));

  #why = h("button", { class: "why link", type: "button", onclick: () => askWhy(this, this.client?.me ?? 0) }, words.why.title);

  #security = this.#link("security-wanted", "lock", words.navigation.security);
  #logout = this.#link("logout-wanted", "logout", words.navigation.logout);

  constructor() {
    super();
    const [available, ...others] = this.#unmasked;
    this.root.append(
      h(
        "div",
        { class: "stack" },
        h("div", { class: "card" }, this.#picture, this.#name, this.#extension, this.#reason.element, this.#message, this.#hidden, this.#why),
        h(
          "div",
          {},
          document.createElement("dnd-switch"),
          document.createElement("appear-offline-switch"),
          available,
        ),
        document.createElement("status-form"),
        ...others,
        h("hr"),
        h(
          "div",
          { class: "links" },
          this.#link("profile-wanted", "edit", words.navigation.profile),
          this.#security,
          this.#logout,
        ),
      ),
    );
  }

  /**
   * @param {string} type
   * @param {string} picture
   * @param {string} label
   */
  #link(type, picture, label) {
    const fire = () => this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true }));
    return h("button", { type: "button", onclick: fire }, icon(picture), label);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("session", () => this.invalidate()),
      client.on("profile", () => this.invalidate()),
      client.on("connection", () => this.invalidate()),
      client.on("presence", (users) => (!users || users.has(client.me)) && this.invalidate()),
    ];
  }

  /** @override */
  render() {
    const me = this.client?.session.me;
    if (!this.client || !me) return;
    const isMasked = Boolean(me.masked_by);
    for (const each of [...this.#unmasked, this.#security, this.#logout]) each.hidden = isMasked;
    const presence = this.client.presenceOf(me.user);
    const reason = reasonOf(presence, timesOf(this.client), Date.now());
    this.toggleAttribute("stale", !this.client.isLive);
    this.#picture.show({ user: me.user, name: nameOf(me) });
    setText(this.#name, nameOf(me));
    setText(this.#extension, words.contacts.extension(me.extension));
    this.#reason.show(reason, this.client.isLive);
    setText(this.#message, presence.message);
    this.#message.hidden = presence.message === "";
    // Told as it changes, and so always on the page: an element that comes with its words is not read out.
    setText(/** @type {HTMLElement} */ (this.#hidden.lastElementChild), presence.appears_offline ? words.you.appearsOffline : "");
    this.#hidden.toggleAttribute("data-on", presence.appears_offline);
  }
}
