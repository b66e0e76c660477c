import assert from "node:assert/strict";
import test from "node:test";

import { NotConnected } from "../../portal/client/errors.js";
import { PresenceClient } from "../../portal/client/index.js";
import { CloseCode } from "../../portal/client/protocol.js";
import { remembered } from "../../portal/client/state/chat.js";
import { CONNECTED, Memory as Storage, Time, network, settled } from "./support.mjs";

const ME = { domain: "acme.example", domain_name: "Acme", user: 1, extension: "1001", first_name: "Anna", last_name: "Berg", scope: "Simple User", permissions: [], masked_by: null };
const BEN = { user: 2, extension: "1002", first_name: "Ben", last_name: "Ode", rev: 1 };
const SNAPSHOT = { op: "conversations_snapshot", conversations: [] };

/** What a browser's database would keep. */
class Parts {
  kept = {};
  /** How often each part was written. */
  written = {};

  async recall() {
    return structuredClone(this.kept);
  }

  async keep(parts, { afresh = false } = {}) {
    this.kept = structuredClone({ ...(afresh ? {} : this.kept), ...parts });
    for (const name of Object.keys(parts)) this.written[name] = (this.written[name] ?? 0) + 1;
    return true;
  }

  async forget() {
    this.kept = {};
  }
}

/** The page of one browser: `memory` and `storage` are what it leaves behind. */
function opened({ memory = new Parts(), storage = new Storage(), posted = [], reachable = () => true } = {}) {
  const time = new Time();
  const net = network();
  const answers = { "/v1/me": ME, "/v1/profile": { ...ME }, "/v1/directory": { rev: 1, items: [BEN], next: null } };
  const http = {
    authorization: null,
    get: async (path) => answers[path] ?? { items: [], shared: 0, own: 0, contacts: [], favourites: [], overlays: [], next: null },
    post: async (path) => {
      posted.push(path);
      if (!reachable()) throw new NotConnected();
      return null;
    },
    postOnLeaving: (path) => http.post(path),
  };
  const client = new PresenceClient({ base: "http://gateway.test", storage, memory, http, around: { ...time.around, open: net.open } });
  client.start();
  const goLive = async (reply = {}) => {
    const wire = net.last();
    await wire.opens();
    await wire.answers("connect", { ...CONNECTED, contacts: { shared: 0, own: 0 }, ...reply });
    await wire.says({ op: "presence_snapshot", epoch: "e", version: 1, users: [{ user: 2, rev: 1, colour: "green", phone: true }] });
    await wire.says(SNAPSHOT);
    await time.passes(10);
  };
  const cut = async () => {
    await net.last().ends(1006);
    await settled();
  };
  const logOut = async () => {
    const leaving = client.logout().catch(() => undefined);
    await settled();
    await net.last().answers("unregister_device", { op: "done" });
    await leaving;
  };
  return { client, time, net, memory, storage, posted, goLive, cut, logOut };
}

async function left() {
  const page = opened();
  await page.goLive();
  await page.time.passes(4_000);
  return page;
}

test("a page that cannot connect shows who it was and whom they know, and nobody's colour", async () => {
  const { memory, storage, time } = await left();
  const page = opened({ memory, storage });
  assert.equal(page.client.session.state, "unknown");
  await page.cut();
  const { client } = page;
  assert.deepEqual([client.session.state, client.session.me.first_name], ["in", "Anna"]);
  assert.equal(client.coworkers.state.people.get(2).first_name, "Ben");
  const { unknown_since, colour } = client.presenceOf(2);
  assert.equal(colour, "offline");
  assert.ok(unknown_since > 0 && unknown_since <= time.now / 1_000);
  assert.equal(client.connection.liveUntil > 0, true);
});

test("once it is connected everything is as the server says, and what may have changed is read again", async () => {
  const { memory, storage } = await left();
  const page = opened({ memory, storage });
  await page.cut();
  await page.time.passes(60_000);
  await page.goLive();
  assert.equal(page.client.presenceOf(2).colour, "green");
  assert.equal(page.client.connection.name, "live");
});

test("until the colours come they stay unknown, also with a connection", async () => {
  const { memory, storage } = await left();
  const page = opened({ memory, storage });
  await page.cut();
  await page.time.passes(60_000);
  const wire = page.net.last();
  await wire.opens();
  await wire.answers("connect", { ...CONNECTED, contacts: { shared: 0, own: 0 } });
  assert.ok(page.client.presenceOf(2).unknown_since > 0);
});

test("who waits for a slow connection is shown it too, and nothing of it where the connection is quick", async () => {
  const { memory, storage } = await left();
  const slow = opened({ memory, storage });
  await slow.time.passes(1_100);
  assert.equal(slow.client.session.state, "in");
  const quick = opened({ memory, storage });
  await quick.goLive();
  await quick.time.passes(1_100);
  assert.equal(quick.client.presenceOf(2).colour, "green");
});

test("another user who is logged in by now sees nothing of the one before", async () => {
  const { memory, storage } = await left();
  const page = opened({ memory, storage });
  await page.cut();
  await page.time.passes(60_000);
  const wire = page.net.last();
  await wire.opens();
  await wire.answers("connect", { ...CONNECTED, user: 9, extension: "1009" });
  assert.equal(page.client.coworkers.state.people.size, 0);
  assert.equal(page.client.session.me, null);
  assert.deepEqual(memory.kept, {});
});

for (const [how, leave] of [
  ["logged out", (page) => page.logOut()],
  ["was logged out elsewhere", (page) => page.net.last().ends(CloseCode.NOT_LOGGED_IN)],
]) {
  test(`nothing is remembered of who ${how}, whatever was about to be`, async () => {
    const page = await left();
    assert.equal(page.memory.kept.me.user, 1);
    await page.net.last().says({ op: "directory_changed", rev: 2, before: 1, coworkers: [{ ...BEN, rev: 2 }] });
    await leave(page);
    await page.time.passes(10_000);
    assert.deepEqual(page.memory.kept, {});
    const next = opened({ memory: page.memory, storage: page.storage });
    await next.cut();
    assert.equal(next.client.session.state, "unknown");
  });
}

test("a logout that the server could not be told is told before anything else, by whoever opens the page next", async () => {
  let isReachable = false;
  const page = await left();
  const unreachable = opened({ memory: page.memory, storage: page.storage, reachable: () => isReachable });
  await unreachable.goLive();
  await unreachable.logOut();
  const next = opened({ memory: page.memory, storage: page.storage, reachable: () => isReachable });
  await next.time.passes(7_000);
  assert.deepEqual([next.client.session.state, next.net.wires.length], ["out", 0]);
  assert.ok(next.posted.length >= 2);
  isReachable = true;
  await next.time.passes(5_000);
  const told = next.posted.length;
  await next.time.passes(30_000);
  assert.equal(next.posted.length, told);
  const last = opened({ memory: page.memory, storage: page.storage });
  assert.equal(last.net.wires.length, 1);
});

test("who logs in meanwhile stays so", async () => {
  const page = await left();
  const unreachable = opened({ memory: page.memory, storage: page.storage, reachable: () => false });
  await unreachable.goLive();
  await unreachable.logOut();
  const next = opened({ memory: page.memory, storage: page.storage, reachable: () => false });
  next.client.enter({ me: ME });
  const told = next.posted.length;
  await next.time.passes(30_000);
  assert.equal(next.posted.length, told);
  assert.equal(next.client.session.state, "in");
});

test("behind a mask nothing is remembered", async () => {
  const page = opened();
  await page.goLive({ masked_by: 5 });
  await page.time.passes(10_000);
  assert.deepEqual(page.memory.kept, {});
});

test("only what has changed is written again", async () => {
  const page = await left();
  const before = { ...page.memory.written };
  await page.net.last().says({ op: "heartbeat", epoch: "e", version: 1, time: 0 });
  await page.time.passes(4_000);
  const again = Object.keys(before).filter((name) => page.memory.written[name] !== before[name]);
  assert.deepEqual(again, ["seen"]);
});

test("of conversations the newest messages of those that were read are worth remembering", () => {
  const thread = (id, seqs) => ({ conversation: id, updated_at: `2030-01-01T00:00:${String(id % 60).padStart(2, "0")}Z`, run: seqs.map((seq) => ({ seq })), ahead: [{ seq: 9 }], aside: { run: [] } });
  const long = thread(1, Array.from({ length: 250 }, (_, at) => at + 1));
  const threads = new Map([long, thread(2, [])].map((each) => [each.conversation, each]));
  const { threads: kept } = remembered({ me: 1, loaded: true, next: null, threads });
  assert.deepEqual([kept.get(1).run.length, kept.get(1).run[0].seq, kept.get(1).ahead.length, kept.get(1).aside], [100, 151, 0, null]);
  assert.equal(kept.size, 2);
});
