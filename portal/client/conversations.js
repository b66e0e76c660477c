/**
 * Keeps conversations right while connections come and go: fills gaps, sends what was written, tells what was read.
 *
 * What was written is kept until the server has confirmed it, also over a reload, under a `client_id` of its own: sending
 * it again is harmless. Within a conversation one message is sent after the other, so that their order is kept.
 */

import { NotConnected, Refused } from "./errors.js";
import { addPage, apply, directWith, empty, gapAfter, hasOlder, positionsOf, readSeqOf, replace } from "./state/chat.js";

/**
 * @import { ConversationAdded, ConversationsSnapshot, File as KnownFile, Message, MessageAdded, MessagesMissed,
 *   ReadMarked } from "./protocol.js"
 * @import { Keepsakes } from "./keepsakes.js"
 * @import { Request } from "./socket.js"
 * @import { Thread } from "./state/chat.js"
 */

/**
 * @typedef {object} Outgoing a message that the server has not confirmed
 * @property {string} client_id
 * @property {number} conversation
 * @property {string} body
 * @property {readonly KnownFile[]} [files] that go with it
 * @property {string} written_at RFC 3339
 * @property {"waiting" | "sending" | "failed"} state failed: refused for good, unless somebody tries again
 * @property {string} problem the server's words, if it failed
 *
 * @typedef {object} Surroundings
 * @property {Request} request
 * @property {() => boolean} isLive
 * @property {() => number} now milliseconds
 * @property {(run: () => void, after: number) => any} setTimer
 * @property {(conversation: number | null) => void} changed told after every change; null: of the list
 */

const PAGE = 50;
const FILL_PAGE = 100;
/** Several marks within this time travel as one. */
const READ_DELAY = 250;
/** After a refusal that may pass, if it did not say when. */
const AGAIN_AFTER = 2_000;
const RESUME_MOST = 200;

export class Conversations {
  /** Unconfirmed messages, oldest first. @type {Outgoing[]} */
  outgoing = [];

  #around;
  #kept;
  /** @type {Set<number>} conversations whose outgoing messages are being sent */
  #sending = new Set();
  /** @type {Set<number>} */
  #filling = new Set();
  /** @type {Map<number, Promise<void>>} */
  #loadingOlder = new Map();
  /** @type {Map<number, number>} */
  #toMark = new Map();
  #isMarking = false;
  /** @type {Promise<void> | null} */
  #listing = null;

  /**
   * @param {number} me
   * @param {Keepsakes} kept drafts and unsent messages of this user
   * @param {Surroundings} around
   */
  constructor(me, kept, around) {
    this.state = empty(me);
    this.#kept = kept;
    this.#around = around;
    this.#recallOutgoing();
  }

  /** @returns {Record<string, number>} for `connect` */
  positions() {
    return positionsOf(this.state, RESUME_MOST);
  }

  /** After `connected`: goes on with everything that waited for a connection. */
  resume() {
    this.#filling.clear();
    for (const { conversation } of this.outgoing) void this.#sendFrom(conversation);
    this.#markSoon();
  }

  /** @param {ConversationsSnapshot} snapshot */
  replace(snapshot) {
    this.state = replace(this.state, snapshot);
    for (const thread of this.state.threads.values()) void this.#fill(thread.conversation);
    this.#around.changed(null);
  }

  /** @param {ConversationAdded | MessageAdded | MessagesMissed | ReadMarked} event */
  apply(event) {
    if (event.op === "message_added") this.#confirmed(event.message);
    const id = conversationOf(event);
    if (event.op !== "conversation_added" && !this.state.threads.has(id)) {
      return void this.#list(null).catch(() => undefined); // if it fails, the next connection brings the list
    }
    this.state = apply(this.state, event);
    this.#around.changed(id);
    void this.#fill(id);
  }

  /**
   * The direct conversation with a user.
   *
   * @param {number} user
   * @returns {Promise<number>} its id
   */
  async openWith(user) {
    const known = directWith(this.state, user);
    if (known) return known.conversation;
    const reply = await this.#around.request("open_conversation", { user });
    this.apply({ op: "conversation_added", conversation: reply.conversation });
    return reply.conversation.conversation;
  }

  /**
   * A conversation by its id, listed further and further back until it is found.
   *
   * @param {number} id
   * @returns {Promise<Thread | null>}
   */
  async find(id) {
    while (!this.state.threads.has(id) && this.state.next) await this.listFurther();
    return this.state.threads.get(id) ?? null;
  }

  /** The next page of conversations further back. */
  async listFurther() {
    if (this.state.next) await this.#list(this.state.next);
  }

  /**
   * @param {number} id
   * @returns {Promise<void>} settles when the page before the messages that are held has come
   */
  loadOlder(id) {
    const loading = this.#loadingOlder.get(id) ?? this.#loadPageBefore(id).finally(() => this.#loadingOlder.delete(id));
    this.#loadingOlder.set(id, loading);
    return loading;
  }

  /** @param {number} id */
  isLoadingOlder(id) {
    return this.#loadingOlder.has(id);
  }

  /**
   * @param {number} id
   * @param {string} body
   * @param {readonly KnownFile[]} [files] uploaded for this conversation
   */
  send(id, body, files = []) {
    const written_at = new Date(this.#around.now()).toISOString();
    /** @type {Outgoing} */
    const message = { client_id: freshId(), conversation: id, body, files, written_at, state: "waiting", problem: "" };
    this.outgoing = [...this.outgoing, message];
    this.#keep(message);
    this.#around.changed(id);
    void this.#sendFrom(id);
  }

  /** @param {string} clientId */
  retry(clientId) {
    const message = this.outgoing.find((one) => one.client_id === clientId);
    if (!message) return;
    this.#alter(message, { state: "waiting", problem: "" });
    void this.#sendFrom(message.conversation);
  }

  /**
   * @param {string} clientId
   * @returns {string} its words, for whoever wants to write it anew
   */
  discard(clientId) {
    const message = this.outgoing.find((one) => one.client_id === clientId);
    if (message) this.#forget(message);
    return message?.body ?? "";
  }

  /**
   * @param {number} id
   * @param {number} seq
   */
  markRead(id, seq) {
    const thread = this.state.threads.get(id);
    if (!thread || seq <= Math.max(readSeqOf(thread, this.state.me), this.#toMark.get(id) ?? 0)) return;
    this.#toMark.set(id, seq);
    this.#markSoon();
  }

  /** @param {number} id */
  draftOf(id) {
    return this.#kept.get(`draft:${id}`) ?? "";
  }

  /**
   * @param {number} id
   * @param {string} text
   */
  keepDraft(id, text) {
    this.#kept.set(`draft:${id}`, text);
  }

  /** @param {number} id */
  async #loadPageBefore(id) {
    const thread = this.state.threads.get(id);
    if (!thread || !hasOlder(thread)) return;
    const before = thread.run[0]?.seq ?? null;
    const page = await this.#around.request("get_messages", { conversation: id, before, limit: PAGE });
    this.#loadingOlder.delete(id);
    this.state = apply(this.state, page);
    this.#around.changed(id);
  }

  /**
   * Asks for what is missing after the run, page by page.
   *
   * @param {number} id
   */
  async #fill(id) {
    if (this.#filling.has(id)) return;
    this.#filling.add(id);
    try {
      let after = this.#gapOf(id);
      while (after !== null && this.#around.isLive()) {
        const page = await this.#around.request("get_messages", { conversation: id, after, limit: FILL_PAGE });
        this.state = apply(this.state, page);
        this.#around.changed(id);
        const next = this.#gapOf(id);
        if (next === after) return; // it has nothing more, whatever was announced
        after = next;
      }
    } catch {
      // The next event, or the next connection, asks again.
    } finally {
      this.#filling.delete(id);
    }
  }

  /** @param {number} id */
  #gapOf(id) {
    const thread = this.state.threads.get(id);
    return thread ? gapAfter(thread) : null;
  }

  /**
   * One page of the list at a time; whoever asks meanwhile gets the same one.
   *
   * @param {string | null} before null: the newest
   */
  #list(before) {
    this.#listing ??= this.#listPage(before).finally(() => {
      this.#listing = null;
    });
    return this.#listing;
  }

  /** @param {string | null} before */
  async #listPage(before) {
    const page = await this.#around.request("list_conversations", { before, limit: PAGE });
    this.state = addPage(this.state, before ? page : { ...page, next: this.state.next });
    this.#around.changed(null);
  }

  /**
   * Sends a conversation's outgoing messages in their order.
   *
   * @param {number} id
   */
  async #sendFrom(id) {
    if (this.#sending.has(id) || !this.#around.isLive()) return;
    this.#sending.add(id);
    try {
      for (let next = this.#nextToSend(id); next && this.#around.isLive(); next = this.#nextToSend(id)) {
        await this.#sendOne(next);
      }
    } finally {
      this.#sending.delete(id);
    }
  }

  /** @param {number} id */
  #nextToSend(id) {
    return this.outgoing.find((message) => message.conversation === id && message.state !== "failed");
  }

  /** @param {Outgoing} message */
  async #sendOne(message) {
    const { client_id, conversation, body } = message;
    const files = (message.files ?? []).map((file) => file.file);
    this.#alter(message, { state: "sending" });
    try {
      const reply = await this.#around.request("send_message", { client_id, conversation, body, files });
      const { seq, sent_at } = reply;
      this.apply({
        op: "message_added",
        message: { conversation, seq, sender: this.state.me, body, sent_at, client_id, files: reply.files ?? [] },
      });
    } catch (error) {
      if (error instanceof Refused && !error.temporary) {
        return this.#alter(message, { state: "failed", problem: error.message });
      }
      this.#alter(message, { state: "waiting" });
      if (error instanceof NotConnected) return;
      const after = error instanceof Refused && error.retryAfter ? error.retryAfter * 1_000 : AGAIN_AFTER;
      await new Promise((resolve) => this.#around.setTimer(() => resolve(null), after));
    }
  }

  /** @param {Message} message */
  #confirmed(message) {
    if (message.sender !== this.state.me || !message.client_id) return;
    const sent = this.outgoing.find((one) => one.client_id === message.client_id);
    if (sent) this.#forget(sent);
  }

  /** @param {number} [delay] milliseconds */
  #markSoon(delay = READ_DELAY) {
    if (this.#isMarking || this.#toMark.size === 0) return;
    this.#isMarking = true;
    this.#around.setTimer(() => void this.#markNow(), delay);
  }

  async #markNow() {
    const marks = [...this.#toMark];
    const results = await Promise.allSettled(
      marks.map(([conversation, seq]) => this.#around.request("mark_read", { conversation, seq })),
    );
    this.#isMarking = false;
    results.forEach((result, index) => {
      const [conversation, seq] = /** @type {[number, number]} */ (marks[index]);
      const isOver = result.status === "fulfilled" || (result.reason instanceof Refused && !result.reason.temporary);
      if (isOver && this.#toMark.get(conversation) === seq) this.#toMark.delete(conversation);
    });
    if (this.#around.isLive()) this.#markSoon(AGAIN_AFTER);
  }

  /**
   * @param {Outgoing} message
   * @param {Partial<Outgoing>} changes
   */
  #alter(message, changes) {
    this.outgoing = this.outgoing.map((one) => (one.client_id === message.client_id ? { ...one, ...changes } : one));
    this.#around.changed(message.conversation);
  }

  /** @param {Outgoing} message */
  #forget(message) {
    this.outgoing = this.outgoing.filter((one) => one.client_id !== message.client_id);
    this.#kept.set(`unsent:${message.client_id}`, null);
    this.#around.changed(message.conversation);
  }

  /** @param {Outgoing} message */
  #keep({ client_id, conversation, body, written_at }) {
    this.#kept.set(`unsent:${client_id}`, JSON.stringify({ conversation, body, written_at }));
  }

  #recallOutgoing() {
    for (const [name, text] of this.#kept.all()) {
      const message = name.startsWith("unsent:") ? parsed(text) : null;
      if (message) this.outgoing.push({ ...message, client_id: name.slice("unsent:".length), state: "waiting", problem: "" });
    }
    this.outgoing.sort((one, other) => one.written_at.localeCompare(other.written_at));
  }
}

/** @param {ConversationAdded | MessageAdded | MessagesMissed | ReadMarked} event */
function conversationOf(event) {
  if (event.op === "message_added") return event.message.conversation;
  return event.op === "conversation_added" ? event.conversation.conversation : event.conversation;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `crypto.randomUUID` exists only in secure contexts, and a desk demo over plain HTTP is none. */
function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
