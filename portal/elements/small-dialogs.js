/** Questions about contacts that need a form of two lines: which tags, and which file to export. */

import { h } from "./dom.js";
import { words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

/**
 * @param {HTMLElement} place
 * @param {string} title
 * @param {HTMLElement[]} fields
 * @param {string} yes
 * @returns {Promise<boolean>} whether it was confirmed
 */
function ask(place, title, fields, yes) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "question form-question", "aria-label": title, onclose: () => (dialog.remove(), resolve(dialog.returnValue === "yes")) },
      h("h2", {}, title),
      h(
        "form",
        { method: "dialog" },
        ...fields,
        h(
          "div",
          { class: "question-buttons" },
          h("button", { class: "text-button", value: "no", type: "button", onclick: () => dialog.close("no") }, words.contacts.cancel),
          h("button", { class: "text-button strong", value: "yes" }, yes),
        ),
      ),
    );
    place.append(dialog);
    dialog.showModal();
  });
}

/**
 * @param {HTMLElement} place
 * @param {number} count of contacts
 * @param {string[]} known tags that they have
 * @returns {Promise<{add: string[], remove: string[]} | null>}
 */
export async function askTags(place, count, known) {
  const add = h("input", { class: "input", name: "add", autocomplete: "off", placeholder: words.contacts.tagsHint });
  const removals = known.map((tag) => ({ tag, box: h("input", { type: "checkbox", value: tag }) }));
  const fields = [
    h("label", {}, h("span", {}, words.contacts.addTags), add),
    ...(removals.length > 0
      ? [h("fieldset", {}, h("legend", {}, words.contacts.removeTags), ...removals.map(({ tag, box }) => h("label", { class: "inline" }, box, tag)))]
      : []),
  ];
  if (!(await ask(place, words.contacts.tagTitle(count), fields, words.contacts.save))) return null;
  const wanted = {
    add: add.value.split(",").map((tag) => tag.trim()).filter(Boolean),
    remove: removals.filter(({ box }) => box.checked).map(({ tag }) => tag),
  };
  return wanted.add.length + wanted.remove.length > 0 ? wanted : null;
}

/**
 * Asks for group and format, and has the browser save the file.
 *
 * @param {HTMLElement} place
 * @param {PresenceClient} client
 * @param {string} group what the list shows
 * @param {Array<[string, string]>} groups value and name
 */
export async function askExport(place, client, group, groups) {
  const which = h("select", { class: "input", name: "group" }, ...groups.map(([value, name]) => h("option", { value }, name)));
  which.value = groups.some(([value]) => value === group) ? group : "all";
  const formats = /** @type {const} */ (["vcard", "google", "outlook"]);
  const format = h("select", { class: "input", name: "format" }, ...formats.map((value) => h("option", { value }, words.imports.exportFormats[value])));
  const fields = [
    h("label", {}, h("span", {}, words.imports.exportGroup), which),
    h("label", {}, h("span", {}, words.imports.format), format),
  ];
  if (!(await ask(place, words.contacts.export, fields, words.imports.exportAct))) return;
  const address = client.imports.exportAddress(which.value, /** @type {typeof formats[number]} */ (format.value));
  const link = h("a", { href: address, download: format.value === "vcard" ? "contacts.vcf" : "contacts.csv" });
  place.append(link);
  link.click();
  link.remove();
}
