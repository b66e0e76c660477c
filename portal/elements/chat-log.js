/**
 * What was said, scrolled: stays at the end or keeps the line that is read, reads further pages as one comes near them, and
 * marks as read what is looked at.
 */

import { css } from "./element.js";
import { h, reconcile, setAttribute, setText } from "./dom.js";
import { lineOf } from "./chat-bubble.js";
import { itemsOf, shortened } from "./chat-items.js";
import { icon } from "./icons.js";
import { timesOf } from "./times.js";
import { nameOfUser, profileNameOf } from "./who.js";
import { hasOlder, othersMarks, readSeqOf, shownOf } from "../client/state/chat.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Thread } from "../client/state/chat.js"
 * @import { Company } from "./chat-bubble.js"
 * @import { Room } from "./chat-window.js"
 * @import { MessageActions } from "./message-actions.js"
 */

/** Nearer to an end than this counts as being there, in pixels. */
const NEAR = 48;
/** Reading the next page begins this far from the top. */
const AHEAD = 400;
/** A window opened on fewer messages than this reads a page at once. */
const ENOUGH = 30;

const COARSE = matchMedia("(pointer: coarse)");

export const logStyles = css`
  .log {
    padding: 0.5rem 1rem 1rem;
    overflow-anchor: none;
  }
  .log:focus-visible {
    outline-offset: -2px;
  }
  .log > ol {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    max-inline-size: 52rem;
    margin-inline: auto;
  }
  .top {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    overflow-wrap: anywhere;
    justify-items: center;
    gap: 0.5rem;
    padding-block: 1rem 0.25rem;
    color: var(--presence-ink-soft);
    font-size: 0.8125rem;
    text-align: center;
  }
  .jump {
    position: absolute;
    inset-block-end: calc(100% + 0.75rem);
    inset-inline-start: 50%;
    translate: -50% 0;
    border-radius: 2rem;
    box-shadow: var(--presence-shadow);
    white-space: nowrap;
  }
`;

export class ChatLog {
  #room;
  #actions;
  #discard;
  #topText = h("p");
  #topAction = h("button", { class: "button small", type: "button", onclick: () => void this.#loadOlder() }, words.problems.tryAgain);
  #top = h("div", { class: "top" }, this.#topText, this.#topAction);
  #lines = h("ol");
  element = h("div", { class: "log scroll", role: "log", tabindex: 0, onscroll: () => this.#scrolled() }, this.#top, this.#lines);
  /** Stands over the text, not in what is scrolled. */
  jump = h(
    "button",
    { class: "button small jump", type: "button", hidden: true, onclick: () => this.#toEnd() },
    icon("down"),
    h("span"),
  );
  /** The message that was looked for, to be brought into view; 0: none. */
  #found = 0;
  #isSeekingFound = false;
  /** What came after this number is new to the reader; null: nothing is marked as new. @type {number | null} */
  #newAfter = null;
  #isAtEnd = true;
  #seenSeq = 0;
  #olderFailed = false;
  /** Opened with something new: go to its beginning, if it comes with the first page. */
  #isSeekingNew = false;
  /** By how much the lines were moved by what came or went, in pixels. */
  #moved = 0;

  /**
   * @param {Room} room
   * @param {MessageActions} actions
   * @param {(clientId: string) => void} discard takes back what could not be sent
   */
  constructor(room, actions, discard) {
    this.#room = room;
    this.#actions = actions;
    this.#discard = discard;
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.#lines.addEventListener("contextmenu", (event) => this.#pressed(event));
    this.#lines.addEventListener("click", (event) => COARSE.matches && this.#pressed(event));
    new ResizeObserver(() => {
      if (this.#isAtEnd) this.element.scrollTop = this.element.scrollHeight;
    }).observe(this.element);
  }

  /** Another conversation. @param {Thread} thread */
  open(thread) {
    this.#newAfter = thread.unread > 0 ? readSeqOf(thread, this.#room.client?.me ?? 0) : null;
    this.#isSeekingNew = this.#newAfter !== null;
    if (!this.#isSeekingFound) {
      this.#isAtEnd = true;
      this.#found = 0;
    }
    this.#olderFailed = false;
    this.#seenSeq = thread.last_seq;
    if (thread.run.length < ENOUGH) void this.#loadOlder();
  }

  /**
   * @param {Thread} thread
   * @param {string} name with whom
   * @param {boolean} isOpening
   */
  show(thread, name, isOpening) {
    setAttribute(this.element, "aria-label", words.chat.log(name));
    this.#noticeNews(thread);
    this.#renderLines(thread, isOpening);
    this.#renderTop(thread, name);
    this.#keepPlace(thread);
    this.#markRead(thread);
  }

  /** Brings a message into view as soon as it is there. @param {number} seq */
  seek(seq) {
    this.#found = seq;
    this.#isAtEnd = false;
    this.#isSeekingNew = false;
    this.#isSeekingFound = true;
  }

  /** Back to the newest: something is sent. */
  sending() {
    this.#isAtEnd = true;
    this.#newAfter = null;
    this.#found = 0;
    this.#room.client?.conversations.lookBack(this.#room.conversation);
  }

  /** The connection came or went. */
  connectionChanged() {
    if (this.#room.client?.isLive && this.#olderFailed) void this.#loadOlder();
  }

  /**
   * Where the line "New" stands: before what came while nobody looked.
   *
   * @param {Thread} thread
   */
  #noticeNews(thread) {
    const read = readSeqOf(thread, this.#room.client?.me ?? 0);
    if (!isAttentive() && thread.unread > 0 && (this.#newAfter === null || this.#newAfter < read)) this.#newAfter = read;
  }

  /**
   * @param {Thread} thread
   * @param {boolean} isOpening
   */
  #renderLines(thread, isOpening) {
    const client = /** @type {PresenceClient} */ (this.#room.client);
    const times = timesOf(client);
    const company = this.#company(thread);
    const items = itemsOf(thread, client.conversations.outgoing, client.me, this.#newAfter, (at) => times.day(at));
    const anchor = this.#lines.querySelector(".message");
    const anchorAt = anchor?.getBoundingClientRect().top ?? 0;
    const lastBefore = this.#lines.lastElementChild;
    reconcile(this.#lines, items, (item) => `${thread.conversation}:${item.key}`, lineOf, (line, item) => line.show(item, company));
    const isNews = !isOpening && lastBefore !== null && this.#lines.lastElementChild !== lastBefore;
    if (isNews) this.#lines.lastElementChild?.classList.add("fresh");
    this.#moved = anchor?.isConnected ? anchor.getBoundingClientRect().top - anchorAt : 0;
  }

  /**
   * @param {Thread} thread
   * @param {string} name
   */
  #renderTop(thread, name) {
    const { conversations } = /** @type {PresenceClient} */ (this.#room.client);
    const isLoading = conversations.isLoadingOlder(thread.conversation);
    setAttribute(this.element, "aria-busy", isLoading ? "true" : null);
    this.#topAction.hidden = !this.#olderFailed || isLoading;
    if (isLoading) setText(this.#topText, words.chat.loadingOlder);
    else if (this.#olderFailed) setText(this.#topText, words.chat.olderFailed);
    else if (hasOlder(thread)) setText(this.#topText, "");
    else setText(this.#topText, `${words.chat.beginning(name)}${thread.last_seq === 0 ? ` ${words.chat.sayHello}` : ""}`);
  }

  /**
   * Whoever reads at the end stays at the end; whoever reads further up keeps the line they read.
   *
   * @param {Thread} thread
   */
  #keepPlace(thread) {
    const divider = this.#lines.querySelector(".divider");
    const isFirstPageHere = !this.#room.client?.conversations.isLoadingOlder(thread.conversation);
    const found = this.#isSeekingFound ? this.#lines.querySelector(`[data-seq="${this.#found}"]`) : null;
    if (this.#isSeekingFound && (found || thread.aside)) {
      found?.scrollIntoView({ block: "center" });
      this.#isSeekingFound = false;
      this.#isAtEnd = !thread.aside && this.#distanceToEnd() < NEAR;
    } else if (this.#isSeekingNew && divider) {
      this.element.scrollTop = this.element.scrollHeight;
      const over = this.element.getBoundingClientRect().top + NEAR - divider.getBoundingClientRect().top;
      if (over > 0) this.element.scrollTop -= over;
      this.#isAtEnd = this.#distanceToEnd() < NEAR;
    } else if (this.#isAtEnd) {
      this.element.scrollTop = this.element.scrollHeight;
    } else if (this.#moved !== 0) {
      this.element.scrollTop += this.#moved;
    }
    if (isFirstPageHere) this.#isSeekingNew = false;
    this.#renderJump(thread);
  }

  /** @param {Thread} thread */
  #renderJump(thread) {
    const { me } = /** @type {PresenceClient} */ (this.#room.client);
    // Of another database than before less may be there.
    this.#seenSeq = this.#isAtEnd ? thread.last_seq : Math.min(this.#seenSeq, thread.last_seq);
    const unseen = thread.run.filter((message) => message.seq > this.#seenSeq && message.sender !== me).length;
    this.jump.hidden = this.#isAtEnd && !thread.aside;
    const place = this.jump.lastElementChild;
    const plain = thread.aside ? words.chat.back : words.chat.jump;
    if (place) setText(place, unseen > 0 ? words.chat.jumpUnread(unseen) : plain);
    this.jump.classList.toggle("primary", unseen > 0);
  }

  /**
   * @param {Thread} thread
   * @returns {Company}
   */
  #company(thread) {
    const client = /** @type {PresenceClient} */ (this.#room.client);
    const marks = othersMarks(thread, client.me);
    return {
      times: timesOf(client),
      now: Date.now(),
      isLive: client.isLive,
      profileNameOf: (user) => profileNameOf(client, user),
      nameOf: (user) => (user === 0 ? thread.name : nameOfUser(client, user)),
      isGroup: thread.kind === "group" || (thread.kind === "sms" && thread.members.length > 1),
      isByText: thread.kind === "sms",
      lastOwn: thread.run.findLast((message) => message.sender === client.me && !message.line)?.seq ?? 0,
      readUpTo: marks.read,
      deliveredUpTo: marks.delivered,
      me: client.me,
      found: this.#found,
      quoteOf: (seq) => this.#quoteOf(thread, seq),
      goTo: (seq) => void this.#room.lookAt({ around: seq }),
      openMenu: (message, anchor) => this.#actions.open(thread, message, anchor),
      toggle: (message, emoji) => this.#actions.toggle(message, emoji),
      addressOf: (file) => client.addressOf(file),
      previewOf: (file, size) => client.previewOf(file, size),
      opener: client,
      retry: (clientId) => client.conversations.retry(clientId),
      discard: this.#discard,
    };
  }

  /**
   * @param {Thread} thread
   * @param {number} seq
   */
  #quoteOf(thread, seq) {
    const message = shownOf(thread).find((one) => one.seq === seq) ?? thread.run.find((one) => one.seq === seq);
    const { client } = this.#room;
    if (!client || !message || message.line) return null;
    return { name: message.sender === client.me ? words.chat.you : nameOfUser(client, message.sender), text: shortened(message) };
  }

  /** @param {Thread} thread */
  #markRead(thread) {
    const isRead = this.#isAtEnd && !thread.aside && !this.#isSeekingNew && isAttentive() && this.#room.host.offsetParent !== null;
    const last = thread.run.at(-1);
    if (isRead && last && thread.unread > 0) this.#room.client?.conversations.markRead(thread.conversation, last.seq);
  }

  async #loadOlder() {
    const { client, conversation } = this.#room;
    if (!client || client.conversations.isLoadingOlder(conversation)) return;
    this.#olderFailed = false;
    const loading = client.conversations.loadOlder(conversation);
    this.#room.invalidate();
    try {
      await loading;
    } catch {
      this.#olderFailed = this.#room.thread?.conversation === conversation;
    }
    this.#room.invalidate();
  }

  #scrolled() {
    const { thread } = this.#room;
    if (!thread) return;
    this.#isAtEnd = this.#distanceToEnd() < NEAR;
    if (this.#isAtEnd) this.#isSeekingNew = false;
    if (this.element.scrollTop < AHEAD && hasOlder(thread) && !this.#olderFailed) void this.#loadOlder();
    if (thread.aside && this.#distanceToEnd() < AHEAD) void this.#room.client?.conversations.loadNewer(thread.conversation).catch(() => undefined);
    this.#renderJump(thread);
    this.#markRead(thread);
  }

  #distanceToEnd() {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight;
  }

  #toEnd() {
    this.#found = 0;
    this.#room.client?.conversations.lookBack(this.#room.conversation);
    this.element.scrollTop = this.element.scrollHeight;
    this.#isAtEnd = true;
    this.#room.invalidate();
  }

  /** A long press, the right button, or a tap: the same as the button beside the message. @param {Event} event */
  #pressed(event) {
    const target = /** @type {Element} */ (event.target);
    const line = target.closest(".message");
    if (!(line instanceof HTMLElement) || target.closest("a, button, .files") || getSelection()?.toString()) return;
    event.preventDefault();
    line.querySelector(".more")?.dispatchEvent(new MouseEvent("click"));
  }

  /** The arrows walk from message to message; the keys of the menu work on the one that is chosen. @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const lines = /** @type {HTMLElement[]} */ ([...this.#lines.querySelectorAll(".message")]);
    const active = /** @type {HTMLElement | null} */ (this.#room.root.activeElement?.closest?.(".message") ?? null);
    const at = lines.findIndex((line) => line === active);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = at < 0 ? lines.length - 1 : at + (event.key === "ArrowUp" ? -1 : 1);
      if (at < 0 && event.key === "ArrowDown") return;
      event.preventDefault();
      return lines[Math.max(0, next)]?.focus();
    }
    const { thread } = this.#room;
    if (!thread || !active || event.target !== active) return;
    if (this.#actions.byKey(event.key, thread, Number(active.getAttribute("data-seq")) || 0, active)) event.preventDefault();
  }
}

function isAttentive() {
  return document.visibilityState === "visible" && document.hasFocus();
}
