import assert from "node:assert/strict";
import { test } from "node:test";

import {
  addPage,
  apply,
  changesAfter,
  changesOf,
  directWith,
  empty,
  gapAfter,
  hasOlder,
  lookAt,
  lookBack,
  lookFurther,
  newestFirst,
  othersMarks,
  positionsOf,
  readSeqOf,
  replace,
  shownOf,
  unreadTotal,
} from "../../portal/client/state/chat.js";

const ME = 1;
const OTHER = 2;

const at = (seq) => new Date(Date.UTC(2030, 0, 1, 12, 0, seq)).toISOString();
const message = (seq, sender = OTHER, conversation = 7) => ({
  conversation,
  seq,
  sender,
  body: `m${seq}`,
  sent_at: at(seq),
});
const added = (seq, sender) => ({ op: "message_added", message: message(seq, sender) });
const listed = (...seqs) => ({ op: "messages_listed", conversation: 7, messages: seqs.map((seq) => message(seq)) });
const read = (user, seq, unread) => ({ op: "read_marked", conversation: 7, user, seq, unread });

function record(last_seq, { read_seq = 0, unread = 0, conversation = 7, updated = last_seq } = {}) {
  return {
    conversation,
    kind: "direct",
    members: [{ user: ME, read_seq }, { user: OTHER }],
    last_seq,
    unread,
    ...(last_seq > 0 && { last_message: message(last_seq, OTHER, conversation) }),
    updated_at: at(updated),
  };
}

const snapshot = (...conversations) => ({ op: "conversations_snapshot", conversations, next: null });
const opened = (last_seq, more) => replace(empty(ME), snapshot(record(last_seq, more)));
const thread = (state) => state.threads.get(7);
const seqs = (state) => thread(state).run.map((one) => one.seq);

test("a message joins its conversation and counts as unread", () => {
  const state = apply(opened(3, { read_seq: 3 }), added(4));
  assert.deepEqual(seqs(state), [3, 4]);
  assert.equal(thread(state).unread, 1);
  assert.equal(thread(state).last_message.body, "m4");
});

test("one's own message does not count as unread", () => {
  assert.equal(thread(apply(opened(3, { read_seq: 3 }), added(4, ME))).unread, 0);
});

test("a repeated message changes nothing", () => {
  const once = apply(opened(3, { read_seq: 3 }), added(4));
  const twice = apply(once, added(4));
  assert.deepEqual(thread(twice), thread(once));
});

test("a message that comes too early waits until the gap before it is filled", () => {
  const early = apply(opened(3, { read_seq: 3 }), added(6));
  assert.deepEqual(seqs(early), [3]);
  assert.equal(gapAfter(thread(early)), 3);
  const filled = apply(early, listed(4, 5));
  assert.deepEqual(seqs(filled), [3, 4, 5, 6]);
  assert.equal(gapAfter(thread(filled)), null);
  assert.equal(thread(filled).unread, 3);
});

test("messages in any order make the same conversation", () => {
  const events = [added(4), added(5, ME), added(6), listed(4, 5), read(ME, 4, 1)];
  for (let round = 0; round < 40; round++) {
    const shuffled = [...events].sort(() => Math.random() - 0.5);
    const state = [...shuffled, listed(4), { ...listed(), messages: [message(5, ME)] }, listed(6)].reduce(
      apply,
      opened(3, { read_seq: 3 }),
    );
    assert.deepEqual(seqs(state), [3, 4, 5, 6]);
    assert.equal(readSeqOf(thread(state), ME), 4);
  }
});

test("older pages are put in front", () => {
  const state = apply(opened(9), listed(5, 6, 7, 8));
  assert.deepEqual(seqs(state), [5, 6, 7, 8, 9]);
  assert.equal(hasOlder(thread(state)), true);
  assert.equal(hasOlder(thread(apply(state, listed(1, 2, 3, 4)))), false);
  assert.equal(thread(apply(state, listed(1, 2, 3, 4))).last_seq, 9);
});

test("older pages do not count as unread", () => {
  const state = apply(opened(9, { read_seq: 6, unread: 3 }), listed(4, 5, 6, 7, 8));
  assert.equal(thread(state).unread, 3);
});

test("what a snapshot counted as unread is not counted again when the gap is filled", () => {
  const away = opened(3, { read_seq: 3 });
  const back = replace(away, snapshot(record(6, { read_seq: 3, unread: 3 })));
  assert.equal(gapAfter(thread(back)), 3);
  assert.equal(thread(back).unread, 3);
  assert.equal(thread(apply(back, listed(4, 5))).unread, 3);
});

test("missed messages may come before or after the snapshot", () => {
  const missed = { op: "messages_missed", conversation: 7, messages: [message(4), message(5)] };
  const fresh = snapshot(record(5, { read_seq: 3, unread: 2 }));
  const before = replace(apply(opened(3, { read_seq: 3 }), missed), fresh);
  const after = apply(replace(opened(3, { read_seq: 3 }), fresh), missed);
  assert.deepEqual(thread(before), thread(after));
  assert.deepEqual(seqs(before), [3, 4, 5]);
  assert.equal(thread(before).unread, 2);
});

test("a record made before a message that is known does not take it back", () => {
  const ahead = apply(opened(3, { read_seq: 3 }), added(4));
  const state = replace(ahead, snapshot(record(3, { read_seq: 3 })));
  assert.deepEqual(seqs(state), [3, 4]);
  assert.equal(thread(state).last_seq, 4);
  assert.equal(thread(state).unread, 1);
});

test("reading takes the messages off the count, here or elsewhere", () => {
  const state = [added(4), added(5)].reduce(apply, opened(3, { read_seq: 3 }));
  assert.equal(thread(apply(state, read(ME, 4, 1))).unread, 1);
  assert.equal(thread(apply(state, read(ME, 5, 0))).unread, 0);
});

test("a count that was made before a message arrived is put right", () => {
  const state = apply([added(4), added(5)].reduce(apply, opened(3, { read_seq: 3 })), read(ME, 4, 0));
  assert.equal(thread(state).unread, 1);
});

test("watermarks only grow", () => {
  const state = [read(OTHER, 5), read(OTHER, 2)].reduce(apply, opened(6));
  assert.equal(readSeqOf(thread(state), OTHER), 5);
  const again = replace(state, snapshot(record(6)));
  assert.equal(readSeqOf(thread(again), OTHER), 5);
});

test("a very wide gap starts the run anew instead of filling it message by message", () => {
  const state = replace(opened(3), snapshot(record(5_000, { unread: 4_997 })));
  assert.deepEqual(seqs(state), [5_000]);
  assert.equal(gapAfter(thread(state)), null);
  assert.equal(hasOlder(thread(state)), true);
});

test("an empty conversation holds nothing and misses nothing", () => {
  const state = opened(0);
  assert.equal(gapAfter(thread(state)), null);
  assert.equal(hasOlder(thread(state)), false);
  assert.deepEqual(seqs(apply(state, added(1))), [1]);
});

test("positions are those of the run, newest conversations first, as many as allowed", () => {
  const state = replace(
    empty(ME),
    snapshot(record(3), record(9, { conversation: 8 }), record(0, { conversation: 9, updated: 20 })),
  );
  assert.deepEqual(positionsOf(state, 1), { 8: 9 });
  assert.deepEqual(positionsOf(state, 10), { 7: 3, 8: 9 });
});

test("the list is ordered by the newest message", () => {
  const state = replace(empty(ME), snapshot(record(9, { conversation: 8 }), record(3)));
  assert.deepEqual(newestFirst(state).map((one) => one.conversation), [8, 7]);
  const later = apply(state, { op: "message_added", message: { ...message(4), sent_at: at(50) } });
  assert.deepEqual(newestFirst(later).map((one) => one.conversation), [7, 8]);
});

test("a snapshot of all conversations forgets those that are gone", () => {
  const state = replace(replace(empty(ME), snapshot(record(3), record(9, { conversation: 8 }))), snapshot(record(3)));
  assert.equal(state.threads.has(8), false);
});

test("a snapshot of the newest keeps the conversations further back and where to go on", () => {
  const first = replace(empty(ME), { ...snapshot(record(30)), next: "c1" });
  const more = addPage(first, { op: "conversations_listed", conversations: [record(2, { conversation: 8 })], next: "c2" });
  const again = replace(more, { ...snapshot(record(31)), next: "c1" });
  assert.equal(again.threads.has(8), true);
  assert.equal(again.next, "c2");
});

test("the direct conversation with somebody is found", () => {
  const state = opened(3);
  assert.equal(directWith(state, OTHER)?.conversation, 7);
  assert.equal(directWith(state, 99), null);
});

test("the total counts every conversation", () => {
  const state = replace(empty(ME), snapshot(record(3, { unread: 2 }), record(9, { conversation: 8, unread: 5 })));
  assert.equal(unreadTotal(state), 7);
});

test("a message of a conversation that is not known changes nothing here", () => {
  const state = empty(ME);
  assert.equal(apply(state, added(1)), state);
});

// ------------------------------------------------------------ changes, groups, places in the history

const changed = (seq, rev, more = {}) => ({ op: "message_changed", message: { ...message(seq), body: `m${seq} rev ${rev}`, rev, ...more } });
const changes = (rev, ...messages) => ({ op: "changes_listed", conversation: 7, messages, rev });
const bodyOf = (state, seq) => thread(state).run.find((one) => one.seq === seq)?.body;

test("a changed message takes the place of the old one, in the list too", () => {
  const state = apply(opened(3), changed(3, 1));
  assert.equal(bodyOf(state, 3), "m3 rev 1");
  assert.equal(thread(state).last_message.body, "m3 rev 1");
  assert.equal(changesAfter(thread(state)), null);
});

test("an older record of a message never takes the place of a newer one", () => {
  const state = apply(opened(3), changed(3, 1));
  for (const late of [added(3), listed(3), changed(3, 1, { body: "again" })]) {
    assert.equal(bodyOf(apply(state, late), 3), "m3 rev 1");
  }
});

test("a change that comes too early shows that one was missed, until it is told of all", () => {
  const early = apply(opened(3), changed(3, 3));
  assert.equal(changesAfter(thread(early)), 0);
  const filled = apply(early, changes(3, { ...message(3), body: "m3 rev 3", rev: 3 }));
  assert.equal(changesAfter(thread(filled)), null);
});

test("a change of what is not held changes nothing that is shown, but is counted", () => {
  const state = apply(opened(9), changed(2, 1));
  assert.deepEqual(seqs(state), [9]);
  assert.equal(changesAfter(thread(state)), null);
});

test("a snapshot says that changes were missed while away", () => {
  const before = opened(3);
  const after = replace(before, snapshot({ ...record(3), last_rev: 4 }));
  assert.equal(changesAfter(thread(after)), 0);
  assert.deepEqual(changesOf(after, { 7: 3 }), { 7: 0 });
});

test("who is in a group is as of its newest line, whatever comes late", () => {
  const group = (seq, name, ...users) => ({
    op: "group_changed",
    conversation: 7,
    seq,
    name,
    members: users.map((user) => ({ user })),
    history: "all",
  });
  const state = apply(apply(apply(opened(3), read(OTHER, 2)), group(5, "New", ME, OTHER)), group(4, "Old", ME));
  assert.equal(thread(state).name, "New");
  assert.equal(readSeqOf(thread(state), OTHER), 2);
});

test("a conversation one was removed from is gone, unless one was added again since", () => {
  const added = apply(opened(3), { op: "conversation_added", conversation: { ...record(8), group_seq: 8 } });
  const removed = (seq) => ({ op: "conversation_removed", conversation: 7, seq });
  assert.equal(apply(added, removed(6)).threads.has(7), true);
  assert.equal(apply(added, removed(9)).threads.has(7), false);
});

test("a muted conversation does not count as unread", () => {
  const muted = (on, rev) => ({ op: "mute_changed", conversation: 7, muted: on, rev });
  const state = apply(apply(opened(3, { unread: 3 }), muted(true, 2)), muted(false, 1));
  assert.equal(unreadTotal(state), 0);
});

test("what was read was delivered", () => {
  const state = apply(opened(5), read(OTHER, 4));
  const late = apply(state, { op: "delivered_marked", conversation: 7, user: OTHER, seq: 2 });
  assert.deepEqual(othersMarks(thread(late), ME), { read: 4, delivered: 4 });
});

test("a place in the history is shown by itself, and joins the newest when it reaches them", () => {
  const around = (seq, ...held) => ({ ...listed(...held), seq, more: true, more_newer: true });
  const aside = lookAt(opened(100), around(50, 49, 50, 51));
  assert.deepEqual(shownOf(thread(aside)).map((one) => one.seq), [49, 50, 51]);
  assert.equal(thread(apply(aside, added(101))).aside.run.length, 3);
  const older = lookFurther(aside, { ...listed(48), more: false }, "older");
  assert.equal(hasOlder(thread(older)), false);
  const changedThere = apply(older, changed(50, 1));
  assert.equal(shownOf(thread(changedThere))[2].body, "m50 rev 1");
  const rest = Array.from({ length: 48 }, (_, at) => 52 + at);
  const whole = lookFurther(changedThere, { ...listed(...rest), more: true }, "newer");
  assert.equal(thread(whole).aside, null);
  assert.equal(thread(whole).run.length, 53);
  assert.equal(lookBack(aside, 7).threads.get(7).aside, null);
});

test("whoever joined later has nothing before", () => {
  const state = replace(empty(ME), snapshot({ ...record(9), joined_seq: 8 }));
  assert.equal(hasOlder(thread(state)), false);
});

const expired = (upto) => ({ op: "messages_expired", conversation: 7, upto });

test("what was deleted for its age is shown no more, and counts as read by everybody", () => {
  const state = [listed(4, 5, 6), listed(1, 2, 3), expired(4)].reduce(apply, opened(6, { read_seq: 6 }));
  assert.deepEqual(seqs(state), [5, 6]);
  assert.equal(hasOlder(thread(state)), false);
  assert.equal(readSeqOf(thread(state), OTHER), 4);
  assert.equal(thread(state).members.find((member) => member.user === OTHER).delivered_seq, 4);
});

test("when everything is deleted nothing is shown, and what comes next is", () => {
  const gone = apply(opened(3, { read_seq: 3 }), expired(3));
  assert.deepEqual([seqs(gone), thread(gone).last_message, hasOlder(thread(gone)), gapAfter(thread(gone))], [[], null, false, null]);
  const state = apply(gone, added(4));
  assert.deepEqual([seqs(state), thread(state).unread], [[4], 1]);
});

test("who had not read what is deleted is told how much is left to read", () => {
  const state = [listed(2, 3, 4, 5), expired(3), read(ME, 3, 2)].reduce(apply, opened(5, { read_seq: 1, unread: 4 }));
  assert.equal(thread(state).unread, 2);
});

test("a place in the history that was deleted is left, one that reaches into it begins later", () => {
  const far = listed(...Array.from({ length: 20 }, (_, nth) => 81 + nth));
  const aside = (...shown) => lookAt(apply(opened(100, { read_seq: 100 }), far), { ...listed(...shown), seq: shown[0], more: true, more_newer: true });
  assert.equal(thread(apply(aside(10, 11), expired(11))).aside, null);
  const cut = thread(apply(aside(10, 11, 12), expired(10)));
  assert.deepEqual([shownOf(cut).map((one) => one.seq), hasOlder(cut)], [[11, 12], false]);
});

test("a client that comes back drops what was deleted while it was away, and believes nobody to have read more", () => {
  const before = apply(opened(6, { read_seq: 6 }), listed(4, 5, 6));
  const state = replace(before, snapshot({ ...record(6, { read_seq: 6 }), joined_seq: 5 }));
  assert.deepEqual(seqs(state), [6]);
  assert.equal(readSeqOf(thread(state), OTHER), 0);
});

test("marks of several members of a large group come together, and only grow", () => {
  const marked = (...members) => ({ op: "members_marked", conversation: 7, members });
  const state = [marked({ user: OTHER, read_seq: 2, delivered_seq: 3 }), marked({ user: OTHER, delivered_seq: 1 }, { user: 99, read_seq: 5 })].reduce(
    apply,
    opened(3),
  );
  assert.deepEqual(thread(state).members.find((member) => member.user === OTHER), { user: OTHER, read_seq: 2, delivered_seq: 3, role: "member" });
  assert.equal(thread(state).members.length, 2);
});
