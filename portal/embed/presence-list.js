/**
 * `<presence-list extensions="1001 1002">`, `<presence-list department="Sales">`: people with their dots, and the reason
 * in words. Without either: all coworkers, where they are few enough to be listed.
 *
 * Fires `person-chosen` (detail: the user). Parts: `state`, `person`, `name`, `reason`.
 */

import { h, reconcile, setAttribute, setText } from "../elements/dom.js";
import { PresenceElement, css } from "../elements/element.js";
import { avatar, avatarStyles } from "../elements/avatar.js";
import { labelOf, reasonOf } from "../elements/presence-view.js";
import { timesOf } from "../elements/times.js";
import { nameOfUser } from "../elements/who.js";
import { byName } from "../client/people.js";
import { everybody } from "../client/state/directory.js";
import { userOf } from "./finding.js";
import { StateNote, stateStyles } from "./state-note.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class PresenceList extends PresenceElement {
  static observedAttributes = ["extensions", "department"];

  static styles = [
    avatarStyles,
    stateStyles,
    css`
      :host {
        background: var(--presence-surface);
        --presence-dot-edge: var(--presence-surface);
      }
      ul {
        padding: 0.35rem;
      }
      .person {
        display: flex;
        align-items: center;
        gap: 0.75rem;
        inline-size: 100%;
        padding: 0.45rem 0.6rem;
        border-radius: var(--presence-radius-small);
      }
      @media (hover: hover) {
        .person:hover {
          background: var(--presence-raised);
        }
      }
      .person:focus-visible {
        outline-offset: -2px;
      }
      .text {
        display: grid;
        min-inline-size: 0;
      }
      .name {
        font-weight: 600;
      }
      .name,
      .reason {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .reason {
        color: var(--presence-ink-soft);
        font-size: 0.8125rem;
      }
      .note {
        padding: 0.75rem;
        color: var(--presence-ink-soft);
        font-size: 0.875rem;
      }
    `,
  ];

  #state = new StateNote(this);
  /** Of what `#sorted` was made: comparing names costs more than all else. @type {unknown[]} */
  #sortedOf = [];
  /** @type {number[]} */
  #sorted = [];
  #people = h("ul", { "aria-label": words.embedded.people });
  #note = h("p", { class: "note", hidden: true });

  constructor() {
    super();
    this.root.append(this.#state.element, this.#people, this.#note);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    const invalidate = () => this.invalidate();
    return [
      ...this.#state.follow(client),
      client.on("presence", invalidate),
      client.on("directory", invalidate),
      client.on("profile", invalidate),
      () => client.lookAt([], this),
    ];
  }

  /** @override */
  render() {
    const { client } = this;
    if (!client) return;
    this.#state.show(client);
    const { users, missing } = client.session.state === "in" ? this.#wanted(client) : { users: [], missing: [] };
    client.lookAt(users, this);
    reconcile(this.#people, users, (user) => user, (user) => this.#row(user), (row) => row.show());
    this.#people.hidden = users.length === 0;
    const isTooMany = client.isLarge && !this.hasAttribute("extensions");
    setText(this.#note, isTooMany ? words.embedded.tooMany : missing.map(words.embedded.nobody).join(" "));
    this.#note.hidden = this.#note.textContent === "";
  }

  /**
   * @param {PresenceClient} client
   * @returns {{users: number[], missing: string[]}}
   */
  #wanted(client) {
    const extensions = (this.getAttribute("extensions") ?? "").split(/[\s,]+/).filter(Boolean);
    if (extensions.length > 0) {
      const found = extensions.map((extension) => userOf(client, extension, () => this.invalidate()));
      return {
        users: [...new Set(found.filter((user) => typeof user === "number"))],
        missing: extensions.filter((_, at) => found[at] === null),
      };
    }
    if (client.isLarge) return { users: [], missing: [] };
    const sortedOf = [client.coworkers.state.people, client.me, this.getAttribute("department")];
    if (sortedOf.some((each, at) => each !== this.#sortedOf[at])) {
      this.#sortedOf = sortedOf;
      this.#sorted = byName(this.#department(client)).map(({ user }) => user);
    }
    return { users: this.#sorted, missing: [] };
  }

  /** @param {PresenceClient} client */
  #department(client) {
    const department = this.getAttribute("department");
    return everybody(client.coworkers.state).filter(
      (coworker) => coworker.user !== client.me && (!department || coworker.department === department),
    );
  }

  /** @param {number} user */
  #row(user) {
    const picture = avatar();
    const name = h("span", { class: "name", part: "name" });
    const reason = h("span", { class: "reason", part: "reason" });
    const choose = () => this.dispatchEvent(new CustomEvent("person-chosen", { bubbles: true, composed: true, detail: user }));
    const button = h(
      "button",
      { class: "person", type: "button", part: "person", onclick: choose },
      picture,
      h("span", { class: "text" }, name, reason),
    );
    /** @type {unknown[]} */
    let before = [];
    return Object.assign(h("li", {}, button), {
      show: () => {
        const client = /** @type {PresenceClient} */ (this.client);
        const presence = client.presenceOf(user);
        const times = timesOf(client);
        const called = nameOfUser(client, user);
        const shown = [presence, times, called, client.photoOf(user), new Date().getDate()];
        if (shown.every((each, at) => each === before[at])) return; // of many, one has changed
        before = shown;
        picture.show({ user, name: called });
        setText(name, called);
        setText(reason, [presence.message, reasonOf(presence, times, Date.now())].filter(Boolean).join(" · "));
        setAttribute(button, "aria-label", words.presence.join([called, labelOf(presence, times, Date.now()), presence.message]));
      },
    });
  }
}
