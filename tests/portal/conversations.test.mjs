import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversations, ELSEWHERE } from "../../portal/client/conversations.js";
import { NotConnected, Refused, TimedOut } from "../../portal/client/errors.js";
import { Keepsakes } from "../../portal/client/keepsakes.js";
import { Memory, Time, settled } from "./support.mjs";

const ME = 1;
const OTHER = 2;

/** A server that keeps one conversation and can be out of reach. */
class Server {
  messages = [];
  asked = [];
  isUp = true;
  /** @type {((op: string, fields: object) => Error | null)[]} */
  refusals = [];

  request = async (op, fields = {}) => {
    if (!this.isUp) throw new NotConnected();
    this.asked.push({ op, ...fields });
    const refusal = this.refusals.shift();
    const error = refusal?.(op, fields);
    if (error) throw error;
    await null; // an answer never comes at once
    return this[op](fields);
  };

  send_message({ conversation, client_id, body }) {
    const known = this.messages.find((one) => one.client_id === client_id);
    const message = known ?? this.says(body, ME, client_id);
    const { seq, sent_at } = message;
    return { op: "message_sent", conversation, client_id, seq, sent_at, duplicate: known !== undefined };
  }

  get_messages({ conversation, after, before, limit }) {
    const found = this.messages.filter((one) => (after == null || one.seq > after) && (before == null || one.seq < before));
    const messages = after == null ? found.slice(-limit) : found.slice(0, limit);
    return { op: "messages_listed", conversation, messages, more: messages.length < found.length };
  }

  mark_read() {
    return { op: "done" };
  }

  mark_delivered() {
    return { op: "done" };
  }

  typing() {
    return { op: "done" };
  }

  set_shown() {
    return { op: "done" };
  }

  get_conversation() {
    return { op: "conversation_opened", conversation: this.record() };
  }

  open_conversation() {
    return { op: "conversation_opened", conversation: this.record() };
  }

  list_conversations() {
    return { op: "conversations_listed", conversations: [this.record()], next: null };
  }

  says(body, sender = OTHER, client_id = "") {
    const seq = this.messages.length + 1;
    const sent_at = new Date(Date.UTC(2030, 0, 1, 12, 0, seq)).toISOString();
    this.messages.push({ conversation: 7, seq, sender, body, sent_at, client_id });
    return this.messages.at(-1);
  }

  record() {
    const last_message = this.messages.at(-1);
    return {
      conversation: 7,
      kind: "direct",
      members: [{ user: ME }, { user: OTHER }],
      last_seq: this.messages.length,
      unread: this.messages.filter((one) => one.sender !== ME).length,
      ...(last_message && { last_message }),
      updated_at: last_message?.sent_at ?? "2030-01-01T12:00:00Z",
    };
  }
}

function set(server = new Server(), memory = new Memory()) {
  const time = new Time();
  const conversations = new Conversations(ME, new Keepsakes("acme.example/1", memory), {
    request: server.request,
    isLive: () => server.isUp,
    marksToldUpTo: () => 50,
    now: time.around.now,
    setTimer: time.around.setTimer,
    changed: () => undefined,
  });
  const snapshot = () =>
    conversations.replace({ op: "conversations_snapshot", conversations: [server.record()], next: null });
  return { time, server, memory, conversations, snapshot };
}

const bodies = (conversations) => conversations.state.threads.get(7).run.map((one) => one.body);

test("a message is on its way until the server has kept it", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  conversations.send(7, "hello");
  assert.equal(conversations.outgoing[0].state, "sending");
  await settled();
  assert.deepEqual(conversations.outgoing, []);
  assert.deepEqual(bodies(conversations), ["hello"]);
  assert.equal(server.messages.length, 1);
});

test("messages keep their order, although each waits for the one before it", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  for (const body of ["one", "two", "three"]) conversations.send(7, body);
  await settled();
  assert.deepEqual(server.messages.map((one) => one.body), ["one", "two", "three"]);
});

test("what is written without a connection is sent when it is back", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  server.isUp = false;
  conversations.send(7, "later");
  await settled();
  assert.equal(conversations.outgoing[0].state, "waiting");
  server.isUp = true;
  conversations.resume();
  await settled();
  assert.deepEqual(server.messages.map((one) => one.body), ["later"]);
  assert.deepEqual(conversations.outgoing, []);
});

test("what was written and not sent survives a reload", async () => {
  const before = set();
  before.snapshot();
  before.server.isUp = false;
  before.conversations.send(7, "kept");
  before.conversations.keepDraft(7, "and half a thou");
  await settled();
  const { client_id } = before.conversations.outgoing[0];
  const after = set(before.server, before.memory);
  assert.equal(after.conversations.outgoing[0].client_id, client_id);
  assert.equal(after.conversations.draftOf(7), "and half a thou");
  before.server.isUp = true;
  after.snapshot();
  after.conversations.resume();
  await settled();
  assert.deepEqual(before.server.messages.map((one) => one.body), ["kept"]);
  assert.equal(set(before.server, before.memory).conversations.outgoing.length, 0);
});

test("a message whose answer was lost is sent again and kept once", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  server.refusals.push((op, fields) => {
    server.send_message(fields);
    server.isUp = false;
    return new NotConnected("lost on the way back");
  });
  conversations.send(7, "once");
  await settled();
  assert.equal(conversations.outgoing[0].state, "waiting");
  server.isUp = true;
  conversations.resume();
  await settled();
  assert.equal(server.messages.length, 1);
  assert.deepEqual(bodies(conversations), ["once"]);
});

test("the message that comes as an event takes the place of the one on its way", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  server.isUp = false;
  conversations.send(7, "seen first");
  const { client_id } = conversations.outgoing[0];
  conversations.apply({ op: "message_added", message: server.says("seen first", ME, client_id) });
  assert.deepEqual(conversations.outgoing, []);
  assert.deepEqual(bodies(conversations), ["seen first"]);
});

test("a refusal for good is shown, and can be tried again or taken back", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  const never = () => new Refused({ code: "not_allowed", message: "Not to them." });
  server.refusals.push(never, never);
  conversations.send(7, "a");
  conversations.send(7, "b");
  await settled();
  assert.deepEqual(
    conversations.outgoing.map(({ state, problem }) => [state, problem]),
    [
      ["failed", "Not to them."],
      ["failed", "Not to them."],
    ],
  );
  conversations.retry(conversations.outgoing[0].client_id);
  await settled();
  assert.deepEqual(server.messages.map((one) => one.body), ["a"]);
  assert.equal(conversations.discard(conversations.outgoing[0].client_id), "b");
  assert.deepEqual(conversations.outgoing, []);
});

test("a refusal that may pass is waited out as long as the server says", async () => {
  const { conversations, server, snapshot, time } = set();
  snapshot();
  server.refusals.push(() => new Refused({ code: "too_many", message: "Slowly", temporary: true, retryAfter: 7 }));
  conversations.send(7, "patient");
  await time.passes(6_900);
  assert.equal(server.messages.length, 0);
  await time.passes(200);
  assert.equal(server.messages.length, 1);
});

test("an answer that does not come is asked for again", async () => {
  const { conversations, server, snapshot, time } = set();
  snapshot();
  server.refusals.push(() => new TimedOut());
  conversations.send(7, "still there?");
  await time.passes(2_100);
  assert.deepEqual(bodies(conversations), ["still there?"]);
});

test("a gap is filled page by page", async () => {
  const { conversations, server, snapshot } = set();
  server.says("m1");
  snapshot();
  for (let seq = 2; seq <= 250; seq++) server.says(`m${seq}`);
  conversations.apply({ op: "message_added", message: server.messages.at(-1) });
  await settled();
  assert.equal(bodies(conversations).length, 250);
  assert.deepEqual(
    server.asked.filter(({ op }) => op === "get_messages").map(({ after }) => after),
    [1, 101, 201],
  );
});

test("a message of an unknown conversation brings the list", async () => {
  const { conversations, server } = set();
  conversations.apply({ op: "message_added", message: server.says("who is this?") });
  await settled();
  assert.deepEqual(bodies(conversations), ["who is this?"]);
});

test("an open conversation is not opened twice", async () => {
  const { conversations, server } = set();
  assert.equal(await conversations.openWith(OTHER), 7);
  assert.equal(await conversations.openWith(OTHER), 7);
  assert.equal(server.asked.filter(({ op }) => op === "open_conversation").length, 1);
});

test("several marks of reading travel as one, the furthest", async () => {
  const { conversations, server, snapshot, time } = set();
  for (const body of ["a", "b", "c"]) server.says(body);
  snapshot();
  for (const seq of [1, 3, 2]) conversations.markRead(7, seq);
  await time.passes(300);
  assert.deepEqual(
    server.asked.filter(({ op }) => op === "mark_read").map(({ seq }) => seq),
    [3],
  );
});

test("what is read while a mark is on its way is told soon after it", async () => {
  const { conversations, server, snapshot, time } = set();
  for (const body of ["a", "b"]) server.says(body);
  snapshot();
  const answers = [];
  server.mark_read = () => new Promise((resolve) => answers.push(() => resolve({ op: "done" })));
  conversations.markRead(7, 1);
  await time.passes(300);
  conversations.markRead(7, 2);
  answers[0]();
  await time.passes(300);
  assert.deepEqual(
    server.asked.filter(({ op }) => op === "mark_read").map(({ seq }) => seq),
    [1, 2],
  );
});

test("what was read without a connection is told when it is back", async () => {
  const { conversations, server, snapshot, time } = set();
  server.says("a");
  snapshot();
  server.isUp = false;
  conversations.markRead(7, 1);
  await time.passes(300);
  server.isUp = true;
  conversations.resume();
  await time.passes(300);
  assert.equal(server.asked.filter(({ op }) => op === "mark_read").length, 1);
});

test("older messages are asked for once, although two ask", async () => {
  const { conversations, server, snapshot } = set();
  for (let seq = 1; seq <= 80; seq++) server.says(`m${seq}`);
  snapshot();
  await Promise.all([conversations.loadOlder(7), conversations.loadOlder(7)]);
  assert.equal(bodies(conversations).length, 51);
  assert.equal(server.asked.filter(({ op }) => op === "get_messages").length, 1);
});

test("a window on a conversation that the list does not reach asks for it as it is", async () => {
  const { conversations, server, snapshot, time } = set();
  server.says("a");
  snapshot();
  const newer = { ...server.record(), conversation: 8, updated_at: "2031-01-01T12:00:00Z" };
  const afresh = () => conversations.replace({ op: "conversations_snapshot", conversations: [newer], next: "further" });
  const asked = () => server.asked.filter(({ op }) => op === "get_conversation").map(({ conversation }) => conversation);
  afresh();
  await time.passes(1_000);
  assert.deepEqual(asked(), [], "nobody looks at it");
  conversations.show(7);
  await time.passes(1_000);
  assert.deepEqual(asked(), [7]);
  afresh();
  await time.passes(1_000);
  assert.deepEqual(asked(), [7, 7]);
});

test("when another database took over, what it does not have is gone, and what it gives the same number is shown", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  conversations.send(7, "kept");
  await settled();
  server.says("lost");
  snapshot();
  await settled();
  assert.deepEqual(bodies(conversations), ["kept", "lost"]);
  server.messages.pop();
  conversations.beginAnew();
  snapshot();
  assert.deepEqual(bodies(conversations), ["kept"]);
  assert.equal(conversations.state.threads.get(7).unread, 0);
  conversations.apply({ op: "message_added", message: server.says("number two, anew") });
  await settled();
  assert.deepEqual(bodies(conversations), ["kept", "number two, anew"]);
  assert.equal(conversations.state.threads.get(7).unread, 1);
});

test("marks of messages that another database does not have are not told to it", async () => {
  const { conversations, server, snapshot, time } = set();
  snapshot();
  server.says("lost");
  snapshot();
  conversations.markRead(7, 1);
  conversations.beginAnew();
  server.messages.pop();
  snapshot();
  await time.passes(1_000);
  assert.deepEqual(server.asked.filter((one) => one.op === "mark_read"), []);
});

test("what was written before another database took over is sent to those to whom it was written", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  server.isUp = false;
  conversations.send(7, "for you");
  await settled();
  server.isUp = true;
  conversations.beginAnew();
  conversations.resume();
  snapshot();
  await settled();
  assert.deepEqual(server.messages.map((one) => one.body), ["for you"]);
  assert.deepEqual(conversations.outgoing, []);
});

test("it is not sent where the same number is somebody else's conversation, until somebody has looked", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  server.isUp = false;
  conversations.send(7, "for you alone");
  await settled();
  server.isUp = true;
  conversations.beginAnew();
  const record = server.record.bind(server);
  server.record = () => ({ ...record(), members: [{ user: ME }, { user: 3 }] });
  conversations.resume();
  snapshot();
  await settled();
  const [{ client_id, state, problem }] = conversations.outgoing;
  assert.deepEqual([state, problem], ["failed", ELSEWHERE]);
  assert.deepEqual(server.messages, []);
  conversations.retry(client_id);
  await settled();
  assert.deepEqual(server.messages.map((one) => one.body), ["for you alone"]);
});

test("what is on the screen is read anew as far back as a window that opens has it", async () => {
  const { conversations, server, snapshot } = set();
  for (let number = 1; number <= 20; number++) server.says(`number ${number}`);
  snapshot();
  conversations.show(7);
  await conversations.loadOlder(7);
  server.messages.length = 15;
  conversations.beginAnew();
  snapshot();
  await settled();
  assert.equal(bodies(conversations).length, 15);
  assert.equal(bodies(conversations).at(-1), "number 15");
});

test("a conversation that is on the screen and not among the newest is read anew", async () => {
  const { conversations, server, snapshot } = set();
  snapshot();
  conversations.show(7);
  conversations.beginAnew();
  conversations.replace({ op: "conversations_snapshot", conversations: [], next: null });
  await settled();
  assert.ok(conversations.state.threads.has(7));
});

test("that one writes is told although the clock was put back", async () => {
  const { conversations, server, snapshot, time } = set();
  snapshot();
  conversations.tellTyping(7);
  time.jumped = -3_600_000;
  conversations.tellTyping(7);
  await settled();
  assert.equal(server.asked.filter((one) => one.op === "typing").length, 2);
});
