/**
 * This browser as a device: registers, refreshes before the registration ends, reports its calls.
 *
 * There is no media here. A SIP library plugs in by calling `register` when its own registration is up and `report` with
 * every change of a call; without one, the calls are simulated, so that presence can be tried without a switch.
 */

/**
 * @import { CallPhase } from "./protocol.js"
 * @import { Keepsakes } from "./keepsakes.js"
 * @import { Request } from "./socket.js"
 */

/** Longer than a browser may delay the timers of a hidden page (a minute), three times over. */
const TTL = 180;
/** The shortest that the server takes. */
const LEAVING_TTL = 10;
const REFRESH_AFTER = (TTL / 3) * 1_000;
const RETRY_AFTER = 5_000;

/**
 * @typedef {object} SoftphoneState
 * @property {boolean} wanted whether this browser should be registered
 * @property {number} expiresAt Unix seconds; 0: not registered
 * @property {CallPhase | null} call the phase of the call that is under way
 * @property {string} problem the server's words, if registering was refused
 *
 * @typedef {object} Surroundings
 * @property {Request} request
 * @property {() => boolean} isLive
 * @property {(run: () => void, after: number) => any} setTimer
 * @property {(timer: any) => void} clearTimer
 * @property {() => void} changed
 */

export class Softphone {
  /** @type {SoftphoneState} */
  state = { wanted: false, expiresAt: 0, call: null, problem: "" };

  #kept;
  #around;
  #name;
  #call = "";
  /** @type {any} */
  #timer = null;

  /**
   * @param {Keepsakes} kept remembers the device's name and whether it was registered
   * @param {Surroundings} around
   */
  constructor(kept, around) {
    this.#kept = kept;
    this.#around = around;
    this.#name = kept.get("device") ?? `browser:${randomName()}`;
    kept.set("device", this.#name);
    this.state.wanted = kept.get("registered") === "yes";
  }

  /** After `connected`. */
  resume() {
    if (this.state.wanted) void this.#refresh();
  }

  async register() {
    this.#kept.set("registered", "yes");
    this.#become({ wanted: true, problem: "" });
    await this.#refresh();
  }

  async unregister() {
    this.#kept.set("registered", null);
    this.#around.clearTimer(this.#timer);
    if (this.state.call && this.#around.isLive()) await this.report("ended");
    this.#become({ wanted: false, expiresAt: 0, problem: "" });
    if (this.#around.isLive()) await this.#around.request("unregister_device", { device: this.#name });
  }

  /**
   * The page goes away: a telephone in a closed page does not ring. The registration is left to end in a moment, so that
   * a page that is only loaded again does not make the dot flap.
   */
  leave() {
    this.#around.clearTimer(this.#timer);
    if (!this.#around.isLive()) return;
    const unheard = () => undefined;
    if (this.state.call) this.#around.request("report_call", { call: this.#call, phase: "ended" }).catch(unheard);
    if (this.state.wanted) this.#around.request("register_device", this.#device(LEAVING_TTL)).catch(unheard);
  }

  stop() {
    this.#around.clearTimer(this.#timer);
  }

  /**
   * @param {CallPhase} phase
   * @returns {Promise<void>} rejects if the server was not told; the phase then stays as it was
   */
  async report(phase) {
    if (!this.state.call) this.#call = `call:${randomName()}`;
    await this.#around.request("report_call", { call: this.#call, phase });
    this.#become({ call: phase === "ended" ? null : phase });
  }

  async #refresh() {
    this.#around.clearTimer(this.#timer);
    if (!this.#around.isLive()) return; // resume() goes on
    let again = REFRESH_AFTER;
    try {
      const reply = await this.#around.request("register_device", this.#device(TTL));
      if (this.state.wanted) this.#become({ expiresAt: reply.expires_at, problem: "" });
    } catch (error) {
      again = RETRY_AFTER;
      this.#become({ problem: /** @type {Error} */ (error).message });
    }
    this.#around.clearTimer(this.#timer);
    if (this.state.wanted) this.#timer = this.#around.setTimer(() => void this.#refresh(), again);
  }

  /** @param {number} ttl seconds */
  #device(ttl) {
    return { device: this.#name, ttl, label: "Browser" };
  }

  /** @param {Partial<SoftphoneState>} changes */
  #become(changes) {
    this.state = { ...this.state, ...changes };
    this.#around.changed();
  }
}

function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
