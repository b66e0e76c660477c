import assert from "node:assert/strict";
import { test } from "node:test";

import { queryOf } from "../../portal/client/searching.js";
import { excerptOf, partsWithMentions } from "../../portal/elements/message-text.js";
import { speak } from "../../portal/words.js";

await speak(["en"]);

const KNOWN = {
  people: [
    { user: 3, name: "Anna Berg", extension: "1001" },
    { user: 4, name: "Béla Nagy", extension: "1002" },
  ],
  conversations: [
    { conversation: 7, name: "Summer party" },
    { conversation: 8, name: "Béla Nagy" },
  ],
};
const asked = (typed, isTyping = false) => queryOf(typed, KNOWN, isTyping);

test("words are asked for as they are typed, and the last one may go on", () => {
  assert.deepEqual(asked('lunch "at noon"'), { text: 'lunch "at noon"' });
  assert.deepEqual(asked("lun", true), { text: "lun*" });
  assert.deepEqual(asked('"at noon"', true), { text: '"at noon"' });
  assert.deepEqual(asked("lunch ", true), { text: "lunch" });
});

test("who, where and when are found by name, extension and date", () => {
  assert.equal(asked("from:berg cake").sender, 3);
  assert.equal(asked("cake from:bela").sender, 4);
  assert.equal(asked("from:1001 cake").sender, 3);
  assert.equal(asked('in:"summer party" cake').conversation, 7);
  const { since, until } = asked("after:2026-02-28 before:2026-03 cake");
  assert.equal(since, new Date(2026, 2, 1).toISOString());
  assert.equal(until, new Date(2026, 2, 1).toISOString());
});

test("what cannot be meant is said by its name", () => {
  assert.deepEqual(asked("from:zoe cake"), { kind: "unknownPerson", text: "zoe" });
  assert.deepEqual(asked("in:attic cake"), { kind: "unknownConversation", text: "attic" });
  assert.deepEqual(asked("before:soon cake"), { kind: "wrongDate", text: "soon" });
  assert.equal(asked("from:anna").kind, "noWord");
  assert.equal(asked(" ?! ").kind, "noWord");
});

test("an excerpt stands around what was found, which is marked and nothing else", () => {
  const parts = excerptOf(`${"before ".repeat(40)}the cake and <b>more</b>`, ["cake"], 60);
  assert.deepEqual(parts.filter((part) => part.isFound).map((part) => part.text), ["cake"]);
  assert.ok(parts.map((part) => part.text).join("").startsWith("…"));
  assert.ok(parts.some((part) => part.text.includes("<b>more</b>")));
});

test("names are marked where those are mentioned who have them, the longest first", () => {
  const parts = partsWithMentions("@Anna Berg-Lund and @Anna Berg, see https://a.example/@Anna Berg", [
    { user: 3, name: "Anna Berg" },
    { user: 5, name: "Anna Berg-Lund" },
  ]);
  assert.deepEqual(parts.filter((part) => part.mentioned).map((part) => [part.text, part.mentioned]).slice(0, 2), [
    ["@Anna Berg-Lund", 5],
    ["@Anna Berg", 3],
  ]);
  assert.equal(parts.map((part) => part.text).join(""), "@Anna Berg-Lund and @Anna Berg, see https://a.example/@Anna Berg");
});
