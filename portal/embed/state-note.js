/** The line by which an embedded element says that it is not live, and why. */

import { h, setAttribute, setText } from "../elements/dom.js";
import { css } from "../elements/element.js";
import { timesOf } from "../elements/times.js";
import { isPassing, stateOf } from "./state.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { PresenceElement } from "../elements/element.js"
 */

/** What passes within this time is not told, in milliseconds. */
const PATIENCE = 1_500;

export const stateStyles = css`
  .session-state {
    padding: 0.4rem 0.75rem;
    background: var(--presence-notice-soft);
    color: var(--presence-notice-ink);
    font-size: 0.8125rem;
  }
`;

export class StateNote {
  element = h("p", { class: "session-state", part: "state", hidden: true });

  #host;
  #isMinor;
  #since = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {PresenceElement} host whose attribute `state` says the same
   * @param {{isMinor?: boolean}} [options] `isMinor`: says nothing where a `<presence-session>` on the page says it
   */
  constructor(host, { isMinor = false } = {}) {
    this.#host = host;
    this.#isMinor = isMinor;
  }

  /**
   * @param {PresenceClient} client
   * @returns {(() => void)[]}
   */
  follow(client) {
    const invalidate = () => this.#host.invalidate();
    return [client.on("connection", invalidate), client.on("session", invalidate), () => clearTimeout(this.#timer)];
  }

  /** Brings the line up to date. @param {PresenceClient} client */
  show(client) {
    const state = stateOf(client);
    if (state === "live" || !isPassing(state)) this.#since = 0;
    else this.#since ||= performance.now();
    const isTold = state !== "live" && performance.now() - this.#since >= PATIENCE;
    clearTimeout(this.#timer);
    if (state !== "live" && !isTold) this.#timer = setTimeout(() => this.#host.invalidate(), PATIENCE + 10);
    setAttribute(this.#host, "state", state);
    setText(this.element, isTold ? sentenceOf(client) : "");
    this.element.hidden = !isTold || (this.#isMinor && document.querySelector("presence-session:not([quiet])") !== null);
  }
}

/** @param {PresenceClient} client */
export function sentenceOf(client) {
  const state = stateOf(client);
  const { liveUntil } = client.connection;
  const shown = state === "offline" && liveUntil > 0 ? words.embedded.asOf(timesOf(client).time(liveUntil)) : "";
  return [words.embedded.states[state], shown].filter(Boolean).join(" ");
}
