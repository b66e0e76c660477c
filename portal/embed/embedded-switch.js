/** `<dnd-switch>` on a page that embeds it: one's own Do Not Disturb, with a line if nobody is logged in. */

import { DndSwitch } from "../elements/dnd-switch.js";
import { StateNote, stateStyles } from "./state-note.js";

/** @import { PresenceClient } from "../client/index.js" */

export class EmbeddedSwitch extends DndSwitch {
  static styles = [...DndSwitch.styles, stateStyles];

  #state = new StateNote(this, { isMinor: true });

  constructor() {
    super();
    this.root.prepend(this.#state.element);
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
}
