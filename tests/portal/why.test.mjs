import assert from "node:assert/strict";
import { test } from "node:test";

import { Times } from "../../portal/elements/times.js";
import { factsOf, marksOf, noticesOf, spansOf, switchesOf } from "../../portal/elements/why-view.js";
import { speak } from "../../portal/words.js";

await speak(["en"]);

const AT = Date.UTC(2030, 0, 2, 15) / 1_000;
const DAY = 86_400;
const times = new Times("UTC");

const told = ({ presence = {}, ...fields } = {}) => ({ presence: { user: 1, rev: 1, ...presence }, at: AT, ...fields });
const device = (fields) => ({ source: "pbx", device: "d1", since: AT - 600, expires_at: AT + 60, live: true, ...fields });
const call = (fields) => ({ source: "pbx", call: "c1", phase: "active", since: AT - 60, forgotten_at: AT + 600, counts: true, ...fields });
const session = (fields) => ({ gateway: "g1", since: AT - 60, live: true, ...fields });
const facts = (fields) => factsOf(told(fields), times);
const states = (fields) => spansOf(told(fields)).map(({ from, to, state }) => [from - AT, to - AT, state]);
const past = (before, reason) => ({ at: AT - before, colour: "any", reason });

test("what decides comes first, the rest that counts follows", () => {
  const { counts, ignored } = facts({
    presence: { colour: "red", reason: "do_not_disturb", dnd: true, chat: true, phone: true },
    devices: [device()],
    sessions: [session()],
    dnd_since: AT - 30,
  });
  assert.deepEqual(counts.map(({ kind, decides }) => [kind, decides]), [["dnd", true], ["chat", false], ["phone", false]]);
  assert.deepEqual(ignored, []);
});

test("a Do Not Disturb that the switch has not confirmed says so", () => {
  const detail = (pending) => facts({ presence: { colour: "red", reason: "do_not_disturb", dnd: true, dnd_pending: pending }, dnd_since: AT - 30 }).counts[0].detail;
  assert.match(detail(true), /Since .*not confirmed/);
  assert.doesNotMatch(detail(false), /confirmed/);
});

test("of a call that rings and one that is held, the held one decides", () => {
  const { counts } = facts({
    presence: { colour: "red", reason: "on_the_phone", calls: "busy" },
    calls: [call({ call: "a", phase: "ringing" }), call({ call: "b", phase: "held" })],
  });
  assert.deepEqual(counts.map(({ what, decides }) => [what, decides]), [["A call on hold", true], ["A call rings", false]]);
  assert.match(counts[1].detail, /turns nobody red/);
});

test("where ringing is busy, the ringing call decides", () => {
  const { counts } = facts({ presence: { colour: "red", reason: "ringing", calls: "ringing" }, calls: [call({ phase: "ringing" })] });
  assert.equal(counts[0].decides, true);
  assert.doesNotMatch(counts[0].detail, /turns nobody red/);
});

test("what does not count says why", () => {
  const { counts, ignored } = facts({
    calls: [call({ phase: "ended", counts: false }), call({ call: "c2", counts: false })],
    sessions: [session({ live: false })],
    devices: [device({ live: false, removed: true }), device({ device: "fax", ignored: true, label: "Fax" })],
  });
  assert.deepEqual(counts, []);
  assert.deepEqual(ignored.map(({ what }) => what), ["A call that has ended", "In a call", "Logged in and available for chat", "Telephone d1", "Fax"]);
  for (const [at, reason] of [[0, /^Ended at/], [1, /silent for too long/], [2, /server is gone/], [3, /^Unregistered/], [4, /says? nothing/]]) {
    assert.match(ignored[at].detail, reason);
  }
});

test("a registration that ran out while its switch is silent still stands, and says so", () => {
  const { counts } = facts({
    presence: { colour: "green", reason: "registered", phone: true, unknown_since: AT - 100 },
    devices: [device({ expires_at: AT - 5 })],
    sources: [{ source: "pbx", heard_at: AT - 100, silent: true }],
  });
  assert.match(counts[0].detail, /Should have been renewed/);
});

test("nothing decides while the colour is unknown, and what a silent switch said is called uncertain", () => {
  const { counts } = facts({
    presence: { colour: "red", reason: "on_the_phone", calls: "busy", phone: true, unknown_since: AT - 20 },
    calls: [call()],
    devices: [device(), device({ source: "other" })],
    sources: [{ source: "pbx", heard_at: AT - 20, silent: true }, { source: "other", heard_at: AT, silent: false }],
  });
  assert.deepEqual(counts.map(({ decides }) => decides), [false, false, false]);
  assert.deepEqual(counts.map(({ detail }) => /not certain/.test(detail)), [true, true, false]);
});

test("what gave way to newer phones and calls is told beside what does not count", () => {
  assert.deepEqual(facts({}).ignored, []);
  const { counts, ignored } = facts({ devices: [device()], left_out: { devices: 3, calls: 1, at: AT - 60 } });
  assert.equal(counts.length, 1);
  assert.match(ignored[0]?.detail ?? "", /4 times/);
});

test("switches say when they were heard, and since when they are silent", () => {
  const sources = [{ source: "a", heard_at: AT - 5, silent: false }, { source: "b", heard_at: AT - 100, silent: true }];
  assert.deepEqual(switchesOf(told({ sources }), times).map(({ isSilent }) => isSilent), [false, true]);
});

test("what others do not see as it is, is told", () => {
  assert.deepEqual(noticesOf(told()), []);
  assert.equal(noticesOf(told({ appears_offline: true, listed: false })).length, 2);
});

test("the day is without gaps, and what was before the first entry is not made up", () => {
  assert.deepEqual(states({ history: [past(7_200, "registered"), past(3_600, "on_the_phone"), past(3_000, "registered")] }), [
    [-DAY, -7_200, "unrecorded"],
    [-7_200, -3_600, "available"],
    [-3_600, -3_000, "phone"],
    [-3_000, 0, "available"],
  ]);
});

test("an entry of the day before reaches into this one", () => {
  assert.deepEqual(states({ history: [past(DAY + 500, "chat"), past(10, "not_registered")] }), [
    [-DAY, -10, "chat-only"],
    [-10, 0, "offline"],
  ]);
});

test("one colour for longer than history is kept has its beginning to go by", () => {
  assert.deepEqual(states({ presence: { colour: "green", reason: "registered", since: AT - 3 * DAY } }), [[-DAY, 0, "available"]]);
  assert.deepEqual(states(), [[-DAY, 0, "unrecorded"]]);
});

test("since the switch is silent the day is unknown, whatever was written down meanwhile", () => {
  const history = [past(500, "on_the_phone"), past(60, "registered")];
  const presence = { colour: "green", reason: "registered", phone: true, unknown_since: AT - 180 };
  assert.deepEqual(states({ history, presence }).slice(1), [[-500, -180, "phone"], [-180, 0, "unknown"]]);
  const quiet = { colour: "red", reason: "do_not_disturb", dnd: true, unknown_since: AT - 180 };
  assert.deepEqual(states({ history: [past(500, "do_not_disturb")], presence: quiet }).slice(1), [[-500, 0, "dnd"]]);
});

test("a silence that is over stays a gap in what is known of the day", () => {
  const history = [past(500, "registered"), { ...past(300, "registered"), unknown: true }, past(200, "on_the_phone")];
  const presence = { colour: "red", reason: "on_the_phone", calls: "busy" };
  assert.deepEqual(states({ history, presence }).slice(1), [
    [-500, -300, "available"],
    [-300, -200, "unknown"],
    [-200, 0, "phone"],
  ]);
});

test("what began this very second is in the day", () => {
  assert.deepEqual(states({ history: [past(0, "chat")] }).at(-1), [0, 1, "chat-only"]);
});

test("marks stand at round hours of the reader's clock", () => {
  const at = (zone) => marksOf(AT - DAY, AT, new Times(zone)).map((mark) => (mark - AT) / 3_600);
  assert.deepEqual(at("UTC"), [-21, -15, -9, -3]);
  assert.deepEqual(at("Asia/Kolkata"), [-20.5, -14.5, -8.5, -2.5]);
});
