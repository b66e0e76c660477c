/** What a chat window shows, in order: days, the line before what is new, messages, and what is still on its way. Pure. */

import { shownOf } from "../client/state/chat.js";
import { words } from "../words.js";

/**
 * @import { File as KnownFile, Message } from "../client/protocol.js"
 * @import { Outgoing } from "../client/conversations.js"
 * @import { Thread } from "../client/state/chat.js"
 */

/**
 * @typedef {object} Bubble
 * @property {"bubble"} kind
 * @property {string} key stays the same when a message that was on its way has arrived
 * @property {number} seq 0: not yet numbered
 * @property {number} sender
 * @property {string} body
 * @property {readonly KnownFile[]} files
 * @property {number} at milliseconds
 * @property {boolean} isOwn
 * @property {boolean} isFirst of a run of the same sender
 * @property {boolean} isLast of such a run
 * @property {Outgoing | null} outgoing
 * @property {Message | null} message as the server told it
 * @property {number} replyTo the message that it answers; 0: none
 * @property {readonly number[]} mentions
 *
 * @typedef {{kind: "told", key: string, message: Message, at: number}} Told what somebody did to the group
 * @typedef {{kind: "day", key: string, at: number}} Day
 * @typedef {{kind: "divider", key: string}} Divider
 * @typedef {Bubble | Told | Day | Divider} Item
 */

/** So much of a message is quoted above its answer. */
const QUOTED = 120;
/** Messages of one sender within this time stand together. */
const TOGETHER = 5 * 60_000;

/**
 * @param {Thread} thread
 * @param {readonly Outgoing[]} outgoing of all conversations
 * @param {number} me
 * @param {number | null} newAfter messages of others after this number are new; null: nothing is marked
 * @param {(moment: number) => string} dayOf
 * @returns {Item[]}
 */
export function itemsOf(thread, outgoing, me, newAfter, dayOf) {
  const bubbles = bubblesOf(thread, outgoing, me);
  /** @type {Item[]} */
  const items = [];
  let day = "";
  // Where the run does not reach back to what was read, the line would stand before the wrong message.
  let isDivided = newAfter === null || (shownOf(thread)[0]?.seq ?? 0) > newAfter + 1;
  bubbles.forEach((bubble, at) => {
    const previous = bubbles[at - 1];
    const before = previous?.kind === "bubble" ? previous : null;
    const isNewDay = dayOf(bubble.at) !== day;
    const [sender, seq] = bubble.kind === "bubble" ? [bubble.sender, bubble.seq] : [bubble.message.sender, bubble.message.seq];
    const divides = !isDivided && sender !== me && seq > (newAfter ?? 0);
    if (isNewDay) items.push({ kind: "day", key: `day:${dayOf(bubble.at)}`, at: bubble.at });
    if (divides) items.push({ kind: "divider", key: "divider" });
    day = dayOf(bubble.at);
    isDivided ||= divides;
    items.push(bubble);
    if (bubble.kind !== "bubble") return;
    bubble.isFirst = isNewDay || divides || !before || !areTogether(before, bubble);
    if (before) before.isLast = bubble.isFirst;
  });
  return items;
}

/**
 * @param {Thread} thread
 * @param {readonly Outgoing[]} outgoing
 * @param {number} me
 * @returns {(Bubble | Told)[]}
 */
function bubblesOf(thread, outgoing, me) {
  const shown = shownOf(thread);
  const arrived = new Set(thread.run.map((message) => message.client_id).filter(Boolean));
  const waiting = outgoing.filter(
    (message) => message.conversation === thread.conversation && !arrived.has(message.client_id),
  );
  const items = shown.map((message) => (message.line ? toldLine(message) : arrivedBubble(message, me)));
  return thread.aside ? items : [...items, ...waiting.map((message) => waitingBubble(message, me))];
}

/**
 * @param {Message} message
 * @returns {Told}
 */
function toldLine(message) {
  return { kind: "told", key: `seq:${message.seq}`, message, at: Date.parse(message.sent_at) };
}

/**
 * @param {Message} message
 * @param {number} me
 * @returns {Bubble}
 */
function arrivedBubble(message, me) {
  const { seq, sender, body, sent_at, client_id, files = [], reply_to: replyTo = 0, mentions = [] } = message;
  const isOwn = sender === me;
  const key = isOwn && client_id ? `own:${client_id}` : `seq:${seq}`;
  const at = Date.parse(sent_at);
  return { kind: "bubble", key, seq, sender, body, files, at, isOwn, isFirst: true, isLast: true, outgoing: null, message, replyTo, mentions };
}

/**
 * @param {Outgoing} outgoing
 * @param {number} me
 * @returns {Bubble}
 */
function waitingBubble(outgoing, me) {
  const { client_id, body, written_at, files = [], reply_to: replyTo, mentions } = outgoing;
  const at = Date.parse(written_at);
  return { kind: "bubble", key: `own:${client_id}`, seq: 0, sender: me, body, files, at, isOwn: true, isFirst: true, isLast: true, outgoing, message: null, replyTo, mentions };
}

/**
 * @param {Bubble} before
 * @param {Bubble} bubble
 */
function areTogether(before, bubble) {
  return before.sender === bubble.sender && bubble.at - before.at < TOGETHER && before.outgoing?.state !== "failed";
}

/**
 * A message in one line.
 *
 * @param {Message} message
 */
export function shortened({ body, deleted_at }) {
  if (deleted_at) return words.chat.deleted;
  const text = body.replace(/\s+/g, " ");
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text || words.chat.picture;
}
