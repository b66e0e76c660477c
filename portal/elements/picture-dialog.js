/**
 * `<picture-dialog>`: one picture, as large as fits. `open(files, file)` shows it among the pictures of its message: arrow
 * keys and two buttons go from one to the next; Escape, a button and a click beside it close it.
 */

import { PresenceElement, css } from "./element.js";
import { h, setAttribute, setChildren, setText } from "./dom.js";
import { icon } from "./icons.js";
import { savedByToken, showPicture } from "./opening.js";
import { words } from "../words.js";

/** @import { File as KnownFile } from "../client/protocol.js" */

export class PictureDialog extends PresenceElement {
  static styles = [
    css`
      :host {
        display: contents;
      }
      dialog {
        inline-size: 100vw;
        block-size: 100dvh;
        max-inline-size: none;
        max-block-size: none;
        margin: 0;
        padding: 0;
        border: 0;
        background: #101215;
        color: #f3f1ec;
        overflow: hidden;
      }
      dialog[open] {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
      }
      dialog::backdrop {
        background: none;
      }
      header {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        padding: 0.5rem 0.75rem;
        padding-block-start: calc(0.5rem + env(safe-area-inset-top, 0px));
      }
      header p {
        flex: 1;
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .icon-button {
        color: inherit;
      }
      .icon-button:hover:not(:disabled),
      .icon-button:focus-visible {
        background: rgb(255 255 255 / 16%);
        color: inherit;
      }
      :focus-visible {
        outline-color: #9dbcff;
      }
      .stage {
        display: grid;
        grid-template: minmax(0, 1fr) / minmax(3rem, auto) minmax(0, 1fr) minmax(3rem, auto);
        align-items: center;
        justify-items: center;
        min-block-size: 0;
        padding-block-end: calc(1rem + env(safe-area-inset-bottom, 0px));
      }
      .stage img {
        inline-size: auto;
        block-size: auto;
        max-inline-size: 100%;
        max-block-size: 100%;
        background: repeating-conic-gradient(#2a2d31 0 25%, #222529 0 50%) 0 0 / 1.25rem 1.25rem;
      }
      .picture {
        display: grid;
        grid-template: minmax(0, 1fr) / minmax(0, 1fr);
        place-items: center;
        inline-size: 100%;
        block-size: 100%;
        min-block-size: 0;
      }
      .turned svg {
        rotate: 180deg;
      }
      @media (width < 48rem) {
        .stage {
          grid-template: minmax(0, 1fr) auto / minmax(0, 1fr) minmax(0, 1fr);
        }
        .picture {
          grid-column: 1 / -1;
          grid-row: 1;
        }
      }
    `,
  ];

  /** @type {readonly KnownFile[]} */
  #files = [];
  #at = 0;

  #name = h("p", { role: "status" });
  #save = h("a", { class: "icon-button", onclick: (/** @type {Event} */ event) => this.client && savedByToken(event, this.client), "aria-label": words.files.saveOriginal, title: words.files.saveOriginal }, icon("save"));
  #image = h("img", { alt: "", decoding: "async" });
  #place = h("div", { class: "picture" });
  #back = h("button", { class: "icon-button", type: "button", "aria-label": words.files.previous, title: words.files.previous, onclick: () => this.#go(-1) }, icon("back"));
  #on = h("button", { class: "icon-button turned", type: "button", "aria-label": words.files.next, title: words.files.next, onclick: () => this.#go(1) }, icon("back"));
  #close = h(
    "button",
    { class: "icon-button", type: "button", autofocus: true, "aria-label": words.why.close, title: words.why.close, onclick: () => this.#dialog.close() },
    icon("close"),
  );
  #dialog = h(
    "dialog",
    { "aria-label": words.files.pictureTitle, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event), onclick: (/** @type {Event} */ event) => this.#clicked(event) },
    h("header", { role: "presentation" }, this.#name, this.#save, this.#close),
    h("div", { class: "stage" }, this.#back, this.#place, this.#on),
  );

  constructor() {
    super();
    this.root.append(this.#dialog);
    this.#image.addEventListener("error", () => {
      if (this.#image.hasAttribute("src")) setText(this.#name, words.files.lost(this.#files[this.#at]?.name ?? ""));
    });
  }

  /**
   * @param {readonly KnownFile[]} files
   * @param {KnownFile} file one of them
   */
  open(files, file) {
    this.#files = files;
    this.#at = Math.max(0, files.findIndex((each) => each.file === file.file));
    setChildren(this.#place, this.#image);
    this.#show();
    this.#dialog.showModal();
  }

  #show() {
    const file = this.#files[this.#at];
    if (!file || !this.client) return;
    const place = this.#files.length > 1 ? ` (${words.files.place(this.#at + 1, this.#files.length)})` : "";
    setText(this.#name, `${file.name}${place}`);
    setAttribute(this.#save, "href", this.client.addressOf(file.file));
    setAttribute(this.#save, "download", file.name);
    setAttribute(this.#image, "width", file.width);
    setAttribute(this.#image, "height", file.height);
    setAttribute(this.#image, "alt", file.name);
    showPicture(this.#image, this.client.previewOf(file.file, "large"), this.client);
    this.#back.hidden = this.#on.hidden = this.#files.length < 2;
  }

  /** @param {number} by */
  #go(by) {
    this.#at = (this.#at + by + this.#files.length) % this.#files.length;
    this.#show();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "ArrowLeft") this.#go(-1);
    else if (event.key === "ArrowRight") this.#go(1);
    else return;
    event.preventDefault();
  }

  /** @param {Event} event */
  #clicked(event) {
    const isBeside = event.target === this.#dialog || (event.target instanceof HTMLElement && event.target.matches(".stage, .picture"));
    if (isBeside) this.#dialog.close();
  }
}
