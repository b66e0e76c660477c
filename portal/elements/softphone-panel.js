/** `<softphone-panel>`: this browser as a device with make-believe calls, so that presence can be tried without a switch. */

import { PresenceElement, css } from "./element.js";
import { h, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { timesOf } from "./times.js";
import { toggle, toggleStyles } from "./toggle.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { CallPhase } from "../client/protocol.js"
 */

/** @type {Record<CallPhase | "none", {label: "call" | "ring" | "answer" | "decline" | "hangUp" | "hold" | "resume", icon: string, phase: CallPhase, className?: string}[]>} */
const STEPS = {
  none: [
    { label: "call", icon: "phone", phase: "dialing" },
    { label: "ring", icon: "bell", phase: "ringing" },
  ],
  ringing: [
    { label: "answer", icon: "phone", phase: "active", className: "primary" },
    { label: "decline", icon: "hangup", phase: "ended", className: "danger" },
  ],
  dialing: [
    { label: "answer", icon: "phone", phase: "active", className: "primary" },
    { label: "hangUp", icon: "hangup", phase: "ended", className: "danger" },
  ],
  active: [
    { label: "hold", icon: "pause", phase: "held" },
    { label: "hangUp", icon: "hangup", phase: "ended", className: "danger" },
  ],
  held: [
    { label: "resume", icon: "play", phase: "active" },
    { label: "hangUp", icon: "hangup", phase: "ended", className: "danger" },
  ],
  ended: [],
};

export class SoftphonePanel extends PresenceElement {
  static styles = [
    toggleStyles,
    css`
      section {
        display: grid;
        gap: 0.5rem;
      }
      h2 {
        font-size: 0.875rem;
      }
      .steps {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.5rem;
      }
      .phase {
        font-weight: 600;
        min-block-size: 1.4em;
      }
      .hint {
        font-size: 0.8125rem;
      }
    `,
  ];

  #toggle = toggle({
    name: words.softphone.register,
    change: async (on) => (on ? this.client?.softphone.register() : this.client?.softphone.unregister()),
  });
  #phase = h("p", { class: "phase", role: "status" });
  #steps = h("div", { class: "steps" });
  #error = h("p", { class: "error", role: "alert", hidden: true });
  /** @type {CallPhase | "none" | null} */
  #shown = null;

  constructor() {
    super();
    this.root.append(
      h(
        "section",
        { "aria-label": words.softphone.title },
        h("h2", {}, words.softphone.title),
        this.#toggle,
        this.#phase,
        this.#steps,
        this.#error,
        h("p", { class: "hint soft" }, words.softphone.hint),
      ),
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return ["softphone", "connection", "profile"].map((topic) =>
      client.on(/** @type {"softphone"} */ (topic), () => this.invalidate()),
    );
  }

  /** @override */
  render() {
    if (!this.client) return;
    const { isLive, softphone } = this.client;
    const { wanted, call } = softphone.state;
    this.#toggle.show({ checked: wanted, disabled: !isLive, hint: this.#registration() });
    setText(this.#phase, call ? words.softphone.phases[call] : "");
    this.#phase.hidden = !call;
    this.#steps.hidden = !wanted && !call;
    this.#showSteps(call ?? "none");
    for (const button of this.#steps.querySelectorAll("button")) button.disabled = !isLive;
  }

  /** @param {CallPhase | "none"} phase */
  #showSteps(phase) {
    if (phase === this.#shown) return;
    const hadFocus = this.#steps.contains(this.root.activeElement);
    this.#shown = phase;
    const buttons = STEPS[phase].map(({ label, icon: name, phase: next, className = "" }) =>
      h(
        "button",
        { type: "button", class: `button ${className}`, onclick: () => void this.#report(next) },
        icon(name),
        words.softphone[label],
      ),
    );
    setChildren(this.#steps, ...buttons);
    if (hadFocus) buttons[0]?.focus();
  }

  /** @param {CallPhase} phase */
  async #report(phase) {
    this.#error.hidden = true;
    try {
      await this.client?.softphone.report(phase);
    } catch (error) {
      setText(this.#error, sentenceOf(error));
      this.#error.hidden = false;
    }
  }

  #registration() {
    if (!this.client) return "";
    const { wanted, expiresAt, problem } = this.client.softphone.state;
    if (!this.client.isLive) return words.you.needsConnection;
    if (!wanted) return words.softphone.notRegistered;
    if (problem) return problem;
    if (!expiresAt) return words.softphone.registering;
    return words.softphone.registeredUntil(timesOf(this.client).time(expiresAt * 1_000));
  }
}
