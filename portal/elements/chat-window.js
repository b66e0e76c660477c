/**
 * `<chat-window conversation="7">`: one conversation, live: its history, what is new, what is on its way, and a place to
 * write. Enter sends, Shift and Enter begin a new line.
 *
 * Fires `window-closed` from its back button (shown with the attribute `closable`).
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { bubbleStyles, lineOf } from "./chat-bubble.js";
import { itemsOf } from "./chat-items.js";
import { acceptFiles, dropStyles } from "./file-drop.js";
import { fileStyles } from "./file-view.js";
import { icon } from "./icons.js";
import { reasonOf } from "./presence-view.js";
import { timesOf } from "./times.js";
import { nameOfUser, otherOf, titleOf } from "./who.js";
import { askWhy, whyButton } from "./why-button.js";
import { coworkerOf } from "../client/state/directory.js";
import { hasOlder, readSeqOf } from "../client/state/chat.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Thread } from "../client/state/chat.js"
 * @import { Company } from "./chat-bubble.js"
 * @import { PictureChosen } from "./file-view.js"
 * @import { PictureDialog } from "./picture-dialog.js"
 */

/** Nearer to an end than this counts as being there, in pixels. */
const NEAR = 48;
/** Reading the next page begins this far from the top. */
const AHEAD = 400;
/** A window opened on fewer messages than this reads a page at once. */
const ENOUGH = 30;
/** From here on the number of characters left is shown. */
const FEW_LEFT = 200;

export class ChatWindow extends PresenceElement {
  static observedAttributes = ["conversation", "closable"];

  static styles = [
    avatarStyles,
    bubbleStyles,
    fileStyles,
    dropStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr) auto;
        min-block-size: 0;
        background: var(--presence-surface);
        position: relative;
      }
      header {
        display: flex;
        align-items: center;
        gap: 0.8rem;
        min-block-size: 4rem;
        padding: 0.5rem 1rem;
        border-block-end: 1px solid var(--presence-line);
        --presence-dot-edge: var(--presence-surface);
      }
      header .text {
        flex: 1;
        min-inline-size: 0;
      }
      header h2 {
        font-size: 1.0625rem;
        line-height: 1.3;
      }
      header h2,
      header p {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      header p {
        font-size: 0.8125rem;
      }
      header .back {
        margin-inline-start: -0.5rem;
      }
      header .close {
        margin-inline-end: -0.5rem;
      }
      @media (width < 48rem) {
        header .close {
          display: none;
        }
      }
      @media (width >= 48rem) {
        header .back {
          display: none;
        }
      }
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
      footer {
        position: relative;
        border-block-start: 1px solid var(--presence-line);
        padding: 0.7rem 1rem calc(0.7rem + env(safe-area-inset-bottom, 0px));
      }
      form {
        display: flex;
        align-items: end;
        gap: 0.5rem;
        max-inline-size: 52rem;
        margin-inline: auto;
      }
      textarea.input {
        flex: 1;
        min-inline-size: 0;
        resize: none;
        max-block-size: 10rem;
        padding: 0.55rem 0.9rem;
        border-radius: 1.25rem;
        line-height: 1.35;
        scrollbar-width: thin;
      }
      .send {
        background: var(--presence-accent);
        color: var(--presence-accent-ink);
      }
      .send:hover:not(:disabled) {
        background: var(--presence-accent-strong);
        color: var(--presence-accent-ink);
      }
      .send:disabled {
        background: var(--presence-raised);
        color: var(--presence-ink-soft);
      }
      .note {
        max-inline-size: 52rem;
        margin: 0.4rem auto 0;
        padding-inline: 0.9rem;
        font-size: 0.8125rem;
        color: var(--presence-ink-soft);
      }
      .note.over {
        color: var(--presence-danger);
        font-weight: 600;
      }
      :host([stale]) header presence-dot {
        filter: grayscale(1);
        opacity: 0.6;
        transition: filter 0.4s 2s, opacity 0.4s 2s;
      }
    `,
  ];

  #picture = avatar();
  #name = h("h2");
  #reason = h("p", { class: "soft" });
  #extensionNumber = h("span");
  #extension = h("p", { class: "soft" }, h("span", { class: "visually-hidden" }, words.contacts.extension("")), this.#extensionNumber);
  #back = h(
    "button",
    { class: "icon-button back", type: "button", "aria-label": words.navigation.back, onclick: () => this.#close() },
    icon("back"),
  );
  #closeButton = h(
    "button",
    { class: "icon-button close", type: "button", "aria-label": words.chat.close, title: words.chat.close, onclick: () => this.#close() },
    icon("close"),
  );
  #why = whyButton(() => askWhy(this, this.#other));
  /** With whom one talks; 0: a group, or nobody yet. */
  #other = 0;
  #topText = h("p");
  #topAction = h("button", { class: "button small", type: "button", onclick: () => void this.#loadOlder() }, words.problems.tryAgain);
  #top = h("div", { class: "top" }, this.#topText, this.#topAction);
  #lines = h("ol");
  #log = h("div", { class: "log scroll", role: "log", tabindex: 0, onscroll: () => this.#scrolled() }, this.#top, this.#lines);
  #jump = h(
    "button",
    { class: "button small jump", type: "button", hidden: true, onclick: () => this.#toEnd() },
    icon("down"),
    h("span"),
  );
  #text = h("textarea", {
    class: "input",
    rows: 1,
    placeholder: words.chat.placeholder,
    "aria-describedby": "note",
    enterkeyhint: "send",
    oninput: () => this.#typed(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
  });
  #attach = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": words.files.attach, title: words.files.attach, onclick: () => this.#chooser.click() },
    icon("attach"),
  );
  #chooser = h("input", { type: "file", multiple: true, hidden: true, tabindex: -1, "aria-label": words.files.attach, onchange: () => this.#chosen() });
  #tray = document.createElement("attachment-tray");
  #pictures = /** @type {PictureDialog} */ (document.createElement("picture-dialog"));
  #sendButton = h("button", { class: "icon-button send", type: "submit", "aria-label": words.chat.send, title: words.chat.send }, icon("send"));
  #note = h("p", { class: "note", id: "note", role: "status" });

  /** The conversation whose draft and place are shown; 0: none. */
  #shown = 0;
  /** What came after this number is new to the reader; null: nothing is marked as new. @type {number | null} */
  #newAfter = null;
  #isAtEnd = true;
  #seenSeq = 0;
  #olderFailed = false;
  /** Opened with something new: go to its beginning, if it comes with the first page. */
  #isSeekingNew = false;

  constructor() {
    super({ mode: "open", delegatesFocus: false });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#send();
    };
    this.root.append(
      h("header", {}, this.#back, this.#picture, h("div", { class: "text" }, this.#name, this.#reason), this.#extension, this.#why, this.#closeButton),
      this.#log,
      h(
        "footer",
        {},
        this.#jump,
        this.#tray,
        h("form", { onsubmit: submit }, this.#attach, this.#chooser, this.#text, this.#sendButton),
        this.#note,
      ),
      this.#pictures,
    );
    acceptFiles(this, (files) => this.#take(files));
    this.addEventListener("tray-left", () => this.#text.focus());
    this.addEventListener("picture-chosen", (event) => {
      const { files, file } = /** @type {CustomEvent<PictureChosen>} */ (event).detail;
      this.#pictures.open(files, file);
    });
    new ResizeObserver(() => this.#isAtEnd && this.#toEnd()).observe(this.#log);
  }

  attributeChangedCallback() {
    this.invalidate();
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    const attention = () => this.invalidate();
    for (const type of ["focus", "blur"]) addEventListener(type, attention);
    document.addEventListener("visibilitychange", attention);
    return [
      client.on("chat", (conversation) => (conversation === null || conversation === this.conversation) && this.invalidate()),
      client.on("presence", () => this.invalidate()),
      client.on("directory", () => this.invalidate()),
      client.on("connection", () => this.#connectionChanged()),
      client.on("profile", () => this.invalidate()),
      client.on("uploads", () => this.invalidate()),
      () => ["focus", "blur"].forEach((type) => removeEventListener(type, attention)),
      () => document.removeEventListener("visibilitychange", attention),
    ];
  }

  get conversation() {
    return Number(this.getAttribute("conversation")) || 0;
  }

  focusText() {
    this.#text.focus();
  }

  /** @override */
  render() {
    const thread = this.client?.conversations.state.threads.get(this.conversation);
    if (!this.client || !thread) return;
    const isOpening = this.#shown !== thread.conversation;
    if (isOpening) this.#open(thread);
    setAttribute(this, "stale", !this.client.isLive);
    setAttribute(this.#tray, "conversation", thread.conversation);
    this.#renderHeader(thread);
    this.#noticeNews(thread);
    this.#renderLog(thread, isOpening);
    this.#renderNote();
    this.#markRead(thread);
  }

  /** @param {Thread} thread */
  #open(thread) {
    const { client } = this;
    if (!client) return;
    this.#shown = thread.conversation;
    this.#newAfter = thread.unread > 0 ? readSeqOf(thread, client.me) : null;
    this.#isSeekingNew = this.#newAfter !== null;
    this.#isAtEnd = true;
    this.#olderFailed = false;
    this.#seenSeq = thread.last_seq;
    this.#text.value = client.conversations.draftOf(thread.conversation);
    this.#fitText();
    if (thread.run.length < ENOUGH) void this.#loadOlder();
  }

  /** @param {Thread} thread */
  #renderHeader(thread) {
    const client = /** @type {PresenceClient} */ (this.client);
    const user = otherOf(client, thread);
    const name = titleOf(client, thread);
    const coworker = coworkerOf(client.coworkers.state, user);
    const presence = client.presenceOf(user);
    this.#picture.show({ user: coworker ? user : 0, name });
    setText(this.#name, name);
    const reason = coworker ? reasonOf(presence, timesOf(client), Date.now()) : "";
    setText(this.#reason, [presence.message, reason].filter(Boolean).join(" · "));
    setText(this.#extensionNumber, coworker?.extension ?? "");
    this.#extension.hidden = !coworker;
    this.#other = user;
    this.#why.hidden = !coworker || !client.mayAskWhy(user);
    setAttribute(this.#why, "aria-label", words.why.of(name));
    setAttribute(this.#log, "aria-label", words.chat.log(name));
    setAttribute(this.#text, "aria-label", words.chat.write(name));
    this.#back.hidden = this.#closeButton.hidden = !this.hasAttribute("closable");
  }

  /**
   * Where the line "New" stands: before what came while nobody looked.
   *
   * @param {Thread} thread
   */
  #noticeNews(thread) {
    const read = readSeqOf(thread, this.client?.me ?? 0);
    if (!isAttentive() && thread.unread > 0 && (this.#newAfter === null || this.#newAfter < read)) this.#newAfter = read;
  }

  /**
   * @param {Thread} thread
   * @param {boolean} isOpening
   */
  #renderLog(thread, isOpening) {
    const client = /** @type {PresenceClient} */ (this.client);
    const times = timesOf(client);
    const company = this.#company(thread);
    const items = itemsOf(thread, client.conversations.outgoing, client.me, this.#newAfter, (at) => times.day(at));
    const anchor = this.#lines.querySelector(".message");
    const anchorAt = anchor?.getBoundingClientRect().top ?? 0;
    const lastBefore = this.#lines.lastElementChild;
    reconcile(this.#lines, items, (item) => `${thread.conversation}:${item.key}`, lineOf, (line, item) => line.show(item, company));
    const isNews = !isOpening && lastBefore !== null && this.#lines.lastElementChild !== lastBefore;
    if (isNews) this.#lines.lastElementChild?.classList.add("fresh");
    this.#renderTop(thread);
    this.#keepPlace(thread, anchor?.isConnected ? anchor.getBoundingClientRect().top - anchorAt : 0);
  }

  /** @param {Thread} thread */
  #renderTop(thread) {
    const { conversations } = /** @type {PresenceClient} */ (this.client);
    const isLoading = conversations.isLoadingOlder(thread.conversation);
    setAttribute(this.#log, "aria-busy", isLoading ? "true" : null);
    this.#topAction.hidden = !this.#olderFailed || isLoading;
    const name = this.#name.textContent ?? "";
    if (isLoading) setText(this.#topText, words.chat.loadingOlder);
    else if (this.#olderFailed) setText(this.#topText, words.chat.olderFailed);
    else if (hasOlder(thread)) setText(this.#topText, "");
    else setText(this.#topText, `${words.chat.beginning(name)}${thread.last_seq === 0 ? ` ${words.chat.sayHello}` : ""}`);
  }

  /**
   * Whoever reads at the end stays at the end; whoever reads further up keeps the line they read.
   *
   * @param {Thread} thread
   * @param {number} moved by how much the lines have moved, pixels
   */
  #keepPlace(thread, moved) {
    const divider = this.#lines.querySelector(".divider");
    const isFirstPageHere = !this.client?.conversations.isLoadingOlder(thread.conversation);
    if (this.#isSeekingNew && divider) {
      this.#log.scrollTop = this.#log.scrollHeight;
      const over = this.#log.getBoundingClientRect().top + NEAR - divider.getBoundingClientRect().top;
      if (over > 0) this.#log.scrollTop -= over;
      this.#isAtEnd = this.#distanceToEnd() < NEAR;
    } else if (this.#isAtEnd) {
      this.#log.scrollTop = this.#log.scrollHeight;
    } else if (moved !== 0) {
      this.#log.scrollTop += moved;
    }
    if (isFirstPageHere) this.#isSeekingNew = false;
    this.#renderJump(thread);
  }

  /** @param {Thread} thread */
  #renderJump(thread) {
    const { me } = /** @type {PresenceClient} */ (this.client);
    if (this.#isAtEnd) this.#seenSeq = thread.last_seq;
    const unseen = thread.run.filter((message) => message.seq > this.#seenSeq && message.sender !== me).length;
    this.#jump.hidden = this.#isAtEnd;
    const place = this.#jump.lastElementChild;
    if (place) setText(place, unseen > 0 ? words.chat.jumpUnread(unseen) : words.chat.jump);
    this.#jump.classList.toggle("primary", unseen > 0);
  }

  #renderNote() {
    const most = this.client?.connected?.limits.message_length ?? 8_000;
    const left = most - [...this.#text.value].length;
    const isOffline = this.client?.isLive === false && this.client.connection.attempt > 0;
    const uploads = this.client?.uploads.of(this.#shown) ?? [];
    const isUploading = this.client?.uploads.isBusy(this.#shown) ?? false;
    const note = noteOf(left, isUploading, isOffline);
    setText(this.#note, note);
    this.#note.hidden = note === "";
    this.#note.classList.toggle("over", left < 0);
    const isEmpty = this.#text.value.trim() === "" && !uploads.some((upload) => upload.state === "ready");
    this.#sendButton.disabled = left < 0 || isUploading || isEmpty;
  }

  /**
   * @param {Thread} thread
   * @returns {Company}
   */
  #company(thread) {
    const client = /** @type {PresenceClient} */ (this.client);
    const others = thread.members.filter((member) => member.user !== client.me);
    return {
      times: timesOf(client),
      now: Date.now(),
      isLive: client.isLive,
      nameOf: (user) => nameOfUser(client, user),
      isGroup: thread.kind === "group",
      lastOwn: thread.run.findLast((message) => message.sender === client.me)?.seq ?? 0,
      readUpTo: others.length > 0 ? Math.min(...others.map((member) => member.read_seq)) : 0,
      addressOf: (file) => client.addressOf(file),
      previewOf: (file, size) => client.previewOf(file, size),
      retry: (clientId) => client.conversations.retry(clientId),
      discard: (clientId) => this.#discard(clientId),
    };
  }

  /** @param {Thread} thread */
  #markRead(thread) {
    const isRead = this.#isAtEnd && !this.#isSeekingNew && isAttentive() && this.offsetParent !== null;
    const last = thread.run.at(-1);
    if (isRead && last && thread.unread > 0) this.client?.conversations.markRead(thread.conversation, last.seq);
  }

  async #loadOlder() {
    const { client, conversation } = this;
    if (!client || client.conversations.isLoadingOlder(conversation)) return;
    this.#olderFailed = false;
    const loading = client.conversations.loadOlder(conversation);
    this.invalidate();
    try {
      await loading;
    } catch {
      this.#olderFailed = this.#shown === conversation;
    }
    this.invalidate();
  }

  #connectionChanged() {
    if (this.client?.isLive && this.#olderFailed) void this.#loadOlder();
    this.invalidate();
  }

  #scrolled() {
    const thread = this.client?.conversations.state.threads.get(this.#shown);
    if (!thread) return;
    this.#isAtEnd = this.#distanceToEnd() < NEAR;
    if (this.#isAtEnd) this.#isSeekingNew = false;
    if (this.#log.scrollTop < AHEAD && hasOlder(thread) && !this.#olderFailed) void this.#loadOlder();
    this.#renderJump(thread);
    this.#markRead(thread);
  }

  #distanceToEnd() {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight;
  }

  #toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#isAtEnd = true;
    this.invalidate();
  }

  #typed() {
    this.client?.conversations.keepDraft(this.#shown, this.#text.value);
    this.#fitText();
    this.#renderNote();
  }

  /** As high as its text, up to what the style allows. */
  #fitText() {
    this.#text.style.blockSize = "auto";
    const border = this.#text.offsetHeight - this.#text.clientHeight;
    this.#text.style.blockSize = `${this.#text.scrollHeight + border}px`;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // While an input method composes a word, Enter ends the word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const body = this.#text.value.trim();
    this.#renderNote();
    if (this.#sendButton.disabled) return;
    const files = this.client?.uploads.take(this.#shown) ?? [];
    this.#text.value = "";
    this.#isAtEnd = true;
    this.#newAfter = null;
    this.#typed();
    this.client?.conversations.send(this.#shown, body, files);
    this.#text.focus();
  }

  #chosen() {
    this.#take([...(this.#chooser.files ?? [])]);
    this.#chooser.value = "";
  }

  /** @param {File[]} files */
  #take(files) {
    if (!this.#shown || files.length === 0) return;
    this.client?.uploads.add(this.#shown, files);
    this.#text.focus();
  }

  /** @param {string} clientId */
  #discard(clientId) {
    const body = this.client?.conversations.discard(clientId) ?? "";
    if (!this.#text.value) this.#text.value = body;
    this.#typed();
    this.#text.focus();
  }

  #close() {
    this.dispatchEvent(new CustomEvent("window-closed", { bubbles: true, composed: true }));
  }
}

/**
 * @param {number} left characters
 * @param {boolean} isUploading
 * @param {boolean} isOffline
 */
function noteOf(left, isUploading, isOffline) {
  if (left < 0) return words.chat.tooLong(-left);
  if (left < FEW_LEFT) return words.chat.left(left);
  if (isUploading) return words.files.stillUploading;
  return isOffline ? words.chat.whileOffline : "";
}

function isAttentive() {
  return document.visibilityState === "visible" && document.hasFocus();
}
