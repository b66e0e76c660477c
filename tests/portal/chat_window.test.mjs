import assert from "node:assert/strict";
import { test } from "node:test";

import { itemsOf } from "../../portal/elements/chat-items.js";
import { isOnlyPictures, partsOf } from "../../portal/elements/message-text.js";
import { speak } from "../../portal/words.js";

await speak(["en"]);

const ME = 1;
const OTHER = 2;
const dayOf = (moment) => new Date(moment).toISOString().slice(0, 10);
const message = (seq, sender, sent_at, client_id = "") => ({ conversation: 7, seq, sender, body: `m${seq}`, sent_at, client_id });
const thread = (...run) => ({ conversation: 7, kind: "direct", members: [], run, ahead: [], last_seq: run.length });
const outgoing = (client_id, state = "waiting") => ({
  client_id,
  conversation: 7,
  body: "on its way",
  written_at: "2030-01-02T12:00:00Z",
  state,
  problem: "",
});
const kinds = (items) => items.map((item) => (item.kind === "bubble" ? item.seq : item.kind));

test("each day has its heading", () => {
  const items = itemsOf(
    thread(message(1, OTHER, "2030-01-01T23:59:00Z"), message(2, OTHER, "2030-01-02T00:01:00Z")),
    [],
    ME,
    null,
    dayOf,
  );
  assert.deepEqual(kinds(items), ["day", 1, "day", 2]);
});

test("the line stands before the first message of others that is new", () => {
  const at = "2030-01-01T12:00:00Z";
  const items = itemsOf(thread(message(1, OTHER, at), message(2, ME, at), message(3, OTHER, at), message(4, OTHER, at)), [], ME, 1, dayOf);
  assert.deepEqual(kinds(items), ["day", 1, 2, "divider", 3, 4]);
});

test("there is no line where what came first of the new is not held", () => {
  const at = "2030-01-01T12:00:00Z";
  assert.deepEqual(kinds(itemsOf(thread(message(8, OTHER, at), message(9, OTHER, at)), [], ME, 3, dayOf)), ["day", 8, 9]);
});

test("without anything new there is no line", () => {
  const at = "2030-01-01T12:00:00Z";
  assert.deepEqual(kinds(itemsOf(thread(message(1, OTHER, at)), [], ME, 1, dayOf)), ["day", 1]);
});

test("messages of one sender within minutes stand together", () => {
  const items = itemsOf(
    thread(
      message(1, OTHER, "2030-01-01T12:00:00Z"),
      message(2, OTHER, "2030-01-01T12:04:00Z"),
      message(3, OTHER, "2030-01-01T12:10:00Z"),
      message(4, ME, "2030-01-01T12:10:00Z"),
    ),
    [],
    ME,
    null,
    dayOf,
  ).slice(1);
  assert.deepEqual(
    items.map(({ isFirst, isLast }) => [isFirst, isLast]),
    [
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ],
  );
});

test("a message keeps its place on the screen when it has arrived", () => {
  const waiting = itemsOf(thread(), [outgoing("c1")], ME, null, dayOf).at(-1);
  const arrived = itemsOf(thread(message(1, ME, "2030-01-02T12:00:01Z", "c1")), [outgoing("c1")], ME, null, dayOf);
  assert.equal(arrived.length, 2);
  assert.equal(arrived.at(-1).key, waiting.key);
  assert.equal(arrived.at(-1).outgoing, null);
});

test("only addresses of http and https become links", () => {
  const links = (text) => partsOf(text).filter((part) => part.isAddress).map((part) => part.text);
  assert.deepEqual(links("see https://a.example/x?y=1#z and http://b.example."), [
    "https://a.example/x?y=1#z",
    "http://b.example",
  ]);
  assert.deepEqual(links("(https://a.example/wiki/A_(b))"), ["https://a.example/wiki/A_(b)"]);
  assert.deepEqual(links("javascript:alert(1) data:text/html,x ftp://a.example https:// xhttps://a.example"), []);
  assert.deepEqual(links('<a href="https://a.example">'), ["https://a.example"]);
});

test("nothing of a text is lost by its links", () => {
  for (const text of ["", "plain", "https://a.example", "a https://a.example/ü b\n\n<i>c</i>"]) {
    assert.equal(partsOf(text).map((part) => part.text).join(""), text);
  }
});

test("up to three pictures alone are shown large", () => {
  for (const text of ["🎉", "👍🏽 👍", "👩‍💻", "❤️"]) assert.equal(isOnlyPictures(text), true, text);
  for (const text of ["", "ok 👍", "123", "🎉🎉🎉🎉"]) assert.equal(isOnlyPictures(text), false, text);
});
