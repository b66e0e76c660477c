import assert from "node:assert/strict";
import { test } from "node:test";

import { Contacts } from "../../portal/client/contacts.js";
import { CONNECTED, Time, settled } from "./support.mjs";

const EMPTY_OWN = { favourites: [], overlays: [], position: { shared: 0, own: 0 } };

/** A server whose shared book stands at `server.shared`. Questions for changes wait until `answer` is called. */
async function contacts(listing_everybody) {
  const time = new Time();
  const asked = [];
  const waiting = [];
  const server = { shared: 0 };
  const http = {
    get: async (path, query) => {
      asked.push(path);
      if (path === "/v1/contacts/own") return { ...EMPTY_OWN, position: { shared: server.shared, own: 0 } };
      if (path === "/v1/contacts") return { items: [], next: null, position: { shared: server.shared, own: 0 } };
      const answer = { position: { shared: server.shared, own: 0 }, contacts: [], favourites: [], overlays: [] };
      assert.equal(query.own, 0);
      return new Promise((resolve) => waiting.push(() => resolve(answer)));
    },
  };
  const books = new Contacts(http, () => undefined, time.around.setTimer);
  await books.resume({ ...CONNECTED, listing_everybody, contacts: { shared: 0, own: 0 } });
  const misses = (rev) => {
    server.shared = rev;
    books.apply({ op: "contacts_changed", shared: true, since: rev, rev });
  };
  const answer = async () => {
    waiting.shift()();
    await settled();
  };
  return { time, asked, books, misses, answer, take: () => asked.splice(0) };
}

test("what is missed while a question is under way is asked for after it", async () => {
  const { time, books, misses, answer, take } = await contacts(true);
  take();
  misses(130);
  await time.passes(1_000);
  misses(260);
  await answer();
  assert.equal(books.state.shared, 130);
  await time.passes(1_000);
  await answer();
  assert.equal(books.state.shared, 260);
  await time.passes(10_000);
  assert.deepEqual(take(), ["/v1/contacts/changes", "/v1/contacts/changes"]);
});

test("where there are many people, contacts are not read, and what was missed is only noted", async () => {
  const { time, books, misses, take } = await contacts(false);
  assert.deepEqual(take(), ["/v1/contacts/own"]);
  misses(50_000);
  await time.passes(1_000);
  assert.deepEqual(take(), ["/v1/contacts/own"]);
  assert.equal(books.state.shared, 50_000);
  assert.equal(books.isLarge, true);
});

test("a book that grows too large is let go", async () => {
  const { books, take } = await contacts(true);
  const many = Array.from({ length: 50 }, (_, at) => ({ contact: at + 1, rev: at + 1, shared: true }));
  books.apply({ op: "contacts_changed", shared: true, since: 0, rev: 50, contacts: many });
  assert.equal(books.state.contacts.size, 50);
  take();
  books.becomeLarge();
  await settled();
  assert.deepEqual(take(), ["/v1/contacts/own"]);
});
