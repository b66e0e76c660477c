/**
 * `<sms-dialog>`: asks for a number outside, and from which of one's own to write. `open()` shows it.
 *
 * Fires `conversation-chosen` (detail: the conversation).
 */

import { PresenceElement, css } from "./element.js";
import { h, setChildren, setText } from "./dom.js";
import { sentenceOf } from "./who.js";
import { words } from "../words.js";

export class SmsDialog extends PresenceElement {
  static styles = [
    css`
      :host {
        display: contents;
      }
      dialog {
        inline-size: min(24rem, 100vw - 2rem);
        padding: 1.25rem;
        border: 1px solid var(--presence-line);
        border-radius: calc(var(--presence-radius) * 1.5);
        background: var(--presence-surface);
        color: var(--presence-ink);
        box-shadow: var(--presence-shadow);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      form {
        display: grid;
        gap: 1rem;
      }
      h2 {
        font-size: 1.0625rem;
      }
      .buttons {
        display: flex;
        justify-content: end;
        gap: 0.5rem;
      }
    `,
  ];

  #to = h("input", { class: "input", id: "to", type: "tel", autocomplete: "off", required: true, placeholder: words.sms.example, "aria-describedby": "problem" });
  #from = h("select", { class: "input", id: "from" });
  #fromField = h("div", { class: "field" }, h("label", { for: "from" }, words.sms.from), this.#from);
  #problem = h("p", { class: "error", id: "problem", role: "alert", hidden: true });
  #start = h("button", { class: "button primary", type: "submit" }, words.sms.start);
  #dialog = h(
    "dialog",
    { "aria-label": words.sms.begin },
    h(
      "form",
      { onsubmit: (/** @type {Event} */ event) => void this.#submit(event) },
      h("h2", {}, words.sms.begin),
      h("div", { class: "field" }, h("label", { for: "to" }, words.sms.to), this.#to, this.#problem),
      this.#fromField,
      h(
        "div",
        { class: "buttons" },
        h("button", { class: "button", type: "button", onclick: () => this.#dialog.close() }, words.sms.cancel),
        this.#start,
      ),
    ),
  );

  constructor() {
    super();
    this.root.append(this.#dialog);
  }

  open() {
    const numbers = this.client?.smsNumbers ?? [];
    setChildren(this.#from, ...numbers.map(({ number, label }) => h("option", { value: number }, label ? `${label} (${number})` : number)));
    this.#fromField.hidden = numbers.length < 2;
    this.#to.value = "";
    this.#say("");
    this.#dialog.showModal();
    this.#to.focus();
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    const { client } = this;
    if (!client || this.#start.disabled) return;
    this.#start.disabled = true;
    this.#say("");
    const to = this.#to.value;
    try {
      const conversation = await client.openSms(to.trim(), this.#from.value);
      if (!this.#dialog.open || this.#to.value !== to) return; // left, or opened again for another number
      this.#dialog.close();
      this.dispatchEvent(new CustomEvent("conversation-chosen", { bubbles: true, composed: true, detail: conversation }));
    } catch (error) {
      this.#say(sentenceOf(error));
      this.#to.focus();
    } finally {
      this.#start.disabled = false;
    }
  }

  /** @param {string} problem */
  #say(problem) {
    setText(this.#problem, problem);
    this.#problem.hidden = problem === "";
    this.#to.setAttribute("aria-invalid", String(problem !== ""));
  }
}
