import assert from "node:assert/strict";
import { test } from "node:test";

import { Coworkers } from "../../portal/client/coworkers.js";
import { NotConnected, Refused } from "../../portal/client/errors.js";
import { CONNECTED, Time } from "./support.mjs";

const entry = (user, rev = 0, first_name = `N${user}`) => ({ user, rev, extension: String(1000 + user), first_name });
const changed = (since, rev, ...coworkers) => ({ op: "directory_changed", since, rev, coworkers });

/** A server that has `people`, and whoever asks it. */
async function large(people = new Map()) {
  const time = new Time();
  const asked = [];
  const server = { rev: 1, fails: null };
  const request = async (op, { users }) => {
    asked.push(users);
    if (server.fails) throw server.fails;
    const there = users.filter((user) => people.has(user));
    return { rev: server.rev, coworkers: there.map((user) => people.get(user)), missing: users.filter((user) => !people.has(user)) };
  };
  const http = { get: () => assert.fail("the directory is not read") };
  const coworkers = new Coworkers(http, request, () => undefined, time.around.setTimer);
  const connected = (rev = 1) => coworkers.resume({ ...CONNECTED, listing_everybody: false, directory_rev: rev, limits: { coworkers_at_once: 3 } });
  await connected();
  await time.passes(1_000);
  return { time, asked, server, coworkers, connected, people };
}

const named = (coworkers, user) => coworkers.state.people.get(user)?.first_name;

test("names that are needed at the same time are asked for together, once, as many as allowed", async () => {
  const people = new Map([2, 3, 4, 5].map((user) => [user, entry(user)]));
  const { time, asked, coworkers } = await large(people);
  for (const user of [2, 3, 4, 5, 3, 2]) assert.equal(coworkers.find(user), null);
  assert.equal(coworkers.isAwaited(2), true);
  await time.passes(1_000);
  assert.deepEqual(asked, [[2, 3, 4], [5]]);
  assert.equal(coworkers.find(5)?.first_name, "N5");
  assert.equal(coworkers.isAwaited(5), false);
  await time.passes(10_000);
  assert.equal(asked.length, 2);
});

test("who is not to be seen is asked for once", async () => {
  const { time, asked, coworkers } = await large();
  coworkers.find(9);
  await time.passes(1_000);
  assert.equal(coworkers.find(9)?.gone, true);
  await time.passes(10_000);
  assert.deepEqual(asked, [[9]]);
});

test("what lists tell of people need not be asked for", async () => {
  const { time, asked, coworkers } = await large();
  coworkers.learn([entry(7)]);
  assert.equal(coworkers.find(7)?.first_name, "N7");
  await time.passes(1_000);
  assert.deepEqual(asked, []);
});

test("an event changes those who are known and brings nobody else", async () => {
  const { coworkers } = await large();
  coworkers.learn([entry(7)]);
  coworkers.apply(changed(1, 2, entry(7, 2, "New"), entry(8, 2)));
  assert.equal(named(coworkers, 7), "New");
  assert.equal(coworkers.state.people.has(8), false);
});

test("after a gap, those who are known are asked for anew, and stay named meanwhile", async () => {
  const { time, asked, server, coworkers, people } = await large();
  coworkers.learn([entry(7), entry(8)]);
  people.set(7, entry(7, 4, "New"));
  server.rev = 5;
  coworkers.apply(changed(4, 5));
  assert.equal(coworkers.isAwaited(7), false);
  assert.equal(named(coworkers, 7), "N7");
  await time.passes(1_000);
  assert.deepEqual(asked, [[7, 8]]);
  assert.equal(named(coworkers, 7), "New");
  assert.equal(coworkers.state.people.get(8)?.gone, true);
});

test("whoever was away asks anew if something has changed, and only then", async () => {
  const { time, asked, coworkers, connected, people } = await large();
  coworkers.learn([entry(7)]);
  await connected(1);
  await time.passes(1_000);
  assert.deepEqual(asked, []);
  people.set(7, entry(7, 3, "New"));
  await connected(3);
  await time.passes(1_000);
  assert.deepEqual(asked, [[7]]);
  assert.equal(named(coworkers, 7), "New");
});

test("a refusal is tried again after a while, and without a connection the next one asks", async () => {
  const { time, asked, server, coworkers, connected, people } = await large();
  people.set(7, entry(7));
  server.fails = new Refused({ code: "too_many", message: "Too many" });
  coworkers.find(7);
  await time.passes(1_000);
  server.fails = new NotConnected();
  await time.passes(10_000);
  assert.equal(asked.length, 2);
  server.fails = null;
  await connected();
  await time.passes(1_000);
  assert.equal(named(coworkers, 7), "N7");
});

test("where there are few people they are all read, and nobody is asked for", async () => {
  const time = new Time();
  const request = () => assert.fail("nobody is asked for");
  const http = { get: async () => ({ rev: 1, items: [entry(2)], next: null }) };
  const coworkers = new Coworkers(http, request, () => undefined, time.around.setTimer);
  const reading = coworkers.resume({ ...CONNECTED, limits: { coworkers_at_once: 3 } });
  assert.equal(coworkers.isAwaited(2), true);
  await reading;
  assert.equal(coworkers.find(2)?.first_name, "N2");
  assert.equal(coworkers.find(9), null);
  assert.equal(coworkers.isAwaited(9), false);
  await time.passes(1_000);
});

test("no more people are remembered than a page needs", async () => {
  const { coworkers } = await large();
  for (let user = 1; user <= 5_000; user++) coworkers.learn([entry(user)]);
  assert.equal(coworkers.state.people.size, 3_000);
  assert.equal(named(coworkers, 5_000), "N5000");
});
