/** What can be done with a message: answer, edit, copy, delete, react; and who has got and read it. */

import { h } from "./dom.js";
import { asked } from "./question.js";
import { nameOfUser } from "./who.js";
import { shownOf } from "../client/state/chat.js";
import { words } from "../words.js";

/**
 * @import { Message } from "../client/protocol.js"
 * @import { KnownMember, Thread } from "../client/state/chat.js"
 * @import { Purpose } from "./chat-composer.js"
 * @import { Room } from "./chat-window.js"
 * @import { Menu } from "./menu.js"
 */

/** The reactions that are one click away. */
const PICTURES = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
/** Who has read a message is named up to so many; more are counted. */
const NAMED = 12;

export class MessageActions {
  #room;
  #menu;
  #become;

  /**
   * @param {Room} room
   * @param {Menu} menu
   * @param {(purpose: Purpose) => void} become what the text is to be for
   */
  constructor(room, menu, become) {
    this.#room = room;
    this.#menu = menu;
    this.#become = become;
  }

  /**
   * @param {Thread} thread
   * @param {Message} message
   * @param {HTMLElement} anchor
   */
  open(thread, message, anchor) {
    if (message.deleted_at || message.line) return;
    const isOwn = message.sender === this.#room.client?.me;
    const choices = [
      { label: words.chat.reply, icon: "reply", run: () => this.#become({ kind: "reply", message }) },
      ...(isOwn ? [{ label: words.chat.edit, icon: "edit", run: () => this.#become({ kind: "edit", message }) }] : []),
      ...(message.body ? [{ label: words.chat.copy, icon: "copy", run: () => void navigator.clipboard?.writeText(message.body) }] : []),
      ...(isOwn ? [{ label: words.chat.delete, icon: "trash", isDanger: true, run: () => void this.#delete(message) }] : []),
    ];
    const marks = () => {
      const now = this.#room.client?.conversations.state.threads.get(thread.conversation);
      return isOwn && now ? this.#marksOf(now, message.seq) : [];
    };
    const shown = anchor.offsetParent ? anchor : (anchor.closest(".body") ?? anchor); // on a touch screen there is no button
    this.#menu.open(/** @type {HTMLElement} */ (shown), words.chat.actions, [this.#pictureRow(message)], choices, marks);
  }

  /**
   * Works on a message by a key.
   *
   * @param {string} key
   * @param {Thread} thread
   * @param {number} seq
   * @param {HTMLElement} line
   * @returns {boolean} whether the key means anything here
   */
  byKey(key, thread, seq, line) {
    const message = seq ? shownOf(thread).find((one) => one.seq === seq) : null;
    if (!message || message.deleted_at) return false;
    const isOwn = message.sender === this.#room.client?.me;
    const acts = /** @type {Record<string, (() => void) | undefined>} */ ({
      Enter: () => this.open(thread, message, line),
      r: () => this.#become({ kind: "reply", message }),
      e: isOwn ? () => this.#become({ kind: "edit", message }) : undefined,
      Delete: isOwn ? () => void this.#delete(message) : undefined,
    });
    acts[key]?.();
    return acts[key] !== undefined;
  }

  /**
   * @param {Message} message
   * @param {string} emoji
   */
  toggle(message, emoji) {
    const isMine = message.reactions?.some((one) => one.emoji === emoji && one.users.includes(this.#room.client?.me ?? 0)) ?? false;
    this.#room.attempt(this.#room.client?.conversations.react(message.conversation, message.seq, emoji, !isMine));
  }

  /** @param {Message} message */
  async #delete(message) {
    if (await asked(this.#room.root, words.chat.deleteAsk, words.chat.keep, words.chat.delete)) {
      this.#room.attempt(this.#room.client?.conversations.delete(message.conversation, message.seq));
    }
  }

  /** @param {Message} message */
  #pictureRow(message) {
    const isMine = (/** @type {string} */ emoji) =>
      message.reactions?.some((one) => one.emoji === emoji && one.users.includes(this.#room.client?.me ?? 0)) ?? false;
    return h(
      "div",
      { class: "pictures" },
      ...PICTURES.map((emoji) => {
        const react = () => {
          this.#menu.close();
          this.toggle(message, emoji);
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
    const others = thread.members.filter((member) => member.user !== this.#room.client?.me);
    const named = (/** @type {KnownMember[]} */ members) =>
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

  /** @param {number} user */
  #nameOf(user) {
    const { client } = this.#room;
    return client ? nameOfUser(client, user) : "";
  }
}
