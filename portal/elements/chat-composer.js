/** The bottom of a conversation's window: who writes, what one writes oneself and what for, files, and what is wrong with it. */

import { css } from "./element.js";
import { h, setAttribute, setChildren, setText } from "./dom.js";
import { shortened } from "./chat-items.js";
import { icon } from "./icons.js";
import { MentionList, mentionedIn } from "./mention-list.js";
import { nameOfUser, profileNameOf, sentenceOf } from "./who.js";
import { words } from "../words.js";

/**
 * @import { Message } from "../client/protocol.js"
 * @import { Thread } from "../client/state/chat.js"
 * @import { Room } from "./chat-window.js"
 */

/** From here on the number of characters left is shown. */
const FEW_LEFT = 200;

/** @typedef {{kind: "reply" | "edit", message: Message}} Purpose what the text is for, if not for a new message */

export const composerStyles = css`
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
`;

export class ChatComposer {
  #room;
  #sent;
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
  #sendButton = h("button", { class: "icon-button send", type: "submit", "aria-label": words.chat.send, title: words.chat.send }, icon("send"));
  #note = h("p", { class: "note", id: "note", role: "status" });
  #mentions = new MentionList(this.#text, () => this.#others(), () => this.#typed());
  #purposeText = h("span");
  #purposeElement = h(
    "div",
    { class: "purpose", hidden: true },
    this.#purposeText,
    h("button", { class: "icon-button", type: "button", "aria-label": words.chat.stop, onclick: () => this.become(null) }, icon("close")),
  );
  #typing = h("p", { class: "typing", "aria-live": "polite" });
  /** @type {Purpose | null} */
  #purpose = null;
  #problem = "";
  #form = h(
    "form",
    {
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        this.#send();
      },
    },
    this.#attach,
    this.#chooser,
    this.#text,
    this.#sendButton,
  );
  element = h("footer", {}, this.#typing, this.#mentions.element, this.#purposeElement, this.#tray, this.#form, this.#note);

  /**
   * @param {Room} room
   * @param {() => void} sent called just before a message goes out
   */
  constructor(room, sent) {
    this.#room = room;
    this.#sent = sent;
  }

  focus() {
    this.#text.focus();
  }

  /** Another conversation: its draft. @param {Thread} thread */
  open(thread) {
    this.become(null);
    this.#problem = "";
    this.#text.value = this.#room.client?.conversations.draftOf(thread.conversation) ?? "";
    this.#fitText();
  }

  /**
   * @param {Thread} thread
   * @param {string} name with whom
   */
  show(thread, name) {
    const { client } = this.#room;
    if (!client) return;
    this.#renderPurpose();
    setAttribute(this.#tray, "conversation", thread.conversation);
    setAttribute(this.#text, "aria-label", words.chat.write(name));
    const typists = client.conversations.typists.in(thread.conversation).map((typist) => nameOfUser(client, typist));
    setText(this.#typing, client.isLive && typists.length > 0 ? words.chat.typing(typists) : "");
    this.#renderNote();
  }

  /** Says below the text what went wrong. @param {string} problem */
  tell(problem) {
    this.#problem = problem;
    this.#renderNote();
  }

  /** Says what went wrong, if it does. @param {Promise<unknown> | undefined} doing */
  attempt(doing) {
    this.#problem = "";
    doing?.catch((error) => {
      this.tell(words.chat.notDone(sentenceOf(error)));
    });
  }

  /** @param {Purpose | null} purpose */
  become(purpose) {
    const wasEditing = this.#purpose?.kind === "edit";
    this.#purpose = purpose;
    if (purpose?.kind === "edit") this.#text.value = purpose.message.body;
    else if (wasEditing) this.#text.value = this.#room.client?.conversations.draftOf(this.#shown) ?? "";
    this.#mentions.close();
    this.#fitText();
    this.#renderPurpose();
    this.#renderNote();
    if (purpose) this.#text.focus();
  }

  /** @param {string} clientId */
  discard(clientId) {
    const body = this.#room.client?.conversations.discard(clientId) ?? "";
    if (!this.#text.value) this.#text.value = body;
    this.#typed();
    this.#text.focus();
  }

  get isByText() {
    return this.#room.thread?.kind === "sms";
  }

  /** @param {File[]} files */
  take(files) {
    if (!this.#shown || files.length === 0) return;
    if (this.isByText) return this.tell(words.sms.noFiles);
    this.#room.client?.uploads.add(this.#shown, files);
    this.#text.focus();
  }

  get #shown() {
    return this.#room.thread?.conversation ?? 0;
  }

  #chosen() {
    this.take([...(this.#chooser.files ?? [])]);
    this.#chooser.value = "";
  }

  /** @param {boolean} [isByHand] */
  #typed(isByHand = false) {
    this.#problem = "";
    if (this.#shown && this.#purpose?.kind !== "edit") {
      this.#room.client?.conversations.keepDraft(this.#shown, this.#text.value);
      if (isByHand && this.#text.value.trim()) this.#room.client?.conversations.tellTyping(this.#shown);
    }
    if (isByHand) this.#mentions.update();
    this.#fitText();
    this.#renderNote();
  }

  /** As high as its text, up to what the style allows. */
  #fitText() {
    // Meanwhile the form stays as high as it is: what is scrolled above it would lose its place.
    this.#form.style.minBlockSize = `${this.#form.offsetHeight}px`;
    this.#text.style.blockSize = "auto";
    const border = this.#text.offsetHeight - this.#text.clientHeight;
    this.#text.style.blockSize = `${this.#text.scrollHeight + border}px`;
    this.#form.style.minBlockSize = "";
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.#mentions.key(event)) return;
    if (event.key === "Escape" && this.#purpose) {
      event.preventDefault();
      return this.become(null);
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
    if (this.#sendButton.disabled || this.#room.conversation !== this.#shown) return;
    const { client } = this.#room;
    const purpose = this.#purpose;
    const mentions = mentionedIn(body, this.#others());
    if (purpose?.kind === "edit") {
      this.become(null);
      return this.attempt(client?.conversations.edit(this.#shown, purpose.message.seq, body, mentions));
    }
    const files = client?.uploads.take(this.#shown) ?? [];
    this.#purpose = null;
    this.#text.value = "";
    this.#sent();
    this.#typed();
    this.#renderPurpose();
    client?.conversations.send(this.#shown, body, files, { reply_to: purpose?.message.seq ?? 0, mentions });
    this.#text.focus();
  }

  /** Whom one can mention here: everybody but oneself. */
  #others() {
    const { client, thread } = this.#room;
    if (!client || !thread) return [];
    return thread.members
      .filter((member) => member.user !== client.me)
      .map(({ user }) => ({ user, name: profileNameOf(client, user), shown: nameOfUser(client, user) }));
  }

  #renderPurpose() {
    const purpose = this.#purpose;
    this.#purposeElement.hidden = !purpose;
    // What is changed keeps the files that it has.
    this.#attach.hidden = this.isByText || purpose?.kind === "edit";
    setAttribute(this.#sendButton, "aria-label", purpose?.kind === "edit" ? words.chat.save : words.chat.send);
    if (purpose) setChildren(this.#purposeText, h("strong", {}, this.#titleOf(purpose)), shortened(purpose.message));
  }

  /** @param {Purpose} purpose */
  #titleOf({ kind, message: { sender } }) {
    if (kind === "edit") return words.chat.editing;
    const { client } = this.#room;
    return !client || sender === client.me ? words.chat.replyingToYourself : words.chat.replyingTo(nameOfUser(client, sender));
  }

  /** @param {KeyboardEvent} event */
  #editLast(event) {
    const { thread } = this.#room;
    // What is still on its way cannot be edited, and nobody means the one before it.
    if (this.#room.client?.conversations.outgoing.some((message) => message.conversation === this.#shown)) return;
    const last = thread?.run.findLast((message) => message.sender === this.#room.client?.me && !message.line && !message.deleted_at);
    if (!last) return;
    event.preventDefault();
    this.become({ kind: "edit", message: last });
  }

  #renderNote() {
    const most = this.#room.client?.connected?.limits.message_length ?? 8_000;
    const left = most - [...this.#text.value].length;
    const isOffline = this.#room.client?.isLive === false && this.#room.client.connection.attempt > 0;
    const uploads = this.#room.client?.uploads.of(this.#shown) ?? [];
    const isUploading = this.#room.client?.uploads.isBusy(this.#shown) ?? false;
    const note = this.#problem || noteOf(left, isUploading, isOffline);
    setText(this.#note, note);
    this.#note.hidden = note === "";
    this.#note.classList.toggle("over", left < 0 || this.#problem !== "");
    const isEmpty = this.#text.value.trim() === "" && !uploads.some((upload) => upload.state === "ready");
    this.#sendButton.disabled = left < 0 || isUploading || isEmpty;
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
