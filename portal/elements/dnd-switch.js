/** `<dnd-switch>`: one's own Do Not Disturb. Shows what the server says, not what was clicked. */

import { PresenceElement } from "./element.js";
import { toggle, toggleStyles } from "./toggle.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

/** A switch that answers at once needs no words about it, which would only blink. */
const PATIENCE_MS = 700;

export class DndSwitch extends PresenceElement {
  static styles = [toggleStyles];

  #toggle = toggle({ name: words.you.dnd, className: "dnd", change: async (on) => this.client?.setDnd(on) });

  #isLong = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    super();
    this.root.append(this.#toggle);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("presence", (users) => (!users || users.has(client.me)) && this.invalidate()),
      client.on("connection", () => this.invalidate()),
    ];
  }

  /** @override */
  render() {
    if (!this.client) return;
    const { dnd, dnd_pending } = this.client.presenceOf(this.client.me);
    const { isLive } = this.client;
    this.#wait(dnd_pending);
    const hint = dnd_pending && this.#isLong ? words.you.dndPending[dnd ? "on" : "off"] : words.you.dndHint;
    this.#toggle.show({ checked: dnd, disabled: !isLive, hint: isLive ? hint : words.you.needsConnection });
  }

  /** @param {boolean} isPending */
  #wait(isPending) {
    if (!isPending) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#isLong = false;
    } else {
      this.#timer ??= setTimeout(() => {
        this.#isLong = true;
        this.invalidate();
      }, PATIENCE_MS);
    }
  }
}
