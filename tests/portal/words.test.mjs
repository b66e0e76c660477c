import assert from "node:assert/strict";
import { test } from "node:test";

import { isRinging, labelOf, reasonOf, shapeOf } from "../../portal/elements/presence-view.js";
import { Times } from "../../portal/elements/times.js";
import { speak } from "../../portal/words.js";

await speak(["en"]);

const NOW = Date.UTC(2030, 0, 2, 15);
const SINCE = Date.UTC(2030, 0, 2, 14, 2) / 1_000;
const times = new Times("UTC");
const presence = (fields) => ({
  user: 1,
  rev: 1,
  colour: "offline",
  reason: "not_registered",
  chat: false,
  phone: false,
  calls: "none",
  dnd: false,
  message: "",
  since: 0,
  unknown_since: 0,
  gone: false,
  ...fields,
});
const reason = (fields) => reasonOf(presence(fields), times, NOW).replace(/\s?[AP]M/, "");

test("every state has a shape of its own", () => {
  const shapes = [
    {},
    { colour: "green", reason: "registered", phone: true },
    { colour: "blue", reason: "chat", chat: true },
    { colour: "red", reason: "do_not_disturb", dnd: true },
    { colour: "red", reason: "on_the_phone", calls: "busy" },
    { colour: "green", reason: "registered", phone: true, unknown_since: SINCE },
  ].map((fields) => shapeOf(presence(fields)));
  assert.deepEqual(shapes, ["offline", "available", "chat-only", "dnd", "phone", "unknown"]);
});

test("blue with a telephone is the green disc, the small dot says the rest", () => {
  assert.equal(shapeOf(presence({ colour: "blue", reason: "chat", chat: true, phone: true })), "available");
});

test("a silent switch does not take away what is known otherwise", () => {
  assert.equal(shapeOf(presence({ colour: "red", reason: "do_not_disturb", dnd: true, unknown_since: SINCE })), "dnd");
});

test("the reason says since when", () => {
  const on = { colour: "red", reason: "on_the_phone", calls: "busy", since: SINCE };
  assert.match(reason(on), /^On the phone since 0?2:02|^On the phone since 14:02/);
  assert.match(reason({ ...on, dnd: true }), /, do not disturb$/);
  assert.match(reason({ unknown_since: SINCE, phone: true, colour: "green", reason: "registered" }), /^Unknown since/);
  assert.equal(reason({ colour: "green", reason: "registered", phone: true }), "Available by phone");
  assert.equal(reason({ colour: "blue", reason: "chat", chat: true }), "Available by chat");
  assert.equal(reason({}), "Offline");
});

test("ringing is said although the colour stays", () => {
  const ringing = { colour: "green", reason: "registered", phone: true, calls: "ringing" };
  assert.equal(isRinging(presence(ringing)), true);
  assert.equal(reason(ringing), "Ringing");
});

test("the dot alone says that somebody on the phone can be reached by chat", () => {
  const label = labelOf(presence({ colour: "red", reason: "on_the_phone", chat: true }), times, NOW);
  assert.equal(label, "On the phone, can be reached by chat");
});

test("days are those of the time zone", () => {
  const late = Date.UTC(2030, 0, 1, 23, 30);
  assert.equal(new Times("UTC").day(late), "2030-01-01");
  assert.equal(new Times("Europe/Berlin").day(late), "2030-01-02");
  assert.equal(new Times("No/Such_Zone").day(0), new Times("").day(0));
});

test("a day begins at midnight of its zone", () => {
  assert.equal(new Times("UTC").startOf("2030-01-02"), Date.UTC(2030, 0, 2));
  assert.equal(new Times("Asia/Tokyo").startOf("2030-01-02"), Date.UTC(2030, 0, 1, 15));
  assert.equal(new Times("America/New_York").startOf("2030-01-02"), Date.UTC(2030, 0, 2, 5));
});

test("moments get shorter words the nearer they are", () => {
  assert.equal(times.heading(NOW - 3_600_000, NOW), "Today");
  assert.equal(times.heading(NOW - 86_400_000, NOW), "Yesterday");
  assert.match(times.heading(NOW - 10 * 86_400_000, NOW), /2029/);
  assert.equal(times.short(NOW - 86_400_000, NOW), "Yesterday");
});
