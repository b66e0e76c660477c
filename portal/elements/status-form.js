/** `<status-form>`: the words beside one's own dot. */

import { PresenceElement, css } from "./element.js";
import { h, setText } from "./dom.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

const LONGEST = 140;

export class StatusForm extends PresenceElement {
  static styles = [
    css`
      .row {
        display: flex;
        gap: 0.5rem;
      }
      .input {
        flex: 1;
        min-inline-size: 0;
      }
    `,
  ];

  #input = h("input", {
    class: "input",
    id: "status",
    maxlength: LONGEST,
    autocomplete: "off",
    placeholder: words.you.statusHint,
    oninput: () => this.invalidate(),
  });
  #button = h("button", { class: "button", type: "submit" });
  #error = h("p", { class: "error", role: "alert", hidden: true });
  /** What the server had when it was last shown here. */
  #shown = "";

  constructor() {
    super();
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#save();
    };
    this.root.append(
      h(
        "form",
        { class: "field", onsubmit: submit },
        h("label", { for: "status" }, words.you.status),
        h("div", { class: "row" }, this.#input, this.#button),
        this.#error,
      ),
    );
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("presence", (users) => (!users || users.has(client.me)) && this.invalidate()),
      client.on("connection", () => this.invalidate()),
    ];
  }

  /** @override */
  render() {
    if (!this.client) return;
    const { message } = this.client.presenceOf(this.client.me);
    if (message !== this.#shown) {
      if (this.#input.value === this.#shown) this.#input.value = message;
      this.#shown = message;
    }
    const clears = message !== "" && this.#input.value.trim() === message;
    setText(this.#button, clears ? words.you.statusClear : words.you.statusSave);
    this.#button.disabled = !this.client.isLive || (!clears && this.#input.value.trim() === message);
  }

  async #save() {
    if (!this.client) return;
    const { message } = this.client.presenceOf(this.client.me);
    const typed = this.#input.value.trim();
    const wanted = typed === message ? "" : typed;
    this.#error.hidden = true;
    try {
      await this.client.setStatus(wanted);
      this.#input.value = wanted;
      this.#shown = wanted;
    } catch (error) {
      setText(this.#error, sentenceOf(error));
      this.#error.hidden = false;
    }
    this.invalidate();
  }
}
