/** Time that stands still until it is told to move, and a WebSocket whose other end is the test. */

export class Time {
  now = Date.UTC(2030, 0, 1, 12);
  /** By how much somebody has put the clock forward, in milliseconds. */
  jumped = 0;
  #timers = [];
  #next = 1;

  /** What the client is given in place of the browser's. */
  around = {
    now: () => this.now + this.jumped,
    random: () => 0.5,
    setTimer: (run, after) => {
      this.#timers.push({ id: this.#next, at: this.now + after, run });
      return this.#next++;
    },
    clearTimer: (id) => {
      this.#timers = this.#timers.filter((timer) => timer.id !== id);
    },
  };

  /** @param {number} milliseconds everything that falls due on the way happens in its order */
  async passes(milliseconds) {
    const end = this.now + milliseconds;
    await settled();
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at)[0];
      if (!due) break;
      this.around.clearTimer(due.id);
      this.now = Math.max(this.now, due.at);
      due.run();
      await settled();
    }
    this.now = end;
  }
}

/** Everything that was already decided has happened. */
export async function settled() {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export class Wire {
  sent = [];
  closed = null;

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    this.closed = code ?? 1005;
  }

  async opens() {
    this.onopen();
    await settled();
  }

  async says(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
    await settled();
  }

  async ends(code) {
    this.onclose?.({ code });
    await settled();
  }

  /** @param {string} op the last command of this kind */
  asked(op) {
    return this.sent.findLast((command) => command.op === op);
  }

  async answers(op, reply) {
    await this.says({ id: this.asked(op).id, ...reply });
  }
}

/** @returns every connection that was tried, in order, and the function that opens them */
export function network() {
  const wires = [];
  const open = (url, protocols) => {
    wires.push(new Wire(url, protocols));
    return wires.at(-1);
  };
  return { wires, open, last: () => wires.at(-1) };
}

export const CONNECTED = {
  op: "connected",
  connection: "c1",
  domain: "acme.example",
  user: 1,
  extension: "1001",
  protocol: 1,
  server: "test",
  server_time: 0,
  heartbeat_interval: 10,
  limits: { message_length: 8000 },
  permissions: [],
  features: [],
  presence: { epoch: "e", version: 1 },
  directory_rev: 1,
};

/** A Storage as browsers have it. */
export class Memory {
  #texts = new Map();

  get length() {
    return this.#texts.size;
  }

  key(index) {
    return [...this.#texts.keys()][index] ?? null;
  }

  getItem(name) {
    return this.#texts.get(name) ?? null;
  }

  setItem(name, text) {
    this.#texts.set(name, text);
  }

  removeItem(name) {
    this.#texts.delete(name);
  }
}
