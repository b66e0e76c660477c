/** One message in a chat window, and the lines between messages. Plain elements in the window's own shadow root. */

import { h, setAttribute, setChildren, setText } from "./dom.js";
import { css } from "./element.js";
import { showFiles } from "./file-view.js";
import { icon } from "./icons.js";
import { isOnlyPictures, partsOf } from "./message-text.js";
import { words } from "../words.js";

/**
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
  .large .bubble {
    background: none;
    padding: 0;
    font-size: 2.5rem;
    line-height: 1.2;
  }
  .waiting .bubble {
    opacity: 0.65;
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
  .failed .meta .state {
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
 * @property {boolean} isGroup
 * @property {number} lastOwn the newest own message that has arrived: it alone says whether it was read
 * @property {number} readUpTo by the others
 * @property {(file: string) => string} addressOf
 * @property {(file: string, size: "small" | "large") => string} previewOf
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
  if (item.kind === "bubble") return message(item);
  const text = h("span", {}, item.kind === "divider" ? words.chat.newMessages : "");
  return Object.assign(h("li", { class: `line ${item.kind}` }, text), {
    show(/** @type {Item} */ shown, /** @type {Company} */ { times, now }) {
      if (shown.kind === "day") setText(text, times.heading(shown.at, now));
    },
  });
}

/**
 * @param {Bubble} first
 * @returns {Line}
 */
function message({ body }) {
  const sender = h("span", { class: "sender" });
  const spokenSender = h("span", { class: "visually-hidden" });
  const meta = h("div", { class: "meta" });
  const bubble = h("div", { class: "bubble", dir: "auto" }, ...partsOf(body).map(shown));
  const files = h("div", { class: "files", hidden: true });
  const element = h("li", { class: "message" }, sender, spokenSender, files, bubble, meta);
  bubble.hidden = body === "";
  element.classList.toggle("large", isOnlyPictures(body));
  return Object.assign(element, {
    show(/** @type {Item} */ item, /** @type {Company} */ company) {
      if (item.kind !== "bubble") return;
      const { isOwn, isFirst, isLast, outgoing } = item;
      element.classList.toggle("own", isOwn);
      element.classList.toggle("first", isFirst);
      element.classList.toggle("last", isLast);
      element.classList.toggle("waiting", outgoing !== null && outgoing.state !== "failed");
      element.classList.toggle("failed", outgoing?.state === "failed");
      setText(sender, company.isGroup && isFirst && !isOwn ? company.nameOf(item.sender) : "");
      sender.hidden = sender.textContent === "";
      setText(spokenSender, `${isOwn ? words.chat.you : company.nameOf(item.sender)}: `);
      setAttribute(bubble, "title", company.times.full(item.at));
      showFiles(files, item.files, company);
      showMeta(meta, item, company);
    },
  });
}

/** @param {import("./message-text.js").Part} part */
function shown({ text, isAddress }) {
  return isAddress ? h("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text) : text;
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
  const state = item.seq === company.lastOwn ? (company.readUpTo >= item.seq ? "read" : "sent") : "";
  return item.isLast || state ? `${company.times.time(item.at)}:${state}` : "";
}

/**
 * @param {Bubble} item
 * @param {Company} company
 * @returns {(Node | string | null)[]}
 */
function metaOf({ outgoing, at, seq, isLast }, company) {
  if (outgoing?.state === "failed") return failure(outgoing, company);
  if (outgoing) return [state("clock", company.isLive ? words.chat.sending : words.chat.waiting)];
  const isRead = company.readUpTo >= seq;
  return [
    isLast || seq === company.lastOwn ? h("time", { datetime: new Date(at).toISOString() }, company.times.time(at)) : null,
    seq === company.lastOwn ? state(isRead ? "checks" : "check", isRead ? words.chat.read : words.chat.sent) : null,
  ];
}

/**
 * @param {import("../client/conversations.js").Outgoing} outgoing
 * @param {Company} company
 */
function failure({ client_id, problem }, company) {
  return [
    state("alert", `${words.chat.failed} ${problem}`),
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
