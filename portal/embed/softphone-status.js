/**
 * `<softphone-status>`: whether one's own phone can be called, in words and with a sign: registered, none, ringing, busy,
 * or unknown because the switch is silent. The attribute `phone` says it too. Parts: `state`, `sign`, `text`.
 */

import { h, setAttribute, setText } from "../elements/dom.js";
import { PresenceElement, css } from "../elements/element.js";
import { icon } from "../elements/icons.js";
import { isUnknown } from "../client/state/presence.js";
import { StateNote, stateStyles } from "./state-note.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { KnownPresence } from "../client/state/presence.js"
 */

/** @typedef {"registered" | "none" | "ringing" | "busy" | "unknown"} PhoneState */

export class SoftphoneStatus extends PresenceElement {
  static styles = [
    stateStyles,
    css`
      .line {
        display: flex;
        align-items: center;
        gap: 0.6rem;
      }
      .sign {
        display: grid;
        place-items: center;
        flex: none;
        inline-size: 2rem;
        block-size: 2rem;
        border-radius: 50%;
        border: 2px dashed var(--presence-grey);
        color: var(--presence-ink-soft);
      }
      :host([phone="none"]) .sign {
        border-style: solid;
      }
      :host([phone="registered"]) .sign,
      :host([phone="ringing"]) .sign {
        border: 0;
        background: var(--presence-green);
        color: var(--presence-on-dot);
      }
      :host([phone="busy"]) .sign {
        border: 0;
        background: var(--presence-red);
        color: var(--presence-on-dot);
      }
    `,
  ];

  #state = new StateNote(this, { isMinor: true });
  #text = h("span", { part: "text", role: "status" });
  #line = h("p", { class: "line" }, h("span", { class: "sign", part: "sign" }, icon("phone")), this.#text);

  constructor() {
    super();
    this.root.append(this.#state.element, this.#line);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      ...this.#state.follow(client),
      client.on("presence", (users) => (!users || users.has(client.me)) && this.invalidate()),
    ];
  }

  /** @override */
  render() {
    const { client } = this;
    if (!client) return;
    this.#state.show(client);
    this.#line.hidden = client.session.state !== "in";
    const phone = client.isLive ? phoneOf(client.presenceOf(client.me)) : "unknown";
    setAttribute(this, "phone", phone);
    setText(this.#text, client.isLive ? words.embedded.phone[phone] : words.embedded.states.offline);
  }
}

/**
 * @param {KnownPresence} presence one's own
 * @returns {PhoneState}
 */
export function phoneOf(presence) {
  if (isUnknown(presence)) return "unknown";
  if (presence.calls === "busy") return "busy";
  if (presence.calls === "ringing") return "ringing";
  return presence.phone ? "registered" : "none";
}
