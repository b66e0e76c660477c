/**
 * `<presence-dot user="12">`: one person's dot, live.
 *
 * A disc for the colour, with a form of its own for every state; a ring if the person can only be chatted with; a smaller
 * blue dot in front of it if they can be chatted with. Says the same in words, unless `decorative` (the words stand
 * beside it). Size: `font-size`. Colours: `--presence-green`, `--presence-red`, `--presence-blue`, `--presence-grey`.
 */

import { PresenceElement, css } from "./element.js";
import { setAttribute, svg } from "./dom.js";
import { isRinging, labelOf, shapeOf } from "./presence-view.js";
import { timesOf } from "./times.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { KnownPresence } from "../client/state/presence.js"
 */

const HANDSET =
  "M6.3 5.6l1.5.2.6 1.9-1.1.9a6 6 0 0 0 2.9 2.9l.9-1.1 1.9.6.2 1.5c0 .8-.6 1.5-1.4 1.4A8.1 8.1 0 0 1 4.9 7c0-.8.6-1.4 1.4-1.4z";

export class PresenceDot extends PresenceElement {
  static observedAttributes = ["user", "decorative"];

  static styles = [
    css`
      :host {
        display: inline-block;
        inline-size: 1em;
        block-size: 1em;
        line-height: 0;
        vertical-align: -0.12em;
        font-size: 0.95rem;
      }
      svg {
        inline-size: 100%;
        block-size: 100%;
        overflow: visible;
      }
      .edge {
        fill: var(--presence-dot-edge, transparent);
      }
      .disc {
        fill: var(--colour);
        stroke: var(--colour);
        stroke-width: 1;
        transition: fill 0.25s, stroke 0.25s;
      }
      .sign {
        fill: none;
        stroke: var(--presence-on-dot);
        stroke-width: 2;
        stroke-linecap: round;
        display: none;
      }
      .sign.filled {
        fill: var(--presence-on-dot);
        stroke: none;
      }
      .chat {
        fill: var(--presence-blue);
        stroke: var(--presence-dot-edge, var(--presence-surface));
        stroke-width: 1.6;
        opacity: 0;
        scale: 0.3;
        transform-origin: 16.2px 16.2px;
        transition: opacity 0.2s, scale 0.25s;
      }
      /* Out of the way of the small dot. */
      :host([chat]) .sign {
        translate: -1px -0.9px;
      }
      :host([chat]) .chat {
        opacity: 1;
        scale: 1;
      }
      .wave {
        fill: none;
        stroke: var(--presence-green);
        stroke-width: 1.4;
        display: none;
      }
      :host([ringing]) .wave {
        display: block;
        transform-origin: 10px 10px;
        animation: ring 1.1s ease-out infinite;
      }
      @keyframes ring {
        from {
          scale: 0.85;
          opacity: 1;
        }
        to {
          scale: 1.45;
          opacity: 0;
        }
      }
      :host([shape="available"]) {
        --colour: var(--presence-green);
      }
      :host([shape="chat-only"]) {
        --colour: var(--presence-green);
      }
      :host([shape="chat-only"]) .disc {
        fill: var(--presence-dot-edge, transparent);
        stroke-width: 3.4;
        r: 6.3px;
      }
      :host([shape="dnd"]),
      :host([shape="phone"]) {
        --colour: var(--presence-red);
      }
      :host([shape="dnd"]) .dnd,
      :host([shape="phone"]) .phone {
        display: block;
      }
      :host([shape="offline"]),
      :host([shape="unknown"]) {
        --colour: var(--presence-grey);
      }
      :host([shape="offline"]) .disc {
        fill: var(--presence-dot-edge, transparent);
        stroke-width: 2;
        r: 6.6px;
      }
      :host([shape="offline"]) .offline {
        display: block;
        stroke: var(--presence-grey);
        stroke-width: 1.8;
      }
      :host([shape="unknown"]) .disc {
        fill: var(--presence-dot-edge, transparent);
        stroke-width: 1.8;
        stroke-dasharray: 3 2.2;
        r: 7px;
      }
      :host([shape="unknown"]) .unknown {
        display: block;
        stroke: var(--presence-grey);
        stroke-width: 1.8;
      }
      @media (prefers-reduced-motion: reduce) {
        :host([ringing]) .wave {
          scale: 1.15;
        }
      }
      @media (forced-colors: active) {
        .disc {
          forced-color-adjust: none;
        }
      }
    `,
  ];

  /** @type {KnownPresence | null} */
  #given = null;
  /** 0: nobody. */
  #user = 0;

  constructor() {
    super();
    this.root.append(
      svg(
        "svg",
        { viewBox: "0 0 20 20", "aria-hidden": "true" },
        svg("circle", { class: "edge", cx: 10, cy: 10, r: 10 }),
        svg("circle", { class: "wave", cx: 10, cy: 10, r: 9 }),
        svg("circle", { class: "disc", cx: 10, cy: 10, r: 7.5 }),
        svg("path", { class: "sign dnd", d: "M6.4 10h7.2" }),
        svg("path", { class: "sign phone filled", d: HANDSET }),
        svg("path", { class: "sign offline", d: "M7.9 7.9l4.2 4.2M12.1 7.9l-4.2 4.2" }),
        svg("path", { class: "sign unknown", d: "M8 8.3a2.05 2.05 0 1 1 2.9 1.9c-.6.3-.9.6-.9 1.2M10 13.5v.1" }),
        svg("circle", { class: "chat", cx: 16.2, cy: 16.2, r: 4.4 }),
      ),
    );
  }

  /** Shows this record instead of following a user. @param {KnownPresence | null} presence */
  set presence(presence) {
    this.#given = presence;
    this.invalidate();
  }

  get presence() {
    return this.#given ?? (this.client && this.#user ? this.client.presenceOf(this.#user) : null);
  }

  /** @override @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    this.#user = Number(this.getAttribute("user"));
    super.attributeChangedCallback(name, before, after);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("presence", (users) => {
        if (!users || users.has(this.#user)) this.invalidate();
      }),
      client.on("profile", () => this.invalidate()),
    ];
  }

  /** @override */
  render() {
    const presence = this.presence;
    setAttribute(this, "shape", presence ? shapeOf(presence) : "offline");
    setAttribute(this, "chat", presence?.chat ?? false);
    setAttribute(this, "ringing", presence ? isRinging(presence) : false);
    const isSaid = presence && !this.hasAttribute("decorative");
    setAttribute(this, "role", isSaid ? "img" : null);
    setAttribute(this, "aria-hidden", isSaid ? null : "true");
    const label = isSaid ? labelOf(presence, timesOf(this.client), Date.now()) : null;
    setAttribute(this, "aria-label", label);
    setAttribute(this, "title", label);
  }
}
