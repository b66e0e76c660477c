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
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "question", onclose: () => close() },
      h("p", {}, question),
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
