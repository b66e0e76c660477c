/**
 * `<chat-window conversation="7">`: one conversation, live: its history, what is new, what is on its way, and a place to
 * write. Enter sends, Shift and Enter begin a new line.
 *
 * Fires `window-closed` from its back button (shown with the attribute `closable`), `dock-wanted` (detail: the
 * conversation) to be kept open beside others, `group-wanted` for the group's members, `search-wanted` to search in it.
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setChildren, setText } from "./dom.js";
import { avatar, avatarStyles } from "./avatar.js";
import { bubbleStyles, lineOf } from "./chat-bubble.js";
import { itemsOf } from "./chat-items.js";
import { acceptFiles, dropStyles } from "./file-drop.js";
import { fileStyles } from "./file-view.js";
import { icon } from "./icons.js";
import { reasonOf } from "./presence-view.js";
import { timesOf } from "./times.js";
import { nameOfUser, otherOf, profileNameOf, titleOf } from "./who.js";
import { asked } from "./question.js";
import { askWhy, whyButton } from "./why-button.js";
import { coworkerOf } from "../client/state/directory.js";
import { hasOlder, othersMarks, readSeqOf, shownOf } from "../client/state/chat.js";
import { MentionList, mentionStyles, mentionedIn } from "./mention-list.js";
import { menu, menuStyles } from "./menu.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Message } from "../client/protocol.js"
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
/** The reactions that are one click away. */
const PICTURES = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
/** So much of a message is quoted above its answer. */
const QUOTED = 120;
/** Who has read a message is named up to so many; more are counted. */
const NAMED = 12;
/** From here on the number of characters left is shown. */
const FEW_LEFT = 200;

const COARSE = matchMedia("(pointer: coarse)");

/** @typedef {{kind: "reply" | "edit", message: Message}} Purpose what the text is for, if not for a new message */

export class ChatWindow extends PresenceElement {
  static observedAttributes = ["conversation", "closable", "dockable", "docked"];

  static styles = [
    avatarStyles,
    bubbleStyles,
    fileStyles,
    dropStyles,
    menuStyles,
    mentionStyles,
    css`
      :host {
        display: grid;
        grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr);
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
      header .title {
        display: flex;
        align-items: center;
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
      .purpose {
        display: flex;
        align-items: center;
        gap: 0.7rem;
        max-inline-size: 52rem;
        margin: 0 auto 0.5rem;
        padding-inline-start: 0.7rem;
        border-inline-start: 3px solid var(--presence-accent);
        font-size: 0.8125rem;
      }
      .purpose > span {
        flex: 1;
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .purpose strong {
        display: block;
        color: var(--presence-accent);
      }
      .typing {
        min-block-size: 1.1rem;
        max-inline-size: 52rem;
        margin: -0.4rem auto 0.25rem;
        padding-inline: 0.9rem;
        font-size: 0.75rem;
        color: var(--presence-ink-soft);
      }
      .date {
        display: flex;
        gap: 0.5rem;
        padding: 0.4rem;
      }
      .muted-sign {
        display: inline-flex;
        vertical-align: -0.15em;
        margin-inline-start: 0.35rem;
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
  #muted = h("span", { class: "muted-sign", title: words.chat.mutedNote, hidden: true }, icon("mute"), h("span", { class: "visually-hidden" }, words.chats.muted));
  #more = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": words.chat.menu, title: words.chat.menu, "aria-haspopup": "menu", onclick: () => this.#openMenu() },
    icon("more"),
  );
  #menu = menu();
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
    oninput: () => this.#typed(true),
    onclick: () => this.#mentions.update(),
    onblur: () => this.#mentions.close(),
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
  #mentions = new MentionList(this.#text, () => this.#others(), () => this.#typed());
  #purposeText = h("span");
  #purposeElement = h(
    "div",
    { class: "purpose", hidden: true },
    this.#purposeText,
    h("button", { class: "icon-button", type: "button", "aria-label": words.chat.stop, onclick: () => this.#become(null) }, icon("close")),
  );
  #typing = h("p", { class: "typing", "aria-live": "polite" });
  /** @type {Purpose | null} */
  #purpose = null;
  #problem = "";
  /** The message that was looked for, to be brought into view; 0: none. */
  #found = 0;
  #isSeekingFound = false;

  /** What was said to be on the screen. @type {{conversation: number, stop: () => void} | null} */
  #showing = null;
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
      h(
        "header",
        {},
        this.#back,
        this.#picture,
        h("div", { class: "text" }, h("div", { class: "title" }, this.#name, this.#muted), this.#reason),
        this.#extension,
        this.#why,
        this.#more,
        this.#closeButton,
      ),
      this.#log,
      h(
        "footer",
        {},
        this.#jump,
        this.#typing,
        this.#mentions.element,
        this.#purposeElement,
        this.#tray,
        h("form", { onsubmit: submit }, this.#attach, this.#chooser, this.#text, this.#sendButton),
        this.#note,
      ),
      this.#pictures,
      this.#menu,
    );
    this.#log.addEventListener("keydown", (event) => this.#logKey(event));
    this.#lines.addEventListener("contextmenu", (event) => this.#pressed(event));
    this.#lines.addEventListener("click", (event) => COARSE.matches && this.#pressed(event));
    acceptFiles(this, (files) => this.#take(files), () => (this.#isByText() ? words.sms.noFiles : words.files.drop));
    this.addEventListener("tray-left", () => this.#text.focus());
    this.addEventListener("picture-chosen", (event) => {
      const { files, file } = /** @type {CustomEvent<PictureChosen>} */ (event).detail;
      this.#pictures.open(files, file);
    });
    new ResizeObserver(() => {
      if (this.#isAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
    }).observe(this.#log);
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
      () => this.#show(null),
    ];
  }

  get conversation() {
    return Number(this.getAttribute("conversation")) || 0;
  }

  focusText() {
    this.#text.focus();
  }

  /**
   * Brings a place in the history into view.
   *
   * @param {{around: number} | {at: string}} place
   */
  async lookAt(place) {
    const { client, conversation } = this;
    if (!client) return;
    try {
      const known = client.conversations.state.threads.get(conversation);
      const isHeld = "around" in place && known && !known.aside && known.run.some((message) => message.seq === place.around);
      this.#found = isHeld ? place.around : await client.conversations.lookAt(conversation, place);
      this.#isAtEnd = false;
      this.#isSeekingNew = false;
      this.#isSeekingFound = true;
    } catch (error) {
      this.#problem = words.chat.notDone(sentenceOf(error));
    }
    this.invalidate();
  }

  /** @override */
  render() {
    const thread = this.client?.conversations.state.threads.get(this.conversation);
    if (!this.client || !thread) return;
    const isOpening = this.#shown !== thread.conversation;
    if (isOpening) this.#open(thread);
    this.#show(thread);
    setAttribute(this, "stale", !this.client.isLive);
    setAttribute(this.#tray, "conversation", thread.conversation);
    this.#renderHeader(thread);
    this.#noticeNews(thread);
    this.#renderLog(thread, isOpening);
    this.#renderNote();
    if (this.#menu.matches(":popover-open")) this.#menu.refresh();
    this.#markRead(thread);
  }

  /** Says what is on the screen. @param {Thread | null} thread */
  #show(thread) {
    const conversation = thread?.conversation ?? 0;
    if (this.#showing?.conversation === conversation) return;
    this.#showing?.stop();
    this.#showing = thread && this.client ? { conversation, stop: this.client.conversations.show(conversation) } : null;
  }

  /** @param {Thread} thread */
  #open(thread) {
    const { client } = this;
    if (!client) return;
    this.#shown = thread.conversation;
    this.#newAfter = thread.unread > 0 ? readSeqOf(thread, client.me) : null;
    this.#isSeekingNew = this.#newAfter !== null;
    if (!this.#isSeekingFound) {
      this.#isAtEnd = true;
      this.#found = 0;
    }
    this.#become(null);
    this.#problem = "";
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
    const members = thread.members.filter((member) => member.user !== client.me).map((member) => nameOfUser(client, member.user));
    const about = aboutOf(thread, members, [presence.message, reason]);
    this.#attach.hidden = thread.kind === "sms";
    setText(this.#reason, about.filter(Boolean).join(" · "));
    this.#muted.hidden = !thread.muted;
    const typists = client.conversations.typists.in(thread.conversation).map((typist) => nameOfUser(client, typist));
    setText(this.#typing, client.isLive && typists.length > 0 ? words.chat.typing(typists) : "");
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
    const found = this.#isSeekingFound ? this.#lines.querySelector(`[data-seq="${this.#found}"]`) : null;
    if (this.#isSeekingFound && (found || thread.aside)) {
      found?.scrollIntoView({ block: "center" });
      this.#isSeekingFound = false;
      this.#isAtEnd = !thread.aside && this.#distanceToEnd() < NEAR;
    } else if (this.#isSeekingNew && divider) {
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
    this.#jump.hidden = this.#isAtEnd && !thread.aside;
    const place = this.#jump.lastElementChild;
    const plain = thread.aside ? words.chat.back : words.chat.jump;
    if (place) setText(place, unseen > 0 ? words.chat.jumpUnread(unseen) : plain);
    this.#jump.classList.toggle("primary", unseen > 0);
  }

  #renderNote() {
    const most = this.client?.connected?.limits.message_length ?? 8_000;
    const left = most - [...this.#text.value].length;
    const isOffline = this.client?.isLive === false && this.client.connection.attempt > 0;
    const uploads = this.client?.uploads.of(this.#shown) ?? [];
    const isUploading = this.client?.uploads.isBusy(this.#shown) ?? false;
    const note = this.#problem || noteOf(left, isUploading, isOffline);
    setText(this.#note, note);
    this.#note.hidden = note === "";
    this.#note.classList.toggle("over", left < 0 || this.#problem !== "");
    const isEmpty = this.#text.value.trim() === "" && !uploads.some((upload) => upload.state === "ready");
    this.#sendButton.disabled = left < 0 || isUploading || isEmpty;
  }

  /**
   * @param {Thread} thread
   * @returns {Company}
   */
  #company(thread) {
    const client = /** @type {PresenceClient} */ (this.client);
    const marks = othersMarks(thread, client.me);
    return {
      times: timesOf(client),
      now: Date.now(),
      isLive: client.isLive,
      profileNameOf: (user) => profileNameOf(client, user),
      nameOf: (user) => (user === 0 ? thread.name : nameOfUser(client, user)),
      isGroup: thread.kind === "group" || (thread.kind === "sms" && thread.members.length > 1),
      lastOwn: thread.run.findLast((message) => message.sender === client.me && !message.line)?.seq ?? 0,
      readUpTo: marks.read,
      deliveredUpTo: marks.delivered,
      me: client.me,
      found: this.#found,
      quoteOf: (seq) => this.#quoteOf(thread, seq),
      goTo: (seq) => void this.lookAt({ around: seq }),
      openMenu: (message, anchor) => this.#openMessageMenu(thread, message, anchor),
      toggle: (message, emoji) => this.#toggle(message, emoji),
      addressOf: (file) => client.addressOf(file),
      previewOf: (file, size) => client.previewOf(file, size),
      retry: (clientId) => client.conversations.retry(clientId),
      discard: (clientId) => this.#discard(clientId),
    };
  }

  /** @param {Thread} thread */
  #markRead(thread) {
    const isRead = this.#isAtEnd && !thread.aside && !this.#isSeekingNew && isAttentive() && this.offsetParent !== null;
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
    if (thread.aside && this.#distanceToEnd() < AHEAD) void this.client?.conversations.loadNewer(thread.conversation).catch(() => undefined);
    this.#renderJump(thread);
    this.#markRead(thread);
  }

  #distanceToEnd() {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight;
  }

  #toEnd() {
    this.#found = 0;
    this.client?.conversations.lookBack(this.#shown);
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#isAtEnd = true;
    this.invalidate();
  }

  /** @param {boolean} [isByHand] */
  #typed(isByHand = false) {
    this.#problem = "";
    if (this.#purpose?.kind !== "edit") {
      this.client?.conversations.keepDraft(this.#shown, this.#text.value);
      if (isByHand && this.#text.value.trim()) this.client?.conversations.tellTyping(this.#shown);
    }
    if (isByHand) this.#mentions.update();
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
    if (this.#mentions.key(event)) return;
    if (event.key === "Escape" && this.#purpose) {
      event.preventDefault();
      return this.#become(null);
    }
    if (event.key === "ArrowUp" && this.#text.value === "" && !this.#purpose) return this.#editLast(event);
    // While an input method composes a word, Enter ends the word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const body = this.#text.value.trim();
    this.#renderNote();
    if (this.#sendButton.disabled) return;
    const { client } = this;
    const purpose = this.#purpose;
    const mentions = mentionedIn(body, this.#others());
    if (purpose?.kind === "edit") {
      this.#become(null);
      return this.#try(client?.conversations.edit(this.#shown, purpose.message.seq, body, mentions));
    }
    const files = client?.uploads.take(this.#shown) ?? [];
    this.#purpose = null;
    this.#text.value = "";
    this.#isAtEnd = true;
    this.#newAfter = null;
    this.#found = 0;
    this.#typed();
    this.#renderPurpose();
    client?.conversations.lookBack(this.#shown);
    client?.conversations.send(this.#shown, body, files, { reply_to: purpose?.message.seq ?? 0, mentions });
    this.#text.focus();
  }

  // ------------------------------------------------------------ answering, editing, reacting

  /** Whom one can mention here: everybody but oneself. */
  #others() {
    const { client } = this;
    const thread = client?.conversations.state.threads.get(this.#shown);
    if (!client || !thread) return [];
    return thread.members
      .filter((member) => member.user !== client.me)
      .map(({ user }) => ({ user, name: profileNameOf(client, user), shown: nameOfUser(client, user) }));
  }

  /** @param {Purpose | null} purpose */
  #become(purpose) {
    const wasEditing = this.#purpose?.kind === "edit";
    this.#purpose = purpose;
    if (purpose?.kind === "edit") this.#text.value = purpose.message.body;
    else if (wasEditing) this.#text.value = this.client?.conversations.draftOf(this.#shown) ?? "";
    this.#mentions.close();
    this.#fitText();
    this.#renderPurpose();
    this.#renderNote();
    if (purpose) this.#text.focus();
  }

  #renderPurpose() {
    const purpose = this.#purpose;
    this.#purposeElement.hidden = !purpose;
    const title = purpose?.kind === "edit" ? words.chat.editing : words.chat.replyingTo(this.#nameOf(purpose?.message.sender ?? 0));
    setAttribute(this.#sendButton, "aria-label", purpose?.kind === "edit" ? words.chat.save : words.chat.send);
    if (purpose) setChildren(this.#purposeText, h("strong", {}, title), shortened(purpose.message));
  }

  /** @param {number} user */
  #nameOf(user) {
    return this.client ? nameOfUser(this.client, user) : "";
  }

  /** @param {KeyboardEvent} event */
  #editLast(event) {
    const thread = this.client?.conversations.state.threads.get(this.#shown);
    // What is still on its way cannot be edited, and nobody means the one before it.
    if (this.client?.conversations.outgoing.some((message) => message.conversation === this.#shown)) return;
    const last = thread?.run.findLast((message) => message.sender === this.client?.me && !message.line && !message.deleted_at);
    if (!last) return;
    event.preventDefault();
    this.#become({ kind: "edit", message: last });
  }

  /**
   * @param {Thread} thread
   * @param {number} seq
   */
  #quoteOf(thread, seq) {
    const message = shownOf(thread).find((one) => one.seq === seq) ?? thread.run.find((one) => one.seq === seq);
    return message && !message.line ? { name: this.#nameOf(message.sender), text: shortened(message) } : null;
  }

  /**
   * @param {Message} message
   * @param {string} emoji
   */
  #toggle(message, emoji) {
    const isMine = message.reactions?.some((one) => one.emoji === emoji && one.users.includes(this.client?.me ?? 0)) ?? false;
    this.#try(this.client?.conversations.react(this.#shown, message.seq, emoji, !isMine));
  }

  /** @param {Promise<unknown> | undefined} doing */
  #try(doing) {
    this.#problem = "";
    doing?.catch((error) => {
      this.#problem = words.chat.notDone(sentenceOf(error));
      this.#renderNote();
    });
  }

  /** @param {Message} message */
  async #delete(message) {
    if (await asked(this.root, words.chat.deleteAsk, words.chat.keep, words.chat.delete)) {
      this.#try(this.client?.conversations.delete(this.#shown, message.seq));
    }
  }

  /**
   * @param {Thread} thread
   * @param {Message} message
   * @param {HTMLElement} anchor
   */
  #openMessageMenu(thread, message, anchor) {
    if (message.deleted_at || message.line) return;
    const isOwn = message.sender === this.client?.me;
    const choices = [
      { label: words.chat.reply, icon: "reply", run: () => this.#become({ kind: "reply", message }) },
      ...(isOwn ? [{ label: words.chat.edit, icon: "edit", run: () => this.#become({ kind: "edit", message }) }] : []),
      ...(message.body ? [{ label: words.chat.copy, icon: "copy", run: () => void navigator.clipboard?.writeText(message.body) }] : []),
      ...(isOwn ? [{ label: words.chat.delete, icon: "trash", isDanger: true, run: () => void this.#delete(message) }] : []),
    ];
    const marks = () => {
      const now = this.client?.conversations.state.threads.get(thread.conversation);
      return isOwn && now ? this.#marksOf(now, message.seq) : [];
    };
    const shown = anchor.offsetParent ? anchor : (anchor.closest(".body") ?? anchor); // on a touch screen there is no button
    this.#menu.open(/** @type {HTMLElement} */ (shown), words.chat.actions, [this.#pictureRow(message)], choices, marks);
  }

  /** @param {Message} message */
  #pictureRow(message) {
    const isMine = (/** @type {string} */ emoji) =>
      message.reactions?.some((one) => one.emoji === emoji && one.users.includes(this.client?.me ?? 0)) ?? false;
    return h(
      "div",
      { class: "pictures" },
      ...PICTURES.map((emoji) => {
        const react = () => {
          this.#menu.close();
          this.#toggle(message, emoji);
        };
        return h("button", { type: "button", role: "menuitem", "aria-label": words.chat.react(emoji), "aria-pressed": String(isMine(emoji)), onclick: react }, emoji);
      }),
    );
  }

  /**
   * Who has read a message, who has got it, and who has not.
   *
   * @param {Thread} thread
   * @param {number} seq
   */
  #marksOf(thread, seq) {
    const others = thread.members.filter((member) => member.user !== this.client?.me);
    const named = (/** @type {typeof others} */ members) =>
      members.length > NAMED ? words.chat.people(members.length) : words.list(members.map((member) => this.#nameOf(member.user)));
    const read = others.filter((member) => member.read_seq >= seq);
    const got = others.filter((member) => member.read_seq < seq && member.delivered_seq >= seq);
    const waiting = others.filter((member) => member.delivered_seq < seq && member.read_seq < seq);
    return [
      ...(read.length > 0 ? [words.chat.readBy(named(read))] : []),
      ...(got.length > 0 ? [words.chat.deliveredTo(named(got))] : []),
      ...(waiting.length > 0 ? [words.chat.notYet(named(waiting))] : []),
    ];
  }

  /** A long press, the right button, or a tap: the same as the button beside the message. @param {Event} event */
  #pressed(event) {
    const target = /** @type {Element} */ (event.target);
    const line = target.closest(".message");
    if (!(line instanceof HTMLElement) || target.closest("a, button, .files") || getSelection()?.toString()) return;
    event.preventDefault();
    line.querySelector(".more")?.dispatchEvent(new MouseEvent("click"));
    if (this.#menu.matches(":popover-open")) return;
  }

  /** The arrows walk from message to message; the keys of the menu work on the one that is chosen. @param {KeyboardEvent} event */
  #logKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const lines = /** @type {HTMLElement[]} */ ([...this.#lines.querySelectorAll(".message")]);
    const active = this.root.activeElement?.closest?.(".message");
    const at = lines.findIndex((line) => line === active);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = at < 0 ? lines.length - 1 : at + (event.key === "ArrowUp" ? -1 : 1);
      if (at < 0 && event.key === "ArrowDown") return;
      event.preventDefault();
      return lines[Math.max(0, next)]?.focus();
    }
    const seq = Number(active?.getAttribute("data-seq")) || 0;
    const thread = this.client?.conversations.state.threads.get(this.#shown);
    const message = thread && seq ? shownOf(thread).find((one) => one.seq === seq) : null;
    if (!thread || !message || message.deleted_at || event.target !== active) return;
    const isOwn = message.sender === this.client?.me;
    const acts = /** @type {Record<string, (() => void) | undefined>} */ ({
      Enter: () => this.#openMessageMenu(thread, message, /** @type {HTMLElement} */ (active)),
      r: () => this.#become({ kind: "reply", message }),
      e: isOwn ? () => this.#become({ kind: "edit", message }) : undefined,
      Delete: isOwn ? () => void this.#delete(message) : undefined,
    });
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // ------------------------------------------------------------ about the conversation

  #openMenu() {
    const thread = this.client?.conversations.state.threads.get(this.#shown);
    if (!thread) return;
    const tell = (/** @type {string} */ name) =>
      this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail: thread.conversation }));
    const isDocked = this.hasAttribute("docked");
    this.#menu.open(this.#more, words.chat.menu, [], [
      ...(thread.kind === "group" ? [{ label: words.chat.details, icon: "people", run: () => tell("group-wanted") }] : []),
      {
        label: thread.muted ? words.chat.unmute : words.chat.mute,
        icon: thread.muted ? "bell" : "mute",
        run: () => this.#try(this.client?.conversations.setMuted(thread.conversation, !thread.muted)),
      },
      { label: words.chat.searchHere, icon: "search", run: () => tell("search-wanted") },
      { label: words.chat.jumpTo, icon: "calendar", run: () => this.#askDate() },
      { label: words.chat.takeAlong, icon: "save", run: () => this.#takeAlong(thread.conversation) },
      ...(this.hasAttribute("dockable") ? [{ label: isDocked ? words.chat.undock : words.chat.dock, icon: "dock", run: () => tell("dock-wanted") }] : []),
    ]);
  }

  /** @param {number} conversation */
  #takeAlong(conversation) {
    const address = this.client?.exportOf(conversation, "text") ?? "";
    h("a", { href: address, download: "" }).click();
  }

  #askDate() {
    const today = timesOf(this.client).day(Date.now());
    const field = h("input", { class: "input", type: "date", max: today, value: today, "aria-label": words.chat.jumpTo });
    const go = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (!field.value) return;
      this.#menu.close();
      void this.lookAt({ at: new Date(`${field.value}T00:00`).toISOString() });
    };
    const form = h("form", { class: "date", onsubmit: go }, field, h("button", { class: "button primary", type: "submit" }, words.chat.jumpTo));
    this.#menu.open(this.#more, words.chat.jumpTo, [form], []);
    field.focus();
  }

  #chosen() {
    this.#take([...(this.#chooser.files ?? [])]);
    this.#chooser.value = "";
  }

  #isByText() {
    return this.client?.conversations.state.threads.get(this.#shown)?.kind === "sms";
  }

  /** @param {File[]} files */
  #take(files) {
    if (!this.#shown || files.length === 0) return;
    if (this.#isByText()) {
      this.#problem = words.sms.noFiles;
      return this.#renderNote();
    }
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

/** @param {Message} message */
function shortened({ body, deleted_at }) {
  if (deleted_at) return words.chat.deleted;
  const text = body.replace(/\s+/g, " ");
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text || words.chat.picture;
}

/**
 * The line below the title.
 *
 * @param {Thread} thread
 * @param {string[]} members the others
 * @param {string[]} person what is known of somebody in a direct conversation
 */
function aboutOf(thread, members, person) {
  if (thread.kind === "group") return [words.groups.members(thread.members.length), words.list(members)];
  if (thread.kind === "sms") return [words.sms.about, members.length > 0 ? words.sms.shared(words.list(members)) : ""];
  return person;
}

function isAttentive() {
  return document.visibilityState === "visible" && document.hasFocus();
}
