import assert from "node:assert/strict";
import { test } from "node:test";

import { waitBefore } from "../../portal/client/backoff.js";
import { Socket } from "../../portal/client/socket.js";
import { CONNECTED, Time, network, settled } from "./support.mjs";

function started(hello = () => ({ client: "test" })) {
  const time = new Time();
  const net = network();
  const socket = new Socket("ws://server/ws", hello, { ...time.around, open: net.open });
  const phases = [];
  const events = [];
  socket.on("phase", (phase) => phases.push(phase.name));
  socket.on("event", (event) => events.push(event));
  socket.start();
  return { time, net, socket, phases, events };
}

async function live(hello) {
  const all = started(hello);
  await all.net.last().opens();
  await all.net.last().answers("connect", CONNECTED);
  return all;
}

test("the first command is connect, with the subprotocol that both speak", async () => {
  const { net, phases } = await live(() => ({ client: "portal", available: true }));
  assert.deepEqual(net.last().protocols, ["presence.v1.json"]);
  assert.deepEqual(net.last().sent[0], { op: "connect", id: 1, client: "portal", available: true });
  assert.deepEqual(phases, ["connecting", "live"]);
});

test("a command is answered by the reply with its number", async () => {
  const { net, socket } = await live();
  const first = socket.request("set_dnd", { on: true });
  const second = socket.request("get_presence");
  const [one, other] = net.last().sent.slice(-2);
  await net.last().says({ op: "done", id: other.id });
  await net.last().says({ op: "done", id: one.id });
  assert.equal((await first).id, one.id);
  assert.equal((await second).id, other.id);
});

test("what arrives together with the first answer is told after it", async () => {
  const { net, socket } = started();
  const told = [];
  socket.on("connected", () => told.push("connected"));
  socket.on("event", (event) => told.push(event.op));
  await net.last().opens();
  const { id } = net.last().asked("connect");
  net.last().says({ id, ...CONNECTED }); // both in one piece, as Node hands them over: nothing happens in between
  await net.last().says({ op: "presence_snapshot", epoch: "e", version: 1, users: [] });
  assert.deepEqual(told, ["connected", "presence_snapshot"]);
});

test("a refusal carries what is wrong", async () => {
  const { net, socket } = await live();
  const refused = assert.rejects(socket.request("set_status", { message: "x" }), {
    name: "Refused",
    code: "invalid",
    field: "message",
    message: "Too long",
  });
  await net.last().answers("set_status", {
    op: "failed",
    code: "invalid",
    message: "Too long",
    field: "message",
    temporary: false,
  });
  await refused;
});

test("a command without an answer times out, and its late answer does no harm", async () => {
  const { net, socket, time } = await live();
  const asked = socket.request("get_presence", {}, 3_000);
  const rejected = assert.rejects(asked, { name: "TimedOut" });
  await time.passes(3_000);
  await rejected;
  await net.last().answers("get_presence", { op: "done" });
  assert.equal(socket.isLive, true);
});

test("commands that wait when the connection is lost are told so", async () => {
  const { net, socket } = await live();
  const rejected = assert.rejects(socket.request("get_presence"), { name: "NotConnected" });
  await net.last().ends(1006);
  await rejected;
  await assert.rejects(socket.request("get_presence"), { name: "NotConnected" });
});

test("a lost connection comes back by itself, with what hello says then", async () => {
  let version = 1;
  const { net, socket, time } = await live(() => ({ presence: { epoch: "e", version: version++ } }));
  await time.passes(5_000);
  await net.last().ends(1006);
  assert.equal(socket.phase.name, "waiting");
  await time.passes(1_000);
  assert.equal(net.wires.length, 2);
  await net.last().opens();
  assert.deepEqual(net.last().sent[0].presence, { epoch: "e", version: 2 });
});

test("attempts that fail wait longer and longer, up to half a minute", async () => {
  const { net, socket, time } = started();
  const waits = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    await net.last().ends(1006);
    waits.push(socket.phase.until - time.now);
    await time.passes(waits.at(-1));
  }
  assert.deepEqual(waits, [...waits].sort((one, other) => one - other));
  assert.ok(waits[0] <= 1_000);
  assert.ok(waits.at(-1) <= 30_000 && waits.at(-1) >= 15_000);
});

test("waits are random, so that clients do not come back as one wave", () => {
  for (const attempt of [0, 1, 4, 9]) {
    const shortest = waitBefore(attempt, 0);
    const longest = waitBefore(attempt, 0.999);
    assert.ok(longest >= 1.8 * shortest, `${attempt}: ${shortest} to ${longest}`);
  }
});

for (const code of [1001, 1006, 1011, 1012, 4000, 4001, 4002, 4499]) {
  test(`close code ${code} is followed by another attempt`, async () => {
    const { net, socket } = await live();
    await net.last().ends(code);
    assert.equal(socket.phase.name, "waiting");
  });
}

for (const code of [4500, 4501, 4505, 4999]) {
  test(`close code ${code} is the end`, async () => {
    const { net, socket, time } = await live();
    await net.last().ends(code);
    assert.equal(socket.phase.name, "ended");
    assert.equal(socket.phase.code, code);
    await time.passes(600_000);
    assert.equal(net.wires.length, 1);
  });
}

test("after the end somebody may ask for another attempt", async () => {
  const { net, socket } = await live();
  await net.last().ends(4505);
  socket.retryNow();
  assert.equal(net.wires.length, 2);
});

test("a heartbeat is answered", async () => {
  const { net, events } = await live();
  await net.last().says({ op: "heartbeat", epoch: "e", version: 1 });
  assert.deepEqual(net.last().sent.at(-1), { op: "alive" });
  assert.equal(events.at(-1).op, "heartbeat");
});

test("two intervals without a frame and the connection counts as lost", async () => {
  const { net, socket, time } = await live();
  await time.passes(15_000);
  await net.last().says({ op: "heartbeat", epoch: "e", version: 1 });
  await time.passes(19_000);
  assert.equal(socket.isLive, true);
  await time.passes(1_500);
  assert.equal(socket.phase.name, "waiting");
  assert.notEqual(net.wires[0].closed, null);
});

test("what a connection says that was given up is not heard any more", async () => {
  const { net, time, events } = await live();
  const [first] = net.wires;
  await time.passes(20_500);
  await first.says({ op: "presence_changed", epoch: "e", version: 2, users: [] });
  assert.deepEqual(events, []);
});

test("a handshake that is not answered is given up", async () => {
  const { net, socket, time } = started();
  await net.last().opens();
  await time.passes(15_000);
  assert.equal(socket.phase.name, "waiting");
});

test("an address that does not open is tried again", async () => {
  const time = new Time();
  let tries = 0;
  const open = () => {
    tries++;
    throw new Error("refused by policy");
  };
  const socket = new Socket("ws://server/ws", () => ({}), { ...time.around, open });
  socket.start();
  await time.passes(5_000);
  assert.ok(tries > 1);
});

test("a gateway that goes away is left when it asked for it, not before", async () => {
  const { net, socket, time } = await live();
  await net.last().says({ op: "reconnect", after: 5 });
  await time.passes(4_900);
  assert.equal(net.wires.length, 1);
  await time.passes(200);
  assert.equal(net.wires.length, 2);
  assert.equal(socket.phase.name, "connecting");
});

test("a gateway that closes before that moment is not met again earlier", async () => {
  const { net, time } = await live();
  await net.last().says({ op: "reconnect", after: 5 });
  await time.passes(1_000);
  await net.last().ends(4001);
  await time.passes(3_500);
  assert.equal(net.wires.length, 1);
  await time.passes(600);
  assert.equal(net.wires.length, 2);
});

test("a doubt is settled within seconds", async () => {
  const { net, socket, time } = await live();
  await time.passes(1_000);
  socket.probe();
  assert.equal(net.last().sent.at(-1).op, "get_presence");
  await time.passes(4_100);
  assert.equal(socket.phase.name, "waiting");
});

test("a doubt without cause changes nothing", async () => {
  const { net, socket, time } = await live();
  await time.passes(1_000);
  socket.probe();
  await time.passes(100);
  await net.last().answers("get_presence", { op: "done" });
  await time.passes(5_000);
  assert.equal(socket.isLive, true);
});

test("stopping is final until somebody starts again", async () => {
  const { net, socket, time } = await live();
  socket.stop();
  assert.equal(net.last().closed, 1000);
  await time.passes(600_000);
  assert.equal(net.wires.length, 1);
  socket.start();
  await settled();
  assert.equal(net.wires.length, 2);
});

const HOUR = 3_600_000;

for (const jumped of [-HOUR, HOUR]) {
  const how = jumped < 0 ? "back" : "forward";

  test(`a connection that dies as the clock is put ${how} counts as lost as soon as ever`, async () => {
    const { socket, time } = await live();
    time.jumped = jumped;
    await time.passes(41_000);
    assert.notEqual(socket.phase.name, "live");
  });

  test(`a connection that lives goes on when the clock is put ${how}, or begins anew at once`, async () => {
    const { net, socket, time } = await live();
    await time.passes(9_000);
    time.jumped = jumped;
    for (let beat = 0; beat < 6; beat++) {
      await net.last().says({ op: "heartbeat", epoch: "e", version: 1 });
      await time.passes(9_000);
    }
    assert.equal(socket.phase.name, "live");
    assert.equal(net.wires.length, 1);
  });

  test(`whoever was asked to come back does so when it was said, though the clock was put ${how}`, async () => {
    const { net, time } = await live();
    await net.last().says({ op: "reconnect", after: 3 });
    time.jumped = jumped;
    await net.last().ends(4001);
    await time.passes(3_000);
    assert.equal(net.wires.length, 2);
  });

  test(`a sign of life that was asked for is taken though the clock was put ${how} meanwhile`, async () => {
    const { net, socket, time } = await live();
    socket.probe();
    time.jumped = jumped;
    await net.last().says({ op: "heartbeat", epoch: "e", version: 1 });
    await time.passes(4_500);
    assert.equal(socket.phase.name, "live");
  });
}
