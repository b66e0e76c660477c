import assert from "node:assert/strict";
import { test } from "node:test";

import { empty, replace } from "../../portal/client/state/chat.js";
import { EMPTY, replace as replaceDirectory } from "../../portal/client/state/directory.js";
import { unknown } from "../../portal/client/state/presence.js";
import { Watching, worthWatching } from "../../portal/client/watching.js";
import { shapeOf } from "../../portal/elements/presence-view.js";
import { CONNECTED, Time } from "./support.mjs";
import { speak } from "../../portal/words.js";

await speak(["en"]);

function set(wanted) {
  const time = new Time();
  const asked = [];
  const request = async (op, fields) => {
    asked.push({ op, ...fields });
    return { op: "watching", everybody: false };
  };
  const expected = [];
  const told = [];
  /** @type {Watching} */
  const watching = new Watching(request, time.around.setTimer, wanted, (users) => expected.push(...users), () => told.push(watching.covers(2)));
  return { time, asked, expected, told, watching };
}

const connected = (watched_users) => ({ ...CONNECTED, watching_everybody: false, limits: { watched_users } });

test("where everybody is looked at, nobody is named", async () => {
  const { time, asked, watching } = set(() => [1, 2]);
  watching.resume(CONNECTED);
  await time.passes(1_000);
  assert.deepEqual(asked, []);
  assert.equal(watching.covers(99), true);
});

test("in a very large domain the most important are named, once, as many as allowed", async () => {
  const wanted = [1, 2, 3];
  const { time, asked, expected, told, watching } = set(() => wanted);
  watching.resume(connected(3));
  assert.equal(watching.covers(2), false);
  await time.passes(1_000);
  watching.update();
  await time.passes(1_000);
  assert.deepEqual(asked, [{ op: "watch", mode: "add", users: [1, 2, 3] }]);
  wanted.unshift(9);
  watching.update();
  await time.passes(1_000);
  assert.deepEqual(asked.slice(1), [
    { op: "watch", mode: "remove", users: [3] },
    { op: "watch", mode: "add", users: [9] },
  ]);
  assert.deepEqual(expected, [1, 2, 3, 9]);
  assert.deepEqual(told, [true, true], "whoever shows dots is told once they are certain");
  assert.equal(watching.covers(9), true);
  assert.equal(watching.covers(3), false);
});

test("oneself comes first, then those one talks with, then the others by name", () => {
  const member = (user) => ({ user });
  const conversation = { conversation: 1, kind: "direct", members: [member(1), member(5)], updated_at: "2030-01-01T00:00:00Z" };
  const chat = replace(empty(1), { op: "conversations_snapshot", conversations: [conversation] });
  const entry = (user, first_name) => ({ user, rev: 1, extension: String(user), first_name });
  const directory = replaceDirectory(EMPTY, { rev: 1, items: [entry(1, "M"), entry(3, "B"), entry(4, "A"), entry(5, "Z")] });
  assert.deepEqual(worthWatching(1, [], chat, directory), [1, 5, 4, 3]);
});

test("whoever is not looked at has no confident dot", () => {
  assert.equal(shapeOf(unknown(7)), "unknown");
});
