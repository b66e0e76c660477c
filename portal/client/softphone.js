/**
 * This browser as a device: registers, refreshes before the registration ends, reports its calls.
 *
 * There is no media here. A SIP library plugs in by calling `register` when its own registration is up and `follow` with
 * every change of a call (docs/softphone.md); without one, a call is simulated by `report`, so that presence can be tried
 * without a switch.
 */

import { Refused } from "./errors.js";

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
  /** Until the server knows of their end. @type {Map<string, {phase: CallPhase, timer: any}>} */
  #calls = new Map();
  /** Whether the server may still take this browser for registered. */
  #isLeaving = false;
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
    else if (this.#isLeaving) void this.#tellUnregistered().catch(() => undefined);
    for (const call of this.#calls.keys()) void this.#tell(call);
  }

  /**
   * @param {{isRemembered?: boolean}} [options] `isRemembered`: a page that is loaded again registers by itself; not for a
   *   library, which says so when it is ready
   */
  async register({ isRemembered = true } = {}) {
    this.#kept.set("registered", isRemembered ? "yes" : null);
    this.#isLeaving = false;
    this.#become({ wanted: true, problem: "" });
    await this.#refresh();
  }

  /**
   * @param {{keepsCalls?: boolean}} [options] `keepsCalls`: calls go on, as those of a library that has only lost its
   *   registration; else they are reported as ended
   * @returns {Promise<void>} rejects if the server was not told; that is made up for at the next connection
   */
  async unregister({ keepsCalls = false } = {}) {
    this.#kept.set("registered", null);
    this.#around.clearTimer(this.#timer);
    this.#isLeaving ||= this.state.wanted;
    if (!keepsCalls) await Promise.all([...this.#calls.keys()].map((call) => this.follow(call, "ended")));
    this.#become({ wanted: false, expiresAt: 0, problem: "", ...(keepsCalls ? {} : { call: null }) });
    if (this.#around.isLive()) await this.#tellUnregistered();
  }

  /**
   * The page goes away: a telephone in a closed page does not ring. The registration is left to end in a moment, so that
   * a page that is only loaded again does not make the dot flap.
   */
  leave() {
    this.#around.clearTimer(this.#timer);
    if (!this.#around.isLive()) return;
    const unheard = () => undefined;
    for (const call of this.#calls.keys()) this.#around.request("report_call", { call, phase: "ended" }).catch(unheard);
    this.#forgetCalls();
    if (this.state.wanted) this.#around.request("register_device", this.#device(LEAVING_TTL)).catch(unheard);
  }

  stop() {
    this.#around.clearTimer(this.#timer);
    this.#forgetCalls();
  }

  /**
   * Of the simulated call.
   *
   * @param {CallPhase} phase
   * @returns {Promise<void>} rejects if the server was not told; the phase then stays as it was
   */
  async report(phase) {
    if (!this.state.call) this.#call = `call:${randomName()}`;
    await this.#around.request("report_call", { call: this.#call, phase });
    this.#wasTold(this.#call, this.#note(this.#call, phase));
    this.#become({ call: phase === "ended" ? null : phase });
  }

  /**
   * A call of a SIP library is in this phase now. There may be several. What cannot be told now is told when there is a
   * connection again, as it is then.
   *
   * @param {string} call a name that no other call ever has: 1 to 128 visible characters of ASCII, such as a Call-ID
   * @param {CallPhase} phase
   * @returns {Promise<void>} after the first attempt to tell it; never rejects
   */
  follow(call, phase) {
    this.#note(call, phase);
    return this.#tell(call);
  }

  /** @param {string} call @param {CallPhase} phase */
  #note(call, phase) {
    this.#around.clearTimer(this.#calls.get(call)?.timer);
    const noted = { phase, timer: /** @type {any} */ (null) };
    this.#calls.set(call, noted);
    return noted;
  }

  /** @param {string} call one that was noted */
  async #tell(call) {
    const noted = this.#calls.get(call);
    if (!noted || !this.#around.isLive()) return; // resume() goes on
    try {
      await this.#around.request("report_call", { call, phase: noted.phase });
      this.#wasTold(call, noted);
    } catch (error) {
      if (error instanceof Refused && !error.temporary) {
        this.#become({ problem: error.message });
        this.#drop(call, noted);
      } else this.#tellAgain(call, noted, RETRY_AFTER);
    }
  }

  /** @param {string} call @param {{phase: CallPhase, timer: any}} noted */
  #wasTold(call, noted) {
    if (noted.phase === "ended") this.#drop(call, noted);
    else this.#tellAgain(call, noted, REFRESH_AFTER); // the server forgets a call that it hears nothing of
  }

  /** @param {string} call @param {{phase: CallPhase, timer: any}} noted @param {number} after */
  #tellAgain(call, noted, after) {
    if (this.#calls.get(call) !== noted) return; // overtaken
    this.#around.clearTimer(noted.timer);
    noted.timer = this.#around.setTimer(() => void this.#tell(call), after);
  }

  /** @param {string} call @param {{phase: CallPhase, timer: any}} noted */
  #drop(call, noted) {
    if (this.#calls.get(call) !== noted) return;
    this.#around.clearTimer(noted.timer);
    this.#calls.delete(call);
  }

  #forgetCalls() {
    for (const { timer } of this.#calls.values()) this.#around.clearTimer(timer);
    this.#calls.clear();
  }

  async #tellUnregistered() {
    await this.#around.request("unregister_device", { device: this.#name });
    this.#isLeaving = false;
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
