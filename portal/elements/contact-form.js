/**
 * The form for a contact or an overlay: names, numbers and addresses with labels, notes, tags. It holds what is typed and
 * says what is wrong; what becomes of it decides `contact-page`.
 */

import { h, setAttribute, setText } from "./dom.js";
import { css } from "./element.js";
import { icon } from "./icons.js";
import { changedFields } from "../client/edits.js";
import { words } from "../words.js";

/** @import { Fields } from "../client/edits.js" */

/**
 * @typedef {object} Shown
 * @property {readonly string[]} fields
 * @property {any} value
 * @property {boolean} isNew
 * @property {boolean} mayShare whether it may become a shared contact
 * @property {boolean} mayKeep whether it may become one's own
 * @property {boolean} isShared
 * @property {string} hint
 * @property {Record<string, string>} placeholders
 * @property {boolean} [goesOn] somebody is typing: only what differs is replaced
 *
 * @typedef {object} ContactForm
 * @property {HTMLFormElement} element
 * @property {(shown: Shown) => void} show
 * @property {(value: any) => void} put replaces what differs, and leaves alone where somebody types
 * @property {() => Fields & {shared: boolean}} value
 * @property {(field: string | null, sentence: string) => void} complain
 * @property {(isBusy: boolean) => void} busy
 * @property {() => void} focus
 */

export const contactFormStyles = css`
  .contact-form {
    display: grid;
    grid-template-rows: minmax(0, 1fr) auto;
    min-block-size: 0;
  }
  .contact-form > .scroll {
    padding: 1.25rem 1rem 2rem;
  }
  .contact-form .inside {
    display: grid;
    gap: 1.1rem;
    max-inline-size: 40rem;
    margin-inline: auto;
  }
  .contact-form .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr));
    gap: 0.9rem;
  }
  .contact-form .pair:not(:has(> :not([hidden]))) {
    display: none;
  }
  .contact-form fieldset {
    display: grid;
    gap: 0.5rem;
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  .contact-form legend {
    padding: 0;
    margin-block-end: 0.4rem;
    font-weight: 600;
    font-size: 0.875rem;
  }
  .contact-form .rows-of-kind {
    display: grid;
    gap: 0.5rem;
  }
  .contact-form .several {
    display: grid;
    grid-template-columns: minmax(6.5rem, 9rem) minmax(0, 1fr) auto;
    gap: 0.5rem;
    align-items: start;
  }
  .contact-form .address {
    display: grid;
    gap: 0.5rem;
    grid-template-columns: repeat(6, minmax(0, 1fr));
  }
  .contact-form .address > :nth-child(1) {
    grid-column: span 6;
  }
  .contact-form .address > :nth-child(2),
  .contact-form .address > :nth-child(4) {
    grid-column: span 2;
  }
  .contact-form .address > :nth-child(3) {
    grid-column: span 4;
  }
  .contact-form .address > :nth-child(5) {
    grid-column: span 4;
  }
  .contact-form textarea {
    min-block-size: 5rem;
    resize: vertical;
  }
  .contact-form .books {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  .contact-form .books label {
    flex: 1 1 12rem;
    display: flex;
    gap: 0.6rem;
    align-items: center;
    padding: 0.6rem 0.8rem;
    border: 1px solid var(--presence-line-control);
    border-radius: var(--presence-radius-small);
    cursor: pointer;
  }
  .contact-form .books label:has(:checked) {
    border-color: var(--presence-accent);
    background: var(--presence-accent-soft);
  }
  .contact-form .books input {
    accent-color: var(--presence-accent);
  }
  .contact-form .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.6rem;
    padding: 0.8rem 1rem calc(0.8rem + env(safe-area-inset-bottom, 0px));
    border-block-start: 1px solid var(--presence-line);
  }
  .contact-form .bar {
    justify-content: end;
  }
  .contact-form .bar .said {
    flex: 1 1 100%;
  }
  .contact-form .bar .said:empty {
    display: none;
  }
  .contact-form .row-error {
    grid-column: 1 / -1;
  }
`;

const LINES = /** @type {const} */ (["first_name", "middle_name", "last_name", "company", "department", "job_title"]);
const LABELS = { numbers: ["work", "mobile", "home", "fax"], emails: ["work", "home"], addresses: ["work", "home"] };
const ADDRESS = /** @type {const} */ (["street", "postal_code", "city", "region", "country"]);

/**
 * @param {{save: (another: boolean) => void, cancel: () => void, conflict: HTMLElement}} does
 * @returns {ContactForm}
 */
export function contactForm({ save, cancel, conflict }) {
  const names = words.contacts.fields;
  /** @type {Map<string, HTMLInputElement>} */
  const lines = new Map();
  const line = (/** @type {typeof LINES[number]} */ name) => {
    const input = h("input", { class: "input", id: name, name, maxlength: 200, autocomplete: "off" });
    const problem = h("p", { class: "error", id: `${name}-problem`, hidden: true });
    lines.set(name, input);
    return h("div", { class: "field", "data-field": name }, h("label", { for: name }, names[name]), input, problem);
  };
  const numbers = several("numbers", names.numbers, (value) => [labelInput("numbers", value), entry("tel", value, "number", 64, names.number)]);
  const emails = several("emails", names.emails, (value) => [labelInput("emails", value), entry("email", value, "email", 254, names.email)]);
  const addresses = several("addresses", names.addresses, (value) => [labelInput("addresses", value), addressInputs(value)]);
  const notes = h("textarea", { class: "input", id: "notes", maxlength: 8000 });
  const tags = h("input", { class: "input", id: "tags", autocomplete: "off", placeholder: words.contacts.tagsHint });
  const shared = h("input", { type: "radio", name: "book", value: "shared" });
  const own = h("input", { type: "radio", name: "book", value: "own", checked: true });
  const books = h(
    "fieldset",
    {},
    h("legend", {}, words.contacts.whose),
    h("div", { class: "books" }, h("label", {}, own, words.contacts.keepOwn), h("label", {}, shared, words.contacts.keepShared)),
  );
  const hint = h("p", { class: "soft", hidden: true });
  const said = h("p", { class: "said error", role: "alert" });
  const saveButton = h("button", { class: "button primary", type: "submit" }, words.contacts.save);
  const another = h("button", { class: "button", type: "button", onclick: () => save(true) }, words.contacts.saveAndAdd);
  const cancelButton = h("button", { class: "button", type: "button", onclick: () => cancel() }, words.contacts.cancel);
  const ofContact = [line("middle_name"), line("company"), line("department"), line("job_title"), addresses.element, h("div", { class: "field", "data-field": "tags" }, h("label", { for: "tags" }, names.tags), tags)];
  const [middle, company, department, job, addressPlace, tagPlace] = /** @type {HTMLElement[]} */ (ofContact);
  const inside = h(
    "div",
    { class: "inside" },
    conflict,
    hint,
    books,
    h("div", { class: "pair" }, line("first_name"), line("last_name")),
    h("div", { class: "pair" }, middle, company),
    h("div", { class: "pair" }, department, job),
    numbers.element,
    emails.element,
    addressPlace,
    tagPlace,
    h("div", { class: "field", "data-field": "notes" }, h("label", { for: "notes" }, names.notes), notes),
  );
  const labels = Object.entries(LABELS).map(([kind, values]) =>
    h("datalist", { id: `${kind}-labels` }, ...values.map((value) => h("option", { value: shownLabel(value) }))),
  );
  const element = h(
    "form",
    { class: "contact-form", novalidate: true, onsubmit: (/** @type {SubmitEvent} */ event) => (event.preventDefault(), save(false)) },
    h("div", { class: "scroll" }, inside),
    h("div", { class: "bar" }, said, cancelButton, another, saveButton),
    ...labels,
  );
  const clear = () => {
    setText(said, "");
    for (const problem of inside.querySelectorAll(".error")) setAttribute(problem, "hidden", true);
    for (const input of inside.querySelectorAll("[aria-invalid]")) setAttribute(input, "aria-invalid", null);
  };
  element.addEventListener("input", clear);
  /** @returns {Fields & {shared: boolean}} */
  const value = () => ({
    .../** @type {any} */ (Object.fromEntries([...lines].map(([name, input]) => [name, input.value.trim()]))),
    numbers: numbers.value().filter((each) => each.number),
    emails: emails.value().filter((each) => each.email),
    addresses: addresses.value().filter((each) => Object.entries(each).some(([name, text]) => name !== "label" && text)),
    notes: notes.value.trim(),
    tags: tags.value.split(",").map((tag) => tag.trim()).filter(Boolean),
    shared: shared.checked,
  });
  const lists = { numbers, emails, addresses };
  const everything = [...lines.keys(), ...Object.keys(lists), "notes", "tags"];
  /** @param {any} wanted @param {readonly string[]} [names] */
  const set = (wanted, names = everything) => {
    for (const name of names) {
      const line = name === "notes" ? notes : lines.get(name);
      if (line) line.value = wanted[name] ?? "";
      else if (name === "tags") tags.value = (wanted.tags ?? []).join(", ");
      else lists[/** @type {keyof typeof lists} */ (name)].set(wanted[name] ?? []);
    }
  };
  const put = (/** @type {any} */ wanted) => set(wanted, changedFields(everything, value(), wanted));
  return {
    element,
    put,
    value,
    show({ fields, value, isNew, mayShare, mayKeep, isShared, hint: text, placeholders, goesOn = false }) {
      clear();
      if (goesOn) put(value);
      else set(value);
      for (const each of inside.querySelectorAll("[data-field]")) {
        setAttribute(each, "hidden", !fields.includes(each.getAttribute("data-field") ?? ""));
      }
      for (const [name, input] of lines) input.placeholder = placeholders[name] ?? "";
      books.hidden = !isNew || !mayShare || !mayKeep;
      shared.checked = mayShare && (isShared || !mayKeep);
      own.checked = !shared.checked;
      another.hidden = !isNew;
      hint.hidden = !text;
      setText(hint, text);
    },
    complain(field, sentence) {
      const [name, at] = (field ?? "").split(/[[\].]+/);
      const place = inside.querySelector(`[data-field="${name}"]`);
      const input = at ? place?.querySelectorAll(".several")[Number(at)]?.querySelectorAll("input")[1] : place?.querySelector("input, textarea");
      if (!(input instanceof HTMLElement)) return setText(said, sentence);
      setAttribute(input, "aria-invalid", "true");
      const problem = place?.querySelector(".error");
      if (problem) {
        setText(problem, sentence);
        setAttribute(problem, "hidden", null);
        setAttribute(input, "aria-describedby", problem.id);
      } else setText(said, sentence);
      input.focus();
    },
    busy(isBusy) {
      for (const button of [saveButton, another]) button.disabled = isBusy;
    },
    focus() {
      if (!element.matches(":focus-within")) lines.get("first_name")?.focus();
    },
  };
}

/**
 * A list of things of one kind, each with a label.
 *
 * @param {keyof typeof LABELS} kind
 * @param {string} title
 * @param {(value: any) => [HTMLInputElement, HTMLElement]} inputs
 */
function several(kind, title, inputs) {
  const rows = h("div", { class: "rows-of-kind" });
  const problem = h("p", { class: "error", id: `${kind}-problem`, hidden: true });
  const add = (/** @type {any} */ value) => {
    const [label, input] = inputs(value);
    const remove = h("button", { class: "icon-button", type: "button", "aria-label": words.contacts.removeRow, onclick: () => row.remove() }, icon("close"));
    const row = h("div", { class: "several" }, label, input, remove);
    rows.append(row);
    return row;
  };
  const more = () => add({ label: rows.children.length === 0 ? "work" : "" }).querySelectorAll("input, textarea")[1];
  const plus = h(
    "button",
    {
      class: "button small",
      type: "button",
      onclick: () => {
        const input = more();
        if (input instanceof HTMLElement) input.focus();
      },
    },
    icon("plus"),
    words.contacts.addRow[kind],
  );
  return {
    element: h("fieldset", { "data-field": kind }, h("legend", {}, title), rows, problem, h("div", {}, plus)),
    set(/** @type {any[]} */ values) {
      rows.replaceChildren();
      for (const value of values) add(value);
      if (values.length === 0 && kind !== "addresses") more();
    },
    /** @returns {any[]} */
    value() {
      return [...rows.children].map((row) =>
        Object.fromEntries(
          [...row.querySelectorAll("input, textarea")].map((each) => {
            const input = /** @type {HTMLInputElement} */ (each);
            const text = input.value.trim();
            return [input.name, input.name === "label" ? meantLabel(text) : text];
          }),
        ),
      );
    },
  };
}

/**
 * @param {keyof typeof LABELS} kind
 * @param {any} value
 */
function labelInput(kind, value) {
  return h("input", { class: "input", name: "label", list: `${kind}-labels`, maxlength: 64, autocomplete: "off", "aria-label": words.contacts.label, placeholder: words.contacts.label, value: shownLabel(value.label ?? "") });
}

/**
 * @param {string} type
 * @param {any} value
 * @param {string} name
 * @param {number} most
 * @param {string} label
 */
function entry(type, value, name, most, label) {
  return h("input", { class: "input", type, name, maxlength: most, autocomplete: "off", "aria-label": label, value: value[name] ?? "" });
}

/** @param {any} value */
function addressInputs(value) {
  return h(
    "div",
    { class: "address" },
    ...ADDRESS.map((name) => {
      const label = words.contacts.addressFields[name];
      if (name !== "street") return h("input", { class: "input", name, maxlength: 64, autocomplete: "off", "aria-label": label, placeholder: label, value: value[name] ?? "" });
      const street = h("textarea", { class: "input", name, maxlength: 400, rows: 2, "aria-label": label, placeholder: label });
      street.value = value[name] ?? "";
      street.style.minBlockSize = "3.4rem";
      return street;
    }),
  );
}

/** @param {string} label */
function shownLabel(label) {
  return /** @type {Record<string, string>} */ (words.contacts.labels)[label] ?? label;
}

/** What is stored for a label that was chosen or typed. @param {string} text */
function meantLabel(text) {
  const known = Object.entries(words.contacts.labels).find(([, shown]) => shown.toLowerCase() === text.toLowerCase());
  return known?.[0] ?? text;
}
