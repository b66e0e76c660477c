/** `<available-switch>`: whether this window may be chatted with, which is what the small blue dot tells others. */

import { PresenceElement } from "./element.js";
import { toggle, toggleStyles } from "./toggle.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class AvailableSwitch extends PresenceElement {
  static styles = [toggleStyles];

  #toggle = toggle({
    name: words.you.available,
    change: async (on) => {
      await this.client?.setAvailable(on);
      this.invalidate();
    },
  });

  constructor() {
    super();
    this.root.append(this.#toggle);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [client.on("connection", () => this.invalidate())];
  }

  /** @override */
  render() {
    if (!this.client) return;
    const { isLive } = this.client;
    this.#toggle.show({
      checked: this.client.isAvailable,
      disabled: !isLive,
      hint: isLive ? words.you.availableHint : words.you.needsConnection,
    });
  }
}
