import assert from "node:assert/strict";
import { test } from "node:test";

import { Shown } from "../../portal/client/shown.js";
import { Time } from "./support.mjs";

function set() {
  const time = new Time();
  const server = { told: [], fails: false, isLive: true };
  const began = [];
  const request = async (op, { conversations }) => {
    assert.equal(op, "set_shown");
    if (server.fails) throw new Error("not now");
    server.told.push(conversations);
  };
  const shown = new Shown(request, () => server.isLive, time.around.setTimer, (conversation) => began.push(conversation));
  return { time, server, began, shown };
}

test("what is on the screen is told together, and what began to be is said once", async () => {
  const { time, server, began, shown } = set();
  shown.add(9);
  const stop = shown.add(7);
  await time.passes(100);
  assert.deepEqual([server.told, began], [[[7, 9]], [7, 9]]);
  shown.add(8);
  stop();
  await time.passes(100);
  assert.deepEqual([server.told, began], [[[7, 9], [8, 9]], [7, 9, 8]]);
});

test("one that two windows show is shown until both are closed", async () => {
  const { time, server, shown } = set();
  const stops = [shown.add(7), shown.add(7)];
  await time.passes(100);
  stops[0]();
  await time.passes(100);
  assert.deepEqual(server.told, [[7]]);
  stops[1]();
  await time.passes(100);
  assert.deepEqual(server.told, [[7], []]);
});

test("a new connection is told again, and what it was not told meanwhile is looked at", async () => {
  const { time, server, began, shown } = set();
  shown.add(7);
  await time.passes(100);
  server.isLive = false;
  shown.add(8);
  await time.passes(100);
  server.isLive = true;
  shown.resume();
  await time.passes(100);
  assert.deepEqual([server.told, began], [[[7], [7, 8]], [7, 7, 8]]);
});

test("what could not be told is told with the next", async () => {
  const { time, server, shown } = set();
  server.fails = true;
  shown.add(7);
  await time.passes(100);
  server.fails = false;
  shown.add(8);
  await time.passes(100);
  assert.deepEqual(server.told, [[7, 8]]);
});
