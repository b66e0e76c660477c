/** A form over the page: fields with their complaints, a refusal that belongs to none, two buttons. */

import { css } from "./element.js";
import { h, setAttribute, setText } from "./dom.js";
import { complain } from "./login-form.js";
import { sentenceOf } from "./who.js";
import { Refused } from "../client/errors.js";
import { words } from "../words.js";

export const formDialogStyles = css`
  dialog.form {
    inline-size: min(32rem, 100vw - 2rem);
    max-inline-size: none;
  }
  dialog.form form {
    display: grid;
    gap: 0.9rem;
    margin: 0;
    justify-content: stretch;
  }
  dialog.form h3 {
    margin-block-end: 1rem;
    font-size: 1.0625rem;
  }
  dialog.form fieldset {
    display: grid;
    gap: 0.5rem;
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  dialog.form legend {
    padding: 0;
    margin-block-end: 0.5rem;
    font-weight: 600;
  }
  dialog.form .choice {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0 0.6rem;
    align-items: baseline;
  }
  dialog.form .choice input {
    accent-color: var(--presence-accent);
  }
  dialog.form .choice .hint {
    grid-column: 2;
  }
  dialog.form select.input {
    appearance: auto;
  }
  .form-buttons {
    justify-self: stretch;
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: 0.6rem;
  }
`;

/**
 * @typedef {object} Field
 * @property {string} name as of the refusal's `field`
 * @property {HTMLInputElement | HTMLSelectElement} input
 * @property {HTMLElement} complaint
 * @property {HTMLElement} row
 */

/**
 * @param {string} name
 * @param {string} label
 * @param {HTMLInputElement | HTMLSelectElement} input
 * @param {string} [hint]
 * @returns {Field}
 */
export function field(name, label, input, hint = "") {
  const complaint = h("p", { class: "error", id: `field-${name}-problem`, hidden: true });
  input.id = `field-${name}`;
  input.classList.add("input");
  setAttribute(input, "aria-describedby", `${hint ? `field-${name}-hint ` : ""}field-${name}-problem`);
  const row = h(
    "div",
    { class: "field" },
    h("label", { for: input.id }, label),
    input,
    hint ? h("p", { class: "hint soft", id: `field-${name}-hint` }, hint) : null,
    complaint,
  );
  return { name, input, complaint, row };
}

/**
 * Shows the form until it is saved or left.
 *
 * @template T
 * @param {Node} place within whose styles it stands while it is open
 * @param {object} form
 * @param {string} form.title
 * @param {Field[]} form.fields
 * @param {HTMLElement[]} form.content all that is shown, the rows of the fields among it
 * @param {string} form.act
 * @param {() => [Field | null, string] | null} form.check what is wrong so far, and in which field
 * @param {(error: unknown) => string} [form.said] of what was refused
 * @param {() => Promise<T>} form.save may reject with `Refused`
 * @returns {Promise<T | null>} null: it was left
 */
export function formDialog(place, { title, fields, content, act, check, save, said = sentenceOf }) {
  const problem = h("p", { class: "error", role: "alert", hidden: true });
  const submit = h("button", { class: "button primary" }, act);
  return new Promise((resolve) => {
    const finish = (/** @type {T | null} */ result) => {
      dialog.close(); // gives the focus back to where it came from
      dialog.remove();
      resolve(result);
    };
    const trySaving = async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (submit.disabled) return;
      for (const { input, complaint } of fields) complain(input, complaint, "");
      problem.hidden = true;
      const wrong = check();
      if (wrong) return complainOf(...wrong, problem);
      submit.disabled = true;
      try {
        finish(await save());
      } catch (error) {
        submit.disabled = false;
        showRefusal(error, said(error), fields, problem);
      }
    };
    const dialog = h(
      "dialog",
      { class: "question form", "aria-label": title, oncancel: () => finish(null) },
      h("h3", {}, title),
      h(
        "form",
        { onsubmit: (/** @type {Event} */ event) => void trySaving(event), novalidate: true },
        ...content,
        problem,
        h("div", { class: "form-buttons" }, h("button", { class: "button", type: "button", onclick: () => finish(null) }, words.users.cancel), submit),
      ),
    );
    place.appendChild(dialog);
    dialog.showModal();
  });
}

/**
 * @param {unknown} error
 * @param {string} sentence
 * @param {Field[]} fields
 * @param {HTMLElement} problem
 */
function showRefusal(error, sentence, fields, problem) {
  const wrong = error instanceof Refused ? (fields.find(({ name }) => name === error.field) ?? null) : null;
  complainOf(wrong, sentence, problem);
}

/**
 * @param {Field | null} wrong
 * @param {string} sentence
 * @param {HTMLElement} problem where it is said if no field is wrong
 */
function complainOf(wrong, sentence, problem) {
  if (wrong) {
    complain(wrong.input, wrong.complaint, sentence);
    wrong.input.focus();
  } else {
    setText(problem, sentence);
    problem.hidden = false;
  }
}
