/**
 * Conversations and their messages: what snapshots, replies and events amount to. Pure.
 *
 * Of each conversation a *run* is held: messages without a gap, ascending, usually up to the newest. What arrives before
 * its turn waits in `ahead`; `gapAfter` says what to ask for. Somebody who looks at a place further back (a search, a
 * date) sees an *aside*: another stretch without a gap, which joins the run when it reaches it. Sequence numbers,
 * watermarks and revisions only grow, so repeats and late arrivals change nothing.
 */

/**
 * @import { ChangesListed, ChangesMissed, Conversation, ConversationAdded, ConversationKind, ConversationRemoved,
 *   ConversationsListed, ConversationsSnapshot, DeliveredMarked, GroupChanged, History, Member, MembersMarked, Message,
 *   MessageAdded, MessageChanged, MessagesExpired, MessagesListed, MessagesMissed, MuteChanged, ReadMarked, Role } from "../protocol.js"
 */

/**
 * @typedef {object} KnownMember
 * @property {number} user
 * @property {number} read_seq
 * @property {number} delivered_seq
 * @property {Role} role in a group
 *
 * @typedef {object} Aside a place in the history, away from the newest
 * @property {readonly Message[]} run
 * @property {number} around the message that was looked for
 * @property {boolean} hasOlder
 * @property {boolean} hasNewer
 *
 * @typedef {object} Thread a conversation as its reader holds it
 * @property {number} conversation
 * @property {ConversationKind} kind
 * @property {string} name of a group
 * @property {readonly KnownMember[]} members
 * @property {number} last_seq the newest message that was heard of
 * @property {Message | null} last_message
 * @property {string} updated_at RFC 3339; orders the list
 * @property {number} unread others' messages after the reader's `read_seq`, up to `counted`
 * @property {number} counted
 * @property {readonly Message[]} run
 * @property {readonly Message[]} ahead
 * @property {Aside | null} aside
 * @property {number} last_rev the newest change of a message that was heard of
 * @property {number} rev all changes up to this one are in what is held
 * @property {number} joined_seq there is nothing to see up to this number
 * @property {number} group_seq the line as of which name, members, roles and history are known
 * @property {History} history of a group: what those see who join
 * @property {boolean} muted
 * @property {number} mute_rev
 *
 * @typedef {object} ChatState
 * @property {number} me the reader
 * @property {boolean} loaded whether a snapshot has come
 * @property {string | null} next cursor for conversations further back; null: these are all
 * @property {ReadonlyMap<number, Thread>} threads by conversation
 *
 * @typedef {ConversationAdded | ConversationRemoved | GroupChanged | MuteChanged | MessageAdded | MessageChanged
 *   | MessagesMissed | MessagesListed | MessagesExpired | ChangesMissed | ChangesListed | ReadMarked
 *   | DeliveredMarked | MembersMarked} ChatEvent
 */

/**
 * A gap wider than this is not filled message by message: the run starts anew at the newest, and older ones are read when
 * somebody scrolls there.
 */
const WIDEST_GAP = 300;

/**
 * @param {number} me
 * @returns {ChatState}
 */
export function empty(me) {
  return { me, loaded: false, next: null, threads: new Map() };
}

/**
 * After connect: the newest conversations. Those further back stay as they are; what should be among the newest and is
 * not there is gone.
 *
 * @param {ChatState} state
 * @param {ConversationsSnapshot} snapshot
 * @returns {ChatState}
 */
export function replace(state, snapshot) {
  const next = snapshot.next ?? null;
  const oldest = next ? (snapshot.conversations.at(-1)?.updated_at ?? "") : "";
  /** @type {Map<number, Thread>} */
  const threads = new Map();
  for (const thread of state.threads.values()) {
    if (next && compare(thread.updated_at, oldest) < 0) threads.set(thread.conversation, thread);
  }
  for (const record of snapshot.conversations) {
    threads.set(record.conversation, met(state.threads.get(record.conversation), record, state.me));
  }
  return { ...state, loaded: true, next: threads.size > snapshot.conversations.length ? (state.next ?? null) : next, threads };
}

/**
 * A further page of conversations.
 *
 * @param {ChatState} state
 * @param {ConversationsListed} page
 * @returns {ChatState}
 */
export function addPage(state, page) {
  const threads = new Map(state.threads);
  for (const record of page.conversations) {
    threads.set(record.conversation, met(threads.get(record.conversation), record, state.me));
  }
  return { ...state, next: page.next ?? null, threads };
}

/**
 * @param {ChatState} state
 * @param {ChatEvent} event
 * @returns {ChatState}
 */
export function apply(state, event) {
  if (event.op === "conversation_added") {
    const { conversation } = event;
    return withThread(state, met(state.threads.get(conversation.conversation), conversation, state.me));
  }
  const thread = state.threads.get(conversationOf(event));
  if (!thread) return state;
  if (event.op === "conversation_removed") return isGone(thread, event) ? without(state, thread) : state;
  return withThread(state, changedBy(thread, event, state.me));
}

/**
 * @param {ChatEvent} event
 * @returns {number}
 */
export function conversationOf(event) {
  if (event.op === "message_added" || event.op === "message_changed") return event.message.conversation;
  return event.op === "conversation_added" ? event.conversation.conversation : event.conversation;
}

/**
 * @param {Thread} thread
 * @param {Exclude<ChatEvent, ConversationAdded | ConversationRemoved>} event
 * @param {number} me
 * @returns {Thread}
 */
function changedBy(thread, event, me) {
  switch (event.op) {
    case "message_added":
      return absorbed(thread, [event.message], me);
    case "messages_missed":
    case "messages_listed":
      return absorbed(thread, event.messages, me);
    case "messages_expired":
      return recounted(cut(allRead(thread, event.upto), event.upto), me);
    case "message_changed":
      return heardOfChange(withChanges(thread, [event.message], me), event.message.rev ?? 0);
    case "changes_missed":
    case "changes_listed":
      return knowsChanges(withChanges(thread, event.messages, me), event.rev);
    case "read_marked":
      return readUpTo(thread, event, me);
    case "delivered_marked":
      return { ...thread, members: thread.members.map((member) => deliveredUpTo(member, event)) };
    case "members_marked":
      return { ...thread, members: event.members.reduce(marked, thread.members) };
    case "group_changed":
      return regrouped(thread, event);
    case "mute_changed":
      return event.rev > thread.mute_rev ? { ...thread, muted: event.muted, mute_rev: event.rev } : thread;
  }
}

/**
 * The change after which changes are missing, to ask for with `get_changes`; null if none are.
 *
 * @param {Thread} thread
 * @returns {number | null}
 */
export function changesAfter(thread) {
  return thread.last_rev > thread.rev ? thread.rev : null;
}

/** So many conversations, and so many messages of each, are worth remembering over a restart. */
const REMEMBERED = { conversations: 100, runs: 40, messages: 100 };

/**
 * The newest of it: what somebody would look for who has no connection.
 *
 * @param {ChatState} state
 * @returns {ChatState}
 */
export function remembered(state) {
  const newest = newestFirst(state);
  const read = new Set(newest.filter((thread) => thread.run.length > 0).slice(0, REMEMBERED.runs));
  const kept = newest.filter((thread, at) => at < REMEMBERED.conversations || read.has(thread));
  const threads = kept.map((thread) => ({ ...thread, run: read.has(thread) ? thread.run.slice(-REMEMBERED.messages) : [], ahead: [], aside: null }));
  return { ...state, threads: new Map(threads.map((thread) => [thread.conversation, thread])) };
}

/**
 * Looks at a place in the history.
 *
 * @param {ChatState} state
 * @param {MessagesListed} page the messages around a number
 * @returns {ChatState}
 */
export function lookAt(state, page) {
  const thread = state.threads.get(page.conversation);
  if (!thread) return state;
  const aside = { run: page.messages, around: page.seq ?? 0, hasOlder: page.more ?? false, hasNewer: page.more_newer ?? false };
  return withThread(state, merged({ ...thread, aside }, state.me));
}

/**
 * A further page at one end of the place that is looked at.
 *
 * @param {ChatState} state
 * @param {MessagesListed} page
 * @param {"older" | "newer"} end
 * @returns {ChatState}
 */
export function lookFurther(state, page, end) {
  const thread = state.threads.get(page.conversation);
  if (!thread?.aside) return state;
  const { aside } = thread;
  const run = end === "older" ? [...page.messages, ...aside.run] : [...aside.run, ...page.messages];
  const ends = end === "older" ? { hasOlder: page.more ?? false } : { hasNewer: page.more ?? false };
  return withThread(state, merged({ ...thread, aside: { ...aside, run, ...ends } }, state.me));
}

/**
 * Back to the newest.
 *
 * @param {ChatState} state
 * @param {number} conversation
 * @returns {ChatState}
 */
export function lookBack(state, conversation) {
  const thread = state.threads.get(conversation);
  return thread?.aside ? withThread(state, { ...thread, aside: null }) : state;
}

/**
 * There is nothing before what is held, whatever its number says.
 *
 * @param {ChatState} state
 * @param {number} conversation
 * @returns {ChatState}
 */
export function beginsHere(state, conversation) {
  const thread = state.threads.get(conversation);
  const first = thread?.run[0];
  return thread && first ? withThread(state, { ...thread, joined_seq: first.seq - 1 }) : state;
}

/**
 * What a window shows of a conversation.
 *
 * @param {Thread} thread
 * @returns {readonly Message[]}
 */
export function shownOf(thread) {
  return thread.aside?.run ?? thread.run;
}

/**
 * The sequence number after which messages are missing, to ask for with `get_messages`; null if none are.
 *
 * @param {Thread} thread
 * @returns {number | null}
 */
export function gapAfter(thread) {
  const held = thread.run.at(-1)?.seq ?? 0;
  if (thread.last_seq <= held) return null;
  return thread.run.length > 0 ? held : null;
}

/** @param {Thread} thread */
export function hasOlder(thread) {
  if (thread.aside) return thread.aside.hasOlder;
  const first = thread.run[0];
  return first ? first.seq > thread.joined_seq + 1 : thread.last_seq > thread.joined_seq;
}

/**
 * How far each conversation is held without a gap, for the next connect.
 *
 * @param {ChatState} state
 * @param {number} most as many as the server takes, newest conversations first
 * @returns {Record<string, number>}
 */
export function positionsOf(state, most) {
  const held = newestFirst(state).filter((thread) => thread.run.length > 0);
  return Object.fromEntries(held.slice(0, most).map((thread) => [thread.conversation, thread.run.at(-1)?.seq ?? 0]));
}

/**
 * Up to which change each of these conversations is known.
 *
 * @param {ChatState} state
 * @param {Record<string, number>} positions
 * @returns {Record<string, number>}
 */
export function changesOf(state, positions) {
  return Object.fromEntries(Object.keys(positions).map((id) => [id, state.threads.get(Number(id))?.rev ?? 0]));
}

/**
 * @param {ChatState} state
 * @returns {Thread[]}
 */
export function newestFirst(state) {
  return [...state.threads.values()].sort(
    (one, other) => compare(other.updated_at, one.updated_at) || other.conversation - one.conversation,
  );
}

/**
 * @param {ChatState} state
 * @param {number} user
 * @returns {Thread | null} the direct conversation with `user`, if it is known here
 */
export function directWith(state, user) {
  for (const thread of state.threads.values()) {
    if (thread.kind === "direct" && thread.members.some((member) => member.user === user)) return thread;
  }
  return null;
}

/**
 * @param {Thread} thread
 * @param {number} user
 * @returns {number} up to which `user` has read
 */
export function readSeqOf(thread, user) {
  return thread.members.find((member) => member.user === user)?.read_seq ?? 0;
}

/**
 * Of everybody else, the number up to which all have read, and up to which all have got the messages.
 *
 * @param {Thread} thread
 * @param {number} me
 */
export function othersMarks(thread, me) {
  const others = thread.members.filter((member) => member.user !== me);
  const least = (/** @type {"read_seq" | "delivered_seq"} */ mark) =>
    others.length > 0 ? Math.min(...others.map((member) => member[mark])) : 0;
  return { read: least("read_seq"), delivered: least("delivered_seq") };
}

/** Muted conversations do not count: they ask for no attention. @param {ChatState} state */
export function unreadTotal(state) {
  let total = 0;
  for (const thread of state.threads.values()) if (!thread.muted) total += thread.unread;
  return total;
}

/**
 * A conversation's record, met with what was known: watermarks keep their higher value.
 *
 * @param {Thread | undefined} known
 * @param {Conversation} record
 * @param {number} me
 * @returns {Thread}
 */
function met(known, record, me) {
  const last_seq = record.last_seq ?? 0;
  const last_message = record.last_message ?? null;
  /** @type {Thread} */
  const thread = {
    conversation: record.conversation,
    kind: record.kind,
    name: record.name ?? "",
    members: record.members.map((member) => grownMember(member, known)),
    last_seq,
    last_message,
    updated_at: record.updated_at ?? last_message?.sent_at ?? "",
    unread: record.unread ?? 0,
    counted: last_seq,
    run: last_message ? [last_message] : [],
    ahead: [],
    aside: null,
    last_rev: record.last_rev ?? 0,
    rev: record.last_rev ?? 0,
    joined_seq: record.joined_seq ?? 0,
    group_seq: record.group_seq ?? 0,
    history: record.history ?? "all",
    muted: record.muted ?? false,
    mute_rev: record.mute_rev ?? 0,
  };
  // Who was away from a group and sees only what came since must not show what was seen before.
  if (!known || thread.joined_seq > known.last_seq) return thread;
  return metAgain(known, thread, me);
}

/**
 * @param {Thread} known
 * @param {Thread} thread as the record tells it
 * @param {number} me
 * @returns {Thread}
 */
function metAgain(known, thread, me) {
  const { last_seq, last_message } = thread;
  const isHeld = keepsRun(known, last_seq) && known.run.length > 0;
  const { run, ahead, aside } = isHeld ? known : { run: [], ahead: [], aside: known.aside };
  const joined_seq = Math.max(thread.joined_seq, isHeld ? known.joined_seq : 0);
  const kept = { run, ahead, aside, joined_seq, last_rev: Math.max(known.last_rev, thread.last_rev) };
  const older = known.group_seq > thread.group_seq ? grouping(known) : {};
  const muting = known.mute_rev > thread.mute_rev ? { muted: known.muted, mute_rev: known.mute_rev } : {};
  const rev = isHeld || aside ? known.rev : thread.rev;
  const met = { ...thread, ...kept, ...older, ...muting, rev };
  const news = last_message ? [last_message] : [];
  const whole = absorbed(withChanges(cut(met, thread.joined_seq), news, me), news, me);
  if (known.last_seq <= last_seq) return whole;
  // The record was made before something that is already known here.
  const { last_seq: seq, last_message: message, updated_at, unread, counted } = known;
  return recounted({ ...whole, last_seq: seq, last_message: message, updated_at, unread, counted }, me);
}

/**
 * @param {Thread} thread
 * @param {number} upto
 * @returns {Thread}
 */
function allRead(thread, upto) {
  return { ...thread, members: thread.members.map((member) => readAtLeast(member, upto)) };
}

/**
 * @param {readonly KnownMember[]} members
 * @param {Member} mark
 * @returns {readonly KnownMember[]}
 */
function marked(members, { user, read_seq = 0, delivered_seq = 0 }) {
  return members.map((member) =>
    member.user === user
      ? { ...member, read_seq: Math.max(member.read_seq, read_seq), delivered_seq: Math.max(member.delivered_seq, delivered_seq) }
      : member,
  );
}

/**
 * Without what its reader sees no more.
 *
 * @param {Thread} thread
 * @param {number} upto
 * @returns {Thread}
 */
function cut(thread, upto) {
  if (upto <= 0) return thread;
  const after = (/** @type {readonly Message[]} */ held) => ((held[0]?.seq ?? Infinity) > upto ? held : held.filter((message) => message.seq > upto));
  const run = after(thread.run);
  const aside = thread.aside && { ...thread.aside, run: after(thread.aside.run) };
  const last = thread.last_message;
  return {
    ...thread,
    run,
    ahead: run.length > 0 ? after(thread.ahead) : [],
    aside: aside && aside.run.length > 0 ? { ...aside, hasOlder: aside.hasOlder && (aside.run[0]?.seq ?? 0) > upto + 1 } : null,
    last_message: last && last.seq > upto ? last : null,
    joined_seq: Math.max(thread.joined_seq, upto),
  };
}

/**
 * What was read was delivered.
 *
 * @param {KnownMember} member
 * @param {number} seq
 * @returns {KnownMember}
 */
function readAtLeast(member, seq) {
  return { ...member, read_seq: Math.max(member.read_seq, seq), delivered_seq: Math.max(member.delivered_seq, seq) };
}

/** @param {Thread} thread */
function grouping({ name, members, history, group_seq }) {
  return { name, members, history, group_seq };
}

/**
 * @param {Thread} thread
 * @param {GroupChanged} event
 * @returns {Thread}
 */
function regrouped(thread, event) {
  if (event.seq <= thread.group_seq) return thread;
  const members = event.members.map((member) => grownMember(member, thread));
  return { ...thread, name: event.name, members, history: event.history, group_seq: event.seq };
}

/**
 * @param {Thread} thread
 * @param {ConversationRemoved} event
 */
function isGone(thread, event) {
  return !event.seq || event.seq > thread.group_seq;
}

/**
 * @param {ChatState} state
 * @param {Thread} thread
 * @returns {ChatState}
 */
function without(state, thread) {
  const threads = new Map(state.threads);
  threads.delete(thread.conversation);
  return { ...state, threads };
}

/**
 * Messages as they are after a change, where they are held. One that is not held is read as it is when it is read.
 *
 * @param {Thread} thread
 * @param {readonly Message[]} messages
 * @param {number} me
 * @returns {Thread}
 */
function withChanges(thread, messages, me) {
  const bySeq = new Map(messages.map((message) => [message.seq, message]));
  const swap = (/** @type {readonly Message[]} */ held) =>
    held.some((message) => isNewer(bySeq.get(message.seq), message))
      ? held.map((message) => newerOf(message, bySeq.get(message.seq)))
      : held;
  const last = thread.last_message;
  const changed = {
    ...thread,
    run: swap(thread.run),
    ahead: swap(thread.ahead),
    aside: thread.aside && { ...thread.aside, run: swap(thread.aside.run) },
    last_message: last && newerOf(last, bySeq.get(last.seq)),
  };
  const unheard = messages.filter((message) => message.seq > thread.last_seq);
  return unheard.length > 0 ? absorbed(changed, unheard, me) : changed;
}

/**
 * @param {Thread} thread
 * @param {number} rev of one change
 * @returns {Thread}
 */
function heardOfChange(thread, rev) {
  return { ...thread, last_rev: Math.max(thread.last_rev, rev), rev: rev === thread.rev + 1 ? rev : thread.rev };
}

/**
 * @param {Thread} thread
 * @param {number} rev all changes up to it are known now
 * @returns {Thread}
 */
function knowsChanges(thread, rev) {
  return { ...thread, last_rev: Math.max(thread.last_rev, rev), rev: Math.max(thread.rev, rev) };
}

/**
 * @param {Message | undefined} message
 * @param {Message} held
 */
function isNewer(message, held) {
  return message !== undefined && (message.rev ?? 0) > (held.rev ?? 0);
}

/**
 * @param {Message} held
 * @param {Message | undefined} message the same, perhaps after a change
 * @returns {Message}
 */
function newerOf(held, message) {
  return message !== undefined && isNewer(message, held) ? message : held;
}

/**
 * The place that is looked at and the run as one, once they touch.
 *
 * @param {Thread} thread
 * @param {number} me
 * @returns {Thread}
 */
function merged(thread, me) {
  const { aside, run } = thread;
  const first = run[0]?.seq ?? Infinity;
  const reaches = aside !== null && (aside.run.at(-1)?.seq ?? 0) >= first - 1 && (aside.run[0]?.seq ?? Infinity) <= first;
  const isWithin = aside !== null && (aside.run[0]?.seq ?? 0) >= first;
  if (!aside || (!reaches && !isWithin)) return thread;
  return absorbed(withChanges({ ...thread, aside: null }, aside.run, me), aside.run, me);
}

/**
 * @param {Thread} known
 * @param {number} last_seq
 */
function keepsRun(known, last_seq) {
  return last_seq - (known.run.at(-1)?.seq ?? 0) <= WIDEST_GAP;
}

/**
 * @param {Member} member
 * @param {Thread | undefined} known
 * @returns {KnownMember}
 */
function grownMember(member, known) {
  const before = known?.members.find((other) => other.user === member.user);
  return {
    user: member.user,
    read_seq: Math.max(member.read_seq ?? 0, before?.read_seq ?? 0),
    delivered_seq: Math.max(member.delivered_seq ?? 0, before?.delivered_seq ?? 0),
    role: member.role ?? "member",
  };
}

/**
 * @param {KnownMember} member
 * @param {DeliveredMarked} event
 * @returns {KnownMember}
 */
function deliveredUpTo(member, event) {
  return member.user === event.user ? { ...member, delivered_seq: Math.max(member.delivered_seq, event.seq) } : member;
}

/**
 * Messages put in their places, those that are already there passed over.
 *
 * @param {Thread} thread
 * @param {readonly Message[]} messages
 * @param {number} me
 * @returns {Thread}
 */
function absorbed(thread, messages, me) {
  if (messages.length === 0) return recounted(thread, me);
  const { run, ahead } = joined(thread, messages);
  const newest = [...messages, ...(thread.last_message ? [thread.last_message] : [])].reduce(later);
  const isNews = newest.seq > (thread.last_message?.seq ?? 0);
  return recounted(
    {
      ...thread,
      run,
      ahead,
      last_seq: Math.max(thread.last_seq, newest.seq),
      last_message: newest,
      updated_at: isNews ? laterTime(newest.sent_at, thread.updated_at) : thread.updated_at,
    },
    me,
  );
}

/**
 * @param {Thread} thread
 * @param {readonly Message[]} messages
 * @returns {{run: readonly Message[], ahead: readonly Message[]}}
 */
function joined(thread, messages) {
  const [only] = messages;
  const last = thread.run.at(-1);
  if (only && last && messages.length === 1 && thread.ahead.length === 0 && only.seq === last.seq + 1) {
    return { run: [...thread.run, only], ahead: thread.ahead };
  }
  /** @type {Map<number, Message>} */
  const bySeq = new Map();
  for (const message of [...thread.run, ...thread.ahead, ...messages]) {
    bySeq.set(message.seq, newerOf(bySeq.get(message.seq) ?? message, message));
  }
  const all = [...bySeq.values()].sort((one, other) => one.seq - other.seq);
  const anchor = last?.seq ?? all.at(-1)?.seq ?? 0;
  let first = all.findIndex((message) => message.seq === anchor);
  let end = first + 1;
  while (first > 0 && all[first - 1]?.seq === (all[first]?.seq ?? 0) - 1) first--;
  while (end < all.length && all[end]?.seq === (all[end - 1]?.seq ?? 0) + 1) end++;
  return { run: all.slice(first, end), ahead: all.slice(end) };
}

/**
 * @param {Thread} thread
 * @param {ReadMarked} event
 * @param {number} me
 * @returns {Thread}
 */
function readUpTo(thread, event, me) {
  const members = thread.members.map((member) => (member.user === event.user ? readAtLeast(member, event.seq) : member));
  const isNewest = event.user === me && event.seq >= readSeqOf(thread, me);
  const unread = isNewest ? (event.unread ?? (event.seq >= thread.counted ? 0 : thread.unread)) : thread.unread;
  return recounted({ ...thread, members, unread }, me);
}

/**
 * Unread, exactly where the run reaches back to what was read; else what the server said, plus what came since.
 *
 * @param {Thread} thread
 * @param {number} me
 * @returns {Thread}
 */
function recounted(thread, me) {
  const read = readSeqOf(thread, me);
  const first = thread.run[0]?.seq ?? Infinity;
  const last = thread.run.at(-1)?.seq ?? 0;
  const reachesBack = first <= read + 1 && last >= thread.counted;
  const since = reachesBack ? read : Math.max(thread.counted, read);
  const fresh = thread.run.filter((message) => message.seq > since && message.sender !== me).length;
  const unread = reachesBack ? fresh : thread.unread + fresh;
  return { ...thread, unread, counted: Math.max(thread.counted, last) };
}

/**
 * @param {ChatState} state
 * @param {Thread} thread
 * @returns {ChatState}
 */
function withThread(state, thread) {
  return { ...state, threads: new Map(state.threads).set(thread.conversation, thread) };
}

/**
 * @param {Message} one
 * @param {Message} other
 */
function later(one, other) {
  return other.seq > one.seq || (other.seq === one.seq && isNewer(other, one)) ? other : one;
}

/**
 * RFC 3339 with `Z`, but perhaps with and without a fraction of a second: compared as moments.
 *
 * @param {string} one
 * @param {string} other
 */
function laterTime(one, other) {
  return compare(one, other) >= 0 ? one : other;
}

/**
 * @param {string} one
 * @param {string} other
 */
function compare(one, other) {
  return (Date.parse(one) || 0) - (Date.parse(other) || 0);
}
