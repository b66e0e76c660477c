/**
 * Conversations and their messages: what snapshots, replies and events amount to. Pure.
 *
 * Of each conversation a *run* is held: messages without a gap, ascending, usually up to the newest. What arrives before
 * its turn waits in `ahead`; `gapAfter` says what to ask for. Sequence numbers and watermarks only grow, so repeats and
 * late arrivals change nothing.
 */

/**
 * @import { Conversation, ConversationKind, ConversationsListed, ConversationsSnapshot, ConversationAdded, Message,
 *   MessageAdded, MessagesListed, MessagesMissed, ReadMarked } from "../protocol.js"
 */

/**
 * @typedef {object} KnownMember
 * @property {number} user
 * @property {number} read_seq
 * @property {number} delivered_seq
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
 *
 * @typedef {object} ChatState
 * @property {number} me the reader
 * @property {boolean} loaded whether a snapshot has come
 * @property {string | null} next cursor for conversations further back; null: these are all
 * @property {ReadonlyMap<number, Thread>} threads by conversation
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
 * @param {ConversationAdded | MessageAdded | MessagesMissed | MessagesListed | ReadMarked} event
 * @returns {ChatState}
 */
export function apply(state, event) {
  if (event.op === "conversation_added") {
    const { conversation } = event;
    return withThread(state, met(state.threads.get(conversation.conversation), conversation, state.me));
  }
  const id = event.op === "message_added" ? event.message.conversation : event.conversation;
  const thread = state.threads.get(id);
  if (!thread) return state;
  switch (event.op) {
    case "message_added":
      return withThread(state, absorbed(thread, [event.message], state.me));
    case "messages_missed":
    case "messages_listed":
      return withThread(state, absorbed(thread, event.messages, state.me));
    case "read_marked":
      return withThread(state, readUpTo(thread, event, state.me));
  }
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
  const first = thread.run[0];
  return first ? first.seq > 1 : thread.last_seq > 0;
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

/** @param {ChatState} state */
export function unreadTotal(state) {
  let total = 0;
  for (const thread of state.threads.values()) total += thread.unread;
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
  };
  if (!known) return thread;
  const kept = keepsRun(known, last_seq) ? known : { run: [], ahead: [] };
  const merged = absorbed({ ...thread, run: kept.run, ahead: kept.ahead }, last_message ? [last_message] : [], me);
  if (known.last_seq <= last_seq) return merged;
  // The record was made before something that is already known here.
  const { last_seq: seq, last_message: message, updated_at, unread, counted } = known;
  return recounted({ ...merged, last_seq: seq, last_message: message, updated_at, unread, counted }, me);
}

/**
 * @param {Thread} known
 * @param {number} last_seq
 */
function keepsRun(known, last_seq) {
  return last_seq - (known.run.at(-1)?.seq ?? 0) <= WIDEST_GAP;
}

/**
 * @param {{user: number, read_seq?: number, delivered_seq?: number}} member
 * @param {Thread | undefined} known
 * @returns {KnownMember}
 */
function grownMember(member, known) {
  const before = known?.members.find((other) => other.user === member.user);
  return {
    user: member.user,
    read_seq: Math.max(member.read_seq ?? 0, before?.read_seq ?? 0),
    delivered_seq: Math.max(member.delivered_seq ?? 0, before?.delivered_seq ?? 0),
  };
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
  for (const message of [...messages, ...thread.ahead, ...thread.run]) bySeq.set(message.seq, message);
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
  const members = thread.members.map((member) =>
    member.user === event.user ? { ...member, read_seq: Math.max(member.read_seq, event.seq) } : member,
  );
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
  return other.seq > one.seq ? other : one;
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
