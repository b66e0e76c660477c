/**
 * One WebSocket that stays: connects, proves that it lives, comes back. Knows commands, replies and events as such, and
 * nothing of what they mean (client.js does).
 *
 *     idle ── start ──> connecting ── `connected` ──> live
 *       ^                   ^  └──── lost ────┐         │ lost
 *       └── stop            └── wait over ── waiting <──┘
 *                                   ended <── a close code of 4500 or more: coming back would change nothing
 */

import { waitBefore } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { NotConnected, Refused, TimedOut } from "./errors.js";
import { Subprotocol, shouldReconnect } from "./protocol.js";

/** @import { AnyEvent, AnyReply, Connected, ReplyTo } from "./protocol.js" */

const HANDSHAKE_TIMEOUT = 15_000;
const COMMAND_TIMEOUT = 10_000;
/** How long an answer to `probe` may take. */
const PROBE_TIMEOUT = 4_000;
/** A connection that lived this long was a good one: the next attempt starts at the shortest wait again. */
const STEADY = 20_000;
/** What a browser reports when a connection is lost without a word. */
const LOST = 1006;

/**
 * @typedef {<Op extends keyof ReplyTo>(op: Op, fields?: object, timeout?: number) => Promise<ReplyTo[Op]>} Request sends a
 *   command; `timeout` in milliseconds; rejects with `Refused`, `NotConnected` or `TimedOut`
 *
 * @typedef {object} Phase
 * @property {"idle" | "connecting" | "live" | "waiting" | "ended"} name
 * @property {number} attempt 0 until an attempt has failed
 * @property {number} until when the next attempt starts (ms since 1970), while waiting; else 0
 * @property {number} liveUntil when something was last heard (ms since 1970); 0: never yet
 * @property {number} code of the close that led to waiting or to the end; else 0
 *
 * @typedef {object} Surroundings what a test puts in place of the browser
 * @property {(url: string, protocols: string[]) => WebSocket} open
 * @property {() => number} now milliseconds
 * @property {() => number} random in [0, 1)
 * @property {(run: () => void, after: number) => any} setTimer
 * @property {(timer: any) => void} clearTimer
 *
 * @typedef {object} Waiting
 * @property {(reply: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {any} timer
 */

/** @type {Surroundings} */
const BROWSER = {
  open: (url, protocols) => new WebSocket(url, protocols),
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (run, after) => setTimeout(run, after),
  clearTimer: (timer) => clearTimeout(timer),
};

/** @extends {Emitter<{phase: Phase, connected: Connected, event: AnyEvent}>} */
export class Socket extends Emitter {
  /** @type {Phase} */
  phase = { name: "idle", attempt: 0, until: 0, liveUntil: 0, code: 0 };

  #url;
  #hello;
  #around;
  /** @type {WebSocket | null} */
  #wire = null;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #lastId = 0;
  #lastFrame = 0;
  /** How many have come. */
  #frames = 0;
  #liveSince = 0;
  #heartbeat = 0;
  #attempt = 0;
  /** When the server asked us to come back (ms since 1970), and how many milliseconds that were then; 0: it did not. */
  #asked = 0;
  #askedFor = 0;
  /** @type {any} */
  #timer = null;
  /** @type {any} */
  #watch = null;

  /**
   * @param {string} url
   * @param {() => object} hello the fields of the `connect` command, asked for at every attempt
   * @param {Partial<Surroundings>} [around]
   */
  constructor(url, hello, around = {}) {
    super();
    this.#url = url;
    this.#hello = hello;
    this.#around = { ...BROWSER, ...around };
  }

  get isLive() {
    return this.phase.name === "live";
  }

  start() {
    if (this.phase.name === "idle" || this.phase.name === "ended") this.#open();
  }

  stop() {
    this.#drop(1000);
    this.#attempt = 0;
    this.#enter("idle");
  }

  /** When something was last heard, in milliseconds; 0: never yet. */
  get heardAt() {
    return this.#lastFrame;
  }

  /** What the page shows is as old as this. @param {number} moment milliseconds */
  lastHeard(moment) {
    if (this.#lastFrame > 0) return;
    this.#lastFrame = moment;
    this.phase = { ...this.phase, liveUntil: moment };
    this.emit("phase", this.phase);
  }

  /** Does not wait any longer for the next attempt. */
  retryNow() {
    if (this.phase.name === "waiting" || this.phase.name === "ended") this.#open();
  }

  /**
   * Asks for a sign of life, since the network or the machine's sleep makes one doubt: without any within seconds the
   * connection counts as lost.
   */
  probe() {
    if (this.phase.name === "waiting") return this.retryNow();
    if (!this.isLive) return;
    const heard = this.#frames;
    this.request("get_presence").catch(() => undefined);
    this.#around.clearTimer(this.#watch);
    this.#watch = this.#around.setTimer(() => {
      if (this.#frames === heard) this.#lost(LOST);
      else this.#watchHeartbeat();
    }, PROBE_TIMEOUT);
  }

  /** The page is looked at again: is what it shows still true? Asks only if nothing was heard for longer than usual. */
  wake() {
    const silent = this.#silence();
    if (!this.isLive || silent > 1.2 * this.#heartbeat) this.probe();
  }

  /**
   * As `Request` says.
   *
   * @template {keyof ReplyTo} Op
   * @param {Op} op
   * @param {object} [fields]
   * @param {number} [timeout]
   * @returns {Promise<ReplyTo[Op]>}
   */
  request(op, fields = {}, timeout = COMMAND_TIMEOUT) {
    if (!this.isLive) return Promise.reject(new NotConnected());
    return this.#ask(op, fields, timeout);
  }

  /**
   * @param {string} op
   * @param {object} fields
   * @param {number} timeout
   * @returns {Promise<any>}
   */
  #ask(op, fields, timeout) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = this.#around.setTimer(() => this.#answered(id)?.reject(new TimedOut()), timeout);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#wire?.send(JSON.stringify({ op, id, ...fields }));
    });
  }

  /**
   * @param {number} id
   * @returns {Waiting | undefined}
   */
  #answered(id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting) this.#around.clearTimer(waiting.timer);
    return waiting;
  }

  #open() {
    this.#drop(1000);
    this.#enter("connecting");
    let wire;
    try {
      wire = this.#around.open(this.#url, [Subprotocol.JSON]);
    } catch {
      return this.#lost(LOST); // a page's policy forbids it: nothing else can be done but say that it fails
    }
    this.#wire = wire;
    this.#timer = this.#around.setTimer(() => this.#lost(LOST), HANDSHAKE_TIMEOUT);
    wire.onopen = () => void this.#greet();
    wire.onmessage = (message) => this.#heard(message.data);
    wire.onclose = (close) => this.#lost(close.code);
  }

  async #greet() {
    try {
      await this.#ask("connect", this.#hello(), HANDSHAKE_TIMEOUT);
    } catch (error) {
      // The close code that follows a refusal says whether to come back; a refusal that closes nothing is a failure too.
      if (error instanceof Refused) this.#around.setTimer(() => this.phase.name === "connecting" && this.#lost(LOST), 1_000);
    }
  }

  /** @param {Connected} reply */
  #cameLive(reply) {
    this.#around.clearTimer(this.#timer);
    this.#heartbeat = reply.heartbeat_interval * 1_000;
    this.#liveSince = this.#around.now();
    this.#enter("live");
    this.#watchHeartbeat();
    this.emit("connected", reply);
  }

  /** @param {unknown} data */
  #heard(data) {
    this.#frames++;
    this.#lastFrame = this.#around.now();
    /** @type {any} */
    let message;
    try {
      message = JSON.parse(String(data));
    } catch {
      return this.#lost(LOST); // not our protocol: a fresh connection is the only cure
    }
    if (message.id) return this.#replied(message);
    if (message.op === "heartbeat") this.#wire?.send('{"op":"alive"}');
    if (message.op === "reconnect") this.#comeBack(message.after);
    this.emit("event", message);
  }

  /** @param {AnyReply} reply */
  #replied(reply) {
    const waiting = this.#answered(reply.id ?? 0);
    if (!waiting) return;
    // At once: what waits for a promise comes after all that arrived in the same piece, and those events build on this.
    if (reply.op === "connected") this.#cameLive(reply);
    if (reply.op !== "failed") return waiting.resolve(reply);
    const { code, message, field, temporary, retry_after: retryAfter } = reply;
    waiting.reject(new Refused({ code, message, field, temporary, retryAfter }));
  }

  /** @param {number} after seconds, random already */
  #comeBack(after) {
    this.#asked = this.#around.now() + after * 1_000;
    this.#askedFor = after * 1_000;
    this.#around.clearTimer(this.#timer);
    this.#timer = this.#around.setTimer(() => {
      this.#asked = 0;
      this.#attempt = 0;
      this.#open();
    }, after * 1_000);
  }

  /**
   * For how long nothing was heard, in milliseconds. By the time of day, which goes on while the machine sleeps; where that was
   * put back, silence counts from now on.
   */
  #silence() {
    this.#lastFrame = Math.min(this.#lastFrame, this.#around.now());
    return this.#around.now() - this.#lastFrame;
  }

  #watchHeartbeat() {
    this.#around.clearTimer(this.#watch);
    const due = 2 * this.#heartbeat - this.#silence();
    this.#watch = this.#around.setTimer(() => {
      const silent = this.#silence();
      if (silent >= 2 * this.#heartbeat) this.#lost(LOST);
      else this.#watchHeartbeat();
    }, Math.max(due, 0));
  }

  /** @param {number} code */
  #lost(code) {
    if (this.isLive && this.#around.now() - this.#liveSince >= STEADY) this.#attempt = 0;
    const asked = this.#asked;
    this.#drop(code);
    if (!shouldReconnect(code)) return this.#enter("ended", { code });
    const wait = Math.max(Math.min(asked - this.#around.now(), this.#askedFor), waitBefore(this.#attempt, this.#around.random()));
    this.#attempt++;
    this.#timer = this.#around.setTimer(() => this.#open(), wait);
    this.#enter("waiting", { until: this.#around.now() + wait, code });
  }

  /**
   * Lets go of the connection without waiting for its end, which a dead network would never confirm.
   *
   * @param {number} code
   */
  #drop(code) {
    const wire = this.#wire;
    this.#wire = null;
    this.#asked = 0;
    this.#around.clearTimer(this.#timer);
    this.#around.clearTimer(this.#watch);
    if (wire) {
      wire.onopen = wire.onmessage = wire.onclose = null;
      wire.close(code === 1000 ? 1000 : undefined);
    }
    for (const id of [...this.#waiting.keys()]) this.#answered(id)?.reject(new NotConnected("The connection was lost."));
  }

  /**
   * @param {Phase["name"]} name
   * @param {Partial<Phase>} [more]
   */
  #enter(name, more = {}) {
    this.phase = { name, attempt: this.#attempt, until: 0, liveUntil: this.#lastFrame, code: 0, ...more };
    this.emit("phase", this.phase);
  }
}
