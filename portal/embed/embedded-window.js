/**
 * `<chat-window with="1002">` (an extension) or `<chat-window conversation="7">` on a page that embeds it: as in the
 * portal, with its files and its menu. What there is to say while there is no conversation stands in its place.
 *
 * Its height is the page's affair (30rem if it says nothing). Parts: `cover`, `state`.
 */

import { h, setAttribute, setText } from "../elements/dom.js";
import { css } from "../elements/element.js";
import { ChatWindow } from "../elements/chat-window.js";
import { sentenceOf as problemOf } from "../elements/who.js";
import { userOf } from "./finding.js";
import { placeToChat } from "./page.js";
import { stateOf } from "./state.js";
import { StateNote, sentenceOf, stateStyles } from "./state-note.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

export class EmbeddedWindow extends ChatWindow {
  static observedAttributes = [...ChatWindow.observedAttributes, "with"];

  static styles = [
    ...ChatWindow.styles,
    stateStyles,
    css`
      :host {
        block-size: 30rem;
        overflow: hidden;
      }
      .cover {
        position: absolute;
        inset: 0;
        z-index: 1;
        display: grid;
        place-content: center;
        padding: 2rem;
        background: var(--presence-surface);
        color: var(--presence-ink-soft);
        text-align: center;
      }
      /* They say why nothing is shown. */
      .cover,
      .session-state {
        visibility: visible;
      }
      .session-state {
        position: absolute;
        inset: 0 0 auto;
        z-index: 1;
      }
    `,
  ];

  #state = new StateNote(this);
  #cover = h("p", { class: "cover", part: "cover" });
  /** Who the conversation was opened with, or is being opened with. */
  #user = 0;
  #problem = "";

  constructor() {
    super();
    this.root.append(this.#cover, this.#state.element);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [...super.follow(client), ...this.#state.follow(client), client.on("chat", () => this.invalidate()), placeToChat()];
  }

  /** @override */
  render() {
    const { client } = this;
    if (!client) return;
    this.#openWith(client);
    super.render();
    const isThere = client.conversations.state.threads.has(this.conversation);
    this.#cover.hidden = isThere;
    setText(this.#cover, isThere ? "" : this.#instead(client));
    this.#state.show(client);
    if (!isThere) this.#state.element.hidden = true;
  }

  /** What stands there while there is no conversation. @param {PresenceClient} client */
  #instead(client) {
    if (stateOf(client) !== "live") return sentenceOf(client);
    if (this.#problem) return this.#problem;
    if (this.conversation) return words.chat.missing;
    return this.getAttribute("with") ? words.embedded.opening : words.embedded.noConversation;
  }

  /** @param {PresenceClient} client */
  #openWith(client) {
    const extension = this.getAttribute("with");
    if (!extension) return;
    const user = userOf(client, extension, () => this.invalidate());
    if (user === null) this.#problem = words.embedded.nobody(extension);
    if (!user || !client.isLive) {
      if (!user) this.#forget();
      return;
    }
    if (user === this.#user) return;
    this.#user = user;
    this.#problem = "";
    setAttribute(this, "conversation", null);
    client.conversations.openWith(user).then(
      (conversation) => this.#user === user && setAttribute(this, "conversation", conversation),
      (error) => {
        if (this.#user !== user) return;
        this.#user = 0;
        this.#problem = client.isLive ? problemOf(error) : "";
        this.invalidate();
      },
    );
  }

  /** Somebody else may be logged in next, whose conversations have other numbers. */
  #forget() {
    if (this.#user === 0) return;
    this.#user = 0;
    setAttribute(this, "conversation", null);
  }
}
