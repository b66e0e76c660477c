/**
 * `<presence-dot extension="1002">` (or `user="12"`) on a page that embeds it: as in the portal, and honest about what it
 * does not know: without a login, or without anybody of that extension, it shows "unknown"; without a connection it is
 * pale and says of when it is.
 *
 * Size: `font-size`. Colours: `--presence-green`, `--presence-red`, `--presence-blue`, `--presence-grey`. Part: `dot`.
 */

import { setAttribute } from "../elements/dom.js";
import { css } from "../elements/element.js";
import { PresenceDot } from "../elements/presence-dot.js";
import { timesOf } from "../elements/times.js";
import { unknown } from "../client/state/presence.js";
import { userOf } from "./finding.js";
import { stateOf } from "./state.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class EmbeddedDot extends PresenceDot {
  static observedAttributes = [...PresenceDot.observedAttributes, "extension"];

  static styles = [
    ...PresenceDot.styles,
    css`
      :host([stale]) svg {
        filter: grayscale(1);
        opacity: 0.6;
        transition: filter 0.4s 1.5s, opacity 0.4s 1.5s;
      }
    `,
  ];

  #isUnknown = false;

  constructor() {
    super();
    this.root.querySelector("svg")?.setAttribute("part", "dot");
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    const invalidate = () => this.invalidate();
    return [
      ...super.follow(client),
      client.on("session", invalidate),
      client.on("connection", invalidate),
      client.on("directory", () => this.hasAttribute("extension") && this.invalidate()),
      () => client.lookAt([], this),
    ];
  }

  /** @override */
  render() {
    const { client } = this;
    const user = this.#find();
    const isUnknown = !client || !user || client.session.state !== "in";
    if (isUnknown !== this.#isUnknown) {
      this.#isUnknown = isUnknown;
      this.presence = isUnknown ? unknown(0) : null;
    }
    super.render();
    if (!client) return;
    if (user) client.lookAt([user], this);
    setAttribute(this, "stale", !client.isLive && !isUnknown);
    this.#sayWhy(client, isUnknown);
  }

  /**
   * @param {PresenceClient} client
   * @param {boolean} isUnknown
   */
  #sayWhy(client, isUnknown) {
    const state = stateOf(client);
    const label = this.getAttribute("aria-label");
    if (!label || state === "live") return;
    const why = isUnknown ? words.embedded.states[state] : words.embedded.asOf(timesOf(client).time(client.connection.liveUntil));
    for (const name of ["aria-label", "title"]) setAttribute(this, name, words.presence.join([label, why]));
  }

  #find() {
    const extension = this.getAttribute("extension");
    if (!extension) return Number(this.getAttribute("user")) || 0;
    const user = (this.client && userOf(this.client, extension, () => this.invalidate())) ?? 0;
    setAttribute(this, "user", user || null);
    return user;
  }
}
