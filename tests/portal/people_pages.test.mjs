import assert from "node:assert/strict";
import { test } from "node:test";

import { PeoplePages } from "../../portal/client/people-pages.js";
import { complete } from "../../portal/client/state/presence.js";
import { Time } from "./support.mjs";

const CHOICE = { group: "all", status: "all", search: "", sort: "name", descending: false };

/** A server that has `count` coworkers, and pages of them. */
function list(count) {
  const time = new Time();
  const asked = [];
  const server = { names: Array.from({ length: count }, (_, at) => `P${at}`), fails: false };
  const http = {
    get: async (path, query) => {
      if (path === "/v1/people/groups") return { groups: [{ group: "all", people: server.names.length }] };
      asked.push(query.search ? `search ${query.search}` : (query.after ?? ""));
      if (server.fails) throw new Error("away");
      const found = server.names.filter((name) => name.includes(query.search ?? ""));
      const first = query.after ? Number(query.after) : 0;
      const items = found.slice(first, first + 100).map((name, at) => ({ coworker: { user: first + at + 1, rev: 1, extension: "1", first_name: name } }));
      return { items, total: found.length, next: first + 100 < found.length ? String(first + 100) : null };
    },
  };
  const around = {
    presenceOf: (user) => complete({ user, rev: 0 }),
    learn: () => undefined,
    changed: () => undefined,
    setTimer: time.around.setTimer,
    clearTimer: time.around.clearTimer,
    random: () => 0,
    isHidden: () => server.isHidden ?? false,
  };
  const pages = new PeoplePages(http, around);
  return { time, asked, server, pages, take: () => asked.splice(0) };
}

const names = (pages) => pages.people.map(({ name }) => name);

test("only what is seen is read, page by page", async () => {
  const { time, pages, take } = list(1_000);
  pages.show(CHOICE);
  await time.passes(10);
  assert.deepEqual(take(), [""]);
  assert.equal(pages.total, 1_000);
  pages.seen(60, 90);
  await time.passes(10_000);
  assert.deepEqual(take(), []);
  pages.seen(80, 110);
  await time.passes(10);
  assert.deepEqual(take(), ["100"]);
  assert.equal(pages.people.length, 200);
});

test("after a change what is seen is read again, and the rest when it is looked at", async () => {
  const { time, server, pages, take } = list(300);
  pages.show(CHOICE);
  await time.passes(10);
  pages.seen(80, 110);
  await time.passes(10);
  pages.seen(180, 210);
  await time.passes(10);
  take();
  server.names[120] = "Other";
  server.names[5] = "First";
  pages.refresh();
  pages.seen(110, 140);
  await time.passes(10_000);
  assert.deepEqual(take(), ["100"]);
  assert.equal(names(pages)[120], "Other");
  assert.equal(names(pages)[5], "P5");
  assert.equal(pages.people.length, 300);
  pages.seen(0, 30);
  await time.passes(10_000);
  assert.deepEqual(take(), [""]);
  assert.equal(names(pages)[5], "First");
});

test("pages behind one that ends elsewhere now are forgotten, and read when they are reached", async () => {
  const { time, server, pages, take } = list(250);
  pages.show(CHOICE);
  await time.passes(10);
  for (const last of [110, 210]) {
    pages.seen(last - 30, last);
    await time.passes(10);
  }
  take();
  pages.seen(0, 30);
  server.names = server.names.slice(0, 90);
  pages.refresh();
  await time.passes(10_000);
  assert.deepEqual(take(), [""]);
  assert.deepEqual(names(pages), server.names);
});

test("many changes are one reading, and none while nobody looks", async () => {
  const { time, server, pages, take } = list(50);
  pages.show(CHOICE);
  await time.passes(10);
  take();
  for (let change = 0; change < 20; change++) pages.refresh();
  await time.passes(3_000);
  assert.deepEqual(take(), [""]);
  server.isHidden = true;
  pages.refresh();
  await time.passes(60_000);
  assert.deepEqual(take(), []);
  server.isHidden = false;
  await time.passes(3_000);
  assert.deepEqual(take(), [""]);
});

test("what is typed is searched when the typing pauses, and until then something else is shown", async () => {
  const { time, pages, take } = list(150);
  pages.show(CHOICE);
  await time.passes(10);
  take();
  pages.show({ ...CHOICE, search: "P1" });
  await time.passes(100);
  pages.show({ ...CHOICE, search: "P14" });
  assert.equal(pages.isPending, true);
  await time.passes(1_000);
  assert.deepEqual(take(), ["search P14"]);
  assert.equal(pages.isPending, false);
  assert.equal(pages.total, 11);
});

test("a failure is told, and tried again until it works", async () => {
  const { time, server, pages } = list(10);
  server.fails = true;
  pages.show(CHOICE);
  await time.passes(10);
  assert.equal(pages.problem?.message, "away");
  server.fails = false;
  await time.passes(10_000);
  assert.equal(pages.problem, null);
  assert.equal(pages.people.length, 10);
});
