import assert from "node:assert/strict";
import { test } from "node:test";

import { Typists } from "../../portal/client/typists.js";
import { Time } from "./support.mjs";

function set() {
  const time = new Time();
  const changed = [];
  const typists = new Typists(time.around.setTimer, (conversation) => changed.push(conversation));
  return { time, typists, changed };
}

test("whoever writes is shown, and no longer when it is not said again", async () => {
  const { time, typists } = set();
  typists.started(7, 2);
  assert.deepEqual(typists.in(7), [2]);
  await time.passes(4_000);
  typists.started(7, 2);
  await time.passes(4_000);
  assert.deepEqual(typists.in(7), [2]);
  await time.passes(2_100);
  assert.deepEqual(typists.in(7), []);
});

test("a message ends it at once", () => {
  const { typists, changed } = set();
  typists.started(7, 2);
  typists.stopped(7, 2);
  assert.deepEqual(typists.in(7), []);
  assert.deepEqual(changed, [7, 7]);
});

test("a clock that is put back lets nobody write for longer", async () => {
  const { time, typists } = set();
  typists.started(7, 2);
  time.jumped = -3_600_000;
  await time.passes(6_100);
  assert.deepEqual(typists.in(7), []);
});
