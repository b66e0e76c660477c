/** A question with two answers, over the page. */

import { h } from "./dom.js";

/**
 * @param {Node} place where the dialog stands while it is open: within its styles
 * @param {string} question
 * @param {string} no
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export function asked(place, question, no, yes) {
  return formAsked(place, question, [], no, yes);
}

/**
 * The same, with something to choose before it is answered.
 *
 * @param {Node} place
 * @param {string} question
 * @param {HTMLElement[]} fields
 * @param {string} no
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export function formAsked(place, question, fields, no, yes) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "question", "aria-label": question, onclose: () => close() },
      h("p", {}, question),
      ...fields,
      h(
        "form",
        { method: "dialog" },
        h("button", { class: "button", value: "no", autofocus: true }, no),
        h("button", { class: "button danger", value: "yes" }, yes),
      ),
    );
    const close = () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    };
    place.appendChild(dialog);
    dialog.showModal();
  });
}
