/**
 * `<user-page user>`: somebody whom one manages, on two tabs: the profile, and what can be done to the account.
 *
 * Fires `user-closed`.
 */

import { PresenceElement, css } from "./element.js";
import { h, setAttribute, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { icon } from "./icons.js";
import { nameOf } from "../client/people.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { ProfileForm } from "./profile-form.js"
 * @import { UserAdvanced } from "./user-advanced.js"
 */

const TABS = /** @type {const} */ (["profile", "advanced"]);

export class UserPage extends PresenceElement {
  static styles = [
    avatarStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: auto auto minmax(0, 1fr);
        min-block-size: 0;
        background: var(--presence-surface);
      }
      header {
        display: flex;
        align-items: center;
        gap: 0.75rem;
        min-block-size: 4rem;
        padding: 0.5rem 1rem;
        --presence-dot-edge: var(--presence-surface);
      }
      header .icon-button {
        margin-inline-start: -0.5rem;
      }
      .who {
        flex: 1;
        min-inline-size: 0;
      }
      h2 {
        font-size: 1.0625rem;
        overflow-wrap: anywhere;
      }
      .tabs {
        display: flex;
        gap: 0.25rem;
        padding-inline: 1rem;
        border-block-end: 1px solid var(--presence-line);
      }
      .tabs button {
        min-block-size: 2.5rem;
        padding: 0.3rem 0.9rem;
        border-block-end: 3px solid transparent;
        font-weight: 600;
        color: var(--presence-ink-soft);
      }
      .tabs [aria-selected="true"] {
        border-color: var(--presence-accent);
        color: var(--presence-accent);
      }
      .panel {
        display: grid;
        min-block-size: 0;
      }
    `,
  ];

  static observedAttributes = ["user"];

  /** @type {typeof TABS[number]} */
  #tab = "profile";

  #picture = avatar();
  #name = h("h2", { tabindex: -1 });
  #about = h("p", { class: "soft" });
  #form = /** @type {ProfileForm} */ (document.createElement("profile-form"));
  #advanced = /** @type {UserAdvanced} */ (document.createElement("user-advanced"));
  #tabs = new Map(TABS.map((name) => [name, this.#makeTab(name)]));
  #panels = new Map(
    TABS.map((name) => [
      name,
      h("div", { class: "panel", id: `panel-${name}`, role: "tabpanel", "aria-labelledby": `tab-${name}` }, name === "profile" ? this.#form : this.#advanced),
    ]),
  );

  constructor() {
    super();
    const close = () => this.dispatchEvent(new CustomEvent("user-closed", { bubbles: true, composed: true }));
    this.root.append(
      h(
        "header",
        {},
        h("button", { class: "icon-button", type: "button", "aria-label": words.navigation.back, onclick: close }, icon("back")),
        this.#picture,
        h("div", { class: "who" }, this.#name, this.#about),
      ),
      h("div", { class: "tabs", role: "tablist", "aria-label": words.users.tabs.label, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) }, ...this.#tabs.values()),
      ...this.#panels.values(),
    );
  }

  /** @override @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after || !after) return;
    setAttribute(this.#form, "user", after);
    setAttribute(this.#advanced, "user", after);
    super.attributeChangedCallback(name, before, after);
  }

  get user() {
    return Number(this.getAttribute("user") ?? 0);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [client.on("users", () => this.invalidate())];
  }

  focusTitle() {
    this.#name.focus();
  }

  /** Whether something was entered that is not saved. */
  get isDirty() {
    return this.#form.isDirty;
  }

  /** What the page is called. */
  get title() {
    const profile = this.client?.users.profiles.get(this.user);
    return profile ? nameOf(profile) : words.users.title;
  }

  /** @override */
  render() {
    const profile = this.client?.users.profiles.get(this.user);
    setText(this.#name, profile ? nameOf(profile) : words.users.title);
    setText(this.#about, profile ? words.contacts.extension(profile.extension) : "");
    this.#picture.hidden = !profile;
    if (profile) this.#picture.show({ user: profile.user, name: nameOf(profile) });
    for (const [name, tab] of this.#tabs) {
      const isChosen = name === this.#tab;
      setAttribute(tab, "aria-selected", String(isChosen));
      setAttribute(tab, "tabindex", isChosen ? 0 : -1);
      const panel = this.#panels.get(name);
      if (panel) panel.hidden = !isChosen;
    }
  }

  /** @param {typeof TABS[number]} name */
  #makeTab(name) {
    const choose = () => {
      this.#tab = name;
      this.render();
    };
    return h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: choose }, words.users.tabs[name]);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.#tab = TABS[(TABS.indexOf(this.#tab) + step + TABS.length) % TABS.length] ?? "profile";
    this.render();
    this.#tabs.get(this.#tab)?.focus();
  }
}
