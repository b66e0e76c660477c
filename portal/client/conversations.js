/**
 * Keeps conversations right while connections come and go: fills gaps, sends what was written, tells what was read.
 *
 * What was written is kept until the server has confirmed it, also over a reload, under a `client_id` of its own: sending
 * it again is harmless. Within a conversation one message is sent after the other, so that their order is kept.
 */

import { NotConnected, Refused } from "./errors.js";
import {
  addPage,
  apply,
  beginsHere,
  changesAfter,
  changesOf,
  conversationOf,
  directWith,
  empty,
  gapAfter,
  hasOlder,
  lookAt,
  lookBack,
  lookFurther,
  positionsOf,
  readSeqOf,
  replace,
} from "./state/chat.js";
import { Shown } from "./shown.js";
import { Typists } from "./typists.js";

/**
 * @import { ConversationsSnapshot, CreateGroup, File as KnownFile, History, Message, MessagesFound, SearchMessages,
 *   TypingStarted } from "./protocol.js"
 * @import { ChatEvent, ChatState } from "./state/chat.js"
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
 * @property {number} reply_to the message that it answers; 0: none
 * @property {number[]} mentions
 * @property {string} written_at RFC 3339
 * @property {"waiting" | "sending" | "failed"} state failed: refused for good, unless somebody tries again
 * @property {string} problem if it failed: the server's words, or `ELSEWHERE`
 *
 * @typedef {object} Surroundings
 * @property {Request} request
 * @property {() => boolean} isLive
 * @property {() => number} marksToldUpTo members; in larger conversations marks are told only while they are shown
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
/** A line may be here before what it tells of; after this time it is asked for. */
const LINE_DELAY = 1_000;
/** The problem of a message whose conversation may be another one by now: somebody has to look who is in it. */
export const ELSEWHERE = "elsewhere";
/** `typing` is told again while somebody goes on writing. */
const TYPING_AGAIN = 3_000;

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
  #loadingNewer = new Map();
  /** @type {Map<number, number>} */
  #toMark = new Map();
  /** @type {Map<number, number>} */
  #toDeliver = new Map();
  /** @type {Map<number, number>} when it was last told that one writes */
  #toldTyping = new Map();
  #isMarking = false;
  /** @type {Promise<void> | null} */
  #listing = null;
  #shown;
  /** What the last snapshot told of. @type {ReadonlySet<number>} */
  #told = new Set();
  /** With whom messages were to be that wait to be sent, and which may be another conversation by now. @type {Map<string, string>} */
  #doubtful = new Map();
  /** Whether the next snapshot is the first of another database. */
  #isAnew = false;

  /**
   * @param {number} me
   * @param {Keepsakes} kept drafts and unsent messages of this user
   * @param {Surroundings} around
   */
  constructor(me, kept, around) {
    this.state = empty(me);
    this.#kept = kept;
    this.#around = around;
    /** Who writes just now. */
    this.typists = new Typists(around.setTimer, around.changed);
    this.#shown = new Shown(around.request, around.isLive, around.setTimer, (conversation) => this.#lookAfresh(conversation));
    this.#recallOutgoing();
  }

  /**
   * Says that a conversation is on the screen, until what is returned is called.
   *
   * @param {number} conversation
   * @returns {() => void}
   */
  show(conversation) {
    return this.#shown.add(conversation);
  }

  /**
   * Nobody told how far others have read in a large group before it was shown. What lies further back than the list that
   * comes at connect is not told either.
   *
   * @param {number} conversation
   */
  #lookAfresh(conversation) {
    const thread = this.state.threads.get(conversation);
    if (!thread || (thread.members.length <= this.#around.marksToldUpTo() && this.#told.has(conversation))) return;
    void this.refresh(conversation).catch(() => undefined);
  }

  /** @returns {Record<string, number>} for `connect` */
  positions() {
    return positionsOf(this.state, RESUME_MOST);
  }

  /** @returns {Record<string, number>} for `connect` */
  changes() {
    return changesOf(this.state, this.positions());
  }

  /** After `connected`: goes on with everything that waited for a connection. */
  resume() {
    this.#filling.clear();
    this.#shown.resume();
    for (const { conversation } of this.outgoing) void this.#sendFrom(conversation);
    this.#markSoon();
  }

  /**
   * Another database has taken over, and gives out numbers anew: nothing that is known by them counts. What was written
   * and not sent stays; it is sent only to those to whom it was written.
   */
  beginAnew() {
    for (const { client_id, conversation } of this.outgoing) {
      const thread = this.state.threads.get(conversation);
      this.#doubtful.set(client_id, thread ? companyOf(thread) : "");
    }
    this.state = empty(this.state.me);
    for (const known of [this.#toMark, this.#toDeliver, this.#toldTyping, this.#loadingOlder, this.#loadingNewer]) known.clear();
    this.#told = new Set();
    this.#listing = null;
    this.#isAnew = true;
  }

  /** What is on the screen has to be there again, as far back as a window that opens has it. */
  #readShown() {
    this.#isAnew = false;
    for (const shown of this.#shown.all()) {
      const here = this.state.threads.has(shown) ? Promise.resolve() : this.refresh(shown);
      void here.then(() => this.loadOlder(shown)).catch(() => undefined);
    }
  }

  /** What was known before this page was opened; the next connection goes on from there. @param {ChatState} state */
  recall(state) {
    this.state = state;
  }

  /** @param {ConversationsSnapshot} snapshot */
  replace(snapshot) {
    const told = (this.#told = new Set(snapshot.conversations.map((record) => record.conversation)));
    this.state = replace(this.state, snapshot);
    for (const thread of this.state.threads.values()) {
      void this.#fill(thread.conversation);
      this.#delivered(thread.conversation, thread.last_seq);
      // What is further back is not told of, but may have changed while nobody listened.
      if (told.has(thread.conversation)) continue;
      if (this.#shown.has(thread.conversation)) void this.refresh(thread.conversation).catch(() => undefined);
      else if (thread.run.length > 0) void this.#askForChanges(thread.conversation);
    }
    if (this.#isAnew) this.#readShown();
    this.#around.changed(null);
  }

  /** @param {ChatEvent} event */
  apply(event) {
    if (event.op === "message_added") this.#confirmed(event.message);
    const id = conversationOf(event);
    if (!this.state.threads.has(id) && !["conversation_added", "conversation_removed"].includes(event.op)) {
      return void this.#list(null).catch(() => undefined); // if it fails, the next connection brings the list
    }
    this.state = apply(this.state, event);
    this.#around.changed(id);
    this.#noticeMessages(id, event);
    void this.#fill(id);
  }

  /** @param {TypingStarted} event */
  typing({ conversation, user }) {
    if (user !== this.state.me && this.state.threads.has(conversation)) this.typists.started(conversation, user);
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
   * A new group. Trying again with the same `client_id` makes no second one.
   *
   * @param {Pick<CreateGroup, "client_id" | "name" | "users" | "history">} group
   * @returns {Promise<number>} its id
   */
  async createGroup(group) {
    const reply = await this.#around.request("create_group", { ...group });
    this.apply({ op: "conversation_added", conversation: reply.conversation });
    return reply.conversation.conversation;
  }

  /** @param {number} conversation @param {string} name */
  renameGroup(conversation, name) {
    return this.#around.request("rename_group", { conversation, name });
  }

  /** @param {number} conversation @param {History} history */
  setHistory(conversation, history) {
    return this.#around.request("set_history", { conversation, history });
  }

  /** @param {number} conversation @param {number[]} users */
  addMembers(conversation, users) {
    return this.#around.request("add_members", { conversation, users });
  }

  /** @param {number} conversation @param {number} user */
  removeMember(conversation, user) {
    return this.#around.request("remove_member", { conversation, user });
  }

  /** @param {number} conversation @param {number} user @param {boolean} on */
  setManager(conversation, user, on) {
    return this.#around.request("set_manager", { conversation, user, on });
  }

  /** @param {number} conversation */
  async leaveGroup(conversation) {
    await this.#around.request("leave_group", { conversation });
    this.apply({ op: "conversation_removed", conversation });
  }

  /** @param {number} conversation @param {boolean} on */
  setMuted(conversation, on) {
    return this.#around.request("set_muted", { conversation, on });
  }

  /** @param {number} conversation @param {number} seq @param {string} body @param {number[]} mentions */
  edit(conversation, seq, body, mentions) {
    return this.#around.request("edit_message", { conversation, seq, body, mentions });
  }

  /** @param {number} conversation @param {number} seq */
  delete(conversation, seq) {
    return this.#around.request("delete_message", { conversation, seq });
  }

  /** @param {number} conversation @param {number} seq @param {string} emoji @param {boolean} on */
  react(conversation, seq, emoji, on) {
    return this.#around.request("react", { conversation, seq, emoji, on });
  }

  /** Somebody types here: said to the others at once, and not again for some seconds. @param {number} conversation */
  tellTyping(conversation) {
    const now = this.#around.now();
    if (!this.#around.isLive() || Math.abs(now - (this.#toldTyping.get(conversation) ?? -Infinity)) < TYPING_AGAIN) return;
    this.#toldTyping.set(conversation, now);
    void this.#around.request("typing", { conversation }).catch(() => undefined);
  }

  /**
   * @param {Omit<SearchMessages, "op" | "id">} wanted
   * @returns {Promise<MessagesFound>}
   */
  search(wanted) {
    return this.#around.request("search_messages", { ...wanted });
  }

  /** As it is now: also how far each member of a large group has read. @param {number} conversation */
  async refresh(conversation) {
    const reply = await this.#around.request("get_conversation", { conversation });
    this.apply({ op: "conversation_added", conversation: reply.conversation });
  }

  /**
   * Looks at a place in the history.
   *
   * @param {number} id
   * @param {{around: number} | {at: string}} place a message, or a moment (RFC 3339)
   * @returns {Promise<number>} the message that it is about
   */
  async lookAt(id, place) {
    const page = await this.#around.request("get_messages", { conversation: id, ...place, limit: PAGE });
    this.state = lookAt(this.state, page);
    this.#around.changed(id);
    return page.seq ?? 0;
  }

  /** @param {number} id */
  lookBack(id) {
    this.state = lookBack(this.state, id);
    this.#around.changed(id);
  }

  /** The next page after the place that is looked at. @param {number} id */
  async loadNewer(id) {
    const aside = this.state.threads.get(id)?.aside;
    const after = aside?.run.at(-1)?.seq ?? null;
    if (!aside?.hasNewer || after === null || this.#loadingNewer.get(id) === after) return;
    this.#loadingNewer.set(id, after);
    try {
      const page = await this.#around.request("get_messages", { conversation: id, after, limit: PAGE });
      if (this.state.threads.get(id)?.aside?.run.at(-1)?.seq === after) this.state = lookFurther(this.state, page, "newer");
    } finally {
      this.#loadingNewer.delete(id);
      this.#around.changed(id);
    }
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
   * @param {{reply_to?: number, mentions?: number[]}} [more]
   */
  send(id, body, files = [], { reply_to = 0, mentions = [] } = {}) {
    const written_at = new Date(this.#around.now()).toISOString();
    /** @type {Outgoing} */
    const message = { client_id: freshId(), conversation: id, body, files, reply_to, mentions, written_at, state: "waiting", problem: "" };
    this.outgoing = [...this.outgoing, message];
    this.#toldTyping.delete(id);
    this.#keep(message);
    this.#around.changed(id);
    void this.#sendFrom(id);
  }

  /** @param {string} clientId */
  retry(clientId) {
    const message = this.outgoing.find((one) => one.client_id === clientId);
    if (!message) return;
    this.#doubtful.delete(clientId);
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
    const isAside = thread.aside !== null;
    const before = (thread.aside?.run ?? thread.run)[0]?.seq ?? null;
    const page = await this.#around.request("get_messages", { conversation: id, before, limit: PAGE });
    this.#loadingOlder.delete(id);
    if (!isAside) this.state = page.messages.length > 0 ? apply(this.state, page) : beginsHere(this.state, id);
    else if (this.state.threads.get(id)?.aside?.run[0]?.seq === before) this.state = lookFurther(this.state, page, "older");
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
      while (this.#lacks(id) && this.#around.isLive()) if (!(await this.#fillPage(id))) return;
    } catch {
      // The next event, or the next connection, asks again.
    } finally {
      this.#filling.delete(id);
    }
  }

  /** @param {number} id */
  #lacks(id) {
    return this.#gapOf(id) !== null || this.#changesAfter(id) !== null;
  }

  /**
   * A page of messages, or of changes, that are missing.
   *
   * @param {number} id
   * @returns {Promise<boolean>} false: there was nothing more, whatever was announced
   */
  async #fillPage(id) {
    const gap = this.#gapOf(id);
    const rev = this.#changesAfter(id);
    const page =
      gap !== null
        ? await this.#around.request("get_messages", { conversation: id, after: gap, limit: FILL_PAGE })
        : await this.#around.request("get_changes", { conversation: id, after: rev ?? 0, limit: FILL_PAGE });
    this.state = apply(this.state, page);
    this.#around.changed(id);
    return gap !== null ? this.#gapOf(id) !== gap : this.#changesAfter(id) !== rev;
  }

  /** @param {number} id */
  #changesAfter(id) {
    const thread = this.state.threads.get(id);
    return thread ? changesAfter(thread) : null;
  }

  /** Whether or not a change was heard of. @param {number} id */
  async #askForChanges(id) {
    const after = this.state.threads.get(id)?.rev ?? 0;
    const page = await this.#around
      .request("get_changes", { conversation: id, after, limit: FILL_PAGE })
      .catch(() => null); // the next connection brings them
    if (!page) return;
    this.state = apply(this.state, page);
    if (page.messages.length > 0) this.#around.changed(id);
    if (page.more) void this.#fill(id);
  }

  /**
   * What is to be done about messages that have come.
   *
   * @param {number} id
   * @param {ChatEvent} event
   */
  #noticeMessages(id, event) {
    const messages = event.op === "message_added" ? [event.message] : event.op === "messages_missed" ? event.messages : [];
    const last = messages.at(-1);
    if (!last) return;
    this.#delivered(id, last.seq);
    for (const message of messages) this.typists.stopped(id, message.sender);
    const line = messages.findLast((message) => message.line)?.seq ?? 0;
    const isBehind = () => line > (this.state.threads.get(id)?.group_seq ?? Infinity);
    if (isBehind()) this.#around.setTimer(() => isBehind() && void this.refresh(id).catch(() => undefined), LINE_DELAY);
  }

  /**
   * @param {number} id
   * @param {number} seq
   */
  #delivered(id, seq) {
    const thread = this.state.threads.get(id);
    const known = thread?.members.find((member) => member.user === this.state.me)?.delivered_seq ?? Infinity;
    if (seq <= Math.max(known, this.#toDeliver.get(id) ?? 0)) return;
    this.#toDeliver.set(id, seq);
    this.#markSoon();
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
    const { client_id, conversation, body, reply_to, mentions } = message;
    const more = { ...(reply_to && { reply_to }), ...(mentions.length > 0 && { mentions }) };
    const files = (message.files ?? []).map((file) => file.file);
    this.#alter(message, { state: "sending" });
    try {
      if (!(await this.#goesWhereItWas(message))) return this.#alter(message, { state: "failed", problem: ELSEWHERE });
      const reply = await this.#around.request("send_message", { client_id, conversation, body, files, ...more });
      const { seq, sent_at } = reply;
      this.apply({
        op: "message_added",
        message: { conversation, seq, sender: this.state.me, body, sent_at, client_id, files: reply.files ?? [], ...more },
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

  /** Whether the conversation is still the one that it was written in. @param {Outgoing} message */
  async #goesWhereItWas({ client_id, conversation }) {
    const company = this.#doubtful.get(client_id);
    if (company === undefined) return true;
    if (!this.state.threads.has(conversation)) await this.refresh(conversation);
    const thread = this.state.threads.get(conversation);
    this.#doubtful.delete(client_id);
    return thread !== undefined && companyOf(thread) === company;
  }

  /** @param {Message} message */
  #confirmed(message) {
    if (message.sender !== this.state.me || !message.client_id) return;
    const sent = this.outgoing.find((one) => one.client_id === message.client_id);
    if (sent) this.#forget(sent);
  }

  /** @param {number} [delay] milliseconds */
  #markSoon(delay = READ_DELAY) {
    if (this.#isMarking || this.#toMark.size + this.#toDeliver.size === 0) return;
    this.#isMarking = true;
    this.#around.setTimer(() => void this.#markNow(), delay);
  }

  async #markNow() {
    // What was read was delivered.
    for (const [conversation, seq] of this.#toDeliver) {
      if ((this.#toMark.get(conversation) ?? 0) >= seq) this.#toDeliver.delete(conversation);
    }
    const done = await Promise.all([this.#markAll("mark_read", this.#toMark), this.#markAll("mark_delivered", this.#toDeliver)]);
    this.#isMarking = false;
    if (this.#around.isLive()) this.#markSoon(done.every(Boolean) ? READ_DELAY : AGAIN_AFTER);
  }

  /**
   * @param {"mark_read" | "mark_delivered"} op
   * @param {Map<number, number>} wanted those that are done are taken out
   * @returns {Promise<boolean>} whether all that were wanted when it began are done
   */
  async #markAll(op, wanted) {
    const marks = [...wanted];
    const results = await Promise.allSettled(
      marks.map(([conversation, seq]) => this.#around.request(op, { conversation, seq })),
    );
    const areOver = results.map(
      (result) => result.status === "fulfilled" || (result.reason instanceof Refused && !result.reason.temporary),
    );
    marks.forEach(([conversation, seq], index) => {
      if (areOver[index] && wanted.get(conversation) === seq) wanted.delete(conversation);
    });
    return areOver.every(Boolean);
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
  #keep({ client_id, conversation, body, files, reply_to, mentions, written_at }) {
    this.#kept.set(`unsent:${client_id}`, JSON.stringify({ conversation, body, files, reply_to, mentions, written_at }));
  }

  #recallOutgoing() {
    for (const [name, text] of this.#kept.all()) {
      const message = name.startsWith("unsent:") ? parsed(text) : null;
      if (!message) continue;
      const client_id = name.slice("unsent:".length);
      this.outgoing.push({ reply_to: 0, mentions: [], ...message, client_id, state: "waiting", problem: "" });
    }
    this.outgoing.sort((one, other) => one.written_at.localeCompare(other.written_at));
  }
}

/** Who is meant by a conversation: a group by its name, since its members change. @param {Thread} thread */
function companyOf({ kind, name, members }) {
  return kind === "group" ? `group ${name}` : `${kind} ${name} ${members.map((member) => member.user).sort((one, other) => one - other)}`;
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
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
