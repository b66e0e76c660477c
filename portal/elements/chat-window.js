/**
 * `<chat-window conversation="7">`: one conversation, live. Puts together its header (chat-header.js), its history
 * (chat-log.js), the place to write (chat-composer.js), and what can be done with a message (message-actions.js).
 *
 * Fires `window-closed` from its back button (shown with the attribute `closable`), `dock-wanted` (detail: the
 * conversation) to be kept open beside others, `group-wanted` for the group's members, `search-wanted` to search in it
 * (with the attribute `searchable`).
 */

import { PresenceElement, concerns, css } from "./element.js";
import { setAttribute } from "./dom.js";
import { avatarStyles } from "./avatar.js";
import { bubbleStyles } from "./chat-bubble.js";
import { ChatComposer, composerStyles } from "./chat-composer.js";
import { ChatHeader, headerStyles } from "./chat-header.js";
import { ChatLog, logStyles } from "./chat-log.js";
import { acceptFiles, dropStyles } from "./file-drop.js";
import { fileStyles } from "./file-view.js";
import { mentionStyles } from "./mention-list.js";
import { menu, menuStyles } from "./menu.js";
import { MessageActions } from "./message-actions.js";
import { otherOf, sentenceOf, titleOf } from "./who.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Thread } from "../client/state/chat.js"
 * @import { PictureChosen } from "./file-view.js"
 * @import { PictureDialog } from "./picture-dialog.js"
 */

/**
 * @typedef {object} Room what the parts of a window know of it
 * @property {HTMLElement} host
 * @property {ShadowRoot} root
 * @property {PresenceClient | null} client
 * @property {number} conversation the one that is to be shown
 * @property {Thread | null} thread the one that is shown
 * @property {() => void} invalidate
 * @property {(place: {around: number} | {at: string}) => Promise<void>} lookAt
 * @property {(doing: Promise<unknown> | undefined) => void} attempt says below the text what went wrong, if it does
 * @property {(name: string, detail?: number) => void} fire an event of the window
 */

export class ChatWindow extends PresenceElement {
  static observedAttributes = ["conversation", "closable", "dockable", "docked"];

  static styles = [
    avatarStyles,
    bubbleStyles,
    fileStyles,
    dropStyles,
    menuStyles,
    mentionStyles,
    headerStyles,
    logStyles,
    composerStyles,
    css`
      :host {
        display: grid;
        grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr);
        min-block-size: 0;
        background: var(--presence-surface);
        position: relative;
      }
      :host([opening]) {
        visibility: hidden;
      }
    `,
  ];

  #menu = menu();
  #pictures = /** @type {PictureDialog} */ (document.createElement("picture-dialog"));
  #room = this.#makeRoom();
  #composer = new ChatComposer(this.#room, () => this.#log.sending());
  #actions = new MessageActions(this.#room, this.#menu, (purpose) => this.#composer.become(purpose));
  #log = new ChatLog(this.#room, this.#actions, (clientId) => this.#composer.discard(clientId));
  #header = new ChatHeader(this.#room, this.#menu);

  /** The conversation whose draft and place are shown; 0: none. */
  #shown = 0;
  /** What was said to be on the screen. @type {{conversation: number, stop: () => void} | null} */
  #showing = null;

  constructor() {
    super({ mode: "open", delegatesFocus: false });
    this.#composer.element.prepend(this.#log.jump);
    this.root.append(this.#header.element, this.#log.element, this.#composer.element, this.#pictures, this.#menu);
    const hint = () => (this.#composer.isByText ? words.sms.noFiles : words.files.drop);
    acceptFiles(this, (files) => this.#composer.take(files), hint);
    this.addEventListener("tray-left", () => this.#composer.focus());
    this.addEventListener("picture-chosen", (event) => {
      const { files, file } = /** @type {CustomEvent<PictureChosen>} */ (event).detail;
      this.#pictures.open(files, file);
    });
  }

  /** @returns {Room} */
  #makeRoom() {
    const host = this;
    return {
      host,
      root: this.root,
      get client() {
        return host.client;
      },
      get conversation() {
        return host.conversation;
      },
      get thread() {
        return host.client?.conversations.state.threads.get(host.#shown) ?? null;
      },
      invalidate: () => this.invalidate(),
      lookAt: (place) => this.lookAt(place),
      attempt: (doing) => this.#composer.attempt(doing),
      fire: (name, detail) => void this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail })),
    };
  }

  /** @override */
  connectedCallback() {
    this.#markOpening();
    super.connectedCallback();
  }

  /** @override @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    this.#markOpening();
    super.attributeChangedCallback(name, before, after);
  }

  /** Until the conversation is found it would show, and take text for, the one before. */
  #markOpening() {
    this.toggleAttribute("opening", this.isConnected && this.#shown !== this.conversation);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    const attention = () => this.invalidate();
    for (const type of ["focus", "blur"]) addEventListener(type, attention);
    document.addEventListener("visibilitychange", attention);
    return [
      client.on("chat", (conversation) => (conversation === null || conversation === this.conversation) && this.invalidate()),
      client.on("presence", (users) => concerns(users, [this.#other]) && this.invalidate()),
      client.on("directory", () => this.invalidate()),
      client.on("connection", () => {
        this.#log.connectionChanged();
        this.invalidate();
      }),
      client.on("profile", () => this.invalidate()),
      client.on("uploads", () => this.invalidate()),
      () => ["focus", "blur"].forEach((type) => removeEventListener(type, attention)),
      () => document.removeEventListener("visibilitychange", attention),
      () => this.#show(null),
    ];
  }

  /** With whom one talks; 0: a group. */
  get #other() {
    const thread = this.client?.conversations.state.threads.get(this.conversation);
    return this.client && thread ? otherOf(this.client, thread) : 0;
  }

  get conversation() {
    return Number(this.getAttribute("conversation")) || 0;
  }

  focusText() {
    this.#composer.focus();
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
      this.#log.seek(isHeld ? place.around : await client.conversations.lookAt(conversation, place));
    } catch (error) {
      this.#composer.tell(words.chat.notDone(sentenceOf(error)));
    }
    this.invalidate();
  }

  /** @override */
  render() {
    const thread = this.client?.conversations.state.threads.get(this.conversation);
    if (!this.client || !thread) return;
    const isOpening = this.#shown !== thread.conversation;
    if (isOpening) this.#open(thread);
    this.#markOpening();
    this.#show(thread);
    setAttribute(this, "stale", !this.client.isLive);
    const name = titleOf(this.client, thread);
    this.#header.show(thread);
    this.#composer.show(thread, name);
    this.#log.show(thread, name, isOpening);
    if (this.#menu.matches(":popover-open")) this.#menu.refresh();
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
    this.#shown = thread.conversation;
    this.#composer.open(thread);
    this.#log.open(thread);
  }
}
