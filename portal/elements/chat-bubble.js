/** One message in a chat window, and the lines between messages. Plain elements in the window's own shadow root. */

import { ELSEWHERE } from "../client/conversations.js";
import { h, setAttribute, setChildren, setText } from "./dom.js";
import { css } from "./element.js";
import { showFiles } from "./file-view.js";
import { icon } from "./icons.js";
import { isOnlyPictures, partsWithMentions } from "./message-text.js";
import { words } from "../words.js";

/**
 * @import { Message } from "../client/protocol.js"
 * @import { Bubble, Item } from "./chat-items.js"
 * @import { Times } from "./times.js"
 */

export const bubbleStyles = css`
  .line {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    margin-block: 1rem 0.5rem;
    color: var(--presence-ink-soft);
    font-size: 0.75rem;
    font-weight: 600;
  }
  .line::before,
  .line::after {
    content: "";
    flex: 1;
    border-block-start: 1px solid var(--presence-line);
  }
  .line.divider {
    color: var(--presence-accent);
  }
  .line.divider::before,
  .line.divider::after {
    border-color: currentcolor;
  }
  .message {
    display: grid;
    grid-template-columns: minmax(0, auto);
    justify-items: start;
    max-inline-size: min(85%, 36rem);
    margin-block-start: 0.15rem;
  }
  .message.first {
    margin-block-start: 0.7rem;
  }
  .message.own {
    justify-items: end;
    justify-self: end;
  }
  .sender {
    font-size: 0.75rem;
    font-weight: 600;
    color: var(--presence-ink-soft);
    padding-inline: 0.8rem;
  }
  .bubble {
    padding: 0.45rem 0.85rem;
    border-radius: 1.15rem;
    background: var(--presence-raised);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    min-inline-size: 0;
    max-inline-size: 100%;
  }
  .bubble a {
    color: var(--presence-accent);
    text-underline-offset: 0.15em;
  }
  .message:not(.own):not(.first) .bubble {
    border-start-start-radius: 0.4rem;
  }
  .message:not(.own):not(.last) .bubble {
    border-end-start-radius: 0.4rem;
  }
  .own .bubble {
    background: var(--presence-own);
    color: var(--presence-own-ink);
  }
  .own .bubble a {
    color: inherit;
  }
  .message.own:not(.first) .bubble {
    border-start-end-radius: 0.4rem;
  }
  .message.own:not(.last) .bubble {
    border-end-end-radius: 0.4rem;
  }
  .told {
    justify-self: center;
    max-inline-size: 90%;
    margin-block: 0.6rem 0.3rem;
    color: var(--presence-ink-soft);
    font-size: 0.8125rem;
    text-align: center;
    overflow-wrap: anywhere;
  }
  .body {
    display: flex;
    align-items: center;
    gap: 0.25rem;
    max-inline-size: 100%;
  }
  .own .body {
    flex-direction: row-reverse;
  }
  .body > .bubble {
    flex: 0 1 auto;
    min-inline-size: 0;
  }
  .more {
    inline-size: 2rem;
    block-size: 2rem;
    opacity: 0;
  }
  .message:hover .more,
  .message:focus-within .more,
  .more[aria-expanded="true"] {
    opacity: 1;
  }
  @media (hover: none) {
    .more {
      display: none;
    }
  }
  .message:focus-visible {
    outline-offset: 2px;
    border-radius: 1.15rem;
  }
  .message.found .bubble {
    box-shadow: 0 0 0 3px var(--presence-accent-soft), 0 0 0 4.5px var(--presence-accent);
  }
  .gone .bubble {
    background: none;
    color: var(--presence-ink-soft);
    font-style: italic;
    box-shadow: inset 0 0 0 1px var(--presence-line);
  }
  .mention {
    font-weight: 600;
    color: var(--presence-accent);
  }
  .mention.me {
    background: var(--presence-accent-soft);
    border-radius: 0.3rem;
    padding-inline: 0.15rem;
  }
  .own .mention {
    color: inherit;
    text-decoration: underline;
    text-decoration-style: dotted;
    text-underline-offset: 0.2em;
  }
  .quote {
    display: block;
    max-inline-size: 100%;
    margin-block: 0.1rem 0.35rem;
    padding-inline-start: 0.6rem;
    border-inline-start: 3px solid currentcolor;
    font-size: 0.8125rem;
    text-align: start;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    opacity: 0.85;
  }
  .quote strong {
    display: block;
  }
  .reactions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
    margin-block-start: 0.2rem;
    padding-inline: 0.4rem;
  }
  .reaction {
    display: inline-flex;
    align-items: center;
    gap: 0.3rem;
    min-block-size: 1.6rem;
    padding-inline: 0.5rem;
    border-radius: 1rem;
    border: 1px solid var(--presence-line);
    background: var(--presence-surface);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }
  .reaction[aria-pressed="true"] {
    border-color: var(--presence-accent);
    background: var(--presence-accent-soft);
  }
  .large .bubble {
    background: none;
    padding: 0;
    font-size: 2.5rem;
    line-height: 1.2;
  }
  /* It may wait for long, and is read meanwhile: no paler than AA allows. */
  .waiting .bubble {
    opacity: 0.85;
  }
  .message.failed {
    max-inline-size: 100%;
  }
  .failed .bubble {
    background: var(--presence-danger-soft);
    color: var(--presence-ink);
    box-shadow: inset 0 0 0 1.5px var(--presence-danger);
  }
  .meta {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: end;
    gap: 0.3rem 0.5rem;
    padding: 0.15rem 0.4rem 0;
    font-size: 0.75rem;
    color: var(--presence-ink-soft);
  }
  .meta .state {
    display: inline-flex;
    align-items: center;
    gap: 0.25rem;
  }
  .meta svg.icon {
    inline-size: 1rem;
    block-size: 1rem;
  }
  .failed .meta .state,
  .meta .state.problem {
    color: var(--presence-danger);
    font-weight: 600;
  }
  @media (forced-colors: active) {
    .bubble {
      border: 1px solid;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .message.fresh .bubble {
      animation: arrive 0.18s ease-out;
    }
    @keyframes arrive {
      from {
        opacity: 0;
        translate: 0 0.4rem;
      }
    }
  }
`;

/**
 * @typedef {object} Company what a bubble has to know of the window around it
 * @property {Times} times
 * @property {number} now
 * @property {boolean} isLive
 * @property {(user: number) => string} nameOf
 * @property {(user: number) => string} profileNameOf as others name them, and so as they stand in texts
 * @property {boolean} isGroup
 * @property {boolean} isByText with a number outside
 * @property {number} lastOwn the newest own message that has arrived: it alone says whether it was read
 * @property {number} readUpTo by the others
 * @property {number} deliveredUpTo to the others
 * @property {number} me
 * @property {number} found the message that was looked for; 0: none
 * @property {(seq: number) => {name: string, text: string} | null} quoteOf
 * @property {(seq: number) => void} goTo
 * @property {(message: Message, anchor: HTMLElement) => void} openMenu
 * @property {(message: Message, emoji: string) => void} toggle a reaction
 * @property {(file: string) => string} addressOf
 * @property {(file: string, size: "small" | "large") => string} previewOf
 * @property {import("./opening.js").Opener} opener
 * @property {(clientId: string) => void} retry
 * @property {(clientId: string) => void} discard
 *
 * @typedef {HTMLLIElement & {show: (item: Item, company: Company) => void}} Line
 */

/**
 * @param {Item} item
 * @returns {Line}
 */
export function lineOf(item) {
  if (item.kind === "bubble") return message();
  if (item.kind === "told") return told();
  const text = h("span", {}, item.kind === "divider" ? words.chat.newMessages : "");
  return Object.assign(h("li", { class: `line ${item.kind}` }, text), {
    show(/** @type {Item} */ shown, /** @type {Company} */ { times, now }) {
      if (shown.kind === "day") setText(text, times.heading(shown.at, now));
    },
  });
}

/** @returns {Line} */
function told() {
  const text = h("span", {});
  return Object.assign(h("li", { class: "told" }, text), {
    show(/** @type {Item} */ item, /** @type {Company} */ company) {
      if (item.kind === "told") setText(text, words.groups.line(item.message, (user) => (user === company.me ? null : company.nameOf(user))));
    },
  });
}

/** @returns {Line} */
function message() {
  const sender = h("span", { class: "sender" });
  const spokenSender = h("span", { class: "visually-hidden" });
  const meta = h("div", { class: "meta" });
  const bubble = h("div", { class: "bubble", dir: "auto" });
  const files = h("div", { class: "files", hidden: true });
  const more = h("button", { class: "icon-button more", type: "button", tabindex: -1, "aria-haspopup": "menu", "aria-label": words.chat.more }, icon("more"));
  const reactions = h("div", { class: "reactions", hidden: true });
  const element = h("li", { class: "message", tabindex: -1 }, sender, spokenSender, files, h("div", { class: "body" }, bubble, more), reactions, meta);
  return Object.assign(element, {
    show(/** @type {Item} */ item, /** @type {Company} */ company) {
      if (item.kind !== "bubble") return;
      const { isOwn, isFirst, isLast, outgoing, message: kept } = item;
      const isGone = Boolean(kept?.deleted_at);
      element.classList.toggle("own", isOwn);
      element.classList.toggle("first", isFirst);
      element.classList.toggle("last", isLast);
      element.classList.toggle("waiting", outgoing !== null && outgoing.state !== "failed");
      element.classList.toggle("failed", outgoing?.state === "failed");
      element.classList.toggle("gone", isGone);
      element.classList.toggle("found", item.seq > 0 && item.seq === company.found);
      setAttribute(element, "data-seq", item.seq || null);
      setText(sender, company.isGroup && isFirst && !isOwn ? company.nameOf(item.sender) : "");
      sender.hidden = sender.textContent === "";
      setText(spokenSender, `${isOwn ? words.chat.you : company.nameOf(item.sender)}: `);
      setAttribute(bubble, "title", company.times.full(item.at));
      showBody(element, bubble, item, company);
      showReactions(reactions, item, company);
      more.hidden = !kept;
      more.onclick = () => kept && company.openMenu(kept, more);
      showFiles(files, item.files, company);
      showMeta(meta, item, company);
    },
  });
}

/**
 * @param {HTMLElement} element
 * @param {HTMLElement} bubble
 * @param {Bubble} item
 * @param {Company} company
 */
function showBody(element, bubble, item, company) {
  const quote = item.replyTo ? company.quoteOf(item.replyTo) : null;
  const mentioned = item.mentions.map((user) => ({ user, name: company.profileNameOf(user) }));
  const key = JSON.stringify([item.body, item.message?.deleted_at ?? null, item.replyTo, quote, mentioned]);
  if (bubble.getAttribute("data-key") === key) return;
  setAttribute(bubble, "data-key", key);
  element.classList.toggle("large", isOnlyPictures(item.body) && !item.replyTo);
  bubble.hidden = item.body === "" && !item.message?.deleted_at && !item.replyTo;
  if (item.message?.deleted_at) return setChildren(bubble, words.chat.deleted);
  const parts = partsWithMentions(item.body, mentioned).map((part) => shown(part, company));
  setChildren(bubble, item.replyTo ? quoteElement(item.replyTo, quote, company) : null, ...parts);
}

/**
 * @param {number} seq
 * @param {{name: string, text: string} | null} quote
 * @param {Company} company
 */
function quoteElement(seq, quote, company) {
  const text = quote ? [h("strong", {}, quote.name), quote.text] : [words.chat.quoteMissing];
  return h("button", { class: "quote", type: "button", dir: "auto", onclick: () => company.goTo(seq) }, ...text);
}

/**
 * @param {HTMLElement} place
 * @param {Bubble} item
 * @param {Company} company
 */
function showReactions(place, { message: kept }, company) {
  const reactions = kept?.reactions ?? [];
  const key = JSON.stringify([reactions, reactions.map(({ users }) => users.map(company.nameOf))]);
  if (place.getAttribute("data-key") === key) return;
  setAttribute(place, "data-key", key);
  place.hidden = reactions.length === 0;
  setChildren(
    place,
    ...reactions.map(({ emoji, users }) => {
      const names = words.list(users.map((user) => (user === company.me ? words.chat.you : company.nameOf(user))));
      return h(
        "button",
        {
          class: "reaction",
          type: "button",
          title: names,
          "aria-pressed": String(users.includes(company.me)),
          "aria-label": words.chat.reaction(emoji, names),
          onclick: () => kept && company.toggle(kept, emoji),
        },
        h("span", { "aria-hidden": "true" }, emoji),
        h("span", { "aria-hidden": "true" }, users.length),
      );
    }),
  );
}

/**
 * @param {import("./message-text.js").Part} part
 * @param {Company} company
 */
function shown({ text, isAddress, mentioned }, { me }) {
  if (mentioned) return h("span", { class: mentioned === me ? "mention me" : "mention" }, text);
  // An address reads from the left also within a text that does not: its parts must not change places.
  return isAddress ? h("a", { href: text, dir: "ltr", target: "_blank", rel: "noopener noreferrer" }, text) : text;
}

/**
 * @param {HTMLElement} meta
 * @param {Bubble} item
 * @param {Company} company
 */
function showMeta(meta, item, company) {
  const key = metaKey(item, company);
  if (meta.getAttribute("data-key") === key) return;
  setAttribute(meta, "data-key", key);
  meta.hidden = key === "";
  setChildren(meta, ...metaOf(item, company));
}

/**
 * @param {Bubble} item
 * @param {Company} company
 */
function metaKey(item, company) {
  if (item.outgoing) return `${item.outgoing.state}:${item.outgoing.problem}:${company.isLive}`;
  const state = item.seq === company.lastOwn ? stateOf(item.seq, company) : "";
  const edited = item.message?.edited_at && !item.message.deleted_at ? "edited" : "";
  const delivery = deliveryOf(item.message, company) ?? "";
  return item.isLast || state || edited || delivery ? `${company.times.time(item.at)}:${state}:${edited}:${delivery}:${item.isLast}` : "";
}

/**
 * @param {Bubble} item
 * @param {Company} company
 * @returns {(Node | string | null)[]}
 */
function metaOf({ outgoing, at, seq, isLast, message: kept }, company) {
  if (outgoing?.state === "failed") return failure(outgoing, company);
  if (outgoing) return [state("clock", company.isLive ? words.chat.sending : words.chat.waiting)];
  const byText = deliveryOf(kept, company);
  if (byText) return delivered(byText, at, isLast, company);
  const delivery = stateOf(seq, company);
  return [
    kept?.edited_at && !kept.deleted_at ? h("span", {}, words.chat.edited) : null,
    isLast || seq === company.lastOwn ? h("time", { datetime: new Date(at).toISOString() }, company.times.time(at)) : null,
    seq === company.lastOwn ? state(delivery === "sent" ? "check" : "checks", words.chat[delivery]) : null,
  ];
}

/**
 * What became of a text message; null: it is none that went out. Until something is known of one, it waits.
 *
 * @param {Message | null} message
 * @param {Company} company
 */
function deliveryOf(message, { isByText }) {
  if (!message || message.deleted_at) return null;
  return message.delivery ?? (isByText && message.sender !== 0 && !message.line ? "sending" : null);
}

/**
 * What became of a text message. One that arrived says so only at the end of a run; one that did not, always.
 *
 * @param {import("../client/protocol.js").Delivery} delivery
 * @param {number} at
 * @param {boolean} isLast
 * @param {Company} company
 */
function delivered(delivery, at, isLast, company) {
  const signs = { sending: "clock", sent: "check", delivered: "checks", failed: "alert" };
  const mark = state(signs[delivery], words.sms.delivery[delivery]);
  if (delivery === "failed") mark.classList.add("problem");
  const time = h("time", { datetime: new Date(at).toISOString() }, company.times.time(at));
  return [isLast ? time : null, isLast || delivery === "failed" || delivery === "sending" ? mark : null];
}

/**
 * How far an own message has come with everybody.
 *
 * @param {number} seq
 * @param {Company} company
 * @returns {"sent" | "delivered" | "read"}
 */
function stateOf(seq, { readUpTo, deliveredUpTo }) {
  if (readUpTo >= seq) return "read";
  return deliveredUpTo >= seq ? "delivered" : "sent";
}

/**
 * @param {import("../client/conversations.js").Outgoing} outgoing
 * @param {Company} company
 */
function failure({ client_id, problem }, company) {
  const why = problem === ELSEWHERE ? words.chat.elsewhere : words.problems.refusal({ code: "", message: problem });
  return [
    state("alert", `${words.chat.failed} ${why}`),
    h("button", { class: "button small", type: "button", onclick: () => company.retry(client_id) }, words.chat.retry),
    h("button", { class: "button small", type: "button", onclick: () => company.discard(client_id) }, words.chat.discard),
  ];
}

/**
 * @param {string} name
 * @param {string} text
 */
function state(name, text) {
  return h("span", { class: "state" }, icon(name), text);
}
