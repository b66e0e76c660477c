/**
 * `<contact-list>` on a page that embeds it: search, groups, stars and live dots. What only the portal has pages for
 * (adding and changing contacts, files of them) is left out.
 *
 * Fires `person-chosen` (detail: the user) for a coworker, and `contact-chosen` (detail: the contact) for anybody else.
 */

import { css } from "../elements/element.js";
import { ContactList } from "../elements/contact-list.js";
import { StateNote, stateStyles } from "./state-note.js";

/** @import { PresenceClient } from "../client/index.js" */

export class EmbeddedList extends ContactList {
  static styles = [
    ...ContactList.styles,
    stateStyles,
    css`
      :host {
        block-size: 32rem;
        background: var(--presence-surface);
      }
      /* Nothing will come: nothing is announced to come. */
      :host(:not([state="live"], [state="connecting"], [state="offline"])) :is(.controls, .scroll) {
        display: none;
      }
      .top > .icon-button,
      .tools > .edit {
        display: none;
      }
    `,
  ];

  #state = new StateNote(this);

  constructor() {
    super();
    this.root.prepend(this.#state.element);
    this.addEventListener("contact-wanted", (event) => this.#wanted(/** @type {CustomEvent<string>} */ (event).detail));
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [...super.follow(client), ...this.#state.follow(client)];
  }

  /** @override */
  render() {
    super.render();
    if (this.client) this.#state.show(this.client);
  }

  /** @param {string} key */
  #wanted(key) {
    const contact = this.client?.contacts.state.contacts.get(Number(key.slice(1)));
    if (contact) this.dispatchEvent(new CustomEvent("contact-chosen", { bubbles: true, composed: true, detail: contact }));
  }
}
