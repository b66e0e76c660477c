/**
 * `<import-dialog>`: a file of contacts in three steps: choose it or drop it, look at what would become of every row, import.
 * Afterwards all of it can be taken back. `open(group)` shows it.
 *
 * Fires `notice-wanted` and `contacts-wanted` (detail: the group that was imported into).
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setText } from "./dom.js";
import { dialogStyles } from "./dialog-styles.js";
import { acceptFiles, dropStyles } from "./file-drop.js";
import { icon } from "./icons.js";
import { sentenceOf } from "./who.js";
import { nameOfContact } from "../client/people.js";
import { knownContact } from "../client/state/books.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Import, ImportRow, RowOutcome } from "../client/protocol.js"
 */

const OUTCOMES = /** @type {const} */ (["create", "update", "duplicate", "refused", "left"]);
const ENCODINGS = ["utf-8", "utf-16-le", "cp1252", "iso8859-2", "cp1250", "cp1251", "iso8859-7", "iso8859-9", "shift_jis", "gb18030"];
const FORMATS = /** @type {const} */ (["vcard", "google", "outlook", "table"]);

export class ImportDialog extends PresenceElement {
  static styles = [
    dialogStyles,
    dropStyles,
    css`
      dialog {
        inline-size: min(52rem, 100vw - 3rem);
        block-size: min(46rem, 100dvh - 3rem);
      }
      dialog[open] {
        grid-template-rows: auto minmax(0, 1fr) auto;
      }
      .start {
        display: grid;
        align-content: center;
        justify-items: center;
        gap: 1.1rem;
        padding: 1.5rem;
        text-align: center;
      }
      .drop {
        position: relative;
        display: grid;
        justify-items: center;
        gap: 0.6rem;
        inline-size: min(30rem, 100%);
        padding: 2.5rem 1.5rem;
        border: 2px dashed var(--presence-line-control);
        border-radius: var(--presence-radius);
        color: var(--presence-ink-soft);
      }
      :host([dropping])::after {
        display: none;
      }
      :host([dropping]) .drop {
        border-color: var(--presence-accent);
        background: var(--presence-accent-soft);
      }
      .drop svg {
        inline-size: 2rem;
        block-size: 2rem;
        color: var(--presence-accent);
      }
      .books {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: 0.35rem 1.5rem;
        margin: 0;
        padding: 0;
        border: 0;
      }
      @media (width < 30rem) {
        .books {
          display: grid;
        }
      }
      .books label {
        display: flex;
        gap: 0.5rem;
        align-items: center;
        cursor: pointer;
      }
      .books input {
        accent-color: var(--presence-accent);
      }
      progress {
        inline-size: 100%;
        block-size: 0.4rem;
        accent-color: var(--presence-accent);
      }
      .rows-done {
        padding: 0.3rem 1.25rem 0;
        font-size: 0.8125rem;
        font-variant-numeric: tabular-nums;
      }
      .rows-done:empty {
        display: none;
      }
      .preview {
        display: grid;
        grid-template-rows: auto auto auto minmax(0, 1fr);
        min-block-size: 0;
      }
      .about {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: end;
        padding: 0.9rem 1.25rem 0.4rem;
      }
      .about .file {
        flex: 1 1 12rem;
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-weight: 600;
        align-self: center;
      }
      .about label {
        display: grid;
        gap: 0.15rem;
        font-size: 0.75rem;
        color: var(--presence-ink-soft);
      }
      select {
        min-block-size: 2rem;
        padding: 0.15rem 0.4rem;
        border: 1px solid var(--presence-line-control);
        border-radius: var(--presence-radius-small);
        background: var(--presence-surface);
        color: var(--presence-ink);
        font-size: 0.875rem;
      }
      .told {
        padding: 0 1.25rem;
        font-size: 0.875rem;
        color: var(--presence-ink-soft);
      }
      .told.wrong {
        color: var(--presence-danger);
      }
      .outcomes {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        margin: 0;
        padding: 0.6rem 1.25rem;
        border: 0;
        border-block-end: 1px solid var(--presence-line);
      }
      .outcomes label {
        position: relative;
        display: flex;
        gap: 0.4rem;
        align-items: center;
        padding: 0.2rem 0.75rem;
        border: 1px solid var(--presence-line);
        border-radius: 1rem;
        font-size: 0.8125rem;
        cursor: pointer;
      }
      .outcomes input {
        position: absolute;
        inset: 0;
        opacity: 0;
        margin: 0;
        cursor: pointer;
      }
      .outcomes label:has(:checked) {
        border-color: var(--presence-accent);
        background: var(--presence-accent-soft);
        color: var(--presence-accent);
        font-weight: 600;
      }
      .outcomes label:has(:focus-visible) {
        outline: 2px solid var(--presence-accent);
        outline-offset: 1px;
      }
      .outcomes b {
        font-variant-numeric: tabular-nums;
      }
      .rows > li {
        display: grid;
        grid-template-columns: 3.2rem 6.5rem minmax(0, 1fr);
        gap: 0.25rem 0.75rem;
        padding: 0.6rem 1.25rem;
        border-block-end: 1px solid var(--presence-line);
        content-visibility: auto;
        contain-intrinsic-size: auto 3.4rem;
      }
      .number {
        color: var(--presence-ink-soft);
        font-variant-numeric: tabular-nums;
        font-size: 0.8125rem;
      }
      .outcome {
        justify-self: start;
        align-self: start;
        padding: 0 0.55rem;
        border-radius: 1rem;
        font-size: 0.75rem;
        font-weight: 600;
        background: var(--presence-raised);
        color: var(--presence-ink-soft);
      }
      .outcome[data-outcome="create"] {
        background: var(--presence-accent-soft);
        color: var(--presence-accent);
      }
      .outcome[data-outcome="update"] {
        background: var(--presence-notice-soft);
        color: var(--presence-notice-ink);
      }
      .outcome:is([data-outcome="refused"], [data-outcome="left"]) {
        background: var(--presence-danger-soft);
        color: var(--presence-danger);
      }
      .who {
        min-inline-size: 0;
        overflow-wrap: anywhere;
      }
      .who p {
        font-size: 0.8125rem;
        color: var(--presence-ink-soft);
      }
      .more {
        padding: 1rem;
        text-align: center;
      }
      @media (width < 48rem) {
        .rows > li {
          grid-template-columns: 2.2rem minmax(0, 1fr);
        }
        .outcome {
          grid-column: 2;
        }
        .who {
          grid-column: 2;
        }
      }
    `,
  ];

  /** @type {Import | null} */
  #import = null;
  /** From 0 to 1 while a file goes up; null: none does. @type {number | null} */
  #uploading = null;
  /** @type {ImportRow[]} */
  #rows = [];
  /** @type {string | null} */
  #next = null;
  /** @type {RowOutcome | null} */
  #shown = null;
  #isReading = false;
  /** How many rows there were when they were read last. */
  #readAt = -1;

  #title = h("h2", { tabindex: -1 }, words.imports.title);
  #chooser = h("input", { type: "file", hidden: true, accept: ".vcf,.vcard,.csv,.tsv,.txt,text/vcard,text/csv", "aria-label": words.imports.choose, onchange: () => this.#chose() });
  #shared = h("input", { type: "radio", name: "book", value: "shared" });
  #own = h("input", { type: "radio", name: "book", value: "own", checked: true });
  #books = h(
    "fieldset",
    { class: "books" },
    h("legend", { class: "visually-hidden" }, words.imports.into),
    h("label", {}, this.#own, words.imports.intoOwn),
    h("label", {}, this.#shared, words.imports.intoShared),
  );
  #bar = h("progress", { max: 1, hidden: true, "aria-label": words.imports.progress });
  #problem = h("p", { class: "error", role: "alert" });
  #start = h(
    "div",
    { class: "start" },
    this.#books,
    h(
      "div",
      { class: "drop" },
      icon("up"),
      h("p", {}, words.imports.drop),
      h("button", { class: "button primary", type: "button", onclick: () => this.#chooser.click() }, words.imports.choose),
      h("p", { class: "soft" }, words.imports.kinds),
      this.#bar,
    ),
    this.#problem,
    this.#chooser,
  );
  #file = h("span", { class: "file" });
  #format = h("select", { onchange: () => void this.#correct() }, ...FORMATS.map((value) => h("option", { value }, words.imports.formats[value])));
  #encoding = h("select", { onchange: () => void this.#correct() });
  #told = h("p", { class: "told", role: "status" });
  #outcomes = h("fieldset", { class: "outcomes" }, h("legend", { class: "visually-hidden" }, words.imports.show));
  /** @type {Map<string, {label: HTMLElement, count: HTMLElement, radio: HTMLInputElement}>} */
  #counts = new Map();
  #list = h("ul", { class: "rows", "aria-label": words.imports.rows });
  #more = h("div", { class: "more", hidden: true }, h("button", { class: "button small", type: "button", onclick: () => void this.#readMore() }, words.imports.more));
  /** Beside the bar, which says it to those who do not see. */
  #rowsDone = h("p", { class: "soft rows-done", "aria-hidden": "true" });
  #work = h("progress", { max: 1, hidden: true, "aria-label": words.imports.progress });
  #preview = h(
    "div",
    { class: "preview", hidden: true },
    h(
      "div",
      { class: "about" },
      this.#file,
      h("label", {}, words.imports.format, this.#format),
      h("label", {}, words.imports.encoding, this.#encoding),
    ),
    h("div", {}, this.#told, this.#work, this.#rowsDone),
    this.#outcomes,
    h("div", { class: "scroll" }, this.#list, this.#more),
  );
  #back = h("button", { class: "button", type: "button", onclick: () => void this.#restart() }, words.imports.other);
  #act = h("button", { class: "button primary", type: "button", onclick: () => void this.#apply() });
  #undo = h("button", { class: "button", type: "button", onclick: () => void this.#takeBack() }, icon("undo"), words.imports.undo);
  #done = h("button", { class: "button primary", type: "button", onclick: () => this.close() }, words.imports.done);
  #dialog = h(
    "dialog",
    { "aria-label": words.imports.title, onclose: () => this.#closed() },
    h(
      "header",
      { role: "presentation" },
      this.#title,
      h("button", { class: "icon-button", type: "button", "aria-label": words.imports.close, onclick: () => this.close() }, icon("close")),
    ),
    h("div", { class: "body" }, this.#start, this.#preview),
    h("footer", {}, this.#back, this.#undo, this.#act, this.#done),
  );

  constructor() {
    super();
    for (const outcome of ["all", ...OUTCOMES]) this.#outcomes.append(this.#chip(outcome));
    this.root.append(this.#dialog);
    acceptFiles(this, (files) => files[0] && void this.#upload(files[0]));
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [
      client.on("import", (change) => this.#changed(change)),
      client.on("connection", () => client.isLive && void this.#lookAgain()),
    ];
  }

  /** @param {string} group what the list shows */
  open(group) {
    const { client } = this;
    if (!client) return;
    const mayShare = client.may("contacts.manage_shared");
    const mayKeep = client.may("contacts.manage_own");
    this.#books.hidden = !mayShare || !mayKeep;
    this.#shared.checked = mayShare && (group === "shared" || !mayKeep);
    this.#own.checked = !this.#shared.checked;
    if (this.#import && ["applied", "undone", "failed"].includes(this.#import.status)) this.#import = null;
    this.render();
    this.#dialog.showModal();
    this.#title.focus();
  }

  close() {
    this.#dialog.close();
  }

  #closed() {
    const found = this.#import;
    if (found?.status === "applied") this.#tell("contacts-wanted", found.shared ? "shared" : "mine");
    // What was only looked at need not be kept; an import under way goes on.
    if (found && ["ready", "failed"].includes(found.status)) void this.client?.imports.discard(found.id).catch(() => undefined);
    if (found && !["reading", "applying", "undoing"].includes(found.status)) this.#import = null;
  }

  // ------------------------------------------------------------ steps

  #chose() {
    const [file] = this.#chooser.files ?? [];
    if (file) void this.#upload(file);
    this.#chooser.value = "";
  }

  /** @param {File} file */
  async #upload(file) {
    const { client } = this;
    if (!client || this.#uploading !== null || this.#import) return;
    setText(this.#problem, "");
    const most = client.connected?.limits.import_bytes ?? Infinity;
    if (file.size > most) return setText(this.#problem, words.imports.tooLarge(Math.floor(most / 1_048_576)));
    this.#uploading = 0;
    this.render();
    try {
      const made = await client.imports.upload(file, this.#shared.checked, (progress) => {
        this.#uploading = progress;
        this.invalidate();
      });
      this.#forget();
      if (!this.#import) this.#import = made;
    } catch (error) {
      setText(this.#problem, sentenceOf(error));
    } finally {
      this.#uploading = null;
      this.render();
      void this.#lookAgain();
    }
  }

  async #correct() {
    const { client } = this;
    const found = this.#import;
    if (!client || !found) return;
    const format = /** @type {any} */ (this.#format.value);
    const encoding = this.#encoding.value;
    this.#forget();
    await this.#do(() => client.imports.correct(found.id, { ...(format === found.format ? {} : { format }), encoding }));
  }

  async #apply() {
    const { client } = this;
    const id = this.#import?.id;
    if (client && id) await this.#do(() => client.imports.apply(id));
  }

  async #takeBack() {
    const { client } = this;
    const id = this.#import?.id;
    if (client && id) await this.#do(() => client.imports.undo(id));
  }

  async #restart() {
    const found = this.#import;
    this.#import = null;
    this.#forget();
    this.render();
    if (found) await this.client?.imports.discard(found.id).catch(() => undefined);
  }

  /** @param {() => Promise<Import>} ask */
  async #do(ask) {
    try {
      const answer = await ask();
      // Events may have been faster.
      const known = this.#import;
      const isNewer = known?.status === answer.status && (known.progress ?? 0) > (answer.progress ?? 0);
      if (!isNewer && known?.status !== "applied" && known?.status !== "undone") this.#import = answer;
    } catch (error) {
      this.#tell("notice-wanted", { sentence: sentenceOf(error) });
    }
    this.render();
  }

  /** @param {Import} change */
  #changed(change) {
    if (this.#uploading !== null && !this.#import) this.#import = change;
    if (change.id !== this.#import?.id) return;
    const before = this.#import;
    this.#import = change;
    if (before.status !== change.status && (change.status === "applied" || change.status === "undone")) this.#forget();
    this.render();
  }

  /** After a loss an event may be missing. */
  async #lookAgain() {
    const id = this.#import?.id;
    if (!id || !this.client) return;
    try {
      this.#changed(await this.client.imports.read(id));
    } catch {
      // The next event, or the next connection, tells.
    }
  }

  // ------------------------------------------------------------ rows

  #forget() {
    this.#rows = [];
    this.#next = null;
    this.#readAt = -1;
  }

  /** @param {RowOutcome | null} outcome */
  #show(outcome) {
    this.#shown = outcome;
    this.#forget();
    this.render();
  }

  /** The first page is read again while rows are still coming. */
  async #readFirst() {
    const found = this.#import;
    if (!found || !this.client || this.#isReading) return;
    const total = sum(found);
    const isSettled = found.status !== "reading";
    if (this.#readAt === (isSettled ? Infinity : total) || (total === 0 && !isSettled)) return;
    if (!isSettled && this.#rows.length >= 100) return;
    this.#isReading = true;
    const shown = this.#shown;
    try {
      const page = await this.client.imports.rows(found.id, shown, null);
      if (this.#shown === shown && this.#import?.id === found.id) {
        this.#rows = page.items;
        this.#next = page.next ?? null;
        this.#readAt = isSettled ? Infinity : total;
      }
    } catch {
      this.#readAt = Infinity;
    } finally {
      this.#isReading = false;
      this.render();
    }
  }

  async #readMore() {
    if (!this.#import || !this.client || !this.#next || this.#isReading) return;
    this.#isReading = true;
    try {
      const page = await this.client.imports.rows(this.#import.id, this.#shown, this.#next);
      this.#rows = [...this.#rows, ...page.items];
      this.#next = page.next ?? null;
    } catch (error) {
      this.#tell("notice-wanted", { sentence: sentenceOf(error) });
    } finally {
      this.#isReading = false;
      this.render();
    }
  }

  // ------------------------------------------------------------ showing

  /** @override */
  render() {
    const found = this.#import;
    const isStart = !found || found.status === "failed";
    this.#start.hidden = !isStart;
    this.#preview.hidden = isStart;
    this.#bar.hidden = this.#uploading === null;
    this.#bar.value = this.#uploading ?? 0;
    if (found?.status === "failed") setText(this.#problem, found.problem ? words.imports.unreadable(found.problem) : "");
    const status = found?.status ?? "none";
    this.#back.hidden = !["ready", "reading"].includes(status);
    this.#act.hidden = !["ready", "reading", "applying"].includes(status);
    this.#undo.hidden = !["applied", "undoing"].includes(status);
    this.#done.hidden = !["applied", "undone"].includes(status);
    this.#undo.disabled = status === "undoing";
    setAttribute(this.#dialog.querySelector("footer") ?? this.#dialog, "hidden", isStart);
    if (isStart || !found) {
      if (found?.status === "failed") this.#import = null;
      return;
    }
    const counts = found.counts;
    const todo = (counts?.create ?? 0) + (counts?.update ?? 0);
    setText(this.#act, words.imports.apply(todo));
    this.#act.disabled = status !== "ready" || todo === 0;
    setText(this.#file, found.name || words.imports.title);
    this.#renderEncoding(found);
    setText(this.#told, this.#whatIsGoingOn(found));
    setAttribute(this.#told, "class", found.problem ? "told wrong" : "told");
    this.#work.hidden = !["reading", "applying", "undoing"].includes(status);
    this.#work.value = found.progress ?? 0;
    const isCounted = status === "applying" || status === "undoing";
    setText(this.#rowsDone, isCounted ? words.imports.rowsDone(Math.floor((found.progress ?? 0) * todo), todo) : "");
    for (const [outcome, { label, count, radio }] of this.#counts) {
      const number = outcome === "all" ? sum(found) : counts?.[/** @type {RowOutcome} */ (outcome)] ?? 0;
      setText(count, number);
      label.hidden = outcome !== "all" && number === 0;
      radio.checked = (this.#shown ?? "all") === outcome;
    }
    reconcile(this.#list, this.#rows, (row) => `${row.row}${row.outcome}`, (row) => this.#row(row), () => undefined);
    this.#more.hidden = this.#next === null || status === "reading";
    void this.#readFirst();
  }

  /** @param {Import} found */
  #renderEncoding(found) {
    const encodings = [...new Set([found.encoding || "utf-8", ...ENCODINGS])];
    const names = encodings.join(" ");
    if (this.#encoding.getAttribute("data-names") !== names) {
      this.#encoding.setAttribute("data-names", names);
      this.#encoding.replaceChildren(...encodings.map((value) => h("option", { value }, value.toUpperCase())));
    }
    const isOpen = found.status === "ready" || found.status === "reading";
    this.#encoding.disabled = this.#format.disabled = !isOpen;
    if (found.encoding) this.#encoding.value = found.encoding;
    if (found.format) this.#format.value = found.format;
  }

  /** @param {Import} found */
  #whatIsGoingOn(found) {
    if (found.problem) return words.imports.unreadable(found.problem);
    const { status, counts } = found;
    const told = words.imports.status;
    if (status === "applied") return told.applied(counts?.create ?? 0, counts?.update ?? 0, counts?.left ?? 0);
    if (status === "undone") return told.undone(counts?.left ?? 0);
    if (status === "ready") return found.encoding_is_sure === false ? told.unsure : told.ready;
    return told[/** @type {"reading" | "applying" | "undoing"} */ (status)];
  }

  /** @param {ImportRow} row */
  #row(row) {
    const contact = row.contact ? knownContact({ ...row.contact, contact: 0, rev: 0, shared: false }) : null;
    const name = contact ? nameOfContact(contact) : words.imports.nobody(row.line);
    const line = contact ? [contact.company === name ? "" : contact.company, ...contact.numbers.map((each) => each.number), ...contact.emails.map((each) => each.email)].filter(Boolean).slice(0, 4).join(" · ") : "";
    const fields = /** @type {Record<string, string>} */ (words.contacts.fields);
    const said = [
      row.same_as_row ? words.imports.sameAs(row.same_as_row) : "",
      ...(row.changes ?? []).map(({ field, before, after, kept }) => words.imports.change(fields[field] ?? field, before, after, kept)),
      ...(row.problems ?? []).map((problem) => words.imports.problem(problem)),
    ].filter(Boolean);
    return h(
      "li",
      {},
      h("span", { class: "number" }, row.row),
      h("span", { class: "outcome", "data-outcome": row.outcome }, words.imports.outcomes[row.outcome]),
      h("div", { class: "who" }, h("b", {}, name), line ? h("p", {}, line) : null, ...said.map((text) => h("p", {}, text))),
    );
  }

  /** @param {string} outcome */
  #chip(outcome) {
    const count = h("b", {}, 0);
    const isAll = outcome === "all";
    const radio = h("input", { type: "radio", name: "outcome", value: outcome, checked: isAll, onchange: () => this.#show(isAll ? null : /** @type {RowOutcome} */ (outcome)) });
    const name = isAll ? words.imports.all : words.imports.outcomes[/** @type {RowOutcome} */ (outcome)];
    const label = h("label", {}, radio, count, " ", name);
    this.#counts.set(outcome, { label, count, radio });
    return label;
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }
}

/** @param {Import} found */
function sum({ counts }) {
  return OUTCOMES.reduce((total, outcome) => total + (counts?.[outcome] ?? 0), 0);
}
