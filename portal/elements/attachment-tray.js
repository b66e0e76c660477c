/**
 * `<attachment-tray conversation="7">`: files that wait to go with the next message: how far each has come, what went
 * wrong, and a button to take it back. Empty, it takes no room.
 */

import { PresenceElement, css } from "./element.js";
import { h, reconcile, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { words } from "../words.js";

/**
 * @import { PresenceClient } from "../client/index.js"
 * @import { Upload } from "../client/uploads.js"
 */

/** What every browser can show without carrying anything out. */
const SHOWABLE = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
/** Once the connection is back, or somebody has deleted something. */
const MAY_WORK_LATER = new Set(["connection", "full"]);

export class AttachmentTray extends PresenceElement {
  static observedAttributes = ["conversation"];

  static styles = [
    css`
      :host {
        max-inline-size: 52rem;
        margin-inline: auto;
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        padding-block-end: 0.6rem;
        max-block-size: 40dvh;
        overflow-y: auto;
        scrollbar-width: thin;
      }
      li {
        display: grid;
        grid-template-columns: 2.5rem minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.6rem;
        position: relative;
        inline-size: min(17rem, 100%);
        padding: 0.35rem 0.35rem 0.35rem 0.5rem;
        border: 1px solid var(--presence-line);
        border-radius: 0.9rem;
        background: var(--presence-raised);
        overflow: hidden;
      }
      li.failed {
        inline-size: min(24rem, 100%);
        border-color: var(--presence-danger);
        background: var(--presence-danger-soft);
      }
      .sign {
        display: grid;
        place-items: center;
        inline-size: 2.5rem;
        block-size: 2.5rem;
        border-radius: 0.6rem;
        background: var(--presence-surface);
        color: var(--presence-accent);
        overflow: hidden;
      }
      .sign img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: cover;
      }
      .failed .sign {
        color: var(--presence-danger);
      }
      .name {
        display: block;
        font-weight: 600;
        font-size: 0.875rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .about {
        display: block;
        font-size: 0.8125rem;
        color: var(--presence-ink-soft);
        font-variant-numeric: tabular-nums;
      }
      .failed .about {
        color: var(--presence-danger);
      }
      .buttons {
        display: flex;
        align-items: center;
      }
      .icon-button {
        inline-size: 2.25rem;
        block-size: 2.25rem;
      }
      progress {
        position: absolute;
        inset: auto 0 0;
        inline-size: 100%;
        block-size: 3px;
        appearance: none;
        border: 0;
        background: transparent;
      }
      progress::-webkit-progress-bar {
        background: transparent;
      }
      progress::-webkit-progress-value {
        background: var(--presence-accent);
        transition: inline-size 0.2s;
      }
      progress::-moz-progress-bar {
        background: var(--presence-accent);
      }
    `,
  ];

  #rows = h("ul", { "aria-label": words.files.attached });
  #spoken = h("p", { class: "visually-hidden", role: "status" });
  /** @type {Map<number, string>} what each was last said to be */
  #said = new Map();

  constructor() {
    super();
    this.root.append(this.#rows, this.#spoken);
  }

  /** @override @param {PresenceClient} client */
  follow(client) {
    return [client.on("uploads", () => this.invalidate())];
  }

  get conversation() {
    return Number(this.getAttribute("conversation")) || 0;
  }

  /** @override */
  render() {
    const uploads = this.client?.uploads.of(this.conversation) ?? [];
    this.#rows.hidden = uploads.length === 0;
    reconcile(this.#rows, uploads, (upload) => upload.id, (upload) => this.#row(upload), (row, upload) => row.show(upload));
    this.#speak(uploads);
  }

  /** What became of a file is told once, how far it has come is not. @param {readonly Upload[]} uploads */
  #speak(uploads) {
    const news = uploads.filter((upload) => this.#said.get(upload.id) !== upload.state && (upload.state === "ready" || upload.state === "failed"));
    this.#said = new Map(uploads.map((upload) => [upload.id, upload.state]));
    if (news.length > 0) setText(this.#spoken, news.map((upload) => `${upload.local.name}: ${this.#about(upload)}`).join(". "));
  }

  /** @param {Upload} upload */
  #row({ id, local }) {
    const about = h("span", { class: "about" });
    const progress = h("progress", { max: 1, "aria-label": words.files.progress(local.name) });
    const again = h(
      "button",
      { class: "button small", type: "button", "aria-label": words.files.tryAgain(local.name), onclick: () => this.client?.uploads.retry(id) },
      words.problems.tryAgain,
    );
    const remove = h(
      "button",
      { class: "icon-button", type: "button", "aria-label": words.files.remove(local.name), title: words.files.remove(local.name), onclick: () => this.#remove(id) },
      icon("close"),
    );
    const element = h(
      "li",
      {},
      h("span", { class: "sign" }, sign(local)),
      h("span", {}, h("bdi", { class: "name", title: local.name }, local.name), about),
      h("span", { class: "buttons" }, again, remove),
      progress,
    );
    return Object.assign(element, {
      show: (/** @type {Upload} */ upload) => {
        element.classList.toggle("failed", upload.state === "failed");
        setText(about, this.#about(upload));
        progress.hidden = upload.state !== "uploading";
        progress.value = upload.progress;
        again.hidden = !MAY_WORK_LATER.has(upload.problem?.reason ?? "");
        setAttribute(element, "aria-busy", upload.state === "uploading" || upload.state === "waiting" ? "true" : null);
      },
    });
  }

  /** @param {number} id */
  #remove(id) {
    this.client?.uploads.remove(id);
    this.dispatchEvent(new CustomEvent("tray-left", { bubbles: true, composed: true }));
  }

  /** @param {Upload} upload */
  #about({ state, progress, local, problem }) {
    if (problem) return this.#problem(problem);
    if (state === "uploading") return progress < 1 ? words.files.percent(Math.floor(progress * 100)) : words.files.finishing;
    return state === "waiting" ? words.files.waiting : words.files.size(local.size);
  }

  /** @param {import("../client/uploads.js").Problem} problem */
  #problem({ reason, message }) {
    const limits = this.client?.connected?.limits;
    if (reason === "refused" || reason === "full") return words.problems.refusal({ code: "", message });
    if (reason === "size") return words.files.problems.size(words.files.size(limits?.file_bytes ?? 0));
    if (reason === "number") return words.files.problems.number(limits?.files_per_message ?? 0);
    return words.files.problems[reason];
  }
}

/** @param {File} local */
function sign(local) {
  if (!SHOWABLE.has(local.type)) return icon("file");
  const address = URL.createObjectURL(local);
  const done = () => URL.revokeObjectURL(address);
  const image = h("img", { src: address, alt: "", onload: done });
  image.addEventListener("error", () => {
    done();
    image.replaceWith(icon("file"));
  });
  return image;
}
