import assert from "node:assert/strict";
import { test } from "node:test";

import { EMPTY, apply, coworkerOf, everybody, hasMissed, replace } from "../../portal/client/state/directory.js";

const entry = (user, rev, first_name = "A") => ({ user, rev, extension: String(1000 + user), first_name });
const changed = (since, rev, ...coworkers) => ({ op: "directory_changed", since, rev, coworkers });

test("pages become the directory", () => {
  const state = replace(EMPTY, { rev: 4, items: [entry(1, 1), entry(2, 4)] });
  assert.equal(state.complete, true);
  assert.deepEqual(everybody(state).map((one) => one.user), [1, 2]);
  assert.equal(coworkerOf(state, 1)?.department, "");
});

test("an event changes an entry and moves the revision", () => {
  const state = apply(replace(EMPTY, { rev: 4, items: [entry(1, 1)] }), changed(4, 5, entry(1, 5, "B")));
  assert.equal(coworkerOf(state, 1)?.first_name, "B");
  assert.equal(state.rev, 5);
});

test("who is gone is not listed, and nothing older brings them back", () => {
  const state = apply(replace(EMPTY, { rev: 4, items: [entry(1, 1)] }), changed(4, 6, { ...entry(1, 6), gone: true }));
  assert.equal(coworkerOf(state, 1), null);
  assert.deepEqual(everybody(apply(state, changed(4, 5, entry(1, 5)))), []);
});

test("who is gone can join again", () => {
  const gone = apply(replace(EMPTY, { rev: 4, items: [entry(1, 1)] }), changed(4, 5, { ...entry(1, 5), gone: true }));
  assert.equal(coworkerOf(apply(gone, changed(5, 6, entry(1, 6))), 1)?.user, 1);
});

test("an event that follows one which never came is noticed and does not hide the gap", () => {
  const state = replace(EMPTY, { rev: 4, items: [entry(1, 1)] });
  const late = changed(6, 7, entry(2, 7));
  assert.equal(hasMissed(state, late), true);
  const after = apply(state, late);
  assert.equal(coworkerOf(after, 2)?.user, 2);
  assert.equal(after.rev, 4);
});

test("a page that was read before an event does not undo it", () => {
  const ahead = apply(EMPTY, changed(0, 9, entry(1, 9, "New")));
  const state = replace(ahead, { rev: 8, items: [entry(1, 3, "Old"), entry(2, 8)] });
  assert.equal(coworkerOf(state, 1)?.first_name, "New");
  assert.equal(state.rev, 9);
});

test("who was unlisted while we were away disappears with the next reading", () => {
  const state = replace(replace(EMPTY, { rev: 4, items: [entry(1, 1), entry(2, 2)] }), { rev: 9, items: [entry(2, 2)] });
  assert.deepEqual(everybody(state).map((one) => one.user), [2]);
});
