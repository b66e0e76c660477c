/** The top of a conversation's window: with whom, what they are doing, and what can be done with the conversation. */

import { css } from "./element.js";
import { h, setAttribute, setText } from "./dom.js";
import { avatar } from "./avatar.js";
import { icon } from "./icons.js";
import { save } from "./opening.js";
import { reasonOf } from "./presence-view.js";
import { timesOf } from "./times.js";
import { nameOfUser, otherOf, titleOf } from "./who.js";
import { askWhy, whyButton } from "./why-button.js";
import { coworkerOf } from "../client/state/directory.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Thread } from "../client/state/chat.js"
 * @import { Room } from "./chat-window.js"
 * @import { Menu } from "./menu.js"
 */

export const headerStyles = css`
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
  header .whole:is(h2, p) {
    overflow-wrap: anywhere;
    white-space: normal;
  }
  header .unfold {
    inline-size: 2rem;
    block-size: 1.5rem;
  }
  header .unfold svg {
    transition: rotate 0.15s;
  }
  header .unfold[aria-expanded="true"] svg {
    rotate: 180deg;
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
  :host([stale]) header presence-dot {
    filter: grayscale(1);
    opacity: 0.6;
    transition: filter 0.4s 2s, opacity 0.4s 2s;
  }
`;

export class ChatHeader {
  #room;
  #menu;
  #picture = avatar();
  #name = h("h2");
  #reason = h("p", { class: "soft" });
  #extensionNumber = h("span");
  #extension = h("p", { class: "soft" }, h("span", { class: "visually-hidden" }, words.contacts.extension("")), this.#extensionNumber);
  #back = h(
    "button",
    { class: "icon-button back", type: "button", "aria-label": words.navigation.back, onclick: () => this.#room.fire("window-closed") },
    icon("back"),
  );
  #closeButton = h(
    "button",
    { class: "icon-button close", type: "button", "aria-label": words.chat.close, title: words.chat.close, onclick: () => this.#room.fire("window-closed") },
    icon("close"),
  );
  #muted = h("span", { class: "muted-sign", title: words.chat.mutedNote, hidden: true }, icon("mute"), h("span", { class: "visually-hidden" }, words.chats.muted));
  #more = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": words.chat.menu, title: words.chat.menu, "aria-haspopup": "menu", onclick: () => this.#openMenu() },
    icon("more"),
  );
  #unfold = h(
    "button",
    { class: "icon-button unfold", type: "button", hidden: true, "aria-expanded": "false", "aria-label": words.chat.wholeName, title: words.chat.wholeName, onclick: () => this.#fold(this.#isFolded) },
    icon("down"),
  );
  #why = whyButton(() => askWhy(this.#room.host, this.#other));
  /** With whom one talks; 0: a group, or nobody yet. */
  #other = 0;
  element = h(
    "header",
    {},
    this.#back,
    this.#picture,
    h("div", { class: "text" }, h("div", { class: "title" }, this.#name, this.#muted, this.#unfold), this.#reason),
    this.#extension,
    this.#why,
    this.#more,
    this.#closeButton,
  );

  /**
   * @param {Room} room
   * @param {Menu} menu
   */
  constructor(room, menu) {
    this.#room = room;
    this.#menu = menu;
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width !== width) this.#fold(false);
      width = entry?.contentRect.width ?? 0;
    }).observe(this.element);
  }

  /** @param {Thread} thread */
  show(thread) {
    const client = /** @type {PresenceClient} */ (this.#room.client);
    const user = otherOf(client, thread);
    const name = titleOf(client, thread);
    const coworker = coworkerOf(client.coworkers.state, user);
    const presence = client.presenceOf(user);
    this.#picture.show({ user: coworker ? user : 0, name });
    if (this.#name.textContent !== name) {
      setText(this.#name, name);
      requestAnimationFrame(() => this.#fold(false));
    }
    const reason = coworker ? reasonOf(presence, timesOf(client), Date.now()) : "";
    const members = thread.members.filter((member) => member.user !== client.me).map((member) => nameOfUser(client, member.user));
    const about = aboutOf(thread, members, [presence.message, reason]);
    setText(this.#reason, about.filter(Boolean).join(" · "));
    this.#muted.hidden = !thread.muted;
    setText(this.#extensionNumber, coworker?.extension ?? "");
    this.#extension.hidden = !coworker;
    this.#other = user;
    this.#why.hidden = !coworker || !client.mayAskWhy(user);
    setAttribute(this.#why, "aria-label", words.why.of(name));
    this.#back.hidden = this.#closeButton.hidden = !this.#room.host.hasAttribute("closable");
  }

  get #isFolded() {
    return !this.#name.classList.contains("whole");
  }

  /** A name that is too long for the line is cut, unless somebody wants to read it. @param {boolean} isWhole */
  #fold(isWhole) {
    for (const line of [this.#name, this.#reason]) line.classList.toggle("whole", isWhole);
    setAttribute(this.#unfold, "aria-expanded", String(isWhole));
    if (!isWhole) this.#unfold.hidden = this.#name.scrollWidth <= this.#name.clientWidth;
  }

  #openMenu() {
    const { host, thread } = this.#room;
    if (!thread) return;
    const tell = (/** @type {string} */ name) => this.#room.fire(name, thread.conversation);
    const isDocked = host.hasAttribute("docked");
    this.#menu.open(this.#more, words.chat.menu, [], [
      ...(thread.kind === "group" ? [{ label: words.chat.details, icon: "people", run: () => tell("group-wanted") }] : []),
      {
        label: thread.muted ? words.chat.unmute : words.chat.mute,
        icon: thread.muted ? "bell" : "mute",
        run: () => this.#room.attempt(this.#room.client?.conversations.setMuted(thread.conversation, !thread.muted)),
      },
      ...(host.hasAttribute("searchable") ? [{ label: words.chat.searchHere, icon: "search", run: () => tell("search-wanted") }] : []),
      { label: words.chat.jumpTo, icon: "calendar", run: () => this.#askDate() },
      { label: words.chat.takeAlong, icon: "save", run: () => this.#takeAlong(thread.conversation) },
      ...(host.hasAttribute("dockable") ? [{ label: isDocked ? words.chat.undock : words.chat.dock, icon: "dock", run: () => tell("dock-wanted") }] : []),
    ]);
  }

  /** @param {number} conversation */
  #takeAlong(conversation) {
    const { client } = this.#room;
    if (client) this.#room.attempt(save(client.exportOf(conversation, "text"), "", client));
  }

  #askDate() {
    const today = timesOf(this.#room.client).day(Date.now());
    const field = h("input", { class: "input", type: "date", max: today, value: today, "aria-label": words.chat.jumpTo });
    const go = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (!field.value) return;
      this.#menu.close();
      void this.#room.lookAt({ at: new Date(`${field.value}T00:00`).toISOString() });
    };
    const form = h("form", { class: "date", onsubmit: go }, field, h("button", { class: "button primary", type: "submit" }, words.chat.jumpTo));
    this.#menu.open(this.#more, words.chat.jumpTo, [form], []);
    field.focus();
  }
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
