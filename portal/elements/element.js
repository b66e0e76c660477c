/**
 * What our elements share: a shadow root with style sheets that a strict content security policy allows, the client of the
 * page, and one rendering a frame however many changes there were.
 *
 * A subclass builds its DOM once in its constructor (`this.root`), and in `render` brings it up to date. What is new on the
 * page, or is to show something else by its attributes, renders at once: for a frame, which can be long, it would show what was
 * before, and what is typed and clicked would be meant for that.
 */

import { askForClient } from "./context.js";
import { base } from "./base-styles.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

/** A hidden page draws no frames; it still has a title and a last state to return to. */
const HIDDEN_DELAY = 250;

/**
 * @param {TemplateStringsArray} strings
 * @returns {CSSStyleSheet}
 */
export function css(strings) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(strings.join(""));
  return sheet;
}

/**
 * Whether a change of presence says something new of one of these.
 *
 * @param {ReadonlySet<number> | null} changed as the topic `presence` tells it: null is everybody
 * @param {readonly number[]} users
 */
export function concerns(changed, users) {
  return changed === null || users.some((user) => changed.has(user));
}

export class PresenceElement extends HTMLElement {
  /** @type {CSSStyleSheet[]} */
  static styles = [];

  /** @type {PresenceClient | null} */
  client = null;
  /** @type {ShadowRoot} */
  root;

  /** @type {(() => void)[]} */
  #stops = [];
  #isDue = false;

  /** @param {ShadowRootInit} [init] */
  constructor(init = { mode: "open" }) {
    super();
    this.root = this.attachShadow(init);
    this.root.adoptedStyleSheets = [base, .../** @type {typeof PresenceElement} */ (this.constructor).styles];
  }

  connectedCallback() {
    // A page that embeds this may be in a language that we do not have.
    if (!document.documentElement.lang.startsWith(words.language)) this.lang ||= words.language;
    if (this.client) this.#follow(this.client);
    else this.#stops.push(askForClient(this, (client) => this.#follow(client)));
    if (!this.client) this.invalidate();
  }

  /** @param {string} _name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(_name, before, after) {
    if (before !== after) this.renderNow();
  }

  disconnectedCallback() {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Renders before the next frame. */
  invalidate() {
    if (this.#isDue || !this.isConnected) return; // once it is on the page it renders at once
    this.#isDue = true;
    const run = () => this.#isDue && this.#run();
    if (document.hidden) setTimeout(run, HIDDEN_DELAY);
    else requestAnimationFrame(run);
  }

  /** Renders at once: it shows something else from now on. */
  renderNow() {
    if (this.client && this.isConnected) this.#run();
    else this.invalidate();
  }

  /** Until the element leaves the page. @param {() => void} stop */
  whileConnected(stop) {
    this.#stops.push(stop);
  }

  /**
   * To listen to the client's topics; what is returned is called when the element leaves the page.
   *
   * @param {PresenceClient} client
   * @returns {(() => void)[]}
   */
  follow(client) {
    void client;
    return [];
  }

  render() {}

  /** @param {PresenceClient} client */
  #follow(client) {
    this.client = client;
    this.#stops.push(...this.follow(client));
    this.renderNow();
  }

  #run() {
    this.#isDue = false;
    if (this.isConnected) this.render();
  }
}
