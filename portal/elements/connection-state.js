/**
 * `<connection-state>`: whether what is shown is true now. Never pretends.
 *
 * As it is: a small sign ("Live"). With `variant="strip"`: a line across the page that is there only while the connection
 * is not, and says since when the page shows the past, and when it tries again.
 */

import { PresenceElement, css } from "./element.js";
import { h, setAttribute, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { loadNewest } from "./loading-newest.js";
import { timesOf } from "./times.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Phase } from "../client/socket.js"
 */

/** A connection that is back within this time was not worth a line across the page. */
const PATIENCE = 1_200;
/** For how long it can be read that there is a connection again. */
const SAID_FOR = 5_000;

export class ConnectionState extends PresenceElement {
  static observedAttributes = ["variant"];

  static styles = [
    css`
      .sign {
        display: inline-flex;
        align-items: center;
        gap: 0.4em;
        padding: 0.2rem 0.6rem;
        border-radius: 1rem;
        font-size: 0.8125rem;
        font-weight: 600;
        color: var(--presence-ink-soft);
        white-space: nowrap;
      }
      :host([phase="waiting"]) .sign,
      :host([phase="ended"]) .sign {
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
      }
      :host([phase="connecting"]) .sign svg {
        animation: breathe 0.8s ease-in-out infinite alternate;
      }
      .strip[data-on] {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 0.25rem 0.9rem;
        padding: 0.45rem 1rem;
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
        font-size: 0.875rem;
      }
      .strip .button {
        color: inherit;
        background: none;
        border-color: currentcolor;
      }
    `,
  ];

  #sign = h("span", { class: "sign" });
  #signText = h("span");
  #happened = h("span");
  #shown = h("span");
  /** Of a sentence that is over nothing is said: only what is new is read out. */
  #text = h("span", { role: "status", "aria-atomic": "false" }, this.#happened, " ", this.#shown);
  #countdown = h("span", { "aria-hidden": "true" });
  #action = h("button", { class: "button small", type: "button", onclick: () => this.#act() });
  /** Always on the page: what comes together with its place is not read out. */
  #strip = h("div", { class: "strip" }, this.#text, this.#countdown, this.#action);
  /** Whether the strip tells of a connection that there was before. */
  #isLoss = false;
  /** @type {any} */
  #silence = null;
  /** When the connection was lost (or the page opened), ms; 0: it lives. */
  #lostAt = performance.now();
  /** @type {any} */
  #timer = null;

  /** @override */
  attributeChangedCallback() {
    this.invalidate();
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    const onNetwork = () => this.invalidate();
    addEventListener("online", onNetwork);
    addEventListener("offline", onNetwork);
    return [
      client.on("connection", () => this.invalidate()),
      () => clearInterval(this.#timer),
      () => clearTimeout(this.#silence),
      () => removeEventListener("online", onNetwork),
      () => removeEventListener("offline", onNetwork),
    ];
  }

  /** @override */
  render() {
    if (!this.client) return;
    const phase = this.client.connection;
    setAttribute(this, "phase", phase.name);
    if (phase.name === "live") this.#lostAt = 0;
    else this.#lostAt ||= performance.now();
    this.#tickWhile(phase.name !== "live");
    if (this.getAttribute("variant") === "strip") this.#renderStrip(phase);
    else this.#renderSign(phase);
  }

  /** @param {Phase} phase */
  #renderSign(phase) {
    const isLive = phase.name === "live";
    if (this.#sign.getAttribute("data-icon") !== String(isLive)) {
      setAttribute(this.#sign, "data-icon", isLive);
      setChildren(this.#sign, icon(isLive || phase.name === "connecting" ? "live" : "cut"), this.#signText);
    }
    setText(this.#signText, signOf(phase));
    setChildren(this.root, this.#sign);
  }

  /** @param {Phase} phase */
  #renderStrip(phase) {
    const isOver = phase.name === "live" || phase.name === "idle";
    const isShown = !isOver && (phase.name === "ended" || performance.now() - this.#lostAt >= PATIENCE);
    setAttribute(this.#strip, "data-on", isShown);
    this.#text.classList.toggle("visually-hidden", !isShown);
    if (isShown) this.#sayLoss(phase);
    else this.#sayReturn(phase);
    this.#isLoss = isShown && Boolean(phase.liveUntil);
    setText(this.#countdown, isShown && phase.name === "waiting" ? `${words.connection.reconnectingIn(secondsTo(phase))}.` : "");
    this.#countdown.hidden = !isShown || phase.name !== "waiting";
    this.#action.hidden = !isShown || phase.name === "connecting";
    setText(this.#action, phase.name === "ended" && isOutdated(phase.code) ? words.connection.reload : words.connection.tryNow);
    setChildren(this.root, this.#strip);
  }

  /** To who does not see that the strip is gone. @param {Phase} phase */
  #sayReturn(phase) {
    const isLive = phase.name === "live";
    if (isLive && !this.#isLoss) return;
    setText(this.#shown, "");
    setText(this.#happened, isLive ? words.connection.back : "");
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#strip.hasAttribute("data-on") || setText(this.#happened, ""), SAID_FOR);
  }

  /** @param {Phase} phase */
  #sayLoss(phase) {
    const { connection: say } = words;
    const happened =
      phase.name === "ended" ? (say.ended[/** @type {4502} */ (phase.code)] ?? say.ended.other)
      : !navigator.onLine ? say.noNetwork
      : phase.liveUntil ? "" : phase.attempt > 0 ? say.notYet : say.connecting;
    setText(this.#happened, happened);
    setText(this.#shown, phase.liveUntil ? say.lastKnown(timesOf(this.client).time(phase.liveUntil)) : "");
  }

  /** @param {boolean} isNeeded */
  #tickWhile(isNeeded) {
    if (!isNeeded) clearInterval(this.#timer);
    if (isNeeded && !this.#timer) this.#timer = setInterval(() => this.invalidate(), 500);
    if (!isNeeded) this.#timer = null;
  }

  #act() {
    const { name, code } = this.client?.connection ?? {};
    if (name === "ended" && isOutdated(code ?? 0)) void loadNewest();
    else this.client?.retryNow();
  }
}

/** @param {Phase} phase */
function signOf(phase) {
  const { connection: say } = words;
  switch (phase.name) {
    case "live":
      return say.live;
    case "connecting":
      return phase.liveUntil ? say.reconnecting : say.connecting;
    case "ended":
      return say.stopped;
    default:
      return say.offline;
  }
}

/** @param {Phase} phase */
function secondsTo(phase) {
  return Math.max(0, Math.ceil((phase.until - Date.now()) / 1_000));
}

/** @param {number} code */
function isOutdated(code) {
  return code === 4503 || code === 4504;
}
