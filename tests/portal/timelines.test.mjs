/** The database behind the service is another one than before: what is known by its numbers is known no more. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { PresenceClient } from "../../portal/client/client.js";
import { PATHS } from "../../portal/client/paths.js";
import { CONNECTED, Memory, Time, network, settled } from "./support.mjs";

/** A client, and what it keeps of its user for a start without a connection. */
class Page {
  time = new Time();
  net = network();
  kept = {};
  read = [];

  constructor(kept = {}) {
    this.kept = kept;
    const http = {
      authorization: null,
      get: (path) => {
        this.read.push(path);
        return path === PATHS.directory ? Promise.resolve({ rev: 5, items: [], next: null }) : new Promise(() => undefined);
      },
    };
    const memory = {
      recall: () => Promise.resolve(this.kept),
      keep: (parts) => Promise.resolve(Object.assign(this.kept, parts)),
      forget: () => Promise.resolve((this.kept = {})),
    };
    const around = { ...this.time.around, open: this.net.open };
    this.client = new PresenceClient({ base: "http://server", storage: new Memory(), memory, http, around });
    this.client.start();
  }

  /** @param {string} timeline @param {object[]} messages of the one conversation */
  async connects(timeline, messages) {
    await this.net.last().opens();
    await this.net.last().answers("connect", { ...CONNECTED, timeline });
    const last_message = messages.at(-1);
    const members = [{ user: 1 }, { user: 2 }];
    const record = { conversation: 7, kind: "direct", members, last_seq: messages.length, last_message, updated_at: "2030-01-01T12:00:00Z" };
    await this.net.last().says({ op: "conversations_snapshot", conversations: [record], next: null });
  }

  async comesBack() {
    await this.net.last().ends(4008);
    await this.time.passes(60_000);
  }

  get hello() {
    return this.net.last().asked("connect");
  }

  get bodies() {
    return this.client.conversations.state.threads.get(7).run.map((message) => message.body);
  }
}

const message = (seq, body) => ({ conversation: 7, seq, sender: 2, body, sent_at: "2030-01-01T12:00:00Z", client_id: `${body}` });
const BEFORE = [message(1, "kept"), message(2, "lost")];
const AFTER = [message(1, "kept"), message(2, "new"), message(3, "newer")];

async function connected() {
  const page = new Page();
  await page.connects("d.1", BEFORE);
  await settled();
  return page;
}

test("positions are brought along with the timeline in which they count", async () => {
  const page = await connected();
  assert.equal(page.client.conversations.state.threads.get(7).run.at(-1).body, "lost");
  await page.comesBack();
  await page.net.last().opens();
  assert.deepEqual([page.hello.timeline, page.hello.conversations], ["d.1", { 7: 2 }]);
});

test("in the same timeline everything goes on", async () => {
  const page = await connected();
  const { conversations, contacts, coworkers } = page.client;
  await page.comesBack();
  await page.connects("d.1", [...BEFORE, message(3, "next")]);
  assert.deepEqual(page.bodies, ["lost", "next"]);
  assert.deepEqual([page.client.conversations, page.client.contacts, page.client.coworkers], [conversations, contacts, coworkers]);
});

test("in another one nothing of the one before is shown, and everything is read again", async () => {
  const page = await connected();
  const { coworkers, softphone } = page.client;
  page.read.length = 0;
  await page.comesBack();
  await page.connects("d.2", AFTER);
  assert.deepEqual(page.bodies, ["newer"]);
  assert.notEqual(page.client.coworkers, coworkers);
  assert.equal(page.client.softphone, softphone);
  for (const path of [PATHS.directory, PATHS.ownThings, PATHS.profile, PATHS.me]) assert.ok(page.read.includes(path), path);
});

test("what is remembered of another timeline is not gone on with", async () => {
  const page = await connected();
  page.client.leavePage();
  await page.time.passes(10_000);
  assert.equal(page.kept.timeline, "d.1");
  const again = new Page(page.kept);
  await again.time.passes(2_000);
  assert.deepEqual(again.bodies, ["lost"]);
  await again.net.last().opens();
  assert.equal(again.hello.timeline, "d.1");
  await again.connects("d.2", AFTER);
  assert.deepEqual(again.bodies, ["newer"]);
});

test("a server that says nothing of timelines is taken as it always was", async () => {
  const page = new Page();
  await page.connects("", BEFORE);
  await page.comesBack();
  await page.connects("d.1", [...BEFORE, message(3, "next")]);
  assert.deepEqual(page.bodies, ["lost", "next"]);
});
