import assert from "node:assert/strict";
import { test } from "node:test";

import { EMPTY, apply, doubt, expect, isUnknown, needsSnapshot, positionOf, presenceOf, replace } from "../../portal/client/state/presence.js";

const snapshot = (version, ...users) => ({ op: "presence_snapshot", epoch: "e", version, users });
const changed = (version, ...users) => ({ op: "presence_changed", epoch: "e", version, users });
const red = (user, rev) => ({ user, rev, colour: "red", reason: "on_the_phone", calls: "busy" });
const green = (user, rev) => ({ user, rev, colour: "green", reason: "registered", phone: true });

test("who is absent from a snapshot is offline", () => {
  const state = replace(EMPTY, snapshot(5, green(1, 3)));
  assert.equal(presenceOf(state, 1).colour, "green");
  assert.deepEqual(presenceOf(state, 2), { ...presenceOf(EMPTY, 2) });
  assert.equal(presenceOf(state, 2).colour, "offline");
});

test("a record takes the server's defaults for what it leaves out", () => {
  const state = replace(EMPTY, snapshot(5, green(1, 3)));
  const { chat, dnd, message, calls, since } = presenceOf(state, 1);
  assert.deepEqual({ chat, dnd, message, calls, since }, { chat: false, dnd: false, message: "", calls: "none", since: 0 });
});

test("a change replaces the record and moves the position", () => {
  const state = apply(replace(EMPTY, snapshot(5, green(1, 3))), changed(6, red(1, 6)));
  assert.equal(presenceOf(state, 1).colour, "red");
  assert.deepEqual(positionOf(state), { epoch: "e", version: 6 });
});

test("a record that goes back to its defaults loses what it had", () => {
  const state = apply(replace(EMPTY, snapshot(5, red(1, 3))), changed(6, { user: 1, rev: 6 }));
  assert.equal(presenceOf(state, 1).colour, "offline");
  assert.equal(presenceOf(state, 1).calls, "none");
});

test("an older record after a newer one changes nothing", () => {
  const before = apply(replace(EMPTY, snapshot(5)), changed(8, red(1, 8)));
  const after = apply(before, changed(7, green(1, 7)));
  assert.equal(after, before);
});

test("a change that the snapshot already covers changes nothing", () => {
  const before = replace(EMPTY, snapshot(9));
  assert.equal(apply(before, changed(8, green(4, 8))), before);
});

test("any order of arrival leads to the same records", () => {
  const events = [changed(6, red(1, 6)), changed(7, green(2, 7)), changed(8, green(1, 8)), changed(9, { user: 2, rev: 9 })];
  const inOrder = events.reduce(apply, replace(EMPTY, snapshot(5, green(2, 4))));
  for (let round = 0; round < 24; round++) {
    const shuffled = [...events].sort(() => Math.random() - 0.5);
    const state = [...shuffled, ...shuffled].reduce(apply, replace(EMPTY, snapshot(5, green(2, 4))));
    assert.deepEqual([...state.users].sort(), [...inOrder.users].sort());
    assert.equal(state.version, 9);
  }
});

test("who is gone stays gone for anything older", () => {
  const gone = apply(replace(EMPTY, snapshot(5, green(1, 3))), changed(7, { user: 1, rev: 7, gone: true }));
  const state = apply(gone, changed(6, red(1, 6)));
  assert.equal(presenceOf(state, 1).gone, true);
  assert.equal(presenceOf(state, 1).colour, "offline");
});

test("a snapshot does not undo what is newer", () => {
  const ahead = apply(replace(EMPTY, snapshot(5)), changed(12, red(1, 12)));
  const state = replace(ahead, snapshot(10, green(1, 9), green(2, 8)));
  assert.equal(presenceOf(state, 1).colour, "red");
  assert.equal(presenceOf(state, 2).colour, "green");
  assert.equal(state.version, 12);
});

test("a snapshot forgets who is no longer in it", () => {
  const state = replace(replace(EMPTY, snapshot(5, green(1, 3))), snapshot(6));
  assert.equal(presenceOf(state, 1).colour, "offline");
});

test("a stream of another epoch starts anew", () => {
  const state = replace(EMPTY, snapshot(500, red(1, 400)));
  const other = { ...changed(2, green(1, 2)), epoch: "f" };
  assert.equal(apply(state, other), state);
  assert.equal(needsSnapshot(state, other), true);
  const anew = replace(state, { ...snapshot(2, green(1, 2)), epoch: "f" });
  assert.equal(presenceOf(anew, 1).colour, "green");
  assert.deepEqual(positionOf(anew), { epoch: "f", version: 2 });
});

test("a heartbeat moves the position past changes for others", () => {
  const state = apply(replace(EMPTY, snapshot(5)), { op: "heartbeat", epoch: "e", version: 9 });
  assert.deepEqual(positionOf(state), { epoch: "e", version: 9 });
});

test("there is no position before the first snapshot", () => {
  assert.equal(positionOf(EMPTY), null);
  assert.equal(needsSnapshot(EMPTY, { epoch: "e", version: 1 }), true);
});

test("whoever comes to be looked at is taken over, however old the news", () => {
  const seen = replace(EMPTY, snapshot(50, red(3, 40)));
  const old = changed(50, green(7, 12));
  assert.equal(presenceOf(apply(seen, old), 7).colour, "offline");
  const expecting = expect(seen, [7, 3]);
  assert.equal(presenceOf(expecting, 3).colour, "offline");
  assert.equal(presenceOf(apply(expecting, old), 7).colour, "green");
});

test("who is looked at by a gateway that does not hear any more is unknown, Do Not Disturb or not", () => {
  const dnd = { user: 2, rev: 4, colour: "red", reason: "do_not_disturb", dnd: true };
  const silent = { ...green(3, 5), unknown_since: 700 };
  const state = replace(EMPTY, snapshot(5, green(1, 3), dnd, silent));
  const doubted = doubt(state, 900);
  for (const [user, since] of [[1, 900], [2, 900], [3, 700], [4, 900]]) {
    assert.equal(isUnknown(presenceOf(doubted, user)), true);
    assert.equal(presenceOf(doubted, user).unknown_since, since);
  }
  assert.equal(presenceOf(doubted, 1), presenceOf(doubted, 1));
  assert.equal(isUnknown(presenceOf(replace(doubted, snapshot(6, green(1, 3))), 1)), true);
  const certain = doubt(doubted, 0);
  assert.equal(presenceOf(certain, 1), presenceOf(state, 1));
  assert.deepEqual([2, 3, 4].map((user) => isUnknown(presenceOf(certain, user))), [false, true, false]);
});
