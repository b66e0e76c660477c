/** Names to choose from while somebody types "@": a list over the text field, walked with the arrows. */

import { h, reconcile, setAttribute, setText } from "./dom.js";
import { css } from "./element.js";
import { fold } from "../client/people.js";
import { words } from "../words.js";

const MOST = 6;
/** An "@" at the beginning of a word, and what was typed of a name. */
const BEGUN = /(?:^|[\s(])@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u;

/**
 * @typedef {object} Candidate
 * @property {number} user
 * @property {string} name as it is written into the text, for all to read
 * @property {string} shown as the one who writes names them
 */

export const mentionStyles = css`
  .mentions {
    position: absolute;
    inset-block-end: calc(100% + 0.25rem);
    inset-inline: 1rem;
    max-inline-size: 20rem;
    padding: 0.3rem;
    border: 1px solid var(--presence-line);
    border-radius: var(--presence-radius-small);
    background: var(--presence-surface);
    box-shadow: var(--presence-shadow);
    z-index: 2;
  }
  .mentions li {
    padding: 0.4rem 0.7rem;
    border-radius: 0.4rem;
    cursor: pointer;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .mentions li[aria-selected="true"] {
    background: var(--presence-accent-soft);
  }
`;

export class MentionList {
  /** @type {Candidate[]} */
  #shown = [];
  #at = 0;
  #text;
  #people;
  #chosen;

  /**
   * @param {HTMLTextAreaElement} text
   * @param {() => Candidate[]} people who can be mentioned
   * @param {() => void} chosen the text has changed
   */
  constructor(text, people, chosen) {
    this.#text = text;
    this.#people = people;
    this.#chosen = chosen;
    this.element = h("ul", { class: "mentions", role: "listbox", id: "mentions", "aria-label": words.chat.mentions, hidden: true });
    setAttribute(text, "aria-controls", "mentions");
    setAttribute(text, "aria-autocomplete", "list");
  }

  get isOpen() {
    return this.#shown.length > 0;
  }

  /** The text, or the place in it, is another one. */
  update() {
    const begun = this.#begun();
    const wanted = begun === null ? null : fold(begun);
    this.#shown = wanted === null ? [] : this.#people().filter(({ name, shown }) => isMeant(name, wanted) || isMeant(shown, wanted)).slice(0, MOST);
    this.#at = 0;
    this.#render();
  }

  close() {
    this.#shown = [];
    this.#render();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was for this list
   */
  key(event) {
    if (!this.isOpen || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#at = (this.#at + step + this.#shown.length) % this.#shown.length;
    else if (event.key === "Enter" || event.key === "Tab") this.#choose(this.#shown[this.#at]);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    this.#render();
    return true;
  }

  /** @returns {string | null} what was typed of a name; null: no name is being typed */
  #begun() {
    const { value, selectionStart, selectionEnd } = this.#text;
    if (selectionStart !== selectionEnd) return null;
    return BEGUN.exec(value.slice(0, selectionStart))?.[1] ?? null;
  }

  /** @param {Candidate | undefined} candidate */
  #choose(candidate) {
    const begun = this.#begun();
    if (!candidate || begun === null) return;
    const { value, selectionStart } = this.#text;
    const before = value.slice(0, selectionStart - begun.length);
    this.#text.value = `${before}${candidate.name} ${value.slice(selectionStart)}`;
    const place = before.length + candidate.name.length + 1;
    this.#text.setSelectionRange(place, place);
    this.close();
    this.#chosen();
  }

  #render() {
    this.element.hidden = !this.isOpen;
    setAttribute(this.#text, "aria-activedescendant", this.isOpen ? `mention-${this.#at}` : null);
    reconcile(
      this.element,
      this.#shown,
      ({ user }) => user,
      (candidate) => h("li", { role: "option", onpointerdown: (/** @type {Event} */ event) => this.#pointed(event, candidate) }),
      (row, candidate) => {
        const at = this.#shown.indexOf(candidate);
        setText(row, candidate.shown);
        setAttribute(row, "id", `mention-${at}`);
        setAttribute(row, "aria-selected", String(at === this.#at));
      },
    );
  }

  /**
   * @param {Event} event
   * @param {Candidate} candidate
   */
  #pointed(event, candidate) {
    event.preventDefault(); // the text keeps the focus
    this.#choose(candidate);
  }
}

/**
 * Who of these people is named in a text.
 *
 * @param {string} text
 * @param {readonly Pick<Candidate, "user" | "name">[]} people
 * @returns {number[]}
 */
export function mentionedIn(text, people) {
  return people.filter(({ name }) => name && text.includes(`@${name}`)).map(({ user }) => user);
}

/**
 * @param {string} name
 * @param {string} wanted folded
 */
function isMeant(name, wanted) {
  const folded = fold(name);
  return folded.startsWith(wanted) || folded.split(/[\s-]+/u).some((word) => word.startsWith(wanted));
}
