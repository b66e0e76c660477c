/** The example that joins a SIP library to the client, and the client below it. */

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";

import { plugIn } from "../../examples/softphone.js";
import { PresenceClient } from "../../portal/client/client.js";
import { CONNECTED, Memory, Time, network, settled } from "./support.mjs";

class Phone extends EventEmitter {
  isRegistered = false;
  dnd = [];

  setDnd(on) {
    this.dnd.push(on);
  }

  registers() {
    this.isRegistered = true;
    this.emit("registered");
  }

  loses() {
    this.isRegistered = false;
    this.emit("unregistered");
  }
}

/** A client whose other end takes everything that is said of telephones and answers nothing else. */
class Plugged {
  time = new Time();
  net = network();
  phone = new Phone();
  storage = new Memory();
  #answered = 0;

  constructor() {
    const http = { get: () => new Promise(() => undefined), authorization: null };
    const around = { ...this.time.around, open: this.net.open };
    this.client = new PresenceClient({ base: "http://server", storage: this.storage, memory: null, http, around });
    this.unplug = plugIn(this.client, this.phone);
    this.client.start();
  }

  async connects() {
    this.#answered = 0;
    await this.net.last().opens();
    await this.net.last().answers("connect", CONNECTED);
  }

  async aMinutePasses() {
    for (let beat = 0; beat < 6; beat++) {
      await this.time.passes(10_000);
      await this.net.last().says({ op: "heartbeat", epoch: "e", version: 1 });
    }
  }

  async presence(dnd, version) {
    const user = { user: 1, rev: version, colour: dnd ? "red" : "green", reason: dnd ? "do_not_disturb" : "registered", since: 0, dnd };
    await this.net.last().says({ op: "presence_snapshot", epoch: "e", version, users: [user] });
  }

  /** What was said of the telephone since it was last asked; each is answered, unless it is `refused`. */
  async said(refused = null) {
    await settled();
    const wire = this.net.last();
    const told = [];
    for (; this.#answered < wire.sent.length; this.#answered++) {
      const { op, id, phase, call, ttl } = wire.sent[this.#answered];
      const reply = refused ? { op: "failed", code: "unavailable", message: "Later", temporary: true } : { op: "done", expires_at: 1 };
      if (op === "register_device") told.push(`registered for ${ttl}`);
      else if (op === "unregister_device") told.push("unregistered");
      else if (op === "report_call") told.push(`${call} ${phase}`);
      else continue;
      await wire.says({ id, ...reply });
    }
    return told;
  }
}

async function plugged() {
  const all = new Plugged();
  await all.connects();
  await all.said();
  return all;
}

test("a telephone registers, has a call, and loses its registration, and each is told in its order", async () => {
  const all = await plugged();
  const { phone } = all;
  assert.equal(all.client.softphone.state.wanted, false);
  phone.registers();
  assert.deepEqual(await all.said(), ["registered for 180"]);
  phone.registers(); // its own refresh
  for (const phase of ["ringing", "active", "held", "ended"]) phone.emit("call", { id: "a", phase });
  assert.deepEqual(await all.said(), ["a ringing", "a active", "a held", "a ended"]);
  await all.aMinutePasses();
  assert.deepEqual(await all.said(), ["registered for 180"]);
  phone.loses();
  assert.deepEqual(await all.said(), ["unregistered"]);
  await all.aMinutePasses();
  assert.deepEqual(await all.said(), []);
});

test("calls are repeated before the server forgets them, each as it is, until they end", async () => {
  const all = await plugged();
  all.phone.emit("call", { id: "a", phase: "active" });
  all.phone.emit("call", { id: "b", phase: "ringing" });
  all.phone.emit("call", { id: "a", phase: "held" });
  assert.deepEqual(await all.said(), ["a active", "b ringing", "a held"]);
  await all.aMinutePasses();
  assert.deepEqual((await all.said()).sort(), ["a held", "b ringing"]);
  all.phone.emit("call", { id: "b", phase: "ended" });
  assert.deepEqual(await all.said(), ["b ended"]);
  await all.aMinutePasses();
  assert.deepEqual(await all.said(), ["a held"]);
});

test("a simulated call is repeated too", async () => {
  const all = await plugged();
  void all.client.softphone.report("active");
  assert.equal((await all.said()).length, 1);
  await all.aMinutePasses();
  assert.match((await all.said()).join(), /^call:\w+ active$/);
});

test("what changes without a connection is told at the next one, as it is then", async () => {
  const all = await plugged();
  all.phone.registers();
  all.phone.emit("call", { id: "a", phase: "active" });
  all.phone.emit("call", { id: "b", phase: "ringing" });
  await all.said();
  await all.net.last().ends(1006);
  all.phone.loses();
  all.phone.emit("call", { id: "a", phase: "held" });
  all.phone.emit("call", { id: "a", phase: "ended" });
  all.client.probe();
  await all.connects();
  assert.deepEqual(await all.said(), ["unregistered", "a ended", "b ringing"]);
  await all.net.last().ends(1006);
  all.client.probe();
  await all.connects();
  assert.deepEqual(await all.said(), ["b ringing"]);
});

test("a refusal that may pass is tried again", async () => {
  const all = await plugged();
  all.phone.emit("call", { id: "a", phase: "ended" });
  assert.deepEqual(await all.said("refused"), ["a ended"]);
  await all.time.passes(5_000);
  assert.deepEqual(await all.said(), ["a ended"]);
  await all.aMinutePasses();
  assert.deepEqual(await all.said(), []);
});

test("a telephone that is there before anybody is logged in is told with the login", async () => {
  const all = new Plugged();
  all.phone.registers();
  all.phone.emit("call", { id: "a", phase: "active" });
  await all.connects();
  const told = new Set(await all.said());
  assert.deepEqual(told, new Set(["registered for 180", "a active"]));
});

test("a page that goes away ends its calls and leaves its registration for a moment, and the next page waits for its library", async () => {
  const all = await plugged();
  all.phone.registers();
  all.phone.emit("call", { id: "a", phase: "active" });
  await all.said();
  all.client.leavePage();
  assert.deepEqual(await all.said(), ["a ended", "registered for 10"]);
  assert.deepEqual([...Array(all.storage.length).keys()].filter((at) => all.storage.key(at).endsWith("registered")), []);
});

test("Do Not Disturb goes both ways, and a press that failed is taken back", async () => {
  const all = await plugged();
  assert.deepEqual(all.phone.dnd, []); // not known yet
  await all.presence(false, 2);
  await all.presence(true, 3);
  await all.presence(true, 4);
  assert.deepEqual(all.phone.dnd, [false, true]);
  all.phone.emit("dnd", false);
  const { id, on } = all.net.last().asked("set_dnd");
  assert.equal(on, false);
  await all.net.last().says({ id, op: "failed", code: "unavailable", message: "Later", temporary: true });
  assert.deepEqual(all.phone.dnd, [false, true, true]);
});

test("what is unplugged ends its calls and is heard no more", async () => {
  const all = await plugged();
  all.phone.registers();
  all.phone.emit("call", { id: "a", phase: "active" });
  await all.said();
  all.unplug();
  assert.deepEqual(await all.said(), ["a ended", "unregistered"]);
  all.phone.emit("call", { id: "b", phase: "ringing" });
  assert.deepEqual(await all.said(), []);
});
