/** `<appear-offline-switch>`: whether others see one as offline. Shows what the server says, not what was clicked. */

import { PresenceElement } from "./element.js";
import { toggle, toggleStyles } from "./toggle.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class AppearOfflineSwitch extends PresenceElement {
  static styles = [toggleStyles];

  #toggle = toggle({ name: words.you.appearOffline, change: async (on) => this.client?.setAppearOffline(on) });

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
    const { isLive } = this.client;
    this.#toggle.show({
      checked: this.client.presenceOf(this.client.me).appears_offline,
      disabled: !isLive,
      hint: isLive ? words.you.appearOfflineHint : words.you.needsConnection,
    });
  }
}
